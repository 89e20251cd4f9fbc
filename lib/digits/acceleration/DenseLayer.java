package digits.acceleration;

import digits.onednn.Affine;
import java.util.Optional;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Dense layer on oneDNN, with ReLU fused. */
final class DenseLayer extends org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer implements Replacement {
    private final transient AffineSupport support;

    DenseLayer(org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer original, LayerPosition position) {
        super(original.conf(), original.getDataType());
        support = new AffineSupport(this, original, position, layerConf().getActivationFn());
    }

    static Optional<String> unsupported(org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer layer) {
        if (layer.layerConf().hasLayerNorm()) return Optional.of("no faster code for layer normalization");
        return layer.layerConf().hasBias() ? LayerSupport.noise(layer.layerConf().getWeightNoise())
                : Optional.of("no faster code without a bias");
    }

    @Override
    public LayerSupport<?> support() {
        return support;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(false);
        if (support.leavesInput()) return super.activate(training, workspaceMgr);
        applyDropOutIfNecessary(training, workspaceMgr);
        return support.unlessMissing(() -> forward(training, workspaceMgr),
                () -> super.activate(training, workspaceMgr));
    }

    private INDArray forward(boolean training, LayerWorkspaceMgr workspaceMgr) {
        INDArray x = ChannelsLast.rowByRow(input.castTo(dataType));
        INDArray y = support.denseSums(x, training, workspaceMgr);
        return support.activate(x, y, training, workspaceMgr);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(true);
        if (support.leavesInput()) return super.backpropGradient(epsilon, workspaceMgr);
        return support.unlessMissing(() -> backward(epsilon, workspaceMgr),
                () -> super.backpropGradient(epsilon, workspaceMgr));
    }

    private Pair<Gradient, INDArray> backward(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        LayerSupport.Forward last = support.recall(input, () -> forward(true, workspaceMgr));
        Affine dense = support.dense(last.x(), true);
        INDArray dy = ChannelsLast.rowByRow(epsilon.castTo(dataType));
        INDArray delta = support.delta(dense, last, dy, false, workspaceMgr);
        INDArray dx = support.inputGradient(dense, last.x(), delta, false, workspaceMgr);
        support.weightGradient(dense, last.x(), delta, gradientViews);
        return new Pair<>(LayerSupport.gradient(gradientViews, AffineSupport.BIAS, AffineSupport.WEIGHTS),
                backpropDropOutIfPresent(dx));
    }

    @Override
    public void clear() {
        super.clear();
        support.forget();
    }
}
