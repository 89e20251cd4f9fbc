package digits.acceleration;

import digits.onednn.Affine;
import java.util.Optional;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Output layer with its matrix products on oneDNN; the activation and the loss remain Deeplearning4j's. The products are
 * small, but ND4J hands them to the threads of another library, which takes longer than the products.
 */
final class OutputLayer extends org.deeplearning4j.nn.layers.OutputLayer implements Replacement {
    private final transient AffineSupport support;

    OutputLayer(org.deeplearning4j.nn.layers.OutputLayer original, LayerPosition position) {
        super(original.conf(), original.getDataType());
        support = new AffineSupport(this, original, position, new ActivationIdentity());
    }

    static Optional<String> unsupported(org.deeplearning4j.nn.layers.OutputLayer layer) {
        return layer.layerConf().hasBias() ? LayerSupport.noise(layer.layerConf().getWeightNoise())
                : Optional.of("no faster code without a bias");
    }

    @Override
    public LayerSupport<?> support() {
        return support;
    }

    @Override
    protected Pair<INDArray, INDArray> preOutputWithPreNorm(boolean training, boolean forBackprop,
                                                            LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(forBackprop);
        if (support.leavesInput()) return super.preOutputWithPreNorm(training, forBackprop, workspaceMgr);
        applyDropOutIfNecessary(training, workspaceMgr);
        return support.unlessMissing(() -> {
            INDArray z = support.denseSums(ChannelsLast.rowByRow(input.castTo(dataType)), training, workspaceMgr);
            return new Pair<>(z, z);
        }, () -> super.preOutputWithPreNorm(training, forBackprop, workspaceMgr));
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(true);
        if (support.leavesInput()) return super.backpropGradient(epsilon, workspaceMgr);
        return support.unlessMissing(() -> backward(workspaceMgr),
                () -> super.backpropGradient(epsilon, workspaceMgr));
    }

    private Pair<Gradient, INDArray> backward(LayerWorkspaceMgr workspaceMgr) {
        INDArray z = preOutput2d(true, workspaceMgr);
        INDArray lossGradient = layerConf().getLossFn().computeGradient(
                getLabels2d(workspaceMgr, ArrayType.BP_WORKING_MEM), z, layerConf().getActivationFn(), null);
        INDArray delta = ChannelsLast.rowByRow(lossGradient.castTo(dataType));
        INDArray x = ChannelsLast.rowByRow(input.castTo(dataType));
        Affine dense = support.dense(x, true);
        support.weightGradient(dense, x, delta, gradientViews);
        INDArray dx = support.inputGradient(dense, x, delta, false, workspaceMgr);
        return new Pair<>(LayerSupport.gradient(gradientViews, AffineSupport.WEIGHTS, AffineSupport.BIAS),
                backpropDropOutIfPresent(dx));
    }
}
