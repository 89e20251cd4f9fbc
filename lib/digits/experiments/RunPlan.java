package digits.experiments;

import digits.acceleration.Acceleration;
import digits.data.Augmentation;
import digits.data.AugmentedBatches;
import digits.data.Batches;
import digits.data.DigitBatches;
import digits.data.LabeledImages;
import digits.evaluation.Predictions;
import digits.networks.Network;
import digits.training.Epoch;
import digits.training.History;
import digits.training.LossGuard;
import digits.training.RunEnvironment;
import digits.training.TestScore;
import digits.training.Trainer;
import digits.training.TrainingProgress;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A planned run: everything but the images, as plain values that can travel to another process.
 *
 * @param setting       its name
 * @param rate          the learning rate, for the record: the configuration contains it; NaN if it is not varied
 * @param seed          of weights, order, augmentation and dropout
 * @param batch         images per training step
 * @param epochs        passes over the training images
 * @param augmentation  of the training images
 * @param graph         whether the configuration is that of a {@link ComputationGraph}
 * @param configuration the network's configuration, with its updater, as Deeplearning4j's JSON
 * @param fingerprint   of everything that the result depends on; empty if the result is not to be kept
 */
public record RunPlan(String setting, double rate, long seed, int batch, int epochs, Augmentation augmentation,
                      boolean graph, String configuration, String fingerprint) implements Serializable {
    private static final int PREDICTED_AT_ONCE = 500;
    private static final int WARM_UP = 30;
    private static final int TIMED = 101;

    /**
     * A configuration as JSON that is read as it was written: that of a network with parameters. In another one's
     * Deeplearning4j reads batch normalization's {@code useLogStd} as true, which changes the last bits.
     */
    static String json(MultiLayerConfiguration configuration) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration.clone());
        network.init();
        return network.getLayerWiseConfigurations().toJson();
    }

    static String json(ComputationGraphConfiguration configuration) {
        ComputationGraph graph = new ComputationGraph(configuration.clone());
        graph.init();
        return graph.getConfiguration().toJson();
    }

    /** The network before its first step, accelerated: with the same seed always the same. */
    Network network() {
        if (graph) {
            ComputationGraph network = new ComputationGraph(ComputationGraphConfiguration.fromJson(configuration));
            Nd4j.getRandom().setSeed(seed);   // otherwise the first weights depend on what was drawn before
            network.init();
            Acceleration.of(network);
            return Network.of(network);
        }
        MultiLayerNetwork network = new MultiLayerNetwork(MultiLayerConfiguration.fromJson(configuration));
        Nd4j.getRandom().setSeed(seed);
        network.init();
        Acceleration.of(network);
        return Network.of(network);
    }

    /**
     * Trains the run in this process, from the start, on images scaled to [0, 1]. A training that diverges or ends in
     * an error has a run that says so.
     *
     * @return the run; empty if the thread was interrupted
     */
    public Optional<Run> train(RunExecutor.Images images, Consumer<? super TrainingProgress> progress) {
        long start = System.nanoTime();
        Trainer trainer = null;
        try {
            Network network = network();
            network.model().addListeners(new LossGuard());
            trainer = Trainer.of(network, seed).onProgress(progress);
            Batches training = scaled(DigitBatches.shuffled(images.training(), batch, seed));
            if (!augmentation.equals(Augmentation.NONE)) training = AugmentedBatches.of(training, augmentation, seed);
            History history = trainer.fit(training, inOrder(images.validation()), epochs);
            if (history.epochs().size() < epochs) return Optional.empty();
            double seconds = seconds(start);
            TestScore test = images.test().map(t -> TestScore.of(Predictions.of(network, inOrder(t), step -> { })))
                    .orElse(null);
            return Optional.of(new Run(setting, rate, seed, batch, RunEnvironment.threads(),
                    network.model().numParams(), history.epochs(), seconds, test, Double.NaN, LossGuard.check(history),
                    fingerprint));
        } catch (LossGuard.Diverged e) {
            return Optional.of(failed(trainer.history().epochs(), seconds(start), e.getMessage()));
        } catch (RuntimeException e) {
            List<Epoch> finished = trainer == null ? List.of() : trainer.history().epochs();
            String failure = "the training ended in an error: " + said(e);
            // without a fingerprint it is not kept, and tried again later
            return Optional.of(with(configuration, "").failed(finished, seconds(start), failure));
        }
    }

    /** The run without a result. */
    Run failed(List<Epoch> finished, double seconds, String failure) {
        return new Run(setting, rate, seed, batch, RunEnvironment.threads(), 0, finished, seconds, null, Double.NaN,
                failure, fingerprint);
    }

    /** The same plan with another network. */
    RunPlan with(String json, String sum) {
        return new RunPlan(setting, rate, seed, batch, epochs, augmentation, graph, json, sum);
    }

    /** Name and rate, if there is one. */
    String label() {
        return Run.label(setting, rate);
    }

    static String said(RuntimeException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /** Median time in milliseconds to predict a single image on this machine. It does not depend on the weights. */
    double latencyMillis(LabeledImages images) {
        Network network = network();
        DigitBatches single = scaled(DigitBatches.inOrder(images, 1));
        double[] millis = new double[TIMED];
        for (int i = -WARM_UP; i < TIMED; i++) {
            if (!single.hasNext()) single.reset();
            INDArray image = single.next().getFeatures();
            long start = System.nanoTime();
            network.output(image).toFloatVector();
            if (i >= 0) millis[i] = (System.nanoTime() - start) / 1e6;
        }
        return Run.median(millis);
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static DigitBatches inOrder(LabeledImages images) {
        return scaled(DigitBatches.inOrder(images, PREDICTED_AT_ONCE));
    }

    private static DigitBatches scaled(DigitBatches batches) {
        batches.setPreProcessor(new ImagePreProcessingScaler(0, 1));
        return batches;
    }
}
