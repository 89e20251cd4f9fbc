package digits.experiments;

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
import digits.training.PlannedNetwork;
import digits.training.RunEnvironment;
import digits.training.TestScore;
import digits.training.Trainer;
import digits.training.TrainingProgress;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A planned run: everything but the images, as plain values that can travel to another process.
 *
 * @param rate          the learning rate, for the record: the configuration contains it; NaN if it is not varied
 * @param seed          of weights, order, augmentation and dropout
 * @param graph         whether the configuration is that of a {@link ComputationGraph}
 * @param configuration the network's configuration, with its updater, as Deeplearning4j's JSON
 * @param fingerprint   of everything that the result depends on; empty if the result is not to be kept
 * @param checkpoint    file from which an interrupted training continues; empty for none
 */
public record RunPlan(String setting, double rate, long seed, int batch, int epochs, Augmentation augmentation,
                      boolean graph, String configuration, String fingerprint, String checkpoint)
        implements Serializable {
    /** The network before its first step, accelerated: with the same seed always the same. */
    Network network() {
        return new PlannedNetwork(graph, configuration).build(seed);
    }

    /**
     * Trains the run in this process, from the start or from its checkpoint, on images scaled to [0, 1].
     *
     * @return the run, which says so if the training diverged or failed; empty if the thread was interrupted
     */
    public Optional<Run> train(RunExecutor.Images images, Consumer<? super TrainingProgress> progress) {
        long start = System.nanoTime();
        LossGuard guard = new LossGuard();
        Trainer trainer = null;
        try {
            Network network = network();
            network.model().addListeners(guard);
            trainer = Trainer.of(network, seed).onProgress(progress);
            if (!checkpoint.isEmpty()) trainer.keptAs(Path.of(checkpoint));
            Batches training = DigitBatches.shuffled(images.training(), batch, seed).scaled();
            if (!augmentation.equals(Augmentation.NONE)) training = AugmentedBatches.of(training, augmentation, seed);
            History history = trainer.fit(training, inOrder(images.validation()), epochs);
            if (history.epochs().size() < epochs) return Optional.empty();
            double seconds = history.epochs().stream().mapToDouble(Epoch::seconds).sum();   // in any process
            TestScore test = images.test().map(all -> Predictions.of(network, inOrder(all), step -> { }))
                    .map(TestScore::of).orElse(null);
            long parameters = network.model().numParams();
            return Optional.of(new Run(setting, rate, seed, batch, RunEnvironment.threads(), parameters,
                    history.epochs(), seconds, test, Double.NaN, divergence(history), fingerprint));
        } catch (RuntimeException e) {
            List<Epoch> finished = trainer == null ? List.of() : trainer.history().epochs();
            if (!guard.failure().isEmpty()) return Optional.of(failed(finished, seconds(start), guard.failure()));
            return Optional.of(with(configuration, "", checkpoint).failed(finished, seconds(start),
                    "the training ended in an error: " + said(e)));
        }
    }

    /** Describes the first epoch with a loss that is not a number. */
    private static String divergence(History history) {
        return history.epochs().stream()
                .filter(e -> !Double.isFinite(e.trainLoss()) || !Double.isFinite(e.validationLoss())).findFirst()
                .map(e -> "the loss on the validation images was " + e.validationLoss() + " after epoch " + e.number())
                .orElse("");
    }

    /** The run without a result. */
    Run failed(List<Epoch> finished, double seconds, String failure) {
        return new Run(setting, rate, seed, batch, RunEnvironment.threads(), 0, finished, seconds, null, Double.NaN,
                failure, fingerprint);
    }

    RunPlan with(String json, String sum, String file) {
        return new RunPlan(setting, rate, seed, batch, epochs, augmentation, graph, json, sum, file);
    }

    /** The plan for another process, whose disk does not have the checkpoint. */
    public RunPlan withoutCheckpoint() {
        return with(configuration, fingerprint, "");
    }

    /** Name and rate, if there is one: “Adam, 0.001”. */
    public String label() {
        return Run.label(setting, rate);
    }

    static String said(RuntimeException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /** Median time in milliseconds to predict a single image on this machine. It does not depend on the weights. */
    double latencyMillis(LabeledImages images) {
        Network network = network();
        DigitBatches single = DigitBatches.inOrder(images, 1).scaled();
        double[] millis = new double[101];
        for (int i = -30; i < millis.length; i++) {   // the first ones only warm up
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
        return DigitBatches.inOrder(images, 500).scaled();
    }
}
