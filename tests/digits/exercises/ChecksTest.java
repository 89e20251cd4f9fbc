package digits.exercises;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.data.Augmentation;
import digits.data.LabeledImages;
import digits.data.Split;
import digits.evaluation.Predictions;
import digits.training.Epoch;
import digits.training.History;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Right answers get a sentence, wrong ones a hint. The exercises themselves are played in tests/notebooks. */
class ChecksTest {
    private final LabeledImages images = Examples.bars(100, 1);

    @Test
    void aHintHasNoStackTraceAndANullAnswerIsTold() {
        NotYet hint = assertThrows(NotYet.class, () -> DataChecks.tenthLabel(images, null));
        assertEquals(0, hint.getStackTrace().length);
        assertTrue(hint.getMessage().startsWith("There is no answer yet: label is still null."), hint.getMessage());
    }

    @Test
    void tenthLabel() {
        assertTrue(DataChecks.tenthLabel(images, 9).startsWith("Right"));
        hint("image 10 is the eleventh", () -> DataChecks.tenthLabel(images, 0));
        hint("A label is a digit", () -> DataChecks.tenthLabel(images, 10));
        hint("is not labeled 5", () -> DataChecks.tenthLabel(images, 5));
    }

    @Test
    void meanInkTellsTheUsualSlipsApart() {
        double[] right = new double[10];
        int[] whole = new int[10];
        for (int i = 0; i < 100; i++) {
            for (int p = 0; p < 784; p++) whole[images.label(i)] += images.pixel(i, p / 28, p % 28);
        }
        for (int d = 0; d < 10; d++) right[d] = whole[d] / 7840.0;
        assertTrue(DataChecks.meanInk(images, right).startsWith("Right"));
        hint("without its fraction", () -> DataChecks.meanInk(images, times(right, d -> Math.floor(d))));
        hint("scale 0 to 1", () -> DataChecks.meanInk(images, times(right, d -> d / 255)));
        hint("the sum of all pixels", () -> DataChecks.meanInk(images, times(right, d -> d * 7840)));
        hint("the ink of a whole image", () -> DataChecks.meanInk(images, times(right, d -> d * 784)));
        hint("the number of all images", () -> DataChecks.meanInk(images, times(right, d -> d / 10)));
        hint("divided by 0", () -> DataChecks.meanInk(images, times(right, d -> Double.NaN)));
        hint("which is not the mean", () -> DataChecks.meanInk(images, times(right, d -> d + 1)));
    }

    @Test
    void aSplitIsHonestOnlyIfNoImageIsInTwoSets() {
        Split first = Split.stratified(images, 0.2, 1);
        Split second = Split.stratified(first.training(), 0.25, 1);
        assertEquals("Right: 60 for training, 20 for validation, 20 for testing, and no image in two of them.",
                DataChecks.honestSplit(images, second.training(), second.validation(), first.validation()));
        hint("both in training and in validation",
                () -> DataChecks.honestSplit(images, second.training(), second.training(), first.validation()));
        hint("both in validation and in test",
                () -> DataChecks.honestSplit(images, second.training(), first.validation(), first.validation()));
        LabeledImages fewer = second.training().take(59);
        hint("have 99 images together",
                () -> DataChecks.honestSplit(images, fewer, second.validation(), first.validation()));
        hint("validation has 60.0 %",
                () -> DataChecks.honestSplit(images, second.validation(), second.training(), first.validation()));
    }

    @Test
    void scaledAndOneHot() {
        INDArray bytes = images.toArray().reshape(100, 1, 28, 28);
        INDArray right = bytes.castTo(DataType.FLOAT).div(255);
        hint("full ink, 255", () -> DataChecks.scaled(images, right.mul(0.5)));
        assertTrue(DataChecks.scaled(images, right).startsWith("Right"));
        hint("reshape keeps the order", () -> DataChecks.scaled(images, right.permute(0, 1, 3, 2)));
        INDArray oneHot = Nd4j.zeros(100, 10);
        for (int i = 0; i < 100; i++) oneHot.putScalar(i, i % 10, 1);
        assertTrue(DataChecks.oneHot(images, oneHot).startsWith("Right"));
        oneHot.putScalar(7, 3, 1);
        hint("Row 7 adds up to 2.0", () -> DataChecks.oneHot(images, oneHot));
        oneHot.putScalar(7, 7, 0);
        hint("so column 7 of row 7 has to be 1", () -> DataChecks.oneHot(images, oneHot));
    }

