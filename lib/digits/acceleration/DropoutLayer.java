package digits.acceleration;

import static digits.acceleration.LayerSupport.address;
import static digits.acceleration.LayerSupport.hold;

import digits.onednn.DropoutMask;
import java.util.Optional;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Dropout layer with a mask that is faster to draw. Each mask starts from one number of ND4J's random generator, so runs
 * with the same seed drop the same activations, but not those that the built-in layer drops.
 */
final class DropoutLayer extends org.deeplearning4j.nn.layers.DropoutLayer implements Replacement {
    private final transient LayerSupport<DropoutMask> support;
    private transient DropoutMask last;

    DropoutLayer(org.deeplearning4j.nn.layers.DropoutLayer original, LayerPosition position) {
        super(original.conf(), original.getDataType());
        support = new LayerSupport<>(this, original, position);
    }

    static Optional<String> unsupported(org.deeplearning4j.nn.layers.DropoutLayer layer) {
        var dropout = layer.layerConf().getIDropout();
        return dropout != null && dropout.getClass() == Dropout.class ? Optional.empty()
                : Optional.of("no faster code for this kind of dropout");
    }

    @Override
    public LayerSupport<?> support() {
        return support;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        last = null;
        if (!training || maskArray != null) return super.activate(training, workspaceMgr);
        assertInputSet(false);
        INDArray x = arranged(input, workspaceMgr, ArrayType.INPUT);
        INDArray y = ChannelsLast.createLike(x, x.rank() == 4, workspaceMgr, ArrayType.ACTIVATIONS);
        last = support.computation(x.length(), () -> new DropoutMask(x.length()));
        last.drawAndApply(retained(), Nd4j.getRandom().nextLong(), address(x), address(y));
        hold(x, y);
        return y;
    }

    private double retained() {
        Dropout dropout = (Dropout) layerConf().getIDropout();
        return dropout.getPSchedule() == null ? dropout.getP()
                : dropout.getPSchedule().valueAt(getIterationCount(), getEpochCount());
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        if (last == null) return super.backpropGradient(epsilon, workspaceMgr);
        INDArray dy = arranged(epsilon, workspaceMgr, ArrayType.BP_WORKING_MEM);
        INDArray dx = ChannelsLast.createLike(dy, dy.rank() == 4, workspaceMgr, ArrayType.ACTIVATION_GRAD);
        last.apply(address(dy), address(dx));
        hold(dy, dx);
        return new Pair<>(new DefaultGradient(), dx);
    }

    /** In the order of the mask: images channels last, anything else row by row. */
    private INDArray arranged(INDArray array, LayerWorkspaceMgr workspaces, ArrayType type) {
        return support.layout.toChannelsLast(array.castTo(dataType), array.rank() == 4, workspaces, type);
    }

    @Override
    public void clear() {
        super.clear();
        last = null;
    }
}
