package digits.demo;

import digits.Settings;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * “Draw a digit”: a page with a canvas, and a network that recognizes the digit while it is drawn. At most one demo
 * runs in a process, until the process ends: starting another, as a repeated cell does, stops the one before.
 */
public final class Demo implements AutoCloseable {
    private static Demo running;

    private final Recognizer recognizer;
    private final Optional<Hand> hand;
    private final Server server;
    private final Endpoint endpoint;

    private Demo(Recognizer recognizer, Optional<Hand> hand, Server server, Endpoint endpoint) {
        this.recognizer = recognizer;
        this.hand = hand;
        this.server = server;
        this.endpoint = endpoint;
    }

    /**
     * Starts the demo with this model at {@link Endpoint#fromEnvironment()}, with the page's part where the reader
     * teaches the network their own hand, if the model has a record.
     */
    public static Demo start(LiveModel model) {
        return start(model, Settings.fromEnvironment(), Endpoint.fromEnvironment(), Server.SECONDS);
    }

    /** The same with these settings, in whose output folder the reader's drawings are kept. */
    static Demo start(LiveModel model, Settings settings, Endpoint endpoint, int seconds) {
        Function<Recognizer, Hand> hand = recognizer -> new Hand(model, settings, recognizer);
        return start(model.network(), Optional.of(hand).filter(with -> model.record() != null), model.description(),
                model.names(), endpoint, seconds);
    }

    /**
     * Starts the demo with a copy of the network, and stops the demo that is running.
     *
     * @param network     reads images of shape [1, 1, 28, 28], 0 to 1, and returns the probabilities of the classes
     * @param description a sentence about the network for the page
     * @throws IllegalArgumentException     if it is not such a network
     * @throws java.io.UncheckedIOException if the endpoint's port is taken
     */
    public static Demo start(MultiLayerNetwork network, String description, Endpoint endpoint) {
        return start(network, description, endpoint, Server.SECONDS);
    }

    static Demo start(MultiLayerNetwork network, String description, Endpoint endpoint, int seconds) {
        return start(network, Optional.empty(), description, List.of(), endpoint, seconds);
    }

    /** @param names one per class; if there is none, the classes are numbers */
    private static synchronized Demo start(MultiLayerNetwork network, Optional<Function<Recognizer, Hand>> teaching,
                                           String description, List<String> names, Endpoint endpoint, int seconds) {
        if (running != null) running.close();
        Recognizer recognizer = new Recognizer(network);
        try {
            Optional<Hand> hand = teaching.map(with -> with.apply(recognizer));
            List<String> classes = !names.isEmpty() ? names
                    : IntStream.range(0, recognizer.classes()).mapToObj(Integer::toString).toList();
            Server server = new Server(recognizer, hand, description, classes, endpoint, seconds);
            running = new Demo(recognizer, hand, server, endpoint);
        } catch (RuntimeException | Error failed) {
            recognizer.close();
            throw failed;
        }
        return running;
    }

    /** Runs the demo outside a notebook ({@code make demo}), prints its address, and does not return. */
    public static void main(String[] arguments) throws InterruptedException {
        try {
            LiveModel model = LiveModel.newest(Settings.fromEnvironment());
            Demo demo = start(model);
            System.out.println("Draw a digit: " + demo.link());
            if (demo.endpoint.prefix().isPresent()) {
                System.out.println("(behind the address of your hub, through jupyter-server-proxy)");
            }
            System.out.println(model.description() + "\nCtrl-C stops it.");
        } catch (RuntimeException problem) {
            System.err.println(problem.getMessage());
            System.exit(1);
        }
        Thread.currentThread().join();   // waits forever
    }

    /** The page's address on this machine. Only those who know it can use the network. */
    public URI address() {
        return URI.create("http://127.0.0.1:" + server.port() + "/" + server.token() + "/");
    }

    /** The address for a browser: {@link #address()}, or behind a hub's proxy a path on the hub. */
    public String link() {
        return endpoint.prefix().map(prefix -> prefix + "proxy/" + server.port() + "/" + server.token() + "/")
                .orElse(address().toString());
    }

    /**
     * The page in a frame, for a notebook. The browser may run on another machine, from which it reaches only Jupyter's
     * port: a script in the output takes the address below Jupyter's own at which jupyter-server-proxy offers the page.
     * If there is none, it takes {@link #address()}.
     */
    public String html() {
        return """
                <div class="digits-live"><iframe title="Draw a digit" width="100%%" height="760"
                style="border:1px solid #d8dee4;border-radius:8px;max-width:1100px" data-demo="%1$s"></iframe>
                <p><a target="_blank" rel="noopener noreferrer" href="%2$s">Open the page in its own tab</a>
                (available while this notebook's kernel runs)</p>
                <script>(async box => {
                  const config = document.getElementById("jupyter-config-data");
                  const base = "%3$s"
                    || (config ? JSON.parse(config.textContent).baseUrl : document.body.dataset.baseUrl);
                  const proxied = (base || "") + "proxy/%1$s";
                  const found = base && await fetch(proxied + "model").then(response => response.ok, () => false);
                  const frame = box.querySelector('iframe[data-demo="%1$s"]');
                  frame.src = frame.parentElement.querySelector("a").href = found ? proxied : "%2$s";
                })(document.currentScript?.parentElement || document);</script></div>
                """.formatted(server.port() + "/" + server.token() + "/", address(), endpoint.prefix().orElse(""));
    }

    /** Stops the demo; its address no longer works. Closing it again has no effect. */
    @Override
    public void close() {
        synchronized (Demo.class) {
            server.close();
            hand.ifPresent(Hand::close);
            recognizer.close();
            if (running == this) running = null;
        }
    }

    /** “Draw a digit”, without the address: the text of a saved notebook must not give access to a running kernel. */
    @Override
    public String toString() {
        return "Draw a digit";
    }
}
