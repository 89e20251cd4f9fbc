package digits.interpret;

import digits.image.Grid;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What one layer makes of one image.
 *
 * @param layer the layer's position in the network, from 0
 * @param name  as «convolution 2» or «pooling 1», counted from 1
 * @param maps  one plane for each channel, in the network's order; after the layer's activation function
 */
public record FeatureMaps(int layer, String name, List<Grid> maps) {
    public FeatureMaps {
        maps = List.copyOf(maps);
    }

    /**
     * The feature maps of one image after each convolution and each pooling, in the network's order, dropout off.
     *
     * @param image of shape [1, channels, rows, columns], scaled as the network wants it
     * @throws IllegalArgumentException if this is not one image, or the network has no convolution
     */
    public static List<FeatureMaps> of(MultiLayerNetwork network, INDArray image) {
        Layers.checkImages(image);
        if (image.size(0) != 1) throw new IllegalArgumentException(image.size(0) + " images; feature maps are those of one");
        Layers.firstConvolution(network);
        List<INDArray> outputs = network.feedForward(image, false);   // the image itself is the first
        List<FeatureMaps> stages = new ArrayList<>();
        int convolutions = 0;
        int poolings = 0;
        for (int i = 0; i < network.getnLayers(); i++) {
            if (Layers.isConvolution(network, i)) stages.add(new FeatureMaps(i, "convolution " + ++convolutions, Grid.all(outputs.get(i + 1))));
            if (Layers.isPooling(network, i)) stages.add(new FeatureMaps(i, "pooling " + ++poolings, Grid.all(outputs.get(i + 1))));
        }
        return stages;
    }
}
