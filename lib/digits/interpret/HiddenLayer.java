package digits.interpret;

import digits.networks.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** What a network's last layer gets to see of each image: the output of everything before it, a vector an image. */
public final class HiddenLayer {
    private HiddenLayer() {
    }

    /** The vectors of all images from the first; see {@link #last(MultiLayerNetwork, DataSetIterator, IntConsumer)}. */
    public static float[][] last(MultiLayerNetwork network, DataSetIterator batches) {
        return last(network, batches, done -> { });
    }

    /**
     * The vectors of all images from the first, dropout off.
     *
     * @param batches  features as the network wants them
     * @param progress told after each batch how many images are done; may throw to stop
     * @return one row an image; in the walkthrough's network 512 numbers each, the outputs of its dense layer after their normalisation
     * @throws IllegalArgumentException if there are no images, or the network has only one layer
     */
    public static float[][] last(MultiLayerNetwork network, DataSetIterator batches, IntConsumer progress) {
        int layer = network.getnLayers() - 2;
        if (layer < 0) throw new IllegalArgumentException("the network has no layer before its last one");
        List<float[]> vectors = new ArrayList<>();
        batches.reset();
        while (batches.hasNext()) {
            List<INDArray> outputs = network.feedForwardToLayer(layer, batches.next().getFeatures(), false);
            INDArray output = outputs.get(layer + 1);
            vectors.addAll(List.of(Rows.of(output.reshape(output.size(0), -1))));
            progress.accept(vectors.size());
        }
        if (vectors.isEmpty()) throw new IllegalArgumentException("there are no images to look at");
        return vectors.toArray(float[][]::new);
    }
}
