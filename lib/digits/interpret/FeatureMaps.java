package digits.interpret;

import digits.Text;
import digits.image.Grid;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The output of one layer for one image.
 *
 * @param layer position of the layer in the network, from 0
 * @param name  such as “convolution 2” or “pooling 1”, counted from 1
 * @param maps  one grid per channel, in the network's order; after the activation function
 */
public record FeatureMaps(int layer, String name, List<Grid> maps) {
    public FeatureMaps {
        maps = List.copyOf(maps);
    }

    /** One line with the range of all maps: “convolution 1: 32 maps of 26×26, values from 0.00 to 0.40”. */
    @Override
    public String toString() {
        Grid first = maps.get(0);
        double least = maps.stream().mapToDouble(Grid::min).min().orElseThrow();
        double most = maps.stream().mapToDouble(Grid::max).max().orElseThrow();
        return name + ": " + Text.count(maps.size(), "map") + " of " + first.rows() + "×" + first.columns()
                + ", values from " + Text.decimal(least, 2) + " to " + Text.decimal(most, 2);
    }

    /**
     * The feature maps of one image after each convolution and each pooling, in the network's order, without dropout.
     *
     * @param image shape [1, channels, rows, columns], scaled as the network expects it
     * @throws IllegalArgumentException if this is not one image, or the network has no convolution
     */
    public static List<FeatureMaps> of(MultiLayerNetwork network, INDArray image) {
        Layers.checkImages(image);
        if (image.size(0) != 1) {
            throw new IllegalArgumentException(image.size(0) + " images; feature maps are those of one");
        }
        Layers.convolutions(network);   // there has to be one
        List<INDArray> outputs = network.feedForward(image, false);   // the first is the image itself
        List<FeatureMaps> stages = new ArrayList<>();
        int convolutions = 0;
        int poolings = 0;
        for (int i = 0; i < network.getnLayers(); i++) {
            boolean convolution = Layers.isConvolution(network, i);
            if (!convolution && !(Layers.configuration(network, i) instanceof SubsamplingLayer)) continue;
            String name = convolution ? "convolution " + ++convolutions : "pooling " + ++poolings;
            stages.add(new FeatureMaps(i, name, Grid.all(outputs.get(i + 1))));
        }
        return stages;
    }
}
