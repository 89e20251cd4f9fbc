package digits.acceleration;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Deeplearning4j's dropout layer with a mask that is quicker to draw. Each mask starts from one number of ND4J's random
 * generator, so runs with the same seed drop the same activations; they are other ones than in the built-in path.
 * Named like the layer it stands for: {@code summary()} prints the name of the class.
 */
final class DropoutLayer extends org.deeplearning4j.nn.layers.DropoutLayer implements Replacement {
    private final org.deeplearning4j.nn.layers.DropoutLayer original;
    private final transient Kept<Mask> kept = new Kept<>(this);
    private final transient ChannelsLast channelsLast = new ChannelsLast(this);
    private transient Mask last;

    DropoutLayer(org.deeplearning4j.nn.layers.DropoutLayer original) {
        super(original.conf(), original.getDataType());
        this.original = original;
    }

    @Override
    public Layer original() {
        return original;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        last = null;
        if (!training || maskArray != null) return super.activate(training, workspaceMgr);
        assertInputSet(false);
        INDArray x = channelsLast.of(input.castTo(dataType), input.rank() == 4, workspaceMgr, ArrayType.INPUT);
        INDArray y = ChannelsLast.like(x, x.rank() == 4, workspaceMgr, ArrayType.ACTIVATIONS);
        last = kept.get(x.length(), () -> new Mask(x.length()));
        last.drawAndApply(retained(), Nd4j.getRandom().nextLong(), OneDnn.address(x), OneDnn.address(y));
        OneDnn.hold(x, y);
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
        INDArray dy = channelsLast.of(epsilon.castTo(dataType), epsilon.rank() == 4, workspaceMgr, ArrayType.BP_WORKING_MEM);   // in the mask's order
        INDArray dx = ChannelsLast.like(dy, dy.rank() == 4, workspaceMgr, ArrayType.ACTIVATION_GRAD);
        last.apply(OneDnn.address(dy), OneDnn.address(dx));
        OneDnn.hold(dy, dx);
        return new Pair<>(new DefaultGradient(), dx);
    }

    @Override
    public void clear() {
        super.clear();
        last = null;
    }
}
