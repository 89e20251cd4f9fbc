package digits.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.data.LabeledImages;
import digits.experiments.Runs;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;

/** Sessions with other settings than the one that the other tests share; after them, since it has to end for these. */
@Timeout(180)
@Order(Integer.MAX_VALUE)
class OtherSessionsTest {
    @BeforeAll
    static void disconnect() {
        OneCluster.disconnect();
    }

    private static String refusal(Map<String, String> properties, Map<String, String> settings) {
        properties.forEach(System::setProperty);
        try {
            return assertThrows(ClusterException.class, () -> Cluster.connect(OneCluster.settings(settings)).close())
                    .getMessage();
        } finally {
            properties.keySet().forEach(System::clearProperty);
        }
    }

    @Test
    void executorsThatComputeOtherBitsAreRefused() {
        String message = refusal(Map.of("spark.executorEnv.OMP_NUM_THREADS", "2", "spark.executorEnv.DNNL_MAX_CPU_ISA",
                "SSE41"), Map.of());
        assertTrue(message.matches("The cluster cannot compute for this process: The executor on .* would compute "
                + "other bits than the driver \\(threads 2 instead of threads 1, instruction set SSE41 "
                + "\\(DNNL_MAX_CPU_ISA SSE41\\) instead of instruction set .*\\). Give all machines the same library, "
                + "OMP_NUM_THREADS .*"), message);
    }

    @Test
    void aClusterWithoutAFreeExecutorIsRefused() {
        String message = refusal(Map.of("spark.executor.memory", "64g",
                "spark.scheduler.maxRegisteredResourcesWaitingTime", "2s"), Map.of());
        assertTrue(message.contains("gave no executor within 2 seconds: it needs a worker with 1 free cores and 64g of "
                + "free memory"), message);
    }

    @Test
    void anAddressWhereNothingListensIsRefused() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        String address = "spark://127.0.0.1:" + port;
        String message = refusal(Map.of(), Map.of("DIGITS_CLUSTER", address));
        assertTrue(message.startsWith("There is no cluster at " + address + " (Connection refused"), message);
        assertTrue(message.endsWith("set DIGITS_CLUSTER to its address"), message);
        message = refusal(Map.of(), Map.of("DIGITS_CLUSTER", "spark://nowhere.invalid:7077"));
        assertTrue(message.startsWith("There is no cluster at spark://nowhere.invalid:7077 ("), message);
    }

    @Test
    void oneExecutorIsEnough() {
        System.setProperty("spark.cores.max", "1");
        try (Cluster cluster = Cluster.connect(OneCluster.settings(Map.of()))) {
            assertEquals("Spark 4.2.0 at " + OneCluster.get().address() + ": 1 executor, 1 thread each",
                    cluster.toString());
            List<Long> processes = cluster.context().parallelize(List.of(1, 2), 2)
                    .map(i -> ProcessHandle.current().pid()).distinct().collect();
            assertEquals(1, processes.size());
            assertNotEquals(ProcessHandle.current().pid(), processes.get(0));
            ClusterRoundsTest.assertSame(ClusterRoundsTest.trainer().rounds(cluster.rounds()), 1);
        } finally {
            System.clearProperty("spark.cores.max");
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

    /** As a driver of 4.2.0 got it from a cluster of 4.1.3. */
    @Test
    void anotherVersionOfSparkIsToldInASentence() {
        Exception failure = new IllegalStateException("Job aborted due to stage failure: Task 0 in stage 0.0 failed 4 "
                + "times, most recent failure: Lost task 0.3 in stage 0.0 (TID 3) (127.0.0.1 executor 0): "
                + "java.io.InvalidClassException: org.apache.spark.rdd.RDD; local class incompatible: stream "
                + "classdesc serialVersionUID = 2156047220611086279, local class "
                + "serialVersionUID = -2646589594477856326\n\tat x");
        assertTrue(ClusterException.of("what", failure).getMessage().startsWith("what: the cluster runs another "
                + "version of Spark or of this library than this process, which has Spark 4.2.0."));
    }

    /** On two threads: random numbers belong to a thread. */
    @Test
    void twoTasksAtOnceInThisProcess(@TempDir Path folder) {
        AtomicInteger most = new AtomicInteger();
        try (Cluster cluster = Cluster.connect(OneCluster.settings(Map.of("DIGITS_CLUSTER", "local[2]")))) {
            Runs runs = ClusterRunsTest.experiment(1, 2).epochs(6).executor(cluster.runs())
                    .onProgress(progress -> most.accumulateAndGet(progress.running().size(), Math::max)).run();
            assertEquals(ClusterRunsTest.exact(ClusterRunsTest.experiment(1, 2).epochs(6).run()),
                    ClusterRunsTest.exact(runs));
            assertTrue(most.get() >= 2, most.get() + " at once");   // more while one is being handed over
            LabeledImages images = Examples.bars(2_600, 1);
            ImageTable.write(cluster, images, folder.resolve("images").toString());
            Dataset<Row> table = ImageTable.read(cluster, folder.resolve("images").toString()).repartition(7);
            MultiLayerNetwork network = Examples.smallNetwork(3);
            assertEquals(Optional.empty(), Tables.difference(Tables.local(network, images),
                    BatchPrediction.with(network, new ImagePreProcessingScaler()).of(table)));
        }
    }
}
