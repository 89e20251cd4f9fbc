package digits.acceleration;

import static digits.acceleration.LayerSupport.hold;
import static digits.acceleration.LayerSupport.region;

import digits.engine.Engine.Normalization;
import java.util.List;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Accelerated batch normalization, for images and for vectors. The running averages follow Deeplearning4j's rule: their
 * “gradients” are the steps from one average to the next.
 */
final class BatchNormalization extends org.deeplearning4j.nn.layers.normalization.BatchNormalization
        implements Replacement {
    private static final String GAMMA = BatchNormalizationParamInitializer.GAMMA;
    private static final String BETA = BatchNormalizationParamInitializer.BETA;
    private static final String MEAN = BatchNormalizationParamInitializer.GLOBAL_MEAN;

    private final transient LayerSupport<Normalization> support;
    private final String spread;

    BatchNormalization(AbstractLayer<?> original, LayerPosition position) {
        super(original.conf(), original.getDataType());
        support = new LayerSupport<>(this, position);
        spread = layerConf().isUseLogStd() ? BatchNormalizationParamInitializer.GLOBAL_LOG_STD
                : BatchNormalizationParamInitializer.GLOBAL_VAR;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        if (leavesInput(workspaces)) return super.activate(training, workspaces);
        return support.compute(workspaces, () -> forward(training, workspaces),
                () -> super.activate(training, workspaces));
    }

    /** Whether the input is left to Deeplearning4j: a sequence, or an error to report. */
    private boolean leavesInput(LayerWorkspaceMgr workspaces) {
        int rank = input.rank();
        boolean leaves = rank != 2 && rank != 4 || view(input).size(1) != layerConf().getNOut();
        if (leaves) support.makeInputFloats(workspaces);
        return leaves;
    }

    private INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
        INDArray x = arranged(input, training, workspaces, ArrayType.INPUT);
        Normalization normalization = normalization(x, training);
        if (!training) normalization.statistics(floats(MEAN), runningVariance());
        INDArray y = support.layout(training).createLike(x, input.rank() == 4, workspaces, ArrayType.ACTIVATIONS);
        normalization.forward(region(x), region(getParam(GAMMA)), region(getParam(BETA)), region(y));
        hold(x, y);
        support.remember(training, x, null);
        return inFormat(y);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (leavesInput(workspaces)) return super.backpropGradient(LayerSupport.floats(epsilon), workspaces);
        return support.compute(workspaces, () -> {
            INDArray x = support.recall(() -> forward(true, workspaces)).x();
            INDArray dy = arranged(epsilon, true, workspaces, ArrayType.BP_WORKING_MEM);
            INDArray dx = support.layout(true).createLike(x, input.rank() == 4, workspaces, ArrayType.ACTIVATION_GRAD);
            Normalization normalization = normalization(x, true);
            normalization.backward(region(x), region(getParam(GAMMA)), region(getParam(BETA)), region(dy),
                    region(dx), region(gradientViews.get(GAMMA)), region(gradientViews.get(BETA)));
            hold(x, dy, dx);
            stepRunningAverages(normalization.mean(), normalization.variance());
            return new Pair<>(LayerSupport.gradient(gradientViews, GAMMA, BETA, MEAN, spread),
                    inFormat(support.handedBack(dx, true, workspaces)));
        }, () -> super.backpropGradient(LayerSupport.floats(epsilon), workspaces));
    }

    /** Writes the steps that the updater subtracts: (1 - decay)(running - batch), or of the deviation's log10. */
    private void stepRunningAverages(float[] mean, float[] variance) {
        double decay = layerConf().getDecay();
        float[] runningMean = floats(MEAN);
        float[] runningVariance = runningVariance();
        float[] meanStep = new float[mean.length];
        float[] spreadStep = new float[mean.length];
        for (int c = 0; c < mean.length; c++) {
            meanStep[c] = (float) ((runningMean[c] - mean[c]) * (1 - decay));
            double next = decay * runningVariance[c] + (1 - decay) * variance[c];
            spreadStep[c] = (float) (layerConf().isUseLogStd() ? 0.5 * Math.log10(runningVariance[c] / next)
                    : (runningVariance[c] - variance[c]) * (1 - decay));
        }
        region(gradientViews.get(MEAN)).write(meanStep);
        region(gradientViews.get(spread)).write(spreadStep);
    }

    private float[] runningVariance() {
        float[] values = floats(spread);
        if (layerConf().isUseLogStd()) {
            for (int c = 0; c < values.length; c++) values[c] = (float) Math.pow(10, 2.0 * values[c]);
        }
        return values;
    }

    private float[] floats(String parameter) {
        return region(getParam(parameter)).read((int) getParam(parameter).length());
    }

    private Normalization normalization(INDArray x, boolean training) {
        return support.computations.get(List.of(x.size(0), x.size(2), x.size(3), training),
                () -> support.position.engine(training).normalization(x.size(0), x.size(1), x.size(2), x.size(3),
                        layerConf().getEps(), training));
    }

    private INDArray arranged(INDArray array, boolean training, LayerWorkspaceMgr workspaces, ArrayType type) {
        return support.layout(training).toChannelsLast(view(array), true, workspaces, type);
    }

    /** Treats vectors as images of one pixel. */
    private INDArray view(INDArray array) {
        if (array.rank() != 2) return ChannelsLast.view(array, layerConf().getCnn2DFormat());
        return ChannelsLast.rowByRow(array).reshape('c', array.size(0), array.size(1), 1, 1);
    }

    private INDArray inFormat(INDArray array) {
        if (input.rank() == 2) return array.reshape(array.size(0), array.size(1));
        return ChannelsLast.fromChannelsLast(array, layerConf().getCnn2DFormat());
    }
}
