package digits.demo;

import java.net.URI;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * «Draw a digit»: a page with a canvas, and a network that says what it sees while one draws. At most one runs in a process: starting
 * another, as a cell does that is executed again, stops the one before. It ends with the process.
 */
public final class Demo implements AutoCloseable {
    private static final int HEIGHT = 760;

    private static Demo running;

    private final Recognizer recognizer;
    private final Server server;
    private final Endpoint place;

    private Demo(Recognizer recognizer, Server server, Endpoint place) {
        this.recognizer = recognizer;
        this.server = server;
        this.place = place;
    }

    /** Starts it with this model, where the process's environment says ({@link Endpoint#fromEnvironment()}). */
    public static Demo start(LiveModel model) {
        return start(model.network(), model.description(), Endpoint.fromEnvironment());
    }

    /**
     * Starts it, after stopping the one that runs. The network is copied: training it further changes nothing here.
     *
     * @param network     reads images of 28×28, shape [1, 1, 28, 28], 0 to 1, and answers with ten probabilities
     * @param description which network it is, in a sentence for the page
     * @throws IllegalArgumentException     if it is not such a network
     * @throws java.io.UncheckedIOException if the place's port is taken
     */
    public static Demo start(MultiLayerNetwork network, String description, Endpoint place) {
        return start(network, description, place, Server.SECONDS);
    }

    static synchronized Demo start(MultiLayerNetwork network, String description, Endpoint place, int seconds) {
        if (running != null) running.close();
        Recognizer recognizer = new Recognizer(network);
        try {
            running = new Demo(recognizer,
                    new Server(recognizer, description, place.port(), place.prefix().isPresent(), seconds), place);
        } catch (RuntimeException | Error failed) {
            recognizer.close();
            throw failed;
        }
        return running;
    }

    /** The page's address on this machine. Who has it may ask the network, nobody else. */
    public URI address() {
        return URI.create("http://127.0.0.1:" + server.port() + "/" + server.token() + "/");
    }

    /** What a browser opens: {@link #address()}, or behind a hub's proxy a path on the hub. */
    public String link() {
        return place.prefix().map(prefix -> prefix + "proxy/" + server.port() + "/" + server.token() + "/").orElse(address().toString());
    }

    /** The page in a frame, for a notebook. */
    public String html() {
        return "<div class=\"digits-live\"><iframe src=\"" + link() + "\" title=\"Draw a digit\" width=\"100%\" height=\"" + HEIGHT
                + "\" style=\"border:1px solid #d8dee4;border-radius:8px;max-width:1100px\"></iframe>"
                + "<p><a href=\"" + link() + "\" target=\"_blank\" rel=\"noopener noreferrer\">The same page in a tab of its own</a> "
                + "(it is there while this notebook's kernel runs)</p></div>";
    }

    /** Stops it; its address leads nowhere from now on. Again is harmless. */
    @Override
    public void close() {
        synchronized (Demo.class) {
            server.close();
            recognizer.close();
            if (running == this) running = null;
        }
    }

    /** «Draw a digit», without the address: who reads a notebook's text must not get at a running kernel. */
    @Override
    public String toString() {
        return "Draw a digit";
    }
}
