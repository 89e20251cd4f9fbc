package digits.pictures;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.data.Augmentation;
import digits.data.LabeledImages;
import digits.evaluation.Agreement;
import digits.evaluation.Predictions;
import digits.experiments.Run;
import digits.experiments.Runs;
import digits.image.Grid;
import digits.image.Ink;
import digits.interpret.FeatureMaps;
import digits.networks.LayerSummary;
import digits.networks.LayerSummaryTest;
import digits.networks.ResNet;
import digits.networks.ResidualBlock;
import digits.training.Epoch;
import digits.training.LearningRateFinder;
import digits.training.ScalingModel;
import digits.training.Schedules;
import digits.training.TestScore;
import java.awt.image.BufferedImage;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** What the alternative texts say, on small data whose figures are known. */
class SentencesTest {
    private static final LabeledImages IMAGES = Pictures.striped(3);
    private static final LabeledImages THREE = LabeledImages.of(new byte[3 * 784], new byte[] {0, 1, 2}, 28, 28,
            List.of("0", "1", "2"));
    private static final Digit DIGIT = Digit.of(IMAGES, 0);
    private static final Predictions READ = Predictions.of(new float[][] {{0.75f, 0.25f, 0}, {0.25f, 0.75f, 0},
        {0.125f, 0.75f, 0.125f}}, new int[] {0, 1, 2});
    private static final Grid FILTER = Grid.of(2, 2, 1, 0, 0, -1);
    private static final Grid MAP = Grid.of(2, 2, 1, -2, 3, 0.5f);
    private static final Picture ONE = Style.picture(10, 10, "The first of two.", g -> { });
    private static final double[][] POINTS = {{0, 0}, {1, 1}, {2, 0}};
    private static final Map<String, LearningRateFinder> RANGE = Map.of("Adam", new LearningRateFinder(List.of(
            new LearningRateFinder.Point(0.001, 2.3), new LearningRateFinder.Point(0.01, 0.5))));
    private static final List<String> NAMES = List.of("training", "test");

    private static Run run(String name, double rate, double accuracy) {
        List<Epoch> epochs = IntStream.rangeClosed(1, 2).mapToObj(n -> new Epoch(n, 0.5 / n, 0.9, 0.25 / n,
                accuracy - 0.1 * (2 - n), 3, 1, 100)).toList();
        return new Run(name, rate, 1, 128, 2, 1_234, epochs, 8, new TestScore(10, 0.1, accuracy - 0.01), 1, "", "f");
    }

    private static final Runs RUNS = new Runs(List.of(run("SGD", 0.1, 0.95), run("SGD", 0.3, 0.98)));

    private static ResidualBlock block() {
        ComputationGraph graph = new ComputationGraph(ResNet.configuration(1, 10, 1));
        graph.init();
        return ResidualBlock.of(graph).get(0);
    }

    /** Their sentences are tested together with what they draw. */
    private static final Set<String> ELSEWHERE = Set.of("CorruptionSheet.of", "PerturbationPicture.of",
            "RobustnessChart.of", "RobustnessChart.against",   // BreakTest
            "CoverageChart.of", "Histogram.of", "Histogram.rows", "IntervalChart.of",
            "ReliabilityDiagram.of",   // UncertaintyPicturesTest
            "DataScalingChart.of", "RungChart.of");   // RunChartsTest, RungChartTest

    /** An example of each other method and a part of its sentence. */
    private record Example(String method, Supplier<Picture> picture, String words) {
    }

    private static Example of(String method, String words, Supplier<Picture> picture) {
        return new Example(method, picture, words);
    }

