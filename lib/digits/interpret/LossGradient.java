package digits.interpret;

import digits.Progress;
import digits.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The gradient of each image's loss (cross-entropy after a softmax) with respect to its pixels: how they would have to
 * change for the network to be more wrong. Training uses the gradient of the same loss with respect to the weights.
 * Its sign is the direction of the fast gradient sign method (Goodfellow, Shlens, Szegedy: “Explaining and harnessing
 * adversarial examples”, 2015).
 */
public final class LossGradient {
    private static final int AT_ONCE = 100;   // images: the outputs of all layers are kept for the way back

    private LossGradient() { }

    /** The gradient without reporting progress; see {@link #of(MultiLayerNetwork, INDArray, int[], Consumer)}. */
    public static INDArray of(MultiLayerNetwork network, INDArray images, int... labels) {
        return of(network, images, labels, progress -> { });
    }

    /**
     * The gradient for each image, of the images' shape, computed in inference mode: without dropout, and with the
     * running averages of batch normalization. The network does not change.
     *
     * @param images   shape [n, channels, rows, columns], scaled as the network expects them
     * @param labels   for each image, the class for which the loss is computed
     * @param progress gets a report after each 100 images
     * @throws IllegalArgumentException if images, labels and network do not match
     */
    public static INDArray of(MultiLayerNetwork network, INDArray images, int[] labels,
                              Consumer<? super Progress> progress) {
        Layers.checkImages(images);
        int n = (int) images.size(0);
        if (!(Layers.configuration(network, network.getnLayers() - 1) instanceof BaseOutputLayer last
                && last.getActivationFn() instanceof ActivationSoftmax)) {
            throw new IllegalArgumentException("the network does not end in an output layer with a softmax");
        }
        if (labels.length != n) {
            throw new IllegalArgumentException(labels.length + " labels for " + n + " images; each needs one");
        }
        List<INDArray> parts = new ArrayList<>();
        for (int from = 0; from < n; from += AT_ONCE) {
            int to = Math.min(n, from + AT_ONCE);
            INDArray part = images.get(NDArrayIndex.interval(from, to), NDArrayIndex.all(), NDArrayIndex.all(),
                    NDArrayIndex.all()).dup('c').reshape(to - from, images.size(1), images.size(2), images.size(3));
            ScoreGradient pass = new ScoreGradient(network, part);
            INDArray truth = pass.oneHot(Arrays.copyOfRange(labels, from, to));
            INDArray error = Transforms.softmax(pass.output(network.getnLayers() - 1), true).subi(truth);
            parts.add(pass.backward(error, -1).dup('c'));   // prediction minus truth, as in training
            progress.accept(Progress.of((double) to / n,
                    "gradient · " + Text.whole(to) + " of " + Text.whole(n) + " images"));
        }
        return Nd4j.concat(0, parts.toArray(INDArray[]::new));
    }
}
