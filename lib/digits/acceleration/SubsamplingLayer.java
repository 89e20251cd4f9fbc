package digits.acceleration;

import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_avg_exclude_padding;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_avg_include_padding;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_max;

import java.util.List;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.BooleanIndexing;
import org.nd4j.linalg.indexing.conditions.Conditions;

/**
 * Deeplearning4j's max and average pooling on oneDNN; and its p-norm pooling as it is but for what is no number. Named like the layer it stands for: {@code summary()} prints the name
 * of the class.
 */
final class SubsamplingLayer extends org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer implements Replacement {
    private final org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer original;
    private final transient Kept<Pooling> kept = new Kept<>(this);
    private final transient ChannelsLast channelsLast = new ChannelsLast(this);
    private final transient BuiltInPath builtIn = new BuiltInPath();
    private transient INDArray lastInput;
    private transient INDArray lastX;   // the same, channels last

    SubsamplingLayer(org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer original) {
        super(original.conf(), original.getDataType());
        this.original = original;
    }

    @Override
    public Layer original() {
        return original;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(false);
        if (norm() || input.rank() != 4) return super.activate(training, workspaceMgr);   // which says what is wrong
        return builtIn.unless(this, () -> forward(training, workspaceMgr), () -> super.activate(training, workspaceMgr));
    }

    private INDArray forward(boolean training, LayerWorkspaceMgr workspaceMgr) {
        CNN2DFormat format = layerConf().getCnn2dDataFormat();
        INDArray x = channelsLast.of(ChannelsLast.view(input.castTo(dataType), format), workspaceMgr, ArrayType.INPUT);
        Window window = window(x);
        INDArray y = ChannelsLast.create(workspaceMgr, ArrayType.ACTIVATIONS, x.size(0), x.size(1),
                window.output()[0], window.output()[1]);
        pooling(x, window, training).forward(OneDnn.address(x), OneDnn.address(y));
        OneDnn.hold(x, y);
        lastInput = training ? input : null;
        lastX = training ? x : null;
        return ChannelsLast.give(y, format);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(true);
        if (norm()) return withoutNan(super.backpropGradient(epsilon, workspaceMgr));
        return builtIn.unless(this, () -> backward(epsilon, workspaceMgr), () -> super.backpropGradient(epsilon, workspaceMgr));
    }

    private Pair<Gradient, INDArray> backward(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        if (lastInput != input) forward(true, workspaceMgr);   // the maxima kept are of another input
        CNN2DFormat format = layerConf().getCnn2dDataFormat();
        INDArray x = lastX;
        INDArray dy = channelsLast.of(ChannelsLast.view(epsilon.castTo(dataType), format), workspaceMgr, ArrayType.BP_WORKING_MEM);
        INDArray dx = ChannelsLast.create(workspaceMgr, ArrayType.ACTIVATION_GRAD, x.size(0), x.size(1), x.size(2), x.size(3));
        pooling(x, window(x), true).backward(OneDnn.address(x), OneDnn.address(dy), OneDnn.address(dx));
        OneDnn.hold(x, dy, dx);
        lastInput = null;
        lastX = null;
        return new Pair<>(new DefaultGradient(), ChannelsLast.give(dx, format));
    }

    private boolean norm() {
        return layerConf().getPoolingType() == PoolingType.PNORM;
    }

    /**
     * The p-norm's gradient where all it saw are zeros comes as 0/0. The built-in ReLU drops that, oneDNN's multiplies it by 0, and it would
     * spread over all weights.
     */
    private static Pair<Gradient, INDArray> withoutNan(Pair<Gradient, INDArray> gradients) {
        BooleanIndexing.replaceWhere(gradients.getSecond(), 0, Conditions.isNan());
        return gradients;
    }

    private Pooling pooling(INDArray x, Window window, boolean training) {
        return kept.get(List.of(x.size(0), x.size(1), x.size(2), x.size(3), training),
                () -> Pooling.of(x.size(0), x.size(1), window, algorithm(), training));
    }

    private int algorithm() {
        if (layerConf().getPoolingType() == PoolingType.MAX) return dnnl_pooling_max;
        return layerConf().isAvgPoolIncludePadInDivisor() ? dnnl_pooling_avg_include_padding : dnnl_pooling_avg_exclude_padding;
    }

    private Window window(INDArray x) {
        var configuration = layerConf();
        return Window.over(x, configuration.getKernelSize(), configuration.getStride(), configuration.getPadding(),
                configuration.getDilation(), convolutionMode);
    }

    @Override
    public void clear() {
        super.clear();
        lastInput = null;
        lastX = null;
    }
}
