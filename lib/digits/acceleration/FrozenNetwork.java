package digits.acceleration;

import digits.acceleration.InferenceReader.Computations;
import digits.acceleration.InferenceReader.Unsupported;
import digits.engine.NativeResource;
import digits.engine.NoCodeException;
import digits.networks.Network;
import digits.onednn.Lanes;
import digits.onednn.OneDnn;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An immutable copy of a network that only predicts, single images several times as fast:
 * {@code Acceleration.freeze(network)}. It keeps the weights that the network had at that moment; training the network,
 * or changing its weights in any other way, does not change it: freeze again. Its probabilities differ from the
 * network's by rounding, at most about 1e-6. (In the mode {@code bfloat16} of {@link Acceleration} both compute with
 * rounded numbers, and differ by about 1e-2 at most.)
 *
 * <p>Any threads may predict at the same time. A batch is shared among as many threads as OpenMP has, and the long
 * layers of a single image among two. Equal images in batches of one size get equal results, to the last bit.
 *
 * <p>Networks with layers for which there is no such code, and machines without oneDNN, predict with a copy of the
 * network as it is, one thread at a time; {@link #reason} says why. Native memory is freed by {@link #close}, or when
 * the object is garbage collected.
 */
public final class FrozenNetwork implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FrozenNetwork.class);
    private static final Cleaner CLEANER = Cleaner.create();

    private final Computations computations;   // null for the plain path, as are the lanes
    private final Lanes lanes;
    private final boolean bfloat16;
    private final Cleaner.Cleanable memory;
    private final Supplier<Network> copy;
    private Network plain;                     // made when needed
    private boolean closed;
    private volatile Optional<String> reason;

    private FrozenNetwork(Computations computations, Optional<String> reason, Supplier<Network> copy) {
        this.computations = computations;
        this.copy = copy;
        this.reason = reason;
        bfloat16 = Acceleration.wanted() == Acceleration.Mode.BFLOAT16 && OneDnn.slowBfloat16().isEmpty();
        boolean bfloat16 = this.bfloat16;   // the cleaner must not hold this
        lanes = computations == null ? null : new Lanes(shape -> computations.graph().compile(bfloat16, shape));
        Lanes lanes = this.lanes;
        memory = CLEANER.register(this, () -> {
            if (lanes == null) return;
            NativeResource.closeAll(lanes, computations.graph());
        });
    }

    static FrozenNetwork of(MultiLayerNetwork network) {
        INDArray weights = network.params().dup();
        var configuration = network.getLayerWiseConfigurations().clone();
        return of(network, () -> InferenceReader.read(network), () -> {
            var copy = new MultiLayerNetwork(configuration);
            copy.init(weights, false);
            Acceleration.of(copy);
            return Network.of(copy);
        });
    }

    static FrozenNetwork of(ComputationGraph graph) {
        INDArray weights = graph.params().dup();
        var configuration = graph.getConfiguration().clone();
        return of(graph, () -> InferenceReader.read(graph), () -> {
            var copy = new ComputationGraph(configuration);
            copy.init(weights, false);
            Acceleration.of(copy);
            return Network.of(copy);
        });
    }

    private interface Reading {
        Computations read() throws Unsupported;
    }

    private static FrozenNetwork of(Model model, Reading reading, Supplier<Network> copy) {
        Acceleration.Mode mode = Acceleration.wanted();
        Optional<String> missing = mode.usesOneDnn() ? OneDnn.missing()
                : Optional.of("only oneDNN merges layers, and the mode is " + mode);
        // merged layers would pass on a NaN where a separate one stops it, and the other way round
        if (!Double.isFinite(model.params().sumNumber().doubleValue())) {
            missing = Optional.of("not all of its parameters are numbers");
        }
        if (missing.isPresent()) return new FrozenNetwork(null, missing, copy);
        try {
            return new FrozenNetwork(reading.read(), Optional.empty(), copy);
        } catch (Unsupported layer) {
            return new FrozenNetwork(null, Optional.of(layer.getMessage()), copy);
        }
    }

    /**
     * Predicts images.
     *
     * @param images as the network reads them, for example [n, 1, 28, 28]; n is 1 or more
     * @return the network's output, [n, classes]: one row per image, in a new array
     * @throws IllegalArgumentException if the network cannot read images of this shape, or they are so large that the
     *                                  arrays between the layers would take more than 256 MiB for one image
     * @throws IllegalStateException    if this is closed
     */
    public INDArray output(INDArray images) {
        if (reason.isPresent() || images.rank() != 2 && images.rank() != 4 || images.size(0) == 0) {
            return plain(images);
        }
        INDArray rows = ChannelsLast.rowByRow(LayerSupport.floats(images));
        try {
            float[] results = predicted(rows.size(0), () -> lanes.run(LayerSupport.region(rows), shape(rows.shape())));
            return Nd4j.create(results, new long[] {rows.size(0), results.length / rows.size(0)}, 'c');
        } catch (NoCodeException unsupported) {
            return plain(images, unsupported);
        } finally {
            LayerSupport.hold(rows);
        }
    }

    /**
     * Predicts images.
     *
     * @param images their numbers, row by row
     * @param shape  of the images, for example n, 1, 28, 28; n is 1 or more
     * @return one row per image
     * @throws IllegalArgumentException if the shape is not that of the numbers; otherwise as {@link #output}
     */
    public float[][] predict(float[] images, long... shape) {
        long numbers = 1;
        for (long size : shape) numbers = Math.multiplyExact(numbers, size);
        if (shape.length == 0 || shape[0] < 1 || numbers != images.length) {
            throw new IllegalArgumentException("images of the shape " + Arrays.toString(shape) + " have " + numbers
                    + " numbers, not " + images.length);
        }
        if (reason.isPresent() || shape.length != 2 && shape.length != 4) {
            return Network.rows(plain(Nd4j.create(images, shape, 'c')));
        }
        try {
            float[] results = predicted(shape[0], () -> lanes.run(FloatBuffer.wrap(images), shape(shape)));
            float[][] rows = new float[(int) shape[0]][];
            int each = results.length / rows.length;
            for (int i = 0; i < rows.length; i++) rows[i] = Arrays.copyOfRange(results, i * each, (i + 1) * each);
            return rows;
        } catch (NoCodeException unsupported) {
            return Network.rows(plain(Nd4j.create(images, shape, 'c'), unsupported));
        }
    }

    /** The shape in oneDNN's order. */
    private long[] shape(long... shape) {
        return !computations.channelsLast() || shape.length == 2 ? shape
                : new long[] {shape[0], shape[3], shape[1], shape[2]};
    }

    private float[] predicted(long n, Supplier<float[]> run) {
        try {
            float[] results = run.get();
            if (computations.softmax()) softmax(results, (int) (results.length / n));
            return results;
        } finally {
            Reference.reachabilityFence(this);   // the cleaner has to wait
        }
    }

    /** From now on predicts without faster code, unless the network cannot read the images either. */
    private INDArray plain(INDArray images, NoCodeException unsupported) {
        INDArray output = plain(images);
        LOG.warn("A frozen network continues without acceleration: {}", unsupported.getMessage());
        reason = Optional.of(unsupported.getMessage());
        return output;
    }

    /** Makes probabilities of each row. */
    private static void softmax(float[] numbers, int columns) {
        double[] powers = new double[columns];
        for (int row = 0; row < numbers.length; row += columns) {
            float greatest = Float.NEGATIVE_INFINITY;
            for (int i = row; i < row + columns; i++) greatest = Math.max(greatest, numbers[i]);
            double sum = 0;
            for (int i = 0; i < columns; i++) {
                powers[i] = Math.exp(numbers[row + i] - greatest);
                sum += powers[i];
            }
            for (int i = 0; i < columns; i++) numbers[row + i] = (float) (powers[i] / sum);
        }
    }

    private synchronized INDArray plain(INDArray images) {
        if (closed) throw new IllegalStateException("this network has been closed");
        if (plain == null) plain = copy.get();
        return plain.output(images);
    }

    /** Why this predicts with a copy of the network as it is; empty if it has faster code. */
    public Optional<String> reason() {
        return reason;
    }

    /** One line, for example “frozen: oneDNN predicts in 7 steps” or why it is not faster. */
    @Override
    public String toString() {
        return reason.map(why -> "frozen, with Deeplearning4j's layers. Reason: " + why)
                .orElseGet(() -> "frozen: oneDNN predicts in " + computations.graph().size() + " steps"
                        + (bfloat16 ? ", with products in bfloat16" : ""));
    }

    /** Frees the native memory, after the predictions that are running. Later ones fail. */
    @Override
    public synchronized void close() {
        closed = true;
        plain = null;
        memory.clean();
    }
}
