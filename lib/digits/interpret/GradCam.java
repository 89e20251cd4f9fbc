package digits.interpret;

import digits.image.Grid;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Grad-CAM (Selvaraju and others: “Grad-CAM: Visual explanations from deep networks via gradient-based localization”,
 * 2017): where in the image the last convolution found evidence for a class. Each feature map is weighted by the mean
 * gradient of the class's score (before the softmax) with respect to it; sums of weighted maps below 0 become 0.
 *
 * <p>The original stretches the coarse map over the whole image. After convolutions without padding, that moves values
 * near the edge by several pixels (five of 28 in the walkthrough's network). Here each value is placed at the center of
 * its receptive field, with bilinear interpolation between; beyond the outermost centers they fade to 0 at its end.
 */
public final class GradCam {
    private GradCam() { }

    /** The map of one image and one class; see {@link #of(MultiLayerNetwork, INDArray, int[])}. */
    public static Grid of(MultiLayerNetwork network, INDArray image, int label) {
        return of(network, image, new int[] {label}).get(0);
    }

    /**
     * One map of the image's size for each image, without negative values, computed in inference mode.
     *
     * @param images shape [n, channels, rows, columns], scaled as the network expects them
     * @param labels for each image, the class to explain
     * @throws IllegalArgumentException if images, classes and network do not match, or the network has no convolution
     */
    public static List<Grid> of(MultiLayerNetwork network, INDArray images, int[] labels) {
        int[] convolutions = Layers.convolutions(network);
        int layer = convolutions[convolutions.length - 1];
        ScoreGradient pass = new ScoreGradient(network, images);
        ReceptiveField down = pass.receptiveField(layer, 0);
        ReceptiveField across = pass.receptiveField(layer, 1);
        INDArray maps = pass.output(layer);   // [n, channels, rows, columns]
        INDArray weights = pass.backward(labels, layer).mean(2, 3).reshape(maps.size(0), maps.size(1), 1, 1);
        return Grid.all(Transforms.relu(maps.mul(weights).sum(1), false)).stream()
                .map(map -> placed(map, down, across, (int) images.size(2), (int) images.size(3))).toList();
    }

    private static Grid placed(Grid map, ReceptiveField down, ReceptiveField across, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int p = 0; p < values.length; p++) {
            int row = p / columns;
            int column = p % columns;
            values[p] = (float) (map.between(down.at(row), across.at(column))
                    * down.share(row, map.rows()) * across.share(column, map.columns()));
        }
        return Grid.of(rows, columns, values);
    }
}
