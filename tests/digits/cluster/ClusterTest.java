package digits.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterTest {
    @Test
    void tasksRunInOtherProcesses() {
        try (Cluster cluster = OneCluster.connect()) {
            assertEquals(2, cluster.executors());
            List<Long> processes = cluster.context().parallelize(List.of(1, 2, 3, 4), 4)
                    .map(i -> ProcessHandle.current().pid()).collect();
            assertTrue(processes.stream().noneMatch(pid -> pid == ProcessHandle.current().pid()));
            assertEquals("Spark 4.2.0 at " + OneCluster.get().address() + ": 2 executors, 1 thread each",
                    cluster.toString());
        }
    }

    @Test
    void aWrongSecretIsToldInASentence(@TempDir Path folder) throws Exception {
        Path wrong = Files.writeString(folder.resolve("secret"), "a wrong one\n");
        ClusterException e = assertThrows(ClusterException.class,
                () -> Cluster.connect(OneCluster.settings(Map.of("DIGITS_CLUSTER_SECRET", wrong.toString()))));
        assertTrue(e.getMessage().contains("the secret in DIGITS_CLUSTER_SECRET is not its own"), e.getMessage());
        e = assertThrows(ClusterException.class,
                () -> Cluster.connect(OneCluster.settings(Map.of("DIGITS_CLUSTER_SECRET", ""))));
        assertTrue(e.getMessage().contains("it may ask for a secret"), e.getMessage());
    }
}
