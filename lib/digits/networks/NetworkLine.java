package digits.networks;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * A convolutional network written as one line of text, such as {@code "16 P 32v 32v P drop25 dense128 drop50"}, to
 * compare many of them. From the input to the output, separated by spaces:
 *
 * <ul>
 * <li>{@code 32}: convolution with 32 filters of 3×3, ReLU, batch normalization; zero padding keeps the image's size.
 *     {@code 32v} has no padding, so that two rows and columns are lost, and {@code 32x5} has filters of 5×5
 * <li>{@code P}: the maximum of each 2×2 square, which halves height and width; {@code G}: the mean of each feature map
 * <li>{@code drop25}: dropout of 25 % of the values
 * <li>{@code dense128}: a dense layer of 128 neurons, ReLU, batch normalization
 * </ul>
 *
 * <p>The output layer, one probability per class, is not in the line. Input [n, 1, 28, 28] in [0, 1].
 */
public final class NetworkLine {
    private static final Pattern LAYER = Pattern.compile("(|drop|dense)([1-9]\\d{0,3})(?:x([135]))?(v?)");
    private static final double DECAY = 0.9;

    private NetworkLine() { }

    /**
     * The network's configuration for 2 or more classes; the seed is that of the initial weights, Glorot-uniform.
     *
     * @throws IllegalArgumentException naming a word that is not a layer
     */
    public static MultiLayerConfiguration configuration(String line, long seed, int classes, IUpdater updater) {
        ListBuilder layers = Layers.begin(seed, classes).updater(updater).list();
        for (String word : line.trim().split("\\s+")) add(layers, word, line);
        return layers.layer(Layers.output(classes)).setInputType(Layers.INPUT).build();
    }

    private static void add(ListBuilder layers, String word, String line) {
        Matcher parts = LAYER.matcher(word);
        if (word.equals("P")) {
            layers.layer(Layers.pooling(SubsamplingLayer.PoolingType.MAX));
        } else if (word.equals("G")) {
            layers.layer(new GlobalPoolingLayer(PoolingType.AVG));
        } else if (!parts.matches()) {
            throw new IllegalArgumentException("“" + word + "” in “" + line + "” is not a layer; write 32, 32v, 32x5, "
                    + "P, G, drop25 or dense128");
        } else {
            add(layers, parts.group(1), Integer.parseInt(parts.group(2)), parts.group(3), !parts.group(4).isEmpty());
        }
    }

    private static void add(ListBuilder layers, String kind, int number, String kernel, boolean unpadded) {
        if (kind.equals("drop")) {
            layers.layer(new DropoutLayer(1 - number / 100.0));   // Deeplearning4j wants the share that stays
        } else if (kind.equals("dense")) {
            layers.layer(Layers.dense(number, Activation.RELU)).layer(Layers.batchNorm(DECAY));
        } else {
            int size = kernel == null ? 3 : Integer.parseInt(kernel);
            layers.layer(new ConvolutionLayer.Builder(size, size).nOut(number).activation(Activation.RELU)
                    .convolutionMode(unpadded ? ConvolutionMode.Truncate : ConvolutionMode.Same).build())
                    .layer(Layers.batchNorm(DECAY));
        }
    }
}
