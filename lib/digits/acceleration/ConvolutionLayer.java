package digits.acceleration;

import java.util.List;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Deeplearning4j's convolution layer on oneDNN. ReLU is fused into the convolution and its derivative taken from the output,
 * so that backpropagation need not compute the forward pass again. Named like the layer it stands for:
 * {@code summary()} prints the name of the class.
 */
final class ConvolutionLayer extends org.deeplearning4j.nn.layers.convolution.ConvolutionLayer implements Replacement {
    private final org.deeplearning4j.nn.layers.convolution.ConvolutionLayer original;
    private final transient Kept<Convolution> kept = new Kept<>(this);
    private final transient ChannelsLast channelsLast = new ChannelsLast(this);
    private final transient BuiltInPath builtIn = new BuiltInPath();
    private final boolean relu;
    private final boolean identity;
    private final Place place;
    private transient Forward last;

    ConvolutionLayer(org.deeplearning4j.nn.layers.convolution.ConvolutionLayer original, Place place) {
        super(original.conf(), original.getDataType());
        this.original = original;
        relu = Relu.is(layerConf().getActivationFn());
        identity = layerConf().getActivationFn() instanceof ActivationIdentity;
        this.place = place;
    }

    @Override
    public Layer original() {
        return original;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(false);
        applyDropOutIfNecessary(training, workspaceMgr);
        validateInputRank();
        validateInputDepth(layerConf().getNIn());
        return builtIn.unless(this, () -> forward(training, workspaceMgr), () -> super.activate(training, workspaceMgr));
    }

    private INDArray forward(boolean training, LayerWorkspaceMgr workspaceMgr) {
        CNN2DFormat format = layerConf().getCnn2dDataFormat();
        INDArray x = channelsLast.of(ChannelsLast.view(input.castTo(dataType), format), workspaceMgr, ArrayType.INPUT);
        Convolution convolution = convolution(x, training);
        Window window = window(x);
        INDArray y = ChannelsLast.create(workspaceMgr, ArrayType.ACTIVATIONS, x.size(0), layerConf().getNOut(),
                window.output()[0], window.output()[1]);
        convolution.forward(OneDnn.address(x), OneDnn.address(getParam(ConvolutionParamInitializer.WEIGHT_KEY)),
                hasBias() ? OneDnn.address(getParam(ConvolutionParamInitializer.BIAS_KEY)) : 0, OneDnn.address(y));
        OneDnn.hold(x, y);
        if (relu || identity) {
            last = training ? new Forward(input, x, y) : null;
        } else {
            last = training ? new Forward(input, x, workspaceMgr.dup(ArrayType.ACTIVATIONS, y, y.ordering())) : null;
            y = layerConf().getActivationFn().getActivation(y, training);
        }
        return ChannelsLast.give(y, format);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(true);
        return builtIn.unless(this, () -> backward(epsilon, workspaceMgr), () -> super.backpropGradient(epsilon, workspaceMgr));
    }

    private Pair<Gradient, INDArray> backward(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        if (last == null || last.input != input) forward(true, workspaceMgr);
        CNN2DFormat format = layerConf().getCnn2dDataFormat();
        INDArray x = last.x;
        Convolution convolution = convolution(x, true);
        INDArray dy = ChannelsLast.view(epsilon.castTo(dataType), format);
        INDArray delta;
        if (relu) {
            dy = channelsLast.of(dy, workspaceMgr, ArrayType.BP_WORKING_MEM);
            delta = place.gradientIsItsOwn() ? dy
                    : ChannelsLast.create(workspaceMgr, ArrayType.BP_WORKING_MEM, dy.size(0), dy.size(1), dy.size(2), dy.size(3));
            convolution.reluGradient(OneDnn.address(last.kept), OneDnn.address(dy), OneDnn.address(delta));
        } else {
            delta = identity ? dy : layerConf().getActivationFn().backprop(last.kept, dy).getFirst();
            delta = channelsLast.of(delta, workspaceMgr, ArrayType.BP_WORKING_MEM);
        }
        INDArray weightGradient = gradientViews.get(ConvolutionParamInitializer.WEIGHT_KEY);
        INDArray biasGradient = gradientViews.get(ConvolutionParamInitializer.BIAS_KEY);
        convolution.weightGradient(OneDnn.address(x), OneDnn.address(delta), OneDnn.address(weightGradient),
                hasBias() ? OneDnn.address(biasGradient) : 0);
        INDArray dx = null;
        if (!(place.inputGradientUnused() && TrainingStep.isRunning())) {
            dx = ChannelsLast.create(workspaceMgr, ArrayType.ACTIVATION_GRAD, x.size(0), x.size(1), x.size(2), x.size(3));
            convolution.inputGradient(OneDnn.address(delta), OneDnn.address(getParam(ConvolutionParamInitializer.WEIGHT_KEY)),
                    OneDnn.address(dx));
            dx = backpropDropOutIfPresent(ChannelsLast.give(dx, format));
        }
        OneDnn.hold(x, dy, delta, dx, last);
        Gradient gradient = new DefaultGradient();
        if (hasBias()) gradient.setGradientFor(ConvolutionParamInitializer.BIAS_KEY, biasGradient);
        gradient.setGradientFor(ConvolutionParamInitializer.WEIGHT_KEY, weightGradient, 'c');
        last = null;
        return new Pair<>(gradient, dx);
    }

    private Convolution convolution(INDArray x, boolean training) {
        return kept.get(List.of(x.size(0), x.size(2), x.size(3), training), () -> new Convolution(x.size(0), x.size(1),
                layerConf().getNOut(), window(x), hasBias(), relu, training));
    }

    private Window window(INDArray x) {
        var configuration = layerConf();
        return Window.over(x, configuration.getKernelSize(), configuration.getStride(), configuration.getPadding(),
                configuration.getDilation(), convolutionMode);
    }

    @Override
    public void clear() {
        super.clear();
        last = null;
    }

    /** What backpropagation needs of the forward pass; kept is the output or, if the activation is not fused, its input. */
    private record Forward(INDArray input, INDArray x, INDArray kept) {
    }
}
