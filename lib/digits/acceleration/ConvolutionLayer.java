package digits.acceleration;

import digits.onednn.Affine;
import digits.onednn.KernelGeometry;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Convolution layer on oneDNN. ReLU is fused into the convolution and its derivative computed from the output, so
 * backpropagation need not repeat the forward pass.
 */
final class ConvolutionLayer extends org.deeplearning4j.nn.layers.convolution.ConvolutionLayer implements Replacement {
    private final transient AffineSupport support;

    ConvolutionLayer(org.deeplearning4j.nn.layers.convolution.ConvolutionLayer original, LayerPosition position) {
        super(original.conf(), original.getDataType());
        support = new AffineSupport(this, original, position, layerConf().getActivationFn());
    }

    static Optional<String> unsupported(org.deeplearning4j.nn.layers.convolution.ConvolutionLayer layer) {
        return LayerSupport.noise(layer.layerConf().getWeightNoise());
    }

    @Override
    public LayerSupport<?> support() {
        return support;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(false);
        applyDropOutIfNecessary(training, workspaceMgr);
        validateInputRank();
        validateInputDepth(layerConf().getNIn());
        return support.unlessMissing(() -> forward(training, workspaceMgr),
                () -> super.activate(training, workspaceMgr));
    }

    private INDArray forward(boolean training, LayerWorkspaceMgr workspaceMgr) {
        CNN2DFormat format = layerConf().getCnn2dDataFormat();
        INDArray x = support.layout.toChannelsLast(ChannelsLast.view(input.castTo(dataType), format), workspaceMgr,
                ArrayType.INPUT);
        KernelGeometry geometry = geometry(x);
        INDArray y = ChannelsLast.create(workspaceMgr, ArrayType.ACTIVATIONS, x.size(0), layerConf().getNOut(),
                geometry.output()[0], geometry.output()[1]);
        support.sums(convolution(x, training), x, y);
        return ChannelsLast.fromChannelsLast(support.activate(x, y, training, workspaceMgr), format);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(true);
        return support.unlessMissing(() -> backward(epsilon, workspaceMgr),
                () -> super.backpropGradient(epsilon, workspaceMgr));
    }

    private Pair<Gradient, INDArray> backward(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        LayerSupport.Forward last = support.recall(input, () -> forward(true, workspaceMgr));
        CNN2DFormat format = layerConf().getCnn2dDataFormat();
        Affine convolution = convolution(last.x(), true);
        INDArray dy = ChannelsLast.view(epsilon.castTo(dataType), format);
        INDArray delta = support.delta(convolution, last, dy, true, workspaceMgr);
        support.weightGradient(convolution, last.x(), delta, gradientViews);
        INDArray dx = null;
        if (!support.position.inputGradientUnused()) {
            dx = support.inputGradient(convolution, last.x(), delta, true, workspaceMgr);
            dx = backpropDropOutIfPresent(ChannelsLast.fromChannelsLast(dx, format));
        }
        Gradient gradient = hasBias() ? LayerSupport.gradient(gradientViews, AffineSupport.BIAS)
                : LayerSupport.gradient(gradientViews);
        gradient.setGradientFor(AffineSupport.WEIGHTS, gradientViews.get(AffineSupport.WEIGHTS), 'c');
        return new Pair<>(gradient, dx);
    }

    private Affine convolution(INDArray x, boolean training) {
        return support.computation(List.of(x.size(0), x.size(2), x.size(3), training), () -> Affine.convolution(x.size(0),
                x.size(1), layerConf().getNOut(), geometry(x), hasBias(), support.relu, training));
    }

    private KernelGeometry geometry(INDArray x) {
        var configuration = layerConf();
        return LayerSupport.geometry(x, configuration.getKernelSize(), configuration.getStride(),
                configuration.getPadding(), configuration.getDilation(), convolutionMode);
    }

    @Override
    public void clear() {
        super.clear();
        support.forget();
    }
}
