package digits.acceleration;

import static digits.acceleration.LayerSupport.hold;
import static digits.acceleration.LayerSupport.region;

import digits.portable.DropoutMask;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Dropout layer with a mask that is faster to draw. Each mask starts from one number of ND4J's random generator, so
 * runs with the same seed drop the same activations, but not those that the built-in layer drops.
 */
final class DropoutLayer extends org.deeplearning4j.nn.layers.DropoutLayer implements Replacement {
    private final transient LayerSupport<DropoutMask> support;
    private transient DropoutMask last;

    DropoutLayer(AbstractLayer<?> original, LayerPosition position) {
        super(original.conf(), original.getDataType());
        support = new LayerSupport<>(this, position);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        return support.compute(workspaces, () -> forward(training, workspaces),
                () -> super.activate(training, workspaces));
    }

    private INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
        last = null;
        if (!training || maskArray != null) {
            support.makeInputFloats(workspaces);
            return super.activate(training, workspaces);
        }
        assertInputSet(false);
        INDArray x = arranged(input, workspaces, ArrayType.INPUT);
        INDArray y = support.layout(true).createLike(x, x.rank() == 4, workspaces, ArrayType.ACTIVATIONS);
        last = support.computations.get(x.length(), () -> new DropoutMask(x.length(), support.position.training()));
        last.drawAndApply(retained(), Nd4j.getRandom().nextLong(), region(x), region(y));
        hold(x, y);
        return y;
    }

    private double retained() {
        Dropout dropout = (Dropout) layerConf().getIDropout();
        return dropout.getPSchedule() == null ? dropout.getP()
                : dropout.getPSchedule().valueAt(getIterationCount(), getEpochCount());
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        return support.compute(workspaces, () -> backward(epsilon, workspaces),
                () -> super.backpropGradient(LayerSupport.floats(epsilon), workspaces));
    }

    private Pair<Gradient, INDArray> backward(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        if (last == null) return super.backpropGradient(LayerSupport.floats(epsilon), workspaces);
        INDArray dy = arranged(epsilon, workspaces, ArrayType.BP_WORKING_MEM);
        boolean images = dy.rank() == 4;
        INDArray dx = support.layout(true).createLike(dy, images, workspaces, ArrayType.ACTIVATION_GRAD);
        last.apply(region(dy), region(dx));
        hold(dy, dx);
        return new Pair<>(new DefaultGradient(), support.handedBack(dx, images, workspaces));
    }

    /** In the order of the mask: images channels last, anything else row by row. */
    private INDArray arranged(INDArray array, LayerWorkspaceMgr workspaces, ArrayType type) {
        return support.layout(true).toChannelsLast(array, array.rank() == 4, workspaces, type);
    }
}
