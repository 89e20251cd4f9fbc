package digits.acceleration;

import java.util.List;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Deeplearning4j's batch normalisation on oneDNN, for images and for vectors. The running averages follow Deeplearning4j's
 * rule: their «gradients» are the steps from one average to the next. Named like the layer it stands for:
 * {@code summary()} prints the name of the class.
 */
final class BatchNormalization extends org.deeplearning4j.nn.layers.normalization.BatchNormalization implements Replacement {
    private final org.deeplearning4j.nn.layers.normalization.BatchNormalization original;
    private final transient Kept<Normalization> kept = new Kept<>(this);
    private final transient ChannelsLast channelsLast = new ChannelsLast(this);
    private final transient BuiltInPath builtIn = new BuiltInPath();
    private transient INDArray lastInput;
    private transient INDArray lastX;

    BatchNormalization(org.deeplearning4j.nn.layers.normalization.BatchNormalization original) {
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
        if (notForOneDnn()) return super.activate(training, workspaceMgr);
        return builtIn.unless(this, () -> forward(training, workspaceMgr), () -> super.activate(training, workspaceMgr));
    }

    /** Sequences, and inputs that do not fit: Deeplearning4j computes them or says what is wrong. */
    private boolean notForOneDnn() {
        int rank = input.rank();
        return rank != 2 && rank != 4 || view(input).size(1) != layerConf().getNOut();
    }

    private INDArray forward(boolean training, LayerWorkspaceMgr workspaceMgr) {
        INDArray x = channelsLast.of(view(input.castTo(dataType)), workspaceMgr, ArrayType.INPUT);
        Normalization normalization = normalization(x, training);
        if (!training) normalization.statistics(floats(BatchNormalizationParamInitializer.GLOBAL_MEAN), runningVariance());
        INDArray y = like(x, workspaceMgr, ArrayType.ACTIVATIONS);
        normalization.forward(OneDnn.address(x), gamma(), beta(), OneDnn.address(y));
        OneDnn.hold(x, y);
        lastInput = training ? input : null;
        lastX = training ? x : null;
        return give(y);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(true);
        if (notForOneDnn()) return super.backpropGradient(epsilon, workspaceMgr);
        return builtIn.unless(this, () -> backward(epsilon, workspaceMgr), () -> super.backpropGradient(epsilon, workspaceMgr));
    }

    private Pair<Gradient, INDArray> backward(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        if (lastInput != input) forward(true, workspaceMgr);
        INDArray x = lastX;
        INDArray dy = channelsLast.of(view(epsilon.castTo(dataType)), workspaceMgr, ArrayType.BP_WORKING_MEM);
        INDArray dx = like(x, workspaceMgr, ArrayType.ACTIVATION_GRAD);
        INDArray gammaGradient = gradientViews.get(BatchNormalizationParamInitializer.GAMMA);
        INDArray betaGradient = gradientViews.get(BatchNormalizationParamInitializer.BETA);
        Normalization normalization = normalization(x, true);
        normalization.backward(OneDnn.address(x), gamma(), beta(), OneDnn.address(dy), OneDnn.address(dx),
                OneDnn.address(gammaGradient), OneDnn.address(betaGradient));
        OneDnn.hold(x, dy, dx);
        stepRunningAverages(normalization.mean(), normalization.variance());

        Gradient gradient = new DefaultGradient();
        gradient.setGradientFor(BatchNormalizationParamInitializer.GAMMA, gammaGradient);
        gradient.setGradientFor(BatchNormalizationParamInitializer.BETA, betaGradient);
        gradient.setGradientFor(BatchNormalizationParamInitializer.GLOBAL_MEAN,
                gradientViews.get(BatchNormalizationParamInitializer.GLOBAL_MEAN));
        String spread = spread();
        gradient.setGradientFor(spread, gradientViews.get(spread));
        lastInput = null;
        lastX = null;
        return new Pair<>(gradient, give(dx));
    }

    /**
     * The step that the updater will subtract: (1 - decay)(running - batch), and for the variance kept as a logarithm
     * log10 of the ratio of the old standard deviation to the new one.
     */
    private void stepRunningAverages(float[] mean, float[] variance) {
        double decay = layerConf().getDecay();
        float[] runningMean = floats(BatchNormalizationParamInitializer.GLOBAL_MEAN);
        float[] runningVariance = runningVariance();
        float[] meanStep = new float[mean.length];
        float[] spreadStep = new float[mean.length];
        for (int c = 0; c < mean.length; c++) {
            meanStep[c] = (float) ((runningMean[c] - mean[c]) * (1 - decay));
            double next = decay * runningVariance[c] + (1 - decay) * variance[c];
            spreadStep[c] = (float) (layerConf().isUseLogStd() ? 0.5 * Math.log10(runningVariance[c] / next)
                    : (runningVariance[c] - variance[c]) * (1 - decay));
        }
        Buffer.write(OneDnn.address(gradientViews.get(BatchNormalizationParamInitializer.GLOBAL_MEAN)), meanStep, mean.length);
        Buffer.write(OneDnn.address(gradientViews.get(spread())), spreadStep, mean.length);
    }

    private float[] runningVariance() {
        float[] spread = floats(spread());
        if (layerConf().isUseLogStd()) {
            for (int c = 0; c < spread.length; c++) spread[c] = (float) Math.pow(10, 2.0 * spread[c]);
        }
        return spread;
    }

    private String spread() {
        return layerConf().isUseLogStd() ? BatchNormalizationParamInitializer.GLOBAL_LOG_STD
                : BatchNormalizationParamInitializer.GLOBAL_VAR;
    }

    private float[] floats(String parameter) {
        INDArray array = getParam(parameter);
        return Buffer.read(OneDnn.address(array), (int) array.length());
    }

    private long gamma() {
        return OneDnn.address(getParam(BatchNormalizationParamInitializer.GAMMA));
    }

    private long beta() {
        return OneDnn.address(getParam(BatchNormalizationParamInitializer.BETA));
    }

    private Normalization normalization(INDArray x, boolean training) {
        return kept.get(List.of(x.size(0), x.size(2), x.size(3), training), () -> new Normalization(x.size(0), x.size(1),
                x.size(2), x.size(3), layerConf().getEps(), training));
    }

    /** Vectors count as images of one pixel. */
    private INDArray view(INDArray array) {
        if (array.rank() == 2) {
            INDArray rows = ChannelsLast.rowByRow(array);
            return rows.reshape('c', rows.size(0), rows.size(1), 1, 1);
        }
        return ChannelsLast.view(array, layerConf().getCnn2DFormat());
    }

    private INDArray give(INDArray array) {
        if (input.rank() == 2) return array.reshape(array.size(0), array.size(1));
        return ChannelsLast.give(array, layerConf().getCnn2DFormat());
    }

    private INDArray like(INDArray x, LayerWorkspaceMgr workspaceMgr, ArrayType type) {
        if (input.rank() == 4) return ChannelsLast.create(workspaceMgr, type, x.size(0), x.size(1), x.size(2), x.size(3));
        return workspaceMgr.createUninitialized(type, dataType, new long[] {x.size(0), x.size(1), 1, 1}, 'c');
    }

    @Override
    public void clear() {
        super.clear();
        lastInput = null;
        lastX = null;
    }
}
