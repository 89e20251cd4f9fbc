package digits.acceleration;

import java.util.List;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Deeplearning4j's output layer with its matrix products on oneDNN; activation and loss stay Deeplearning4j's. The products
 * are small, but ND4J hands them to the threads of another library, which costs more than the products.
 * Named like the layer it stands for: {@code summary()} prints the name of the class.
 */
final class OutputLayer extends org.deeplearning4j.nn.layers.OutputLayer implements Replacement {
    private final org.deeplearning4j.nn.layers.OutputLayer original;
    private final transient Kept<Dense> kept = new Kept<>(this);
    private final transient BuiltInPath builtIn = new BuiltInPath();

    OutputLayer(org.deeplearning4j.nn.layers.OutputLayer original) {
        super(original.conf(), original.getDataType());
        this.original = original;
    }

    @Override
    public Layer original() {
        return original;
    }

    @Override
    protected Pair<INDArray, INDArray> preOutputWithPreNorm(boolean training, boolean forBackprop, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(forBackprop);
        if (notForOneDnn()) return super.preOutputWithPreNorm(training, forBackprop, workspaceMgr);
        applyDropOutIfNecessary(training, workspaceMgr);
        return builtIn.unless(this, () -> forward(training, workspaceMgr),
                () -> super.preOutputWithPreNorm(training, forBackprop, workspaceMgr));
    }

    /** Masked examples, and inputs that do not fit: Deeplearning4j computes them or says what is wrong. */
    private boolean notForOneDnn() {
        return maskArray != null || input.rank() != 2 || input.columns() != layerConf().getNIn();
    }

    private Pair<INDArray, INDArray> forward(boolean training, LayerWorkspaceMgr workspaceMgr) {
        INDArray x = rows(input);
        INDArray z = workspaceMgr.createUninitialized(ArrayType.ACTIVATIONS, dataType,
                new long[] {x.size(0), layerConf().getNOut()}, 'c');
        dense(x, training).forward(OneDnn.address(x), OneDnn.address(getParam(DefaultParamInitializer.WEIGHT_KEY)),
                OneDnn.address(getParam(DefaultParamInitializer.BIAS_KEY)), OneDnn.address(z));
        OneDnn.hold(x, z);
        return new Pair<>(z, z);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(true);
        if (notForOneDnn()) return super.backpropGradient(epsilon, workspaceMgr);
        return builtIn.unless(this, () -> backward(workspaceMgr), () -> super.backpropGradient(epsilon, workspaceMgr));
    }

    private Pair<Gradient, INDArray> backward(LayerWorkspaceMgr workspaceMgr) {
        INDArray z = preOutput2d(true, workspaceMgr);
        INDArray delta = rows(layerConf().getLossFn().computeGradient(getLabels2d(workspaceMgr, ArrayType.BP_WORKING_MEM), z,
                layerConf().getActivationFn(), null));
        INDArray x = rows(input);
        Dense dense = dense(x, true);
        INDArray weightGradient = gradientViews.get(DefaultParamInitializer.WEIGHT_KEY);
        INDArray biasGradient = gradientViews.get(DefaultParamInitializer.BIAS_KEY);
        dense.weightGradient(OneDnn.address(x), OneDnn.address(delta), OneDnn.address(weightGradient),
                OneDnn.address(biasGradient));
        INDArray dx = workspaceMgr.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
        dense.inputGradient(OneDnn.address(delta), OneDnn.address(getParam(DefaultParamInitializer.WEIGHT_KEY)),
                OneDnn.address(dx));
        OneDnn.hold(x, delta, dx);
        Gradient gradient = new DefaultGradient();
        gradient.setGradientFor(DefaultParamInitializer.WEIGHT_KEY, weightGradient);
        gradient.setGradientFor(DefaultParamInitializer.BIAS_KEY, biasGradient);
        return new Pair<>(gradient, backpropDropOutIfPresent(dx));
    }

    private INDArray rows(INDArray array) {
        return ChannelsLast.rowByRow(array.castTo(dataType));
    }

    private Dense dense(INDArray x, boolean training) {
        return kept.get(List.of(x.size(0), training), () -> new Dense(x.size(0), layerConf().getNIn(), layerConf().getNOut(),
                false, training));
    }
}
