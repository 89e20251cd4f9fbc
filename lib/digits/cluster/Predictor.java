package digits.cluster;

import digits.acceleration.Acceleration;
import digits.networks.Network;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A copy of a network in this process that predicts batches of one fixed size, so that equal images get equal bits in
 * whatever batch they come. For one task at a time: a task borrows it and gives it back, so that a process makes as
 * many copies as tasks have run in it at once.
 */
final class Predictor {
    private static final int KEPT = 4;   // networks of which copies wait for the next task

    /** Idle copies by key; those of the networks that were used last. */
    private static final Map<String, Deque<Predictor>> IDLE = new LinkedHashMap<>(8, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Deque<Predictor>> eldest) {
            return size() > KEPT;
        }
    };

    private final String key;
    private final UnaryOperator<INDArray> pass;
    private final INDArray input;
    private final FloatBuffer pixels;   // the input's memory
    private boolean computing;          // still, after a failure: nothing is known about its state then

    private Predictor(String key, Network network, int batch, int rows, int columns) {
        this.key = key;
        pass = fastest(network);
        input = Nd4j.create(DataType.FLOAT, new long[] {batch, 1, rows, columns}, 'c');
        pixels = input.data().pointer().asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
    }

    /** The fastest way to predict that this process has. */
    private static UnaryOperator<INDArray> fastest(Network network) {
        return Acceleration.freeze(network)::output;
    }

    /**
     * An idle copy, or a new one.
     *
     * @param sha256  of the network
     * @param network the network, if a copy has to be made
     * @param batch   images per pass
     */
    static Predictor borrow(String sha256, Supplier<ShippedNetwork> network, int batch, int rows, int columns) {
        String key = sha256 + " " + batch + "×" + rows + "×" + columns;
        synchronized (IDLE) {
            Predictor idle = IDLE.getOrDefault(key, new ArrayDeque<>()).poll();
            if (idle != null) return idle;
        }
        return new Predictor(key, network.get().network(), batch, rows, columns);
    }

    /** Keeps it for the next task, unless a computation has failed. */
    void giveBack() {
        if (computing) return;
        synchronized (IDLE) {
            IDLE.computeIfAbsent(key, k -> new ArrayDeque<>()).push(this);
        }
    }

    /**
     * Predicts some images, at most as many as a batch has.
     *
     * @param images bytes, each as many as an image has pixels
     * @param values the network's input for each value of a byte
     * @return the network's output, one row per image
     */
    float[][] predict(List<byte[]> images, float[] values) {
        computing = true;
        pixels.clear();
        float[] numbers = new float[input.stride(0)];
        for (byte[] image : images) {
            for (int i = 0; i < numbers.length; i++) numbers[i] = values[image[i] & 0xff];
            pixels.put(numbers);
        }
        Arrays.fill(numbers, 0);   // the rest of the batch
        while (pixels.hasRemaining()) pixels.put(numbers);
        INDArray output = pass.apply(input);
        if (output.rank() != 2 || output.size(1) < 2) {
            throw new IllegalArgumentException("the network returns " + Arrays.toString(output.shape())
                    + ", not one row of probabilities per image");
        }
        float[][] probabilities = Arrays.copyOf(Network.rows(output), images.size());
        computing = false;
        return probabilities;
    }
}
