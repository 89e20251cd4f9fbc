package digits.demo;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The address where the demo can be reached.
 *
 * @param port   port of this machine's loopback address; 0 for a free one
 * @param prefix on JupyterHub and Binder, the path under which jupyter-server-proxy offers this machine's ports, such
 *               as {@code /user/ann/}; empty if the browser runs on this machine
 */
public record Endpoint(int port, Optional<String> prefix) {
    /** The variable that JupyterHub sets for the servers it starts. */
    static final String HUB = "JUPYTERHUB_SERVICE_PREFIX";
    static final String PREFIX = "DIGITS_DEMO_PREFIX";
    static final String PORT = "DIGITS_DEMO_PORT";

    public Endpoint {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + "; it must be 0 (a free one) to 65535");
        }
        // the prefix is written into an HTML attribute: it must not end it
        if (prefix.isPresent() && !prefix.get().matches("/([\\w.~%@+-]+/)*")) {
            throw new IllegalArgumentException(
                    "the prefix \"" + prefix.get() + "\"; it must be a path such as /user/ann/");
        }
    }

    /** The endpoint given by the environment of this process; see {@link #from}. */
    public static Endpoint fromEnvironment() {
        return from(System.getenv());
    }

    /**
     * The endpoint given by these variables: the port {@code DIGITS_DEMO_PORT}, and the proxy's path
     * {@code DIGITS_DEMO_PREFIX}, by default JupyterHub's {@code JUPYTERHUB_SERVICE_PREFIX}. Blank ones count as unset.
     *
     * @throws IllegalArgumentException naming the variable and its value
     */
    public static Endpoint from(Map<String, String> environment) {
        String port = environment.getOrDefault(PORT, "").strip();
        if (!port.matches("\\d{0,5}")) {
            throw new IllegalArgumentException(PORT + " is \"" + port + "\"; it must be a port, 1 to 65535");
        }
        Optional<String> prefix = Stream.of(PREFIX, HUB).map(name -> environment.getOrDefault(name, "").strip())
                .filter(text -> !text.isEmpty()).findFirst().map(text -> text.endsWith("/") ? text : text + "/");
        return new Endpoint(port.isEmpty() ? 0 : Integer.parseInt(port), prefix);
    }
}