    private static List<Example> drawings() {
        long[][] counts = {{9, 1}, {3, 7}};
        return List.of(
                of("ArchitectureDrawing.of", "A network drawn as 18 blocks: ", () -> ArchitectureDrawing.of(
                        LayerSummary.of(LayerSummaryTest.seedsNetwork()))),
                of("ResidualBlockDrawing.of", "ReLU follows the sum x + F(x).", () -> ResidualBlockDrawing.of(block())),
                of("ConfusionMatrixPicture.of", "Confusion matrix: 16 of 20 right (80.00 %), 4 wrong; most frequent "
                        + "mistake: 1 predicted as 0, 3 times.", () -> ConfusionMatrixPicture.of(counts)),
                of("ConfusionMatrixPicture.of", "Confusion matrix: 12 of 12 right (100.00 %), 0 wrong.",
                        () -> ConfusionMatrixPicture.of(new long[][] {{5, 0}, {0, 7}}, List.of("cat", "dog"))),
                of("ConfusionMatrixPicture.of", "the same prediction for 3 of 3 (100.00 %), different ones for 0.",
                        () -> ConfusionMatrixPicture.of(Agreement.of(READ, READ), "a", "b")),
                of("ConvolutionPicture.of", "A filter of 2×2 at row 1, column 0 of an image of 3×3: its 4 products sum "
                        + "up to 1; 3 of 4 numbers of the feature map are computed.",
                        () -> ConvolutionPicture.of(Grid.of(3, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0), FILTER, 1, 0)),
                of("ConvolutionPicture.of", "of an image of 28×28",
                        () -> ConvolutionPicture.of(IMAGES, 0, FILTER, 0, 0)),
                of("EmbeddingPicture.of", "two groups: a map of 3 images of 2 labels, 1 of them ringed as mistakes.",
                        () -> EmbeddingPicture.of("two groups", POINTS, new int[] {0, 1, 1}, i -> i == 2)),
                of("EmbeddingPicture.of", "a map of 3 images of 3 labels.",
                        () -> EmbeddingPicture.of("three", POINTS, new int[] {0, 1, 2})),
                of("FeatureMapsPicture.of", "convolution 1: 2 maps of 2×2, up to 3.0.", () -> FeatureMapsPicture.of(
                        DIGIT, List.of(new FeatureMaps(0, "convolution 1", List.of(MAP, FILTER))))),
                of("FilterPicture.of", "2 filters of 2×2 weights from -2.00 to 3.00",
                        () -> FilterPicture.of(List.of(MAP, FILTER), 2)),
                of("HeatPicture.of", "2 panels with an image: an eight, why (saliency).", () -> HeatPicture.of(
                        HeatPicture.Panel.of(DIGIT, "an eight"),
                        HeatPicture.Panel.saliency(DIGIT, new Grid(28, 28, new float[784]), "why"))),
                of("HeatPicture.gallery", "Grad-CAM maps of 1 image: 2 read as 1, 75.0 %.", () -> HeatPicture.gallery(
                        IMAGES, READ, List.of(2), List.of(new Grid(28, 28, new float[784])), 3)),
                of("InkSteps.of", "drawn (28 × 28), cropped (28 × 1)", () -> InkSteps.of(Ink.of(IMAGES.grid(2)))),
                of("InkSteps.of", "photographed (40 × 30), its ink (28 × 28)", () -> InkSteps.of(
                        new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB), Ink.of(IMAGES.grid(2)))),
                of("Digit.enlarged", "An image of 28 × 28 pixels, 28 of them more ink than paper.",
                        () -> DIGIT.enlarged(2)));
    }

    private static List<Example> digits() {
        LabeledImages clothes = LabeledImages.of(new byte[2 * 4], new byte[] {0, 1}, 2, 2, List.of("Shirt", "Coat"));
        Predictions worn = Predictions.of(new float[][] {{0.25f, 0.75f}, {0, 1}}, new int[] {0, 1});
        return List.of(
                of("Gallery.of", "A gallery of 3 images: 0, 1, 2.", () -> Gallery.of(IMAGES, 3, 1)),
                of("Gallery.of", "A gallery of 2 images: 1 read as 1, 75.0 %; 2 read as 1, 75.0 %.",
                        () -> Gallery.of(IMAGES, READ, List.of(1, 2), 2)),
                of("Gallery.of", "A gallery of 2 images: Shirt, read as Coat 75.0 %; Coat, read as Coat 100.0 %.",
                        () -> Gallery.of(clothes, worn, List.of(0, 1), 2)),
                of("Gallery.of", "Nothing to show.", () -> Gallery.of(IMAGES, READ, List.of(), 2)),
                of("Gallery.of", "A gallery of 1 image.",
                        () -> Gallery.of(List.of(new Gallery.Item(DIGIT, "", "", false)), 2)),
                of("Gallery.augmented", "A gallery of 2 images: shift, original.", () -> Gallery.augmented(IMAGES, 0,
                        Map.of("shift", Augmentation.NONE.shifted(1)), 2, 1)),
                of("PredictionPicture.of", "predicted 1 with 75.00 %, but it is a 2.",
                        () -> PredictionPicture.of(THREE, READ, 2)),
                of("PredictionPicture.of", "predicted 0 with 75.00 %: right.",
                        () -> PredictionPicture.of(DIGIT, READ.probabilities(0), 0)),
                of("PredictionPicture.bars", "Probabilities of 3 classes: predicted 1 with 75.00 %: right.",
                        () -> PredictionPicture.bars(READ.probabilities(1), 1)),
                of("NumbersPicture.relu", "ReLU of a map of 2×2 gives 2×2 numbers: 1, 0; 3, 0.50.",
                        () -> NumbersPicture.relu(MAP)),
                of("NumbersPicture.normalized", "of 1×2, mean 2, std. dev. 1, gives 1×2 numbers: −1, 1.",
                        () -> NumbersPicture.normalized(Grid.of(1, 2, 1, 3))),
                of("NumbersPicture.maxPooling", "by squares of 2×2 gives 1×1 numbers: 3.",
                        () -> NumbersPicture.maxPooling(MAP, 2)),
                of("NumbersPicture.convolution", "and stride 1 by a filter of 2×2 gives 1×1 numbers: 0.50.",
                        () -> NumbersPicture.convolution(MAP, FILTER, 0, 1)),
                of("NumbersPicture.channels", "Convolution of 2 channels of 2×2, each with its weights; the sum gives "
                        + "1×1 numbers: 1.", () -> NumbersPicture.channels(List.of(MAP, MAP), List.of(FILTER, FILTER))),
                of("NumbersPicture.softmax", "Softmax of the scores 0, 0 gives 1×2 numbers: 0.50, 0.50.",
                        () -> NumbersPicture.softmax(0, 0)),
                of("Figures.sideBySide", "The first of two. Nothing to show.",
                        () -> Figures.sideBySide(ONE, Style.nothingToShow(), ONE)),
                of("Figures.stacked", "An image of 4 × 3 pixels.", () -> Figures.stacked(List.of(
                        new BufferedImage(4, 3, BufferedImage.TYPE_INT_RGB)))),
                of("Figures.titled", "training: The first of two.", () -> Figures.titled("training", ONE)));
    }

    private static List<Example> labels() {
        return List.of(
                of("LabelChart.counts", "Bar chart, images for each class: train from 0 (3) to 1 (0).",
                        () -> LabelChart.counts("train", IMAGES)),
                of("LabelChart.counts", "train from 0 (3) to 1 (0).", () -> LabelChart.counts(Map.of("train", IMAGES))),
                of("LabelChart.counts", "training from 0 (3) to 1 (0); test from 1 (1) to 2 (0).",
                        () -> LabelChart.counts(NAMES, IMAGES, Pictures.striped(11))),
                of("LabelChart.shares", "share of the set for each class: a from 10 % (0) to 10 % (0).",
                        () -> LabelChart.shares(Map.of("a", Pictures.striped(10)))),
                of("LabelChart.shares", "test from 9 % (1) to 18 % (0).",
                        () -> LabelChart.shares(NAMES, IMAGES, Pictures.striped(11))),
                of("LabelChart.differences", "percentage points above training for each class: test from −0.9 (1) to "
                        + "+8.2 (0).", () -> LabelChart.differences(NAMES, Pictures.striped(10), Pictures.striped(11))),
                of("LabelChart.sizes", "A bar of 14 images in 2 sets: training 3, test 11.",
                        () -> LabelChart.sizes(NAMES, IMAGES, Pictures.striped(11))));
    }

    private static List<Example> charts() {
        List<Epoch> epochs = RUNS.runs().get(0).epochs();
        return List.of(
                of("CostChart.of", "Accuracy on the test set against seconds per epoch: SGD 94.00 % in 3.0 s with "
                        + "1,234 parameters; SGD 97.00 %", () -> CostChart.of(RUNS)),
                of("CostChart.validation", "Accuracy on the validation set against seconds per epoch: SGD 95.00 %",
                        () -> CostChart.validation(RUNS)),
                of("CostChart.ladder", "against seconds of training: SGD 95.00 % in 6.0 s with",
                        () -> CostChart.ladder(RUNS.runs())),
                of("DescentChart.valley", "right: 2 steps, loss from 1.00 to 0.00.", () -> DescentChart.valley(
                        x -> x * x, -1, 1, List.of("right"), new double[] {-1, 0.5, 0})),
                of("DescentChart.losses", "Loss over 2 passes through the training set: full from 2.3 to 0.9.",
                        () -> DescentChart.losses(2, List.of("full"), new double[] {2.3, 0.9})),
                of("DescentChart.paths", "after 1 step from 2.1: SGD 2.005.",
                        () -> DescentChart.paths(Map.of("SGD", new Sgd(0.1)), 1)),
                of("LearningCurves.of", "Loss over 2 epochs: training from 0.5000 to 0.2500, validation from 0.2500 to "
                        + "0.1250, lowest 0.1250 in epoch 2. Accuracy over", () -> LearningCurves.of(epochs)),
                of("LearningCurves.of", "no epoch is finished yet.", () -> LearningCurves.of(List.of(), 3)),
                of("LearningRateChart.of", "at growing rates: loss lowest at 0.01.",
                        () -> LearningRateChart.of(RANGE.get("Adam"))),
                of("LearningRateChart.of", "Adam lowest at 0.01.", () -> LearningRateChart.of(RANGE)),
                of("LearningRateChart.schedules", "Learning rate at each of 3 steps: fixed from 0.1 to 0.1.",
                        () -> LearningRateChart.schedules(Map.of("fixed", Schedules.constant(0.1)), 3)),
                of("PixelHistogram.of", "before: 0 to 3, 50 % of them in the lowest of 32 parts.",
                        () -> PixelHistogram.of(Nd4j.createFromArray(0f, 0f, 1f, 3f), Nd4j.zeros(DataType.FLOAT, 4))),
                of("RunCharts.curves", "accuracy after the last of 2 epochs: SGD, 0.1 95.00 %, SGD, 0.3 98.00 %.",
                        () -> RunCharts.curves(RUNS)),
                of("RunCharts.dots", "mean of each setting: SGD, 0.1 95.00 %, SGD, 0.3 98.00 %.",
                        () -> RunCharts.dots(RUNS)),
                of("RunCharts.rates", "Validation error at each learning rate: SGD lowest at 0.3 with 2.00 %.",
                        () -> RunCharts.rates(RUNS)),
                of("ScalingChart.of", "measured 1.5 times as fast with 2 executors.", () -> ScalingChart.of(
                        new ScalingModel(0.07, 0.03, 7_000_000, 110e6), List.of(4),
                        List.of(new ScalingChart.Point(2, 4, 1.5)))));
    }

    @Test
    void whatPicturesOfLayersAndImagesSay() {
        check(drawings());
    }

    @Test
    void whatGalleriesAndNumbersSay() {
        check(digits());
    }

    @Test
    void whatChartsSay() {
        check(charts());
    }

    private static void check(List<Example> examples) {
        assertAll(examples.stream().map(example -> () -> {
            String sentence = example.picture().get().toString();
            assertTrue(sentence.contains(example.words()), example.method() + " says: " + sentence);
        }));
    }

    /** A new method needs an example here. */
    @Test
    void everyMethodHasAnExample() {
        Set<String> examples = new HashSet<>(ELSEWHERE);
        for (List<Example> some : List.of(drawings(), digits(), labels(), charts())) {
            some.forEach(example -> examples.add(example.method()));
        }
        assertEquals(Set.of(), PictureTest.methods().map(m -> m.getDeclaringClass().getSimpleName() + "." + m.getName())
                .filter(method -> !examples.contains(method)).collect(Collectors.toSet()));
    }
}
