package digits.interpret;

import digits.image.Grid;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The weights of a network's first convolution: what each of its filters looks for in an image. */
public final class Filters {
    private Filters() {
    }

    /**
     * The kernels of the first convolution, one for each filter, in the network's order. (What Deeplearning4j, like others,
     * calls a convolution is a correlation: a filter answers most where the image looks like its kernel as it stands here.)
     *
     * @return as many planes as there are filters, each of the kernel's size, without the bias
     * @throws IllegalArgumentException if the network has no convolution, or its first one has more than one input channel:
     *                                  then a kernel is no plane
     */
    public static List<Grid> ofFirstLayer(MultiLayerNetwork network) {
        int first = Layers.firstConvolution(network);
        INDArray weights = network.getLayer(first).getParam(ConvolutionParamInitializer.WEIGHT_KEY);   // [filters, channels, rows, columns]
        if (weights.size(1) != 1) {
            throw new IllegalArgumentException("the filters of layer " + first + " have " + weights.size(1)
                    + " input channels; only those with one can be shown as a plane");
        }
        return Grid.all(weights);
    }
}
