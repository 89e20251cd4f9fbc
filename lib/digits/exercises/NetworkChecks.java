package digits.exercises;

import static digits.exercises.Answers.close;
import static digits.exercises.Answers.computed;
import static digits.exercises.Answers.given;
import static digits.exercises.Answers.reject;
import static digits.exercises.Answers.say;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The checks of lesson 2, about networks. Each returns a sentence for a right answer or throws {@link NotYet}. */
public final class NetworkChecks {
    private static final long MOST_PARAMETERS = 15_000;

    private NetworkChecks() { }

    /**
     * The numbers of parameters of three layers: 16 filters of 5×5 on 14×14 maps of 8 channels; batch normalization of
     * the 16 maps; and, after 2×2 pooling, a dense layer of 32 neurons.
     */
    public static String parameters(Integer convolution, Integer normalization, Integer dense) {
        count("convolution", convolution, 16 * (5 * 5 * 8 + 1), Map.of(
                16 * 5 * 5 * 8, "You left out the biases: each of the 16 filters has one.",
                16 * (5 * 5 + 1), "A filter looks at all 8 channels at once, so it has 5 × 5 weights for each of them.",
                8 * (5 * 5 * 16 + 1), "Inputs and outputs are swapped: there are 16 filters, each on 8 channels.",
                16 * 5 * 5 * 8 + 1, "Each filter has a bias: there are 16 filters, not one.",
                16 * (5 * 5 * 8 + 1) * 100, "The filters are the same at all 10 × 10 places: that is what convolution "
                        + "means."));
        count("normalization", normalization, 4 * 16, Map.of(
                32, "Scale and shift are trained, but the running mean and variance count, too: four for each of the "
                        + "16 maps.",
                4, "There are four numbers for each of the 16 maps."));
        String smaller = "A filter of 5 × 5 fits into 14 × 14 at 10 × 10 places only; pooling makes 5 × 5 of them.";
        count("dense", dense, 32 * (5 * 5 * 16 + 1), Map.of(
                32 * 5 * 5 * 16, "You left out the biases: each of the 32 neurons has one.",
                32 * (5 * 5 + 1), "Flattening takes all 16 maps: 5 × 5 × 16 numbers come in.",
                32 * (10 * 10 * 16 + 1), "Pooling comes first: it makes 5 × 5 of 10 × 10.",
                32 * (7 * 7 * 16 + 1), smaller, 32 * (14 * 14 * 16 + 1), smaller));
        return "Right: 3,216 and 64 and 12,832. The dense layer has four times as many as the convolution, and uses "
                + "each of them only once per image.";
    }

    private static void count(String name, Integer found, int expected, Map<Integer, String> hints) {
        given(name, found);
        reject(found != expected, "%s is not %,d. %s", name, found, hints.getOrDefault(found,
                "Count for one filter, one map or one neuron first: its weights and its bias. Then multiply by their "
                        + "number."));
    }

    /**
     * Layers that turn an image of 28×28×1 into maps of 5×5×24, then ten probabilities; fewer than 15,000 parameters.
     *
     * @param layers convolutions are without padding ({@code Truncate}) unless they say otherwise
     */
    public static String shape(List<Layer> layers) {
        reject(given("layers", layers).isEmpty(), "There is no answer yet: layers is still empty. Replace “YOUR CODE "
                + "HERE” with calls of layers.add(…), from the first layer to the output layer, and run that cell, "
                + "then this one.");
        MultiLayerNetwork network = built(layers);
        List<INDArray> outputs = network.feedForward(false);   // for the images that built() has set
        List<String> shapes = new ArrayList<>();
        boolean found = false;
        for (INDArray output : outputs) {
            long[] s = output.shape();
            shapes.add(s.length == 4 ? s[2] + "×" + s[3] + "×" + s[1] : String.valueOf(s[s.length - 1]));
            found |= Arrays.equals(s, new long[] {2, 24, 5, 5});
        }
        String path = String.join(" → ", shapes) + ".";
        INDArray last = outputs.get(outputs.size() - 1);
        reject(!found, "No layer returns maps of 5×5×24. Your shapes: %s A convolution of k×k takes k − 1 off each "
                + "side; pooling of 2×2 halves it; nOut is the number of maps.", path);
        reject(!(network.getOutputLayer() instanceof IOutputLayer) || !Arrays.equals(last.shape(), new long[] {2, 10}),
                "The maps are right, but the last layer is not an OutputLayer with ten numbers. Your shapes: %s End "
                        + "with an OutputLayer of nOut(10): it knows the loss.", path);
        reject(!close(last.getRow(0).sumNumber().doubleValue(), 1, 1e-4) || last.minNumber().doubleValue() < 0,
                "The ten numbers at the end do not add up to 1, so they are not probabilities. Give the output layer "
                        + "the activation SOFTMAX.");
        reject(network.numParams() >= MOST_PARAMETERS, "The shapes are right, but the network has %,d parameters; it "
                + "must have fewer than %,d. Where are most of them? LayerTable.of(LayerSummary.of(network)) shows it.",
                network.numParams(), MOST_PARAMETERS);
        return say("Right: 28×28 to ten probabilities: %s With %,d parameters.", path, network.numParams());
    }

