package digits.acceleration;

import static digits.acceleration.LayerSupport.address;
import static digits.acceleration.LayerSupport.hold;

import digits.onednn.Relu;
import java.util.Optional;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Activation layer with ReLU. It keeps the memory layout it meets, so nothing is converted between channels-last layers, and
 * computes the derivative from the output. It overwrites neither its input nor the gradient it is handed, because in a graph
 * other layers may read them.
 */
final class ActivationLayer extends org.deeplearning4j.nn.layers.ActivationLayer implements Replacement {
    private final transient LayerSupport<Relu> support;

    ActivationLayer(org.deeplearning4j.nn.layers.ActivationLayer original, LayerPosition position) {
        super(original.conf(), original.getDataType());
        support = new LayerSupport<>(this, original, position);
    }

    static Optional<String> unsupported(org.deeplearning4j.nn.layers.ActivationLayer layer) {
        return LayerSupport.isRelu(layer.layerConf().getActivationFn()) ? Optional.empty()
                : Optional.of("no faster code for this activation");
    }

    @Override
    public LayerSupport<?> support() {
        return support;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(false);
        boolean images = ChannelsLast.prefersChannelsLast(input.castTo(dataType));
        INDArray x = support.layout.toChannelsLast(input.castTo(dataType), images, workspaceMgr, ArrayType.INPUT);
        INDArray y = ChannelsLast.createLike(x, images, workspaceMgr, ArrayType.ACTIVATIONS);
        relu(y).forward(address(x), address(y));
        hold(x, y);
        support.remember(training, input, x, y);
        return y;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(true);
        INDArray y = support.recall(input, () -> activate(true, workspaceMgr)).y();
        boolean images = ChannelsLast.prefersChannelsLast(input.castTo(dataType));
        INDArray dy = support.layout.toChannelsLast(epsilon.castTo(dataType), images, workspaceMgr,
                ArrayType.BP_WORKING_MEM);
        INDArray dx = ChannelsLast.createLike(y, images, workspaceMgr, ArrayType.ACTIVATION_GRAD);
        relu(y).backward(address(y), address(dy), address(dx));
        hold(y, dy, dx);
        return new Pair<>(new DefaultGradient(), dx);
    }

    private Relu relu(INDArray array) {
        return support.computation(array.length(), () -> new Relu(array.length()));
    }

    @Override
    public void clear() {
        super.clear();
        support.forget();
    }
}
