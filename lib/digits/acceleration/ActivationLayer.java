package digits.acceleration;

import static digits.acceleration.LayerSupport.hold;
import static digits.acceleration.LayerSupport.region;

import digits.engine.Engine;
import java.util.List;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/** ReLU that keeps the memory layout it meets, and overwrites nothing: in a graph other layers may read the arrays. */
final class ActivationLayer extends org.deeplearning4j.nn.layers.ActivationLayer implements Replacement {
    private final transient LayerSupport<Engine.Relu> support;

    ActivationLayer(AbstractLayer<?> original, LayerPosition position) {
        super(original.conf(), original.getDataType());
        support = new LayerSupport<>(this, position);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        return support.compute(workspaces, () -> forward(training, workspaces),
                () -> super.activate(training, workspaces));
    }

    private INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        boolean images = ChannelsLast.prefersChannelsLast(input);
        INDArray x = support.layout(training).toChannelsLast(input, images, workspaces, ArrayType.INPUT);
        INDArray y = support.layout(training).createLike(x, images, workspaces, ArrayType.ACTIVATIONS);
        relu(y, training).forward(region(x), region(y));
        hold(x, y);
        support.remember(training, x, y);
        return y;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        return support.compute(workspaces, () -> backward(epsilon, workspaces),
                () -> super.backpropGradient(LayerSupport.floats(epsilon), workspaces));
    }

    private Pair<Gradient, INDArray> backward(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        INDArray y = support.recall(() -> forward(true, workspaces)).y();
        boolean images = ChannelsLast.prefersChannelsLast(input);
        INDArray dy = support.layout(true).toChannelsLast(epsilon, images, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray dx = support.layout(true).createLike(y, images, workspaces, ArrayType.ACTIVATION_GRAD);
        relu(y, true).backward(region(y), region(dy), region(dx));
        hold(y, dy, dx);
        return new Pair<>(new DefaultGradient(), support.handedBack(dx, images, workspaces));
    }

    private Engine.Relu relu(INDArray array, boolean training) {
        return support.computations.get(List.of(array.length(), training),
                () -> support.position.engine(training).relu(array.length()));
    }
}