    @Test
    void parametersAreCountedOneByOne() {
        assertTrue(NetworkChecks.parameters(3_216, 64, 12_832).startsWith("Right"));
        hint("convolution is still null", () -> NetworkChecks.parameters(null, 64, 12_832));
        hint("Inputs and outputs are swapped", () -> NetworkChecks.parameters(3_208, 64, 12_832));
        hint("running mean and variance", () -> NetworkChecks.parameters(3_216, 32, 12_832));
        hint("dense is not 12,800. You left out the biases", () -> NetworkChecks.parameters(3_216, 64, 12_800));
        hint("Count for one filter", () -> NetworkChecks.parameters(1, 64, 12_832));
    }

    @Test
    void aNetworkOfTheRightShapeInSeveralWays() {
        ConvolutionLayer wide = new ConvolutionLayer.Builder(24, 24).nOut(24).build();
        OutputLayer end = new OutputLayer.Builder(LossFunction.MCXENT).nOut(10).activation(Activation.SOFTMAX).build();
        hint("it must have fewer than 15,000", () -> NetworkChecks.shape(List.of(wide, end)));
        ConvolutionLayer coarse = new ConvolutionLayer.Builder(9, 9).nOut(24).build();
        SubsamplingLayer pool = new SubsamplingLayer.Builder().kernelSize(4, 4).stride(4, 4).build();
        assertTrue(NetworkChecks.shape(List.of(coarse, pool, end)).startsWith("Right: 28×28 to ten probabilities: "
                + "28×28×1 → 20×20×24 → 5×5×24 → 10."));
        hint("the last layer is not an OutputLayer", () -> NetworkChecks.shape(List.of(coarse, pool,
                new DenseLayer.Builder().nOut(10).activation(Activation.SOFTMAX).build())));
        hint("the last layer is not an OutputLayer", () -> NetworkChecks.shape(List.of(coarse, pool,
                new OutputLayer.Builder(LossFunction.MCXENT).nOut(9).activation(Activation.SOFTMAX).build())));
        hint("cannot build", () -> NetworkChecks.shape(List.of(wide, wide, end)));
        hint("layers is still empty", () -> NetworkChecks.shape(List.of()));
    }

    @Test
    void crossEntropyTakesAnyMethod() {
        assertTrue(NetworkChecks.crossEntropy((p, label) -> -Math.log(p[label])).startsWith("Right"));
        hint("base 2", () -> NetworkChecks.crossEntropy((p, label) -> -Math.log(p[label]) / Math.log(2)));
        hint("divide by the ten digits", () -> NetworkChecks.crossEntropy((p, label) -> -Math.log(p[label]) / 10));
        hint("ended in an error", () -> NetworkChecks.crossEntropy((p, label) -> p[label - 1]));
        hint("it is not the cross-entropy", () -> NetworkChecks.crossEntropy((p, label) -> 1 - p[label]));
    }

