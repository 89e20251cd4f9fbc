package digits.files;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.shade.jackson.core.JsonProcessingException;

/**
 * A network's configuration as JSON, read without trusting it. Deeplearning4j's reader makes an object of any class
 * that the text names, which runs that class's code. Here only classes are allowed whose objects {@link NetworkShapes}
 * can check, and the reader gets a text written anew from what was checked: the two cannot read it differently.
 */
final class NetworkJson {
    private static final int DEEPEST = 24;
    private static final int LONGEST = 1_000;       // list
    private static final int LONGEST_NUMBER = 40;   // characters: a short text such as 1e999999999 can take hours
    private static final double LARGEST = 1e19;     // seeds are 64-bit integers
    private static final List<String> CLASS = List.of("@class", "type");   // the second names that of a distribution
    private static final String LAYERS = "org.deeplearning4j.nn.conf.layers.";
    private static final Pattern NAME = Pattern.compile("(?<package>[a-zA-Z0-9_.]+\\.)(?<name>\\w+)");

    private static final Map<String, Set<String>> CLASSES = Map.ofEntries(
            Map.entry(LAYERS, Set.of("ActivationLayer", "BatchNormalization", "ConvolutionLayer", "DenseLayer",
                    "DepthwiseConvolution2D", "DropoutLayer", "GlobalPoolingLayer", "LocalResponseNormalization",
                    "LossLayer", "OutputLayer", "PReLULayer", "SeparableConvolution2D", "SubsamplingLayer",
                    "Upsampling2D", "ZeroPaddingLayer")),
            Map.entry(LAYERS + "convolutional.", Set.of("Cropping2D")),
            Map.entry(LAYERS + "misc.", Set.of("FrozenLayer")),
            Map.entry("org.deeplearning4j.nn.conf.preprocessor.", Set.of("CnnToFeedForwardPreProcessor",
                    "ComposableInputPreProcessor", "FeedForwardToCnnPreProcessor")),
            Map.entry("org.deeplearning4j.preprocessors.", Set.of("PermutePreprocessor")),
            Map.entry("org.deeplearning4j.nn.conf.dropout.", Set.of("AlphaDropout", "Dropout", "GaussianDropout",
                    "GaussianNoise", "SpatialDropout")),
            Map.entry("org.deeplearning4j.nn.conf.distribution.", Set.of("ConstantDistribution", "GaussianDistribution",
                    "LogNormalDistribution", "NormalDistribution", "OrthogonalDistribution",
                    "TruncatedNormalDistribution", "UniformDistribution")),
            Map.entry("org.deeplearning4j.nn.weights.", Set.of("WeightInitConstant", "WeightInitDistribution",
                    "WeightInitIdentity", "WeightInitLecunUniform", "WeightInitNormal", "WeightInitRelu",
                    "WeightInitReluUniform", "WeightInitSigmoidUniform", "WeightInitUniform",
                    "WeightInitVarScalingNormalFanAvg", "WeightInitVarScalingNormalFanIn",
                    "WeightInitVarScalingNormalFanOut", "WeightInitVarScalingUniformFanAvg",
                    "WeightInitVarScalingUniformFanIn", "WeightInitVarScalingUniformFanOut", "WeightInitXavier",
                    "WeightInitXavierLegacy", "WeightInitXavierUniform")),
            Map.entry("org.nd4j.linalg.activations.impl.", Set.of("ActivationCube", "ActivationELU", "ActivationGELU",
                    "ActivationHardSigmoid", "ActivationHardTanH", "ActivationIdentity", "ActivationLReLU",
                    "ActivationMish", "ActivationRReLU", "ActivationRationalTanh", "ActivationReLU", "ActivationReLU6",
                    "ActivationRectifiedTanh", "ActivationSELU", "ActivationSigmoid", "ActivationSoftPlus",
                    "ActivationSoftSign", "ActivationSoftmax", "ActivationSwish", "ActivationTanH",
                    "ActivationThresholdedReLU")),
            Map.entry("org.nd4j.linalg.lossfunctions.impl.", Set.of("LossBinaryXENT", "LossCosineProximity",
                    "LossFMeasure", "LossHinge", "LossKLD", "LossL1", "LossL2", "LossMAE", "LossMAPE", "LossMCXENT",
                    "LossMSE", "LossMSLE", "LossNegativeLogLikelihood", "LossPoisson", "LossSquaredHinge",
                    "LossWasserstein")),
            Map.entry("org.nd4j.linalg.learning.config.", Set.of("AMSGrad", "AdaBelief", "AdaDelta", "AdaGrad",
                    "AdaMax", "Adam", "Nadam", "Nesterovs", "NoOp", "RmsProp", "Sgd")),
            Map.entry("org.nd4j.linalg.learning.regularization.", Set.of("L1Regularization", "L2Regularization",
                    "WeightDecay")),
            Map.entry("org.nd4j.linalg.schedule.", Set.of("CycleSchedule", "ExponentialSchedule", "FixedSchedule",
                    "InverseSchedule", "MapSchedule", "PolySchedule", "RampSchedule", "SigmoidSchedule",
                    "StepSchedule")),
            Map.entry("digits.training.", Set.of("CosineSchedule", "ScaledRate")),
            Map.entry("digits.keras.", Set.of("KerasActivation")));

