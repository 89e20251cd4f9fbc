package digits.acceleration;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Deeplearning4j's activation layer with ReLU. It keeps the memory layout that it meets, so that between channels-last layers nothing
 * is turned around, and takes the derivative from the output. It writes over nothing: in a graph others may read its input and
 * the gradient that it is handed. Named like the layer it stands for: {@code summary()} prints the name of the class.
 */
final class ActivationLayer extends org.deeplearning4j.nn.layers.ActivationLayer implements Replacement {
    private final org.deeplearning4j.nn.layers.ActivationLayer original;
    private final transient Kept<Rectifier> kept = new Kept<>(this);
    private final transient ChannelsLast channelsLast = new ChannelsLast(this);
    private transient Forward last;

    ActivationLayer(org.deeplearning4j.nn.layers.ActivationLayer original) {
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
        INDArray given = input.castTo(dataType);
        boolean images = ChannelsLast.suits(given);
        INDArray x = channelsLast.of(given, images, workspaceMgr, ArrayType.INPUT);
        INDArray y = ChannelsLast.like(x, images, workspaceMgr, ArrayType.ACTIVATIONS);
        kept.get(x.length(), () -> new Rectifier(x.length())).apply(OneDnn.address(x), OneDnn.address(y));
        OneDnn.hold(x, y);
        last = training ? new Forward(input, y, images) : null;
        return y;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(true);
        if (last == null || last.input != input) activate(true, workspaceMgr);
        INDArray y = last.y;
        INDArray dy = channelsLast.of(epsilon.castTo(dataType), last.images, workspaceMgr, ArrayType.BP_WORKING_MEM);
        INDArray dx = ChannelsLast.like(y, last.images, workspaceMgr, ArrayType.ACTIVATION_GRAD);
        kept.get(y.length(), () -> new Rectifier(y.length())).derive(OneDnn.address(y), OneDnn.address(dy), OneDnn.address(dx));
        OneDnn.hold(y, dy, dx);
        last = null;
        return new Pair<>(new DefaultGradient(), dx);
    }

    @Override
    public void clear() {
        super.clear();
        last = null;
    }

    /** What backpropagation needs of the forward pass; images: the arrays lie channels last. */
    private record Forward(INDArray input, INDArray y, boolean images) {
    }
}
