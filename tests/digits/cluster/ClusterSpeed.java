package digits.cluster;

import digits.Examples;
import digits.Settings;
import digits.acceleration.Acceleration;
import digits.data.Augmentation;
import digits.data.DigitBatches;
import digits.data.LabeledImages;
import digits.evaluation.Predictions;
import digits.files.Pretrained;
import digits.networks.LeNet;
import digits.networks.Network;
import digits.networks.WalkthroughNetwork;
import digits.training.PlannedNetwork;
import digits.training.RoundExecutor;
import digits.training.RoundPlan;
import digits.training.TrainingRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Measures what a round of parallel training costs with 1 to 4 executors on this machine, and predictions per second of
 * one executor against this process. To run it: compile the tests with the profile spark, then start this class with
 * their class path, OMP_NUM_THREADS=1 and SPARK_LOCAL_IP=127.0.0.1.
 */
final class ClusterSpeed {
    private static final LabeledImages IMAGES = Examples.bars(15_000, 1);

    private ClusterSpeed() { }

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory("cluster");
        try (LoopbackCluster workers = LoopbackCluster.start(folder, 0, 4, 1, "1g")) {
            Settings settings = Settings.from(Map.of("DIGITS_CLUSTER", workers.address(), "DIGITS_CLUSTER_SECRET",
                    workers.secret().toString(), "OMP_NUM_THREADS", "1"));
            for (int executors = 1; executors <= 4; executors++) {
                System.setProperty("spark.cores.max", String.valueOf(executors));
                try (Cluster cluster = Cluster.connect(settings)) {
                    System.out.println(cluster);
                    transfers(cluster, executors);
                    rounds(cluster, "LeNet", PlannedNetwork.of(LeNet.modern(42, 10)), executors);
                    rounds(cluster, "walkthrough", PlannedNetwork.of(WalkthroughNetwork.configuration(42, 0.9)),
                            executors);
                    if (executors == 1) predictions(cluster, folder);
                }
            }
        }
        System.exit(0);
    }

    /** An empty job, one that reads 7.2 MB of a broadcast, and one that returns them, on each executor. */
    private static void transfers(Cluster cluster, int executors) {
        List<Integer> tasks = IntStream.range(0, executors).boxed().toList();
        byte[] state = new byte[7_200_000];
        new Random(1).nextBytes(state);
        measured("an empty job", () -> cluster.context().parallelize(tasks, executors).map(i -> i).collect());
        measured("a broadcast of 7.2 MB", () -> {
            var sent = cluster.context().broadcast(state);
            cluster.context().parallelize(tasks, executors).map(i -> sent.value().length).collect();
            ShippedImages.forget(sent);
        });
        measured("7.2 MB collected from each", () -> cluster.context().parallelize(tasks, executors).map(i -> {
            byte[] result = new byte[7_200_000];
            new Random(i).nextBytes(result);
            return result;
        }).collect());
    }

    private static void measured(String what, Runnable work) {
        double[] millis = new double[40];
        for (int i = -20; i < millis.length; i++) {
            long start = System.nanoTime();
            work.run();
            if (i >= 0) millis[i] = (System.nanoTime() - start) / 1e6;
        }
        System.out.printf("  %s: %s%n", what, spread(millis));
    }

    private static String spread(double[] millis) {
        Arrays.sort(millis);
        return String.format("min %.0f, median %.0f, max %.0f ms", millis[0], millis[20], millis[39]);
    }

    /** Rounds of a single step on a single image, which takes a few milliseconds. */
    private static void rounds(Cluster cluster, String name, PlannedNetwork planned, int workers) {
        Network network = planned.build(42);
        RoundPlan plan = new RoundPlan(planned, 42, workers, 1, 1, Augmentation.NONE);
        float[] parameters = network.model().params().dup('c').data().asFloat();
        float[] updater = network.updaterState().dup('c').data().asFloat();
        for (RoundExecutor executor : List.of(RoundExecutor.local(), cluster.rounds())) {
            try (RoundExecutor.Session session = executor.open(plan, IMAGES)) {
                double[] millis = new double[40];
                for (int i = -20; i < millis.length; i++) {
                    long start = System.nanoTime();
                    session.round(new RoundExecutor.State(1, i + 20, i + 20, new TrainingRecord.RandomState(1, 2),
                            parameters, updater));
                    if (i >= 0) millis[i] = (System.nanoTime() - start) / 1e6;
                }
                System.out.printf("  %s, %.1f MB, %d workers, %s: a round %s%n", name,
                        4e-6 * (parameters.length + updater.length), workers,
                        executor instanceof ClusterRounds ? "cluster" : "here", spread(millis));
            }
        }
    }

    private static void predictions(Cluster cluster, Path folder) {
        MultiLayerNetwork network = Pretrained.network();
        Acceleration.of(network);
        ImageTable.write(cluster, IMAGES, folder.resolve("images").toString());
        BatchPrediction prediction = BatchPrediction.with(network, Pretrained.scaler());
        var frozen = Acceleration.freeze(network);
        for (int round = 0; round < 4; round++) {
            String target = folder.resolve("predicted" + round).toString();
            double plain = perSecond(() -> Predictions.of(network, DigitBatches.inOrder(IMAGES, 250).scaled()));
            double fast = perSecond(() -> DigitBatches.inOrder(IMAGES, 250).scaled()
                    .forEachRemaining(batch -> Network.rows(frozen.output(batch.getFeatures()))));
            double there = perSecond(() -> prediction.of(ImageTable.read(cluster, folder.resolve("images").toString()))
                    .write().parquet(target));
            System.out.printf("  predictions per second: here %.0f, here frozen %.0f, one executor %.0f (%.2f, %.2f)%n",
                    plain, fast, there, there / plain, there / fast);
        }
    }

    private static double perSecond(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return IMAGES.size() / ((System.nanoTime() - start) / 1e9);
    }
}
