package digits.interpret;

import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GAMMA;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_LOG_STD;
import static org.deeplearning4j.nn.params.BatchNormalizationParamInitializer.GLOBAL_VAR;
import static org.deeplearning4j.nn.params.DefaultParamInitializer.BIAS_KEY;
import static org.deeplearning4j.nn.params.DefaultParamInitializer.WEIGHT_KEY;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * One forward and one backward pass through a network in inference mode: from the score of a class, which is the output
 * layer's sum before the softmax, to any layer or to the pixels.
 *
 * <p>Deeplearning4j's own {@code calculateGradients} runs the network as in training: with dropout, and with the
 * batch's statistics in batch normalization, which would mix the images. Here dropout is off and batch normalization
 * uses its running averages, so that each channel is only a factor and an offset. It works on a copy of the network.
 */
final class ScoreGradient {
    private static final LayerWorkspaceMgr NO_WORKSPACES = LayerWorkspaceMgr.noWorkspaces();

    private final MultiLayerNetwork network;
    private final List<INDArray> outputs = new ArrayList<>();   // of each layer
    private final INDArray images;

    /** Runs the forward pass; the images' shape is [n, channels, rows, columns]. */
    ScoreGradient(MultiLayerNetwork original, INDArray images) {
        Layers.checkImages(images);
        network = original.clone();
        this.images = images.dup();
        var last = Layers.configuration(network, network.getnLayers() - 1);
        if (!(last instanceof BaseOutputLayer) || last instanceof RnnOutputLayer) {
            throw new IllegalArgumentException("the network ends in a " + last.getClass().getSimpleName()
                    + ", not in an output layer with a score for each class");
        }
        network.initGradientsView();
        for (Layer layer : network.getLayers()) layer.conf().getLayer().setIDropout(null);
        INDArray values = images.dup();
        int n = (int) images.size(0);
        for (int i = 0; i < network.getnLayers(); i++) {
            InputPreProcessor reshape = network.getLayerWiseConfigurations().getInputPreProcess(i);
            if (reshape != null) values = reshape.preProcess(values, n, NO_WORKSPACES);
            Layer layer = network.getLayer(i);
            layer.setInputMiniBatchSize(n);
            values = i == network.getnLayers() - 1 ? scores(layer, values)
                    : layer.activate(values.dup(), false, NO_WORKSPACES);
            outputs.add(values);
        }
    }

    private static INDArray scores(Layer output, INDArray input) {
        INDArray sums = input.mmul(output.getParam(WEIGHT_KEY));
        INDArray bias = output.paramTable().get(BIAS_KEY);
        return bias == null ? sums : sums.addiRowVector(bias);
    }

    /** The output of layer {@code i}; for the last layer the scores, [n, classes]. */
    INDArray output(int i) {
        return outputs.get(i);
    }

    /** The receptive field of a layer's maps along the rows (side 0) or the columns (side 1). */
    ReceptiveField receptiveField(int layer, int side) {
        ReceptiveField field = new ReceptiveField(1, 1, 0);   // that of a pixel
        long before = images.size(2 + side);
        for (int i = 0; i <= layer; i++) {
            long after = outputs.get(i).size(2 + side);
            field = field.through(Layers.configuration(network, i), side, before, after);
            before = after;
        }
        return field;
    }

    /** The gradient of each image's score for its class by the output of a layer, or by the pixels for layer −1. */
    INDArray backward(int[] classes, int layer) {
        return backward(oneHot(classes), layer);
    }

    /** One row per image with a 1 for its class and 0 for all others, [n, classes]. */
    INDArray oneHot(int... classes) {
        INDArray scores = outputs.get(outputs.size() - 1);
        if (classes.length != images.size(0)) {
            throw new IllegalArgumentException(
                    classes.length + " classes for " + images.size(0) + " images; each needs one");
        }
        INDArray rows = scores.ulike().assign(0);
        for (int i = 0; i < classes.length; i++) {
            if (classes[i] < 0 || classes[i] >= scores.columns()) {
                throw new IllegalArgumentException(
                        "there is no class " + classes[i] + "; there are 0 to " + (scores.columns() - 1));
            }
            rows.putScalar(i, classes[i], 1);
        }
        return rows;
    }

    /** The same for any function of the scores, given its derivative by each of them, [n, classes]. */
    INDArray backward(INDArray byScores, int layer) {
        int last = network.getnLayers() - 1;
        INDArray gradient = byScores.mmul(network.getLayer(last).getParam(WEIGHT_KEY).transpose());
        for (int i = last; ; i--) {
            if (i < last) gradient = through(network.getLayer(i), gradient);
            InputPreProcessor reshape = network.getLayerWiseConfigurations().getInputPreProcess(i);
            if (reshape != null) gradient = reshape.backprop(gradient, (int) images.size(0), NO_WORKSPACES);
            if (i == layer + 1) return gradient;
        }
    }

    private static INDArray through(Layer layer, INDArray gradient) {
        if (layer.conf().getLayer() instanceof DropoutLayer) return gradient;
        if (layer.conf().getLayer() instanceof BatchNormalization) {
            long[] alongChannels = new long[gradient.rank()];
            Arrays.fill(alongChannels, 1);
            alongChannels[1] = gradient.size(1);
            return gradient.mul(factors(layer).reshape(alongChannels));
        }
        return layer.backpropGradient(gradient.dup(), NO_WORKSPACES).getSecond();
    }

    /** The factor of each channel in batch normalization during inference: γ / √(variance + ε). */
    private static INDArray factors(Layer layer) {
        BatchNormalization configuration = (BatchNormalization) layer.conf().getLayer();
        INDArray variance = configuration.isUseLogStd()
                ? Transforms.exp(layer.getParam(GLOBAL_LOG_STD).mul(2 * Math.log(10))) : layer.getParam(GLOBAL_VAR);
        INDArray deviation = Transforms.sqrt(variance.add(configuration.getEps()));
        return configuration.isLockGammaBeta() ? deviation.rdiv(configuration.getGamma())
                : layer.getParam(GAMMA).div(deviation);
    }
}