    /** Objects without a class: they can hold nothing that a class does not allow. */
    private static final Set<String> PLAIN = Set.of("confs", "inputPreProcessors", "values");

    private NetworkJson() { }

    /** @throws IOException if it is not the configuration of a network whose layers can be checked: it says why */
    static MultiLayerConfiguration read(byte[] json) throws IOException {
        JsonElement whole;
        try {
            whole = Json.read(new String(json, StandardCharsets.UTF_8), JsonElement.class);
        } catch (IOException e) {
            throw new IOException("its configuration is not JSON: " + e.getMessage(), e);
        }
        if (!(whole instanceof JsonObject root)) throw new IOException("its configuration is not a JSON object");
        if (root.has("vertices")) {
            throw new IOException("it holds a ComputationGraph; only networks that are a sequence of layers are read");
        }
        if (!root.has("confs")) throw new IOException("its configuration has no layers (\"confs\")");
        check(root, "confs", 0);
        // not fromJson: that would try a format of 2017, with other class names, next
        try {
            return NeuralNetConfiguration.mapper().readValue(root.toString(), MultiLayerConfiguration.class);
        } catch (JsonProcessingException e) {   // its message also quotes the text around the place
            throw new IOException("its configuration cannot be read: "
                    + BoundedZip.shortened(e.getOriginalMessage()), e);
        }
    }

    private static void check(JsonElement element, String property, int depth) throws IOException {
        if (depth > DEEPEST) throw new IOException("its configuration is nested more than " + DEEPEST + " levels deep");
        if (element instanceof JsonObject object) {
            boolean named = false;
            for (String name : CLASS) {
                if (!object.has(name)) continue;
                checkClass(object.get(name) instanceof JsonPrimitive text ? text.getAsString() : "no class");
                named = true;
            }
            if (!named && !PLAIN.contains(property)) {
                throw new IOException("its configuration does not name the class of \"" + BoundedZip.shortened(property)
                        + "\": an old format, or not one of Deeplearning4j");
            }
            for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
                boolean layers = property.equals("inputPreProcessors");   // its keys are numbers
                check(entry.getValue(), layers ? "input preprocessor" : entry.getKey(), depth + 1);
            }
        } else if (element instanceof JsonArray array) {
            if (array.size() > LONGEST) {
                throw new IOException("its configuration has a list of " + array.size() + " elements, at most "
                        + LONGEST + ": " + BoundedZip.shortened(property));
            }
            for (JsonElement each : array) check(each, property, depth + 1);
        } else if (element instanceof JsonPrimitive primitive && primitive.isNumber()) {
            String text = primitive.getAsString();
            boolean fits = text.length() <= LONGEST_NUMBER && !(Math.abs(primitive.getAsDouble()) > LARGEST);
            if (!fits) throw new IOException("its configuration has a number out of range: " + property + " = "
                    + BoundedZip.shortened(text));
        }
    }

    private static void checkClass(String name) throws IOException {
        Matcher parts = NAME.matcher(name);
        if (parts.matches() && CLASSES.getOrDefault(parts.group("package"), Set.of()).contains(parts.group("name"))) {
            return;
        }
        throw new IOException("it uses " + BoundedZip.shortened(name) + ", which this library does not read from a "
                + "file. If you trust the file, load it with Deeplearning4j's ModelSerializer");
    }
}
