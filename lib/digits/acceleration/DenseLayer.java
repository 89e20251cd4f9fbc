package digits.acceleration;

import java.util.List;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Deeplearning4j's dense layer on oneDNN, with ReLU fused. Named like the layer it stands for: {@code summary()} prints the
 * name of the class.
 */
final class DenseLayer extends org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer implements Replacement {
    private final org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer original;
    private final transient Kept<Dense> kept = new Kept<>(this);
    private final transient BuiltInPath builtIn = new BuiltInPath();
    private final Place place;
    private final boolean relu;
    private final boolean identity;
    private transient Forward last;

    DenseLayer(org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer original, Place place) {
        super(original.conf(), original.getDataType());
        this.original = original;
        this.place = place;
        relu = Relu.is(layerConf().getActivationFn());
        identity = layerConf().getActivationFn() instanceof ActivationIdentity;
    }

    @Override
    public Layer original() {
        return original;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(false);
        if (notForOneDnn()) return super.activate(training, workspaceMgr);
        applyDropOutIfNecessary(training, workspaceMgr);
        return builtIn.unless(this, () -> forward(training, workspaceMgr), () -> super.activate(training, workspaceMgr));
    }

    /** Masked inputs, and inputs that do not fit: Deeplearning4j computes them or says what is wrong. */
    private boolean notForOneDnn() {
        return maskArray != null || input.rank() != 2 || input.columns() != layerConf().getNIn();
    }

    private INDArray forward(boolean training, LayerWorkspaceMgr workspaceMgr) {
        INDArray x = rows(input);
        INDArray y = workspaceMgr.createUninitialized(ArrayType.ACTIVATIONS, dataType,
                new long[] {x.size(0), layerConf().getNOut()}, 'c');
        dense(x, training).forward(OneDnn.address(x), OneDnn.address(getParam(DefaultParamInitializer.WEIGHT_KEY)),
                OneDnn.address(getParam(DefaultParamInitializer.BIAS_KEY)), OneDnn.address(y));
        OneDnn.hold(x, y);
        if (relu || identity) {
            last = training ? new Forward(input, x, y) : null;
            return y;
        }
        last = training ? new Forward(input, x, workspaceMgr.dup(ArrayType.ACTIVATIONS, y, 'c')) : null;
        return layerConf().getActivationFn().getActivation(y, training);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(true);
        if (notForOneDnn()) return super.backpropGradient(epsilon, workspaceMgr);
        return builtIn.unless(this, () -> backward(epsilon, workspaceMgr), () -> super.backpropGradient(epsilon, workspaceMgr));
    }

    private Pair<Gradient, INDArray> backward(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        if (last == null || last.input != input) forward(true, workspaceMgr);
        INDArray x = last.x;
        Dense dense = dense(x, true);
        INDArray delta = rows(epsilon);
        if (relu) {
            INDArray dy = delta;
            delta = place.gradientIsItsOwn() ? dy : workspaceMgr.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, dy.shape(), 'c');
            dense.reluGradient(OneDnn.address(last.kept), OneDnn.address(dy), OneDnn.address(delta));
            OneDnn.hold(dy);
        } else if (!identity) {
            delta = rows(layerConf().getActivationFn().backprop(last.kept, delta).getFirst());
        }
        INDArray dx = workspaceMgr.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
        dense.inputGradient(OneDnn.address(delta), OneDnn.address(getParam(DefaultParamInitializer.WEIGHT_KEY)),
                OneDnn.address(dx));
        INDArray weightGradient = gradientViews.get(DefaultParamInitializer.WEIGHT_KEY);
        INDArray biasGradient = gradientViews.get(DefaultParamInitializer.BIAS_KEY);
        dense.weightGradient(OneDnn.address(x), OneDnn.address(delta), OneDnn.address(weightGradient),
                OneDnn.address(biasGradient));
        OneDnn.hold(x, delta, dx, last);
        Gradient gradient = new DefaultGradient();
        gradient.setGradientFor(DefaultParamInitializer.BIAS_KEY, biasGradient);
        gradient.setGradientFor(DefaultParamInitializer.WEIGHT_KEY, weightGradient);
        last = null;
        return new Pair<>(gradient, backpropDropOutIfPresent(dx));
    }

    private INDArray rows(INDArray array) {
        return ChannelsLast.rowByRow(array.castTo(dataType));
    }

    private Dense dense(INDArray x, boolean training) {
        return kept.get(List.of(x.size(0), training), () -> new Dense(x.size(0), layerConf().getNIn(), layerConf().getNOut(),
                relu, training));
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
