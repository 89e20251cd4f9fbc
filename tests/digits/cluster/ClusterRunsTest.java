package digits.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.data.Augmentation;
import digits.data.LabeledImages;
import digits.experiments.Experiment;
import digits.experiments.ExperimentProgress;
import digits.experiments.Run;
import digits.experiments.Runs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import jdk.jshell.JShell;
import jdk.jshell.execution.LocalExecutionControlProvider;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Experiments on two executors of one thread each. */
@Timeout(120)
class ClusterRunsTest {
    private static final LabeledImages TRAIN = Examples.bars(600, 1);
    private static final LabeledImages VALIDATION = Examples.bars(200, 2);
    private static Cluster cluster;

    @TempDir
    Path folder;
    private final List<ExperimentProgress> reports = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void connect() {
        cluster = OneCluster.connect();
    }

    /** Ends the process that trains with it, if that is an executor. */
    public static final class Poison extends ActivationReLU {
        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            if (System.getProperty("digits.driver") == null) Runtime.getRuntime().halt(137);
            return super.getActivation(in, training);
        }
    }

    private static MultiLayerConfiguration dense(long seed, IActivation activation) {
        return new NeuralNetConfiguration.Builder().seed(seed).updater(new Sgd(0.1)).list()
                .layer(new DenseLayer.Builder().nOut(12).activation(activation).build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT).nOut(10).activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutional(28, 28, 1)).build();
    }

    static Experiment experiment(long... seeds) {
        return Experiment.on(TRAIN, VALIDATION).batch(50).epochs(2).seeds(seeds)
                .with("sequence", seed -> Examples.smallNetwork(seed).getLayerWiseConfigurations())
                .withGraph("graph", seed -> Examples.smallGraph(seed).getConfiguration());
    }

    private Experiment onCluster(long... seeds) {
        return experiment(seeds).executor(cluster.runs()).onProgress(reports::add);
    }

    /** All that the runs have but their times, exactly. */
    static List<String> exact(Runs runs) {
        return runs.runs().stream().map(run -> run.label() + run.seed() + " " + run.threads() + " " + run.batch() + " "
                + run.parameters() + run.failure() + run.fingerprint() + run.epochs().stream().map(e -> e.number() + " "
                + e.trainLoss() + e.trainAccuracy() + e.validationLoss() + e.validationAccuracy()).toList()
                + run.test()).toList();
    }

    @Test
    void runsEqualThoseOfThisProcess() {
        Runs runs = onCluster(1, 2).testedOn(VALIDATION).run();
        assertEquals(exact(experiment(1, 2).testedOn(VALIDATION).run()), exact(runs));
        for (Run run : runs.runs()) {
            assertEquals(1, run.threads());
            assertTrue(run.seconds() > 0 && run.latencyMillis() > 0, "measured where it was trained, and here");
        }
        assertEquals(4, reports.get(reports.size() - 1).finished().size());
        assertEquals(0, reports.get(reports.size() - 1).running().size());
    }

    @Test
    void augmentedRunsEqualThoseOfThisProcess() {
        Augmentation augmentation = Augmentation.NONE.shifted(2).rotated(10);
        assertEquals(exact(experiment(3).augmented(augmentation).run()),
                exact(onCluster(3).augmented(augmentation).run()));
    }

    /** An executor after the first finished run; later the other worker with its executor. */
    @Test
    void deathsOfProcessesChangeNoBit() throws Exception {
        AtomicInteger killed = new AtomicInteger();
        List<ProcessHandle> workers = OneCluster.get().workers();
        Experiment experiment = onCluster(4, 5, 6).onProgress(progress -> {
            if (progress.finished().size() == 1 && killed.compareAndSet(0, 1)) {
                workers.get(0).children().forEach(ProcessHandle::destroyForcibly);
            }
            if (progress.finished().size() == 3 && killed.compareAndSet(1, 2)) {
                Stream.concat(Stream.of(workers.get(1)), workers.get(1).children().toList().stream())
                        .forEach(ProcessHandle::destroyForcibly);
            }
        });
        Runs runs = experiment.run();
        assertEquals(2, killed.get());
        OneCluster.get().replaceWorkers(1, "1g");
        assertEquals(exact(experiment(4, 5, 6).run()), exact(runs));
    }

    @Test
    void aRunThatEndsItsExecutorFailsAlone() throws Exception {
        Experiment experiment = onCluster(7).keptIn(folder).with("poison", seed -> dense(seed, new Poison()))
                .with("good", seed -> dense(seed, new ActivationReLU()));
        Runs runs = experiment.run();
        assertEquals(List.of(false, false, true, false), runs.runs().stream().map(Run::failed).toList());
        Run poison = runs.runs().get(2);
        assertEquals("the training ended in an error: its process ended in each of 2 attempts (Command exited with "
                + "code 137); if memory was short, give executors more (spark.executor.memory), or use a smaller batch",
                poison.failure());
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(3, files.count(), "a failed run is tried again by the next call");
        }
    }

    @Test
    void anInterruptFreesTheExecutors() throws Exception {
        CompletableFuture<Runs> stopped = new CompletableFuture<>();
        Experiment endless = onCluster(8, 9).epochs(100_000);
        Thread thread = new Thread(() -> stopped.complete(endless.run()));
        thread.start();
        while (reports.isEmpty() || last().running().size() < 2
                || last().running().stream().anyMatch(run -> run.training().epoch() < 2)) {
            Thread.sleep(20);
        }
        assertTrue(last().running().get(0).training().note().matches(
                "sequence, seed 8: executor \\d+ on 127.0.0.1, since \\d\\d:\\d\\d(:\\d\\d)?"), last().toString());
        long begun = System.nanoTime();
        thread.interrupt();
        assertEquals(List.of(), stopped.get().runs());
        assertEquals(2, cluster.context().parallelize(List.of(1, 2), 2).map(i -> i).collect().size());
        double seconds = (System.nanoTime() - begun) / 1e9;
        assertTrue(seconds < 2, seconds + " s");
    }

    private ExperimentProgress last() {
        return reports.get(reports.size() - 1);
    }

    @Test
    void theNextCallTrainsOnlyWhatIsMissing() {
        Experiment interrupted = onCluster(10, 11).keptIn(folder).onProgress(progress -> {
            if (progress.finished().size() == 2) Thread.currentThread().interrupt();
        });
        int finished = interrupted.run().runs().size();
        assertTrue(Thread.interrupted(), "the interrupt is left for the owner of the thread");
        assertTrue(finished == 2 || finished == 3, finished + " finished runs");   // two may end at once
        Runs runs = onCluster(10, 11).keptIn(folder).run();
        assertEquals(finished, reports.get(0).finished().size());
        assertEquals(exact(experiment(10, 11).run()), exact(runs));
    }

    @Test
    void aNotebooksClassIsRefusedBeforeAnythingIsSent() {
        try (JShell shell = JShell.builder().executionEngine(new LocalExecutionControlProvider(), Map.of()).build()) {
            shell.addToClasspath(System.getProperty("java.class.path"));
            shell.eval("class Mine extends org.nd4j.linalg.activations.impl.ActivationReLU { }");
            shell.eval("System.getProperties().put(\"digits.notebook\", new Mine());");
        }
        IActivation mine = (IActivation) System.getProperties().remove("digits.notebook");
        int before = cluster.context().statusTracker().getJobIdsForGroup(null).length;
        ClusterException e = assertThrows(ClusterException.class,
                () -> onCluster(12).with("mine", seed -> dense(seed, mine)).run());
        assertTrue(e.getMessage().matches("“mine” needs the class REPL\\.\\$JShell\\$\\d+\\$Mine, which only this "
                + "notebook has: its classes do not travel to the executors\\..*"), e.getMessage());
        assertEquals(before, cluster.context().statusTracker().getJobIdsForGroup(null).length);
        assertFalse(experiment(12).with("mine", seed -> dense(seed, mine)).run().runs().isEmpty());
        MultiLayerNetwork network = new MultiLayerNetwork(dense(12, mine));
        network.init();
        e = assertThrows(ClusterException.class, () -> BatchPrediction.with(network, null));
        assertTrue(e.getMessage().startsWith("“the network” needs the class REPL.$JShell$"), e.getMessage());
    }
}
