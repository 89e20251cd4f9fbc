package digits.interpret;

import digits.Progress;
import digits.Text;
import digits.data.Batches;
import digits.image.Grid;
import digits.networks.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** Both ends of a network: the filters of its first convolution, and what its last layer sees of each image. */
public final class Layers {
    private Layers() { }

    /**
     * The filters of the first convolution, in the network's order, without the bias: grids of the kernel's size. (The
     * operation is a cross-correlation: a filter responds most where the image looks like the filter as shown.)
     *
     * @throws IllegalArgumentException if the network has no convolution, or the first one has several input channels
     */
    public static List<Grid> firstFilters(MultiLayerNetwork network) {
        int first = convolutions(network)[0];
        INDArray weights = network.getLayer(first).getParam(ConvolutionParamInitializer.WEIGHT_KEY);
        if (weights.size(1) != 1) {
            throw new IllegalArgumentException("the filters of layer " + first + " have " + weights.size(1)
                    + " input channels; only those with one can be shown as a grid");
        }
        return Grid.all(weights);
    }

    /**
     * The input of the network's last layer for every image, from the first; without dropout.
     *
     * @param batches  features scaled as the network expects them
     * @param progress notified after each batch; may throw to stop
     * @return one row per image; in the walkthrough's network 512 numbers, the normalized outputs of its dense layer
     * @throws IllegalArgumentException if there are no images, or the network has only one layer
     */
    public static float[][] lastHidden(MultiLayerNetwork network, DataSetIterator batches,
                                       Consumer<? super Progress> progress) {
        int layer = network.getnLayers() - 2;
        if (layer < 0) throw new IllegalArgumentException("the network has no layer before its last one");
        List<float[]> vectors = new ArrayList<>();
        batches.reset();
        while (batches.hasNext()) {
            INDArray output = network.feedForwardToLayer(layer, batches.next().getFeatures(), false).get(layer + 1);
            vectors.addAll(List.of(Network.rows(output.reshape(output.size(0), -1))));
            double share = batches instanceof Batches known ? (double) vectors.size() / known.size() : Double.NaN;
            progress.accept(Progress.of(share, "Hidden layer · " + Text.whole(vectors.size()) + " images"));
        }
        if (vectors.isEmpty()) throw new IllegalArgumentException("there are no images to look at");
        return vectors.toArray(float[][]::new);
    }

    static Layer configuration(MultiLayerNetwork network, int i) {
        return network.getLayer(i).conf().getLayer();
    }

    /** Whether layer {@code i} is a plain convolution, and not a subclass, whose weights have other shapes. */
    static boolean isConvolution(MultiLayerNetwork network, int i) {
        return configuration(network, i).getClass() == ConvolutionLayer.class;
    }

    /** The positions of all convolutions, at least one. */
    static int[] convolutions(MultiLayerNetwork network) {
        int[] found = IntStream.range(0, network.getnLayers()).filter(i -> isConvolution(network, i)).toArray();
        if (found.length == 0) throw new IllegalArgumentException("the network has no convolution");
        for (int i : found) {
            if (((ConvolutionLayer) configuration(network, i)).getCnn2dDataFormat() != CNN2DFormat.NCHW) {
                throw new IllegalArgumentException(
                        "layer " + i + " keeps channels last (NHWC); only channels first (NCHW) is supported");
            }
        }
        return found;
    }

    /** @throws IllegalArgumentException unless the shape is [n, channels, rows, columns] with n of 1 or more */
    static void checkImages(INDArray images) {
        if (images.rank() != 4 || images.isEmpty()) {
            throw new IllegalArgumentException("images have the shape [n, channels, rows, columns], such as "
                    + "[1, 1, 28, 28]; this array's is " + Arrays.toString(images.shape()));
        }
    }
}
