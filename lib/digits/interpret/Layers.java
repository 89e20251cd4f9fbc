package digits.interpret;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Finds a network's layers, and checks what is given to it. */
final class Layers {
    private Layers() {
    }

    /** The configuration of layer {@code i}. */
    static Layer configuration(MultiLayerNetwork network, int i) {
        return network.getLayer(i).conf().getLayer();
    }

    /** Whether layer {@code i} is a plain convolution: not one of its relatives, whose weights have other shapes. */
    static boolean isConvolution(MultiLayerNetwork network, int i) {
        return configuration(network, i).getClass() == ConvolutionLayer.class;
    }

    static boolean isPooling(MultiLayerNetwork network, int i) {
        return configuration(network, i) instanceof SubsamplingLayer;
    }

    static int firstConvolution(MultiLayerNetwork network) {
        for (int i = 0; i < network.getnLayers(); i++) if (isConvolution(network, i)) return checked(network, i);
        throw new IllegalArgumentException("the network has no convolution");
    }

    static int lastConvolution(MultiLayerNetwork network) {
        for (int i = network.getnLayers() - 1; i >= 0; i--) if (isConvolution(network, i)) return checked(network, i);
        throw new IllegalArgumentException("the network has no convolution");
    }

    private static int checked(MultiLayerNetwork network, int i) {
        if (((ConvolutionLayer) configuration(network, i)).getCnn2dDataFormat() != CNN2DFormat.NCHW) {
            throw new IllegalArgumentException("layer " + i + " keeps channels last (NHWC); only channels first (NCHW) is understood");
        }
        return i;
    }

    /** @throws IllegalArgumentException unless the shape is [n, channels, rows, columns] with n of 1 or more */
    static void checkImages(INDArray images) {
        if (images.rank() != 4 || images.isEmpty()) {
            throw new IllegalArgumentException("images have the shape [n, channels, rows, columns], as [1, 1, 28, 28]; this array's is "
                    + Arrays.toString(images.shape()));
        }
    }
}
