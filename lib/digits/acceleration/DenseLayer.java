package digits.acceleration;

import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Accelerated dense layer, with ReLU fused. */
final class DenseLayer extends org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer implements Replacement {
    private final transient AffineSupport support;

    DenseLayer(AbstractLayer<?> original, LayerPosition position) {
        super(original.conf(), original.getDataType());
        support = new AffineSupport(this, position, layerConf().getActivationFn());
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        if (support.leavesInput(workspaces)) return super.activate(training, workspaces);
        applyDropOutIfNecessary(training, workspaces);
        return support.compute(workspaces, () -> forward(training, workspaces),
                () -> super.activate(training, workspaces));
    }

    private INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
        INDArray x = support.layout(training).toChannelsLast(input, false, workspaces, ArrayType.INPUT);
        return support.activate(x, support.sums(x, training, workspaces), training, workspaces);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (support.leavesInput(workspaces)) return super.backpropGradient(LayerSupport.floats(epsilon), workspaces);
        return support.compute(workspaces, () -> {
            LayerSupport.Forward last = support.recall(() -> forward(true, workspaces));
            INDArray dx = support.backward(support.dense(last.x(), true), last, epsilon, false, true,
                    gradientViews, workspaces);
            return new Pair<>(LayerSupport.gradient(gradientViews, AffineSupport.BIAS, AffineSupport.WEIGHTS),
                    backpropDropOutIfPresent(dx));
        }, () -> super.backpropGradient(LayerSupport.floats(epsilon), workspaces));
    }
}
