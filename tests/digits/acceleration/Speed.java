package digits.acceleration;

import digits.networks.WalkthroughNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Measures how fast the walkthrough's network trains and predicts, in images per second; not a test. Arguments: the
 * folder with MNIST's unzipped IDX files, the number of rounds (the first warms up), and the modes to compare, for
 * example {@code idx 4 helpers onednn}. The rounds of the modes alternate.
 */
final class Speed {
    private static final int BATCH = 128;
    private static final int STEPS = 20;

    private Speed() {
    }

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        int rounds = Integer.parseInt(arguments[1]);
        List<String> modes = Arrays.asList(arguments).subList(2, arguments.length);
        INDArray images = images(folder.resolve("train-images-idx3-ubyte"), BATCH * STEPS);
        INDArray labels = labels(folder.resolve("train-labels-idx1-ubyte"), BATCH * STEPS);
        List<DataSet> batches = new ArrayList<>();
        for (int i = 0; i < BATCH * STEPS; i += BATCH) {
            batches.add(new DataSet(images.get(NDArrayIndex.interval(i, i + BATCH)).dup(),
                    labels.get(NDArrayIndex.interval(i, i + BATCH)).dup()));
        }
        Map<String, MultiLayerNetwork> networks = new LinkedHashMap<>();
        MultiLayerNetwork start = network();
        for (String mode : modes) {
            MultiLayerNetwork network = start.clone();
            System.setProperty(Acceleration.PROPERTY, mode);
            System.out.println(mode + ": " + Acceleration.of(network));
            networks.put(mode, network);
        }
        for (int round = 0; round < rounds; round++) {
            for (var entry : networks.entrySet()) {
                MultiLayerNetwork network = entry.getValue();
                double loss = 0;
                long begin = System.nanoTime();
                for (DataSet batch : batches) {
                    network.fit(batch);
                    loss += network.score();
                }
                double train = (System.nanoTime() - begin) / 1e9;
                begin = System.nanoTime();
                for (int i = 0; i < 5; i++) network.output(images.get(NDArrayIndex.interval(i * 512, (i + 1) * 512)));
                double predict = (System.nanoTime() - begin) / 1e9;
                System.out.printf(
                        "%-8s round %d: training %.0f images/s, loss %.4f; 10,000 images %.2f s; one image %.2f ms%n",
                        entry.getKey(), round, STEPS * BATCH / train, loss / STEPS, predict * 10_000 / (5 * 512),
                        latency(network, images.get(NDArrayIndex.interval(0, 1))));
            }
        }
        System.exit(0);
    }

    /** Median time to predict one image, in ms. */
    private static double latency(MultiLayerNetwork network, INDArray image) {
        long[] single = new long[50];
        for (int i = 0; i < single.length; i++) {
            long begin = System.nanoTime();
            network.output(image);
            single[i] = System.nanoTime() - begin;
        }
        Arrays.sort(single);
        return single[25] / 1e6;
    }

    private static MultiLayerNetwork network() {
        var network = new MultiLayerNetwork(WalkthroughNetwork.configuration(42, 0.99));
        network.init();
        return network;
    }

    private static INDArray images(Path file, int count) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        float[] pixels = new float[count * 784];
        for (int i = 0; i < pixels.length; i++) pixels[i] = (bytes[16 + i] & 0xff) / 255f;
        return Nd4j.createFromArray(pixels).reshape(count, 1, 28, 28);
    }

    private static INDArray labels(Path file, int count) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        INDArray labels = Nd4j.zeros(count, 10);
        for (int i = 0; i < count; i++) labels.putScalar(i, bytes[8 + i], 1);
        return labels;
    }
}
