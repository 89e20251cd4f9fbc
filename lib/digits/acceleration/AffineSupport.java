package digits.acceleration;

import digits.engine.Engine.Affine;
import digits.engine.Region;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What convolution, dense and output layers share in addition: weights, a bias and an activation. */
final class AffineSupport extends LayerSupport<Affine> {
    static final String WEIGHTS = DefaultParamInitializer.WEIGHT_KEY;   // convolutions use the same names
    static final String BIAS = DefaultParamInitializer.BIAS_KEY;

    final boolean relu;
    private final boolean identity;
    private final IActivation activation;
    private final BaseLayer<? extends FeedForwardLayer> layer;

    AffineSupport(BaseLayer<? extends FeedForwardLayer> layer, LayerPosition position, IActivation activation) {
        super(layer, isRelu(activation) || activation instanceof ActivationIdentity ? position
                : position.withFloats());
        this.layer = layer;
        this.activation = activation;
        relu = isRelu(activation);
        identity = activation instanceof ActivationIdentity;
    }

    /** Whether a dense layer leaves its input to Deeplearning4j: masked input, or an error to report. */
    boolean leavesInput(LayerWorkspaceMgr workspaces) {
        INDArray input = layer.input();
        boolean leaves = layer.getMaskArray() != null || input.rank() != 2
                || input.columns() != layer.layerConf().getNIn();
        if (leaves) makeInputFloats(workspaces);
        return leaves;
    }

    Affine dense(INDArray x, boolean training) {
        return computations.get(List.of(x.size(0), training), () -> position.engine(training).dense(x.size(0),
                layer.layerConf().getNIn(), layer.layerConf().getNOut(), relu, training));
    }

    /** Computes y = weights * x + bias, with ReLU if fused. */
    INDArray sums(Affine affine, INDArray x, INDArray y) {
        affine.forward(region(x), region(layer.getParam(WEIGHTS)),
                layer.hasBias() ? region(layer.getParam(BIAS)) : Region.NONE, region(y));
        hold(x, y);
        return y;
    }

    /** The same for a dense layer, into a new array. */
    INDArray sums(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
        return sums(dense(x, training), x, layout(training).create(false, workspaces, ArrayType.ACTIVATIONS, x.size(0),
                layer.layerConf().getNOut()));
    }

    /** The layer's output from the weighted sums y; remembers the forward pass for backpropagation. */
    INDArray activate(INDArray x, INDArray y, boolean training, LayerWorkspaceMgr workspaces) {
        boolean done = relu || identity;
        INDArray kept = done || !training ? y : workspaces.dup(ArrayType.ACTIVATIONS, y, y.ordering());
        remember(training, x, kept);
        return done ? y : activation.getActivation(y, training);
    }

    /** Writes the parameters' gradients into the views, and returns the one at the input, or null if not wanted. */
    INDArray backward(Affine affine, Forward last, INDArray dy, boolean images, boolean wanted,
                      Map<String, INDArray> views, LayerWorkspaceMgr workspaces) {
        INDArray sums = relu || identity ? dy : activation.backprop(last.y(), dy.castTo(DataType.FLOAT)).getFirst();
        ChannelsLast layout = layout(true);
        INDArray from = layout.toChannelsLast(sums, images, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray delta = !relu || position.ownsEpsilon() ? from
                : layout.createLike(from, images, workspaces, ArrayType.BP_WORKING_MEM);
        if (relu) affine.reluGradient(region(last.y()), region(from), region(delta));
        affine.weightGradient(region(last.x()), region(delta), region(views.get(WEIGHTS)),
                layer.hasBias() ? region(views.get(BIAS)) : Region.NONE);
        INDArray dx = null;
        if (wanted) {
            dx = layout.createLike(last.x(), images, workspaces, ArrayType.ACTIVATION_GRAD);
            affine.inputGradient(region(delta), region(layer.getParam(WEIGHTS)), region(dx));
        }
        hold(last, from, delta, dx);
        return dx == null ? null : handedBack(dx, images, workspaces);
    }
}
