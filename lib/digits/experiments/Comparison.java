package digits.experiments;

import digits.Settings;
import digits.acceleration.Acceleration;
import digits.data.Dataset;
import digits.data.DigitBatches;
import digits.data.LabeledImages;
import digits.data.Split;
import digits.evaluation.Predictions;
import digits.networks.Network;
import digits.training.History;
import digits.training.Results;
import digits.training.Trainer;
import digits.training.TrainingProgress;
import digits.training.TrainingRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Several networks, each trained from its start on the same budget: the same images in the same order, batch, epochs and seed. Each is
 * accelerated, validated after every epoch, and sees the test images once, after its last epoch. All images are scaled to [0, 1].
 */
public final class Comparison {
    private static final int PREDICTED_AT_ONCE = 500;
    private static final int WARM_UP = 30;
    private static final int TIMED = 101;   // odd: the median is one of them

    private final Dataset data;
    private final Split split;
    private final Settings settings;
    private final Map<String, Supplier<Network>> networks = new LinkedHashMap<>();
    private int epochs;
    private Consumer<ComparisonProgress> onProgress = progress -> { };

    private Comparison(Dataset data, Split split, Settings settings) {
        this.data = data;
        this.split = split;
        this.settings = settings;
        epochs = settings.epochs();
    }

    /** A comparison on this data; batch, seed and, if nothing else is said, epochs are those of the settings. */
    public static Comparison on(Dataset data, Split split, Settings settings) {
        return new Comparison(Objects.requireNonNull(data, "data"), Objects.requireNonNull(split, "split"), settings);
    }

    /** Passes over the training images, 1 or more. */
    public Comparison epochs(int passes) {
        if (passes < 1) throw new IllegalArgumentException(passes + " epochs: train for 1 or more");
        epochs = passes;
        return this;
    }

    /**
     * One more network, layers in a row, with its updater and the seed of its weights.
     *
     * @throws IllegalArgumentException if there is one of this name already
     */
    public Comparison with(String name, MultiLayerConfiguration configuration) {
        return with(name, () -> {
            MultiLayerNetwork network = new MultiLayerNetwork(configuration.clone());   // training counts its steps in there
            network.init();
            Acceleration.of(network);
            return Network.of(network);
        });
    }

    /**
     * One more network, a graph of layers.
     *
     * @throws IllegalArgumentException if there is one of this name already
     */
    public Comparison with(String name, ComputationGraphConfiguration configuration) {
        return with(name, () -> {
            ComputationGraph graph = new ComputationGraph(configuration.clone());
            graph.init();
            Acceleration.of(graph);
            return Network.of(graph);
        });
    }

    private Comparison with(String name, Supplier<Network> network) {
        if (networks.putIfAbsent(Objects.requireNonNull(name, "name"), network) != null) {
            throw new IllegalArgumentException("there is a network «" + name + "» already");
        }
        return this;
    }

    /** Reports how far the comparison is, at most about twice a second and when a network is done. */
    public Comparison onProgress(Consumer<ComparisonProgress> report) {
        onProgress = Objects.requireNonNull(report);
        return this;
    }

    /**
     * Trains and examines one network after the other.
     *
     * @return the networks that are done: all of them, unless the thread was interrupted
     * @throws IllegalStateException without a network
     */
    public ComparedNetworks run() {
        if (networks.isEmpty()) throw new IllegalStateException("there is no network to compare");
        List<ComparedNetwork> done = new ArrayList<>();
        for (Map.Entry<String, Supplier<Network>> entry : networks.entrySet()) {
            Nd4j.getRandom().setSeed(settings.seed());   // else the first weights depend on what was drawn since
            Network network = entry.getValue().get();
            History history = Trainer.of(network, settings.seed()).onProgress(progress -> report(done, Optional.of(progress)))
                    .fit(scaled(DigitBatches.shuffled(split.training(), settings.batch(), settings.seed())),
                            scaled(DigitBatches.inOrder(split.validation(), PREDICTED_AT_ONCE)), epochs);
            if (history.epochs().size() < epochs) break;   // interrupted
            double millis = latency(network, split.validation());
            Predictions exam = Predictions.of(network, scaled(DigitBatches.inOrder(data.test(), PREDICTED_AT_ONCE)), images -> { });
            Results results = Results.of(TrainingRecord.of(history, data, split, settings), exam, network.model().numParams());
            done.add(new ComparedNetwork(entry.getKey(), results, history.epochs(), millis));
            report(done, Optional.empty());
        }
        return new ComparedNetworks(done);
    }

    private void report(List<ComparedNetwork> done, Optional<TrainingProgress> running) {
        onProgress.accept(new ComparisonProgress(List.copyOf(networks.keySet()), done, running));
    }

    /** What one prediction of a single image takes, in milliseconds: the median of many. */
    private static double latency(Network network, LabeledImages images) {
        DigitBatches single = scaled(DigitBatches.inOrder(images, 1));
        long[] nanos = new long[TIMED];
        for (int i = -WARM_UP; i < TIMED; i++) {
            if (!single.hasNext()) single.reset();
            INDArray image = single.next().getFeatures();
            long start = System.nanoTime();
            network.output(image).toFloatVector();
            if (i >= 0) nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return nanos[TIMED / 2] / 1e6;
    }

    private static DigitBatches scaled(DigitBatches batches) {
        batches.setPreProcessor(new ImagePreProcessingScaler(0, 1));
        return batches;
    }
}
