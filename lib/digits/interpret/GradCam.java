package digits.interpret;

import digits.image.Grid;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Grad-CAM (Selvaraju and others: «Grad-CAM: Visual explanations from deep networks via gradient-based localization», 2017): where in
 * the image the last convolution found what speaks for a class. Each of its feature maps is weighted by the mean gradient of the
 * class's score, before the softmax, with respect to it; the weighted maps are summed, and of the sum what is below 0 is cut off.
 *
 * <p>The original stretches the coarse map over the whole image. After convolutions without padding that moves what is near the edge
 * by several pixels (five of 28 in the walkthrough's network), so here each value is put where its receptive field has its centre, with
 * bilinear interpolation between them; beyond the outermost centres the values fade to 0 at the end of their receptive fields.
 */
public final class GradCam {
    private GradCam() {
    }

    /** The map of one image of shape [1, channels, rows, columns] for one class; see {@link #of(MultiLayerNetwork, INDArray, int[])}. */
    public static Grid of(MultiLayerNetwork network, INDArray image, int digit) {
        return of(network, image, new int[] {digit}).get(0);
    }

    /**
     * One plane of the image's size for each image, no value below 0; dropout off, batch normalisation with its running averages.
     *
     * @param images of shape [n, channels, rows, columns], scaled as the network wants them
     * @param digits for each image, the class that the map is to speak for
     * @throws IllegalArgumentException if images, classes and network do not fit each other, or the network has no convolution
     */
    public static List<Grid> of(MultiLayerNetwork network, INDArray images, int[] digits) {
        int layer = Layers.lastConvolution(network);
        ScoreGradient pass = ScoreGradient.of(network, images);
        ReceptiveField down = pass.window(layer, 0);
        ReceptiveField across = pass.window(layer, 1);
        return coarse(pass, layer, digits).stream()
                .map(map -> placed(map, down, across, (int) images.size(2), (int) images.size(3))).toList();
    }

    /** The maps of the convolution's size. */
    static List<Grid> coarse(ScoreGradient pass, int layer, int[] digits) {
        INDArray maps = pass.output(layer);   // [n, channels, rows, columns]
        INDArray weights = pass.backward(digits, layer).mean(2, 3).reshape(maps.size(0), maps.size(1), 1, 1);
        return Grid.all(Transforms.relu(maps.mul(weights).sum(1), false));
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
