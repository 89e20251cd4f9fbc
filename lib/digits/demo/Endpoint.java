package digits.demo;

import java.util.Map;
import java.util.Optional;

/**
 * Where the demo is reached.
 *
 * @param port   of this machine's loopback address; 0 for a free one
 * @param prefix on JupyterHub and Binder, the path under which jupyter-server-proxy offers this machine's ports, such as
 *               {@code /user/ann/}; empty where the browser runs on this machine
 */
public record Endpoint(int port, Optional<String> prefix) {
    /** What JupyterHub tells those whom it starts. */
    static final String HUB = "JUPYTERHUB_SERVICE_PREFIX";
    static final String PREFIX = "DIGITS_DEMO_PREFIX";
    static final String PORT = "DIGITS_DEMO_PORT";

    public Endpoint {
        if (port < 0 || port > 65_535) throw new IllegalArgumentException("port " + port + "; it has to be 0 (a free one) to 65535");
        // it is put into a page: nothing in it may end the attribute that it stands in
        prefix.ifPresent(path -> {
            if (!path.matches("/([\\w.~%@+-]+/)*")) {
                throw new IllegalArgumentException("the prefix \"" + path + "\"; it has to be a path such as /user/ann/");
            }
        });
    }

    /** A free port of this machine, and its browser. */
    public static Endpoint here() {
        return new Endpoint(0, Optional.empty());
    }

    /** The place that this process's environment gives; see {@link #from}. */
    public static Endpoint fromEnvironment() {
        return from(System.getenv());
    }

    /**
     * The place that these variables give: {@code DIGITS_DEMO_PORT} a port, {@code DIGITS_DEMO_PREFIX} the proxy's path, which else is
     * JupyterHub's own {@code JUPYTERHUB_SERVICE_PREFIX}. Blank ones count as unset.
     *
     * @throws IllegalArgumentException naming the variable and its value
     */
    public static Endpoint from(Map<String, String> environment) {
        String port = environment.getOrDefault(PORT, "").strip();
        if (!port.matches("\\d{0,5}")) throw new IllegalArgumentException(PORT + " is \"" + port + "\"; it has to be a port, 1 to 65535");
        Optional<String> prefix = Optional.ofNullable(environment.get(PREFIX)).map(String::strip).filter(text -> !text.isEmpty())
                .or(() -> Optional.ofNullable(environment.get(HUB)).map(String::strip).filter(text -> !text.isEmpty()))
                .map(text -> text.endsWith("/") ? text : text + "/");
        return new Endpoint(port.isEmpty() ? 0 : Integer.parseInt(port), prefix);
    }
}
