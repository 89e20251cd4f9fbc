package digits.acceleration;

import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Output layer with accelerated matrix products of floats; the activation and the loss remain Deeplearning4j's. */
final class OutputLayer extends org.deeplearning4j.nn.layers.OutputLayer implements Replacement {
    private final transient AffineSupport support;

    OutputLayer(AbstractLayer<?> original, LayerPosition position) {
        super(original.conf(), original.getDataType());
        support = new AffineSupport(this, position.withFloats(), new ActivationIdentity());
    }

    @Override
    protected Pair<INDArray, INDArray> preOutputWithPreNorm(boolean training, boolean forBackprop,
                                                            LayerWorkspaceMgr workspaces) {
        assertInputSet(forBackprop);
        if (support.leavesInput(workspaces)) return super.preOutputWithPreNorm(training, forBackprop, workspaces);
        applyDropOutIfNecessary(training, workspaces);
        return support.compute(workspaces, () -> {
            INDArray z = support.sums(rows(workspaces), training, workspaces);
            return new Pair<>(z, z);
        }, () -> super.preOutputWithPreNorm(training, forBackprop, workspaces));
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (support.leavesInput(workspaces)) return super.backpropGradient(epsilon, workspaces);
        return support.compute(workspaces, () -> {
            INDArray z = preOutput2d(true, workspaces);
            INDArray lossGradient = layerConf().getLossFn().computeGradient(
                    getLabels2d(workspaces, ArrayType.BP_WORKING_MEM), z, layerConf().getActivationFn(), null);
            INDArray x = rows(workspaces);
            INDArray dx = support.backward(support.dense(x, true), new LayerSupport.Forward(input, x, null),
                    lossGradient, false, true, gradientViews, workspaces);
            return new Pair<>(LayerSupport.gradient(gradientViews, AffineSupport.WEIGHTS, AffineSupport.BIAS),
                    backpropDropOutIfPresent(dx));
        }, () -> super.backpropGradient(epsilon, workspaces));
    }

    private INDArray rows(LayerWorkspaceMgr workspaces) {
        return support.layout(true).toChannelsLast(input, false, workspaces, ArrayType.INPUT);
    }
}