    @Test
    void historyAndPair() {
        History two = new History(List.of(epoch(1, 0.9), epoch(2, 0.8)));
        assertEquals("Right: epoch 1, with 90.0 % of the validation images recognized.", TrainingChecks.curve(two, 1));
        hint("Epoch 2 is not the best", () -> TrainingChecks.curve(two, 2));
        hint("no epoch 3", () -> TrainingChecks.curve(two, 3));
        hint("The history has 1 epoch;", () -> TrainingChecks.curve(new History(List.of(epoch(1, 0.9))), 1));
        hint("not validated",
                () -> TrainingChecks.curve(new History(List.of(epoch(1, Double.NaN), epoch(2, Double.NaN))), 1));
        float[][] sure = new float[4][10];
        for (int i = 0; i < 4; i++) sure[i][i < 2 ? 4 : 7] = 1;
        Predictions predictions = Predictions.of(sure, new int[] {9, 9, 7, 1});
        assertTrue(TrainingChecks.confusedPair(predictions, new int[] {9, 4}).startsWith("Right: 2 images of a 9"));
        hint("in the wrong order", () -> TrainingChecks.confusedPair(predictions, new int[] {4, 9}));
        hint("another pair was confused more often", () -> TrainingChecks.confusedPair(predictions, new int[] {1, 7}));
        hint("1 image of a 1 was taken for a 7,", () -> TrainingChecks.confusedPair(predictions, new int[] {1, 7}));
        Predictions eight = Predictions.of(new float[][] {sure[0], sure[3]}, new int[] {8, 7});
        assertTrue(TrainingChecks.confusedPair(eight, new int[] {8, 4}).contains("1 image of an 8 was taken for a 4."));
        hint("0 images of a 3 were taken for an 8,", () -> TrainingChecks.confusedPair(eight, new int[] {3, 8}));
    }

    @Test
    void topTwo() {
        float[][] p = {{0.1f, 0.2f, 0.3f, 0.4f}, {0.1f, 0.2f, 0.3f, 0.4f}, {0.1f, 0.2f, 0.3f, 0.4f}};
        Predictions predictions = Predictions.of(p, new int[] {2, 1, 1});
        hint("For how many digits", () -> TrainingChecks.topTwo(all -> 1, predictions));
        hint("it says 0.7500, not 0.3333", () -> TrainingChecks.topTwo(all -> 0.75, predictions));
        hint("gives NaN", () -> TrainingChecks.topTwo(all -> Double.NaN, predictions));
        hint("only the second place", () -> TrainingChecks.topTwo(all -> 0.25, predictions));
        hint("the count", () -> TrainingChecks.topTwo(all -> 3, predictions));
    }

    @Test
    void anAugmentationKeepsTheDigitAndHelpsTheNetwork() {
        LabeledImages others = Examples.bars(50, 2);
        Function<Augmentation, String> check = how ->
                TrainingChecks.augmentation(how, () -> Examples.smallNetwork(1), images.take(40), others);
        hint("it is cut off", () -> check.apply(Augmentation.NONE.shifted(9)));
        hint("of unusual size", () -> check.apply(Augmentation.NONE.zoomed(0.5)));
        hint("fall apart", () -> check.apply(Augmentation.NONE.bent(8)));
        hint("Add another kind", () -> check.apply(Augmentation.NONE.shifted(4)));   // a shifted bar is another digit
        Iterator<MultiLayerNetwork> better = List.of(Examples.smallNetwork(1, new Sgd(0)), Examples.smallNetwork(1))
                .iterator();
        String right = TrainingChecks.augmentation(Augmentation.NONE.rotated(1), better::next, images, others);
        assertTrue(right.startsWith("Of 50 other images, the network recognizes") && right.contains("Right: "), right);
    }

    @Test
    void theLastTwoCountParametersAndValidateAnew() {
        Split split = Split.stratified(images, 0.2, 1);
        assertEquals(0.90, Challenge.bar(split, 0.98));
        assertEquals(0.98, Challenge.bar(new Split(images.subset(new int[40_000]), images), 0.98));
        hint("network is still null", () -> Challenge.check(null, split));
        hint("small is still null", () -> Challenge.small(null, split));
        hint("parameters, ", () -> Challenge.check(Examples.smallNetwork(1), split));
        hint("parameters, ", () -> Challenge.small(Examples.smallNetwork(1), split));
    }

    private static void hint(String words, Executable check) {
        String message = assertThrows(NotYet.class, check).getMessage();
        assertTrue(message.contains(words), message);
    }

    private static double[] times(double[] values, DoubleUnaryOperator change) {
        return Arrays.stream(values).map(change).toArray();
    }

    private static Epoch epoch(int number, double validationAccuracy) {
        return new Epoch(number, 0.1, 0.99, 0.2, validationAccuracy, 1, 1, 100);
    }
}
