package digits.cluster;

import digits.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The cluster of all tests: a master and two workers of one core, in separate processes. */
final class OneCluster {
    private static LoopbackCluster cluster;

    private OneCluster() { }

    static synchronized LoopbackCluster get() {
        if (cluster == null) {
            try {
                Path folder = Files.createTempDirectory("cluster");
                cluster = LoopbackCluster.start(folder, 0, 2, 1, "1g");
                Runtime.getRuntime().addShutdownHook(new Thread(cluster::close));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
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

    static Cluster connect() {
        return Cluster.connect(settings(Map.of()));
    }
}
