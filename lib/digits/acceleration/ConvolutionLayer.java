package digits.acceleration;

import static digits.acceleration.AffineSupport.BIAS;
import static digits.acceleration.AffineSupport.WEIGHTS;

import digits.engine.Engine.Affine;
import digits.engine.KernelGeometry;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Accelerated convolution layer, with ReLU fused. */
final class ConvolutionLayer extends org.deeplearning4j.nn.layers.convolution.ConvolutionLayer implements Replacement {
    private final transient AffineSupport support;

    ConvolutionLayer(AbstractLayer<?> original, LayerPosition position) {
        super(original.conf(), original.getDataType());
        support = new AffineSupport(this, position, layerConf().getActivationFn());
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        applyDropOutIfNecessary(training, workspaces);
        validateInputRank();
        validateInputDepth(layerConf().getNIn());
        return support.compute(workspaces, () -> forward(training, workspaces),
                () -> super.activate(training, workspaces));
    }

    private INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
        CNN2DFormat format = layerConf().getCnn2dDataFormat();
        ChannelsLast layout = support.layout(training);
        INDArray x = layout.toChannelsLast(ChannelsLast.view(input, format), true, workspaces, ArrayType.INPUT);
        KernelGeometry geometry = geometry(x);
        INDArray y = layout.create(true, workspaces, ArrayType.ACTIVATIONS, x.size(0), layerConf().getNOut(),
                geometry.output()[0], geometry.output()[1]);
        support.sums(convolution(x, training), x, y);
        return ChannelsLast.fromChannelsLast(support.activate(x, y, training, workspaces), format);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        return support.compute(workspaces, () -> {
            LayerSupport.Forward last = support.recall(() -> forward(true, workspaces));
            CNN2DFormat format = layerConf().getCnn2dDataFormat();
            INDArray dy = ChannelsLast.view(epsilon, format);
            INDArray dx = support.backward(convolution(last.x(), true), last, dy, true,
                    !support.position.inputGradientUnused(), gradientViews, workspaces);
            if (dx != null) dx = backpropDropOutIfPresent(ChannelsLast.fromChannelsLast(dx, format));
            Gradient gradient = LayerSupport.gradient(gradientViews, hasBias() ? new String[] {BIAS} : new String[0]);
            gradient.setGradientFor(WEIGHTS, gradientViews.get(WEIGHTS), 'c');
            return new Pair<>(gradient, dx);
        }, () -> super.backpropGradient(LayerSupport.floats(epsilon), workspaces));
    }

    private Affine convolution(INDArray x, boolean training) {
        return support.computations.get(List.of(x.size(0), x.size(2), x.size(3), training), () ->
                support.position.engine(training).convolution(x.size(0), x.size(1), layerConf().getNOut(), geometry(x),
                        hasBias(), support.relu, training));
    }

    private KernelGeometry geometry(INDArray x) {
        return LayerSupport.geometry(x, layerConf().getKernelSize(), layerConf().getStride(), layerConf().getPadding(),
                layerConf().getDilation(), convolutionMode);
    }
}