    private static MultiLayerNetwork built(List<Layer> layers) {
        try {
            var builder = new NeuralNetConfiguration.Builder().seed(1).convolutionMode(ConvolutionMode.Truncate).list();
            layers.forEach(layer -> builder.layer(layer.clone()));
            MultiLayerNetwork network =
                    new MultiLayerNetwork(builder.setInputType(InputType.convolutional(28, 28, 1)).build());
            network.init();
            network.setInput(Nd4j.zeros(DataType.FLOAT, 2, 1, 28, 28));
            network.feedForward(false);   // only now do some layers notice that their image is too small
            return network;
        } catch (RuntimeException failed) {
            throw new NotYet("Deeplearning4j cannot build these layers: %s The usual reasons: an image has become "
                    + "smaller than the next filter, or the last layer is not an OutputLayer.",
                    String.valueOf(failed.getMessage()).lines().findFirst().orElse("").strip());
        }
    }

    /**
     * Categorical cross-entropy of one image: minus the natural logarithm of the probability predicted for its label.
     *
     * @param loss the learner's method, of ten probabilities and a label
     */
    public static String crossEntropy(ToDoubleBiFunction<double[], Integer> loss) {
        double[] even = new double[10];
        Arrays.fill(even, 0.1);
        double[] sure = {0.5, 0.25, 0.125, 0.125, 0, 0, 0, 0, 0, 0};
        for (int label = 0; label < 4; label++) {
            int digit = label;
            double found = computed("crossEntropy", () -> loss.applyAsDouble(sure, digit));
            double p = sure[label];
            double right = -Math.log(p);
            if (close(found, right, 1e-4)) continue;
            reject(Double.isNaN(found), "crossEntropy gives NaN, which is not a number. If you have not written it "
                    + "yet, that is why. Otherwise: was the logarithm of 0 multiplied by 0? Use only the probability "
                    + "of the right digit.");
            reject(close(found, -right, 1e-4), "The sign is wrong: logarithms of probabilities are negative, a loss is "
                    + "not. Put a minus in front.");
            reject(close(found, right / Math.log(10), 1e-4), "That is the logarithm to base 10. Use the natural one, "
                    + "Math.log.");
            reject(close(found, right / Math.log(2), 1e-4), "That is the logarithm to base 2. Use the natural one, "
                    + "Math.log.");
            reject(close(found, 1 - p, 1e-4), "1 − p is small for a good prediction, too, but it is not the "
                    + "cross-entropy. Take minus the logarithm of p.");
            reject(close(found, right / 10, 1e-4), "Do not divide by the ten digits: only the right digit's "
                    + "probability counts.");
            throw new NotYet("If the right digit has the probability %.3f, the loss has to be −ln %.3f = %.4f; yours "
                    + "is %.4f.", p, p, right, found);
        }
        double untrained = computed("crossEntropy", () -> loss.applyAsDouble(even, 7));
        reject(!close(untrained, Math.log(10), 1e-4),
                "Ten equal probabilities give −ln 0.1 = 2.3026; yours is %.4f.", untrained);
        return "Right. A network that has learned nothing gives each digit 10 %, so its loss is 2.30 for every digit.";
    }
}
