package digits.acceleration;

import static digits.acceleration.LayerSupport.hold;
import static digits.acceleration.LayerSupport.region;

import digits.engine.Engine.Pooling;
import digits.engine.KernelGeometry;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.BooleanIndexing;
import org.nd4j.linalg.indexing.conditions.Conditions;

/** Accelerated max and average pooling; and Deeplearning4j's p-norm pooling, with NaN removed from its gradient. */
final class SubsamplingLayer extends org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer
        implements Replacement {
    private final transient LayerSupport<Pooling> support;

    SubsamplingLayer(AbstractLayer<?> original, LayerPosition position) {
        super(original.conf(), original.getDataType());
        support = new LayerSupport<>(this, position);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        if (isPnorm() || input.rank() != 4) return super.activate(training, workspaces);   // reports a wrong rank
        return support.compute(workspaces, () -> forward(training, workspaces),
                () -> super.activate(training, workspaces));
    }

    private INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
        INDArray x = arranged(input, training, workspaces, ArrayType.INPUT);
        KernelGeometry geometry = geometry(x);
        INDArray y = support.layout(training).create(true, workspaces, ArrayType.ACTIVATIONS, x.size(0), x.size(1),
                geometry.output()[0], geometry.output()[1]);
        pooling(x, training).forward(region(x), region(y));
        hold(x, y);
        support.remember(training, x, null);
        return ChannelsLast.fromChannelsLast(y, layerConf().getCnn2dDataFormat());
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (isPnorm()) {   // 0/0 where all inputs are 0, which ReLU's derivative would let through to all weights
            Pair<Gradient, INDArray> gradients = super.backpropGradient(epsilon, workspaces);
            BooleanIndexing.replaceWhere(gradients.getSecond(), 0, Conditions.isNan());
            return gradients;
        }
        return support.compute(workspaces, () -> {
            INDArray x = support.recall(() -> forward(true, workspaces)).x();
            INDArray dy = arranged(epsilon, true, workspaces, ArrayType.BP_WORKING_MEM);
            INDArray dx = support.layout(true).createLike(x, true, workspaces, ArrayType.ACTIVATION_GRAD);
            pooling(x, true).backward(region(x), region(dy), region(dx));
            hold(x, dy, dx);
            INDArray inFormat = ChannelsLast.fromChannelsLast(support.handedBack(dx, true, workspaces),
                    layerConf().getCnn2dDataFormat());
            return new Pair<>(new DefaultGradient(), inFormat);
        }, () -> super.backpropGradient(LayerSupport.floats(epsilon), workspaces));
    }

    private INDArray arranged(INDArray array, boolean training, LayerWorkspaceMgr workspaces, ArrayType type) {
        INDArray images = ChannelsLast.view(array, layerConf().getCnn2dDataFormat());
        return support.layout(training).toChannelsLast(images, true, workspaces, type);
    }

    private Pooling pooling(INDArray x, boolean training) {
        boolean max = layerConf().getPoolingType() == PoolingType.MAX;
        boolean padding = layerConf().isAvgPoolIncludePadInDivisor();
        return support.computations.get(List.of(x.size(0), x.size(1), x.size(2), x.size(3), training),
                () -> support.position.engine(training).pooling(x.size(0), x.size(1), geometry(x), max, padding,
                        training));
    }

    private boolean isPnorm() {
        return layerConf().getPoolingType() == PoolingType.PNORM;
    }

    private KernelGeometry geometry(INDArray x) {
        return LayerSupport.geometry(x, layerConf().getKernelSize(), layerConf().getStride(), layerConf().getPadding(),
                layerConf().getDilation(), convolutionMode);
    }
}
