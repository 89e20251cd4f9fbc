package digits.interpret;

import digits.image.Grid;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Class saliency (Simonyan, Vedaldi, Zisserman: “Deep inside convolutional networks”, 2014): the gradient of a class's
 * score, before the softmax, with respect to the pixels. Where it is positive, more ink would raise the score; where it
 * is negative, more ink would lower it.
 */
public final class Saliency {
    private Saliency() { }

    /** The saliency of one image for one class; see {@link #of(MultiLayerNetwork, INDArray, int[])}. */
    public static Grid of(MultiLayerNetwork network, INDArray image, int label) {
        return of(network, image, new int[] {label}).get(0);
    }

    /**
     * One signed map of the image's size for each image, computed in inference mode.
     *
     * @param images shape [n, 1, rows, columns], scaled as the network expects them; the gradient is per scaled unit
     * @param labels for each image, the class whose score is meant
     * @throws IllegalArgumentException if images, classes and network do not match
     */
    public static List<Grid> of(MultiLayerNetwork network, INDArray images, int[] labels) {
        Layers.checkImages(images);
        if (images.size(1) != 1) {
            throw new IllegalArgumentException("images with " + images.size(1) + " channels; saliency needs one");
        }
        return Grid.all(new ScoreGradient(network, images).backward(labels, -1));
    }
}
