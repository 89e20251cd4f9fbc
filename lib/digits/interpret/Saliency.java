package digits.interpret;

import digits.image.Grid;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Class saliency (Simonyan, Vedaldi, Zisserman: «Deep inside convolutional networks», 2014): the gradient of a class's score, before
 * the softmax, with respect to the pixels. Where it is positive, a little more ink would raise the score; where it is negative, lower it.
 */
public final class Saliency {
    private Saliency() {
    }

    /** The saliency of one image of shape [1, 1, rows, columns] for one class; see {@link #of(MultiLayerNetwork, INDArray, int[])}. */
    public static Grid of(MultiLayerNetwork network, INDArray image, int digit) {
        return of(network, image, new int[] {digit}).get(0);
    }

    /**
     * One plane of the image's size for each image, with the sign; dropout off, batch normalisation with its running averages.
     *
     * @param images of shape [n, 1, rows, columns], scaled as the network wants them; the gradient is per unit of that scale
     * @param digits for each image, the class whose score is meant
     * @throws IllegalArgumentException if images, classes and network do not fit each other
     */
    public static List<Grid> of(MultiLayerNetwork network, INDArray images, int[] digits) {
        Layers.checkImages(images);
        if (images.size(1) != 1) throw new IllegalArgumentException("images with " + images.size(1) + " channels; saliency needs one");
        return Grid.all(ScoreGradient.of(network, images).backward(digits, -1));
    }
}
