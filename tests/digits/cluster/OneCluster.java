package digits.cluster;

import digits.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The cluster of all tests: a master and two workers of one core, in separate processes; and the session that they
 * share, because each new one costs seconds: its executors start and load the library.
 */
final class OneCluster {
    /** The folder that the executors of the shared session have as DIGITS_DATA. */
    static final Path DATA = temporary("data");

    /** What any of the tests needs; none of them minds the others'. */
    private static final Map<String, String> PROPERTIES = Map.of("spark.task.maxFailures", "2",
            "digits.driver", "true", "spark.executorEnv.DIGITS_DATA", DATA.toString());

    private static LoopbackCluster cluster;
    private static Cluster session;

    private OneCluster() { }

    static synchronized LoopbackCluster get() {
        if (cluster == null) {
            cluster = LoopbackCluster.start(temporary("cluster"), 0, 2, 1, "1g");
            Runtime.getRuntime().addShutdownHook(new Thread(cluster::close));
        }
        return cluster;
    }

    /** Settings that name this cluster and its secret, and one thread; with these variables instead of some. */
    static Settings settings(Map<String, String> others) {
        Map<String, String> variables = new HashMap<>(Map.of("DIGITS_CLUSTER", get().address(),
                "DIGITS_CLUSTER_SECRET", get().secret().toString(), "OMP_NUM_THREADS", "1"));
        variables.putAll(others);
        return Settings.from(variables);
    }

    /** The session of the tests that can share one; only {@link #disconnect} closes it. */
    static synchronized Cluster connect() {
        if (session == null) {
            PROPERTIES.forEach(System::setProperty);
            session = Cluster.connect(settings(Map.of()));
            PROPERTIES.keySet().stream().filter(name -> name.startsWith("spark.")).forEach(System::clearProperty);
        }
        return session;
    }

    /** Makes room for a session with other properties: Spark allows one at a time. */
    static synchronized void disconnect() {
        if (session != null) session.close();
        session = null;
    }

    private static Path temporary(String name) {
        try {
            return Files.createTempDirectory(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
