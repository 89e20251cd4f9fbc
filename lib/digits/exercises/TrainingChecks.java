package digits.exercises;

import static digits.exercises.Answers.close;
import static digits.exercises.Answers.computed;
import static digits.exercises.Answers.given;
import static digits.exercises.Answers.reject;
import static digits.exercises.Answers.say;

import digits.Text;
import digits.acceleration.Acceleration;
import digits.data.Augmentation;
import digits.data.AugmentedBatches;
import digits.data.Batches;
import digits.data.DigitBatches;
import digits.data.LabeledImages;
import digits.evaluation.ConfusionMatrix;
import digits.evaluation.Predictions;
import digits.training.Epoch;
import digits.training.History;
import digits.training.Trainer;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** The checks of lesson 3, about training. Each returns a sentence for a right answer or throws {@link NotYet}. */
public final class TrainingChecks {
    private static final int STEPS = 40;
    private static final int EPOCHS = 15;
    private static final double LEARNED = 0.7;   // a loss to reach in these steps; it starts near ln 10 = 2.30

    private TrainingChecks() { }

    /** A training run of two epochs with validation, and the number of the best epoch. */
    public static String curve(History history, Integer bestEpoch) {
        int epochs = given("history", history).epochs().size();
        reject(epochs != 2, "The history has %s; train for two. (A trainer continues where it stopped: to start "
                + "over, run the whole cell again, with its new network.)", Text.count(epochs, "epoch"));
        Epoch best = history.best().orElseThrow(() -> new NotYet(
                "The epochs were not validated: pass the validation batches to fit as the second argument."));
        given("bestEpoch", bestEpoch);
        reject(bestEpoch < 1 || bestEpoch > 2, "There were two epochs, 1 and 2, but no epoch %d.", bestEpoch);
        reject(bestEpoch != best.number(), "Epoch %d is not the best: take the row with the highest number in the "
                + "column “val. accuracy” of the table. The training figures do not show how the network does on new "
                + "images.", bestEpoch);
        return say("Right: epoch %d, with %.1f %% of the validation images recognized.", bestEpoch,
                100 * best.validationAccuracy());
    }

    /** The pair that is confused most, {true digit, predicted digit}; any of them if several share the count. */
    public static String confusedPair(Predictions predictions, int[] pair) {
        given("pair", pair);
        reject(pair.length != 2,
                "pair has %d numbers; it has to have two: the true digit, the predicted digit.", pair.length);
        int written = pair[0];
        int seen = pair[1];
        reject(Math.min(written, seen) < 0 || Math.max(written, seen) > 9, "%d and %d are not both digits, 0 to 9. "
                + "Give the position in the matrix, not the count in it.", written, seen);
        reject(written == seen, "%d taken for %d is not a mistake: that is the diagonal. Leave it out when you look "
                + "for the largest count.", written, seen);
        long[][] counts = ConfusionMatrix.of(predictions).counts();
        long most = 0;
        for (int i = 0; i < 10; i++) for (int j = 0; j < 10; j++) if (i != j) most = Math.max(most, counts[i][j]);
        if (counts[written][seen] == most) {
            return say("Right: %s taken for %s. No pair was confused more often.", images(most, written), a(seen));
        }
        reject(counts[seen][written] == most, "These are the right two digits in the wrong order: the row, the true "
                + "digit, comes first; the column, the predicted digit, second.");
        throw new NotYet("%s taken for %s, but another pair was confused more often. Go through all rows and columns, "
                + "and keep the position of the largest count off the diagonal.",
                images(counts[written][seen], written), a(seen));
    }

    private static String images(long count, int digit) {
        return Text.count(count, "image") + " of " + a(digit) + (count == 1 ? " was" : " were");
    }

    private static String a(int digit) {
        return (digit == 8 ? "an " : "a ") + digit;
    }

    /** Top-2 accuracy, by the learner's method: the share of images whose label is among the two likeliest digits. */
    public static String topTwo(ToDoubleFunction<Predictions> topTwo, Predictions predictions) {
        // labels at the first, second, third and first place
        Predictions four = Predictions.of(new float[][] {
            {0.7f, 0.2f, 0.1f}, {0.6f, 0.3f, 0.1f}, {0.5f, 0.3f, 0.2f}, {0.1f, 0.1f, 0.8f}}, new int[] {0, 1, 2, 2});
        double found = computed("topTwo", () -> topTwo.applyAsDouble(four));
        reject(Double.isNaN(found), "topTwo gives NaN, which is not a number. If you have not written it yet, that is "
                + "why. Otherwise: was 0 divided by 0?");
        Map<Double, String> hints = Map.of(
                0.5, "That is plain accuracy: also count an image if its label has the second place.",
                0.25, "It counts only the second place. The first counts as well.",
                3.0, "That is the count. Divide by the number of images.",
                1.0, "The third place was counted, too. For how many digits may the probability be higher than for the "
                        + "label?",
                0.0, "Is it int / int? That cuts off the fraction: make one of the two a double.");
        reject(!close(found, 0.75, 1e-9), "The labels of four images have the first, second, third and first place, so "
                + "three of four count: 0.75. Yours says %s. %s", found, hints.getOrDefault(found, ""));
        double real = computed("topTwo", () -> topTwo.applyAsDouble(predictions));
        double expected = share(predictions);
        reject(!close(real, expected, 1e-9), "It works for three classes and four images, but for these %,d it says "
                + "%.4f, not %.4f. Does your code assume a number of classes or images?",
                predictions.size(), real, expected);
        return say("Right: the label is among the first two for %.1f %%; the first alone is right for %.1f %%.",
                100 * real, 100 * predictions.accuracy());
    }

    private static double share(Predictions predictions) {
        long hits = IntStream.range(0, predictions.size()).filter(i -> DoubleStream.of(predictions.probabilities(i))
                .filter(p -> p > predictions.probability(i, predictions.label(i))).count() < 2).count();
        return (double) hits / predictions.size();
    }

    /**
     * A learning rate with which the network learns at once: a copy of it trains 40 steps with that rate.
     *
     * @param network untrained; it is not changed
     * @param batches scaled training batches
     */
    public static String learningRate(MultiLayerNetwork network, Batches batches, Double rate) {
        given("rate", rate);
        reject(!(rate > 0) || Double.isInfinite(rate), "A learning rate is a number above 0; yours is %s.", rate);
        double loss = lossAfter(network, batches, rate);
        String tried = say("After %d steps with the rate %s the loss is %s. ", STEPS, rate,
                Double.isFinite(loss) ? say("%.2f", loss) : "no longer a number");
        if (loss < LEARNED) return tried + "Right: that is a rate to train with.";
        // ten times the rate shows in which direction a better one lies
        boolean tooSmall = Double.isFinite(loss) && lossAfter(network, batches, rate * 10) < loss;
        throw new NotYet("%s(A network that has learned nothing has 2.30.) %s", tried, tooSmall
                ? "Such steps are too small: it learns, but too slowly. In the curve of the learning rate finder, go "
                        + "to the right, to where it falls most steeply."
                : "Such steps are too large: each overshoots. In the curve of the learning rate finder, stay well to "
                        + "the left of the lowest point, at about a tenth of it.");
    }

    private static double lossAfter(MultiLayerNetwork network, Batches batches, double rate) {
        MultiLayerNetwork copy = network.clone();
        Acceleration.of(copy);
        copy.setLearningRate(rate);
        batches.reset();
        double sum = 0;
        for (int step = 0; step < STEPS; step++) {
            if (!batches.hasNext()) batches.reset();
            copy.fit(batches.next());
            if (step >= STEPS - 10) sum += copy.score();
        }
        return sum / 10;
    }

    /**
     * Changes after which a digit is still the same digit, and with which a network learns more from few images.
     *
     * @param untrained makes a network, always with the same initial weights; two of them are trained
     * @param few       the images to train on, with the changes and without
     * @param others    images to measure the two networks on
     */
    public static String augmentation(Augmentation augmentation, Supplier<MultiLayerNetwork> untrained,
                                      LabeledImages few, LabeledImages others) {
        keepsTheDigit(augmentation);
        double without = accuracy(untrained.get(), few, Augmentation.NONE, others);
        double with = accuracy(untrained.get(), few, augmentation, others);
        String result = say("Of %,d other images, the network recognizes %.1f %% without augmentation and %.1f %% "
                + "with yours. ", others.size(), 100 * without, 100 * with);
        reject(with <= without, "%sEach change keeps the digit readable, but the network has to gain from it. Add "
                + "another kind of change, or make it a little larger: digits differ in place, slant and size.",
                result);
        return result + "Right: you got more out of the same images.";
    }

    private static double accuracy(MultiLayerNetwork network, LabeledImages few, Augmentation augmentation,
                                   LabeledImages others) {
        DigitBatches batches = DigitBatches.shuffled(few, 64, 42).scaled();
        Trainer.of(network, 42).fit(AugmentedBatches.of(batches, augmentation, 42), EPOCHS);
        return Predictions.of(network, DigitBatches.inOrder(others, 250).scaled()).accuracy();
    }

    private static void keepsTheDigit(Augmentation augmentation) {
        given("augmentation", augmentation);
        reject(augmentation.equals(Augmentation.NONE), "NONE changes nothing. Add at least one change, for example "
                + ".shifted(2).");
        reject(augmentation.mirror(), "A mirrored shoe is a shoe, but a mirrored 3 is not a digit, and a mirrored 2 is "
                + "nearly a 5: leave out flipped().");
        reject(augmentation.rotation() > 30, "Rotated by up to %.0f degrees, a 1 becomes a 7 and, further on, a 6 a 9. "
                + "People write within about 20 degrees.", augmentation.rotation());
        reject(augmentation.shift() > 4, "A digit has about 4 empty pixels around it. Shifted by up to %d, it is cut "
                + "off.", augmentation.shift());
        reject(augmentation.zoom() > 0.3, "±%.0f %% makes digits of unusual size, or digits that leave the image. 10 "
                + "or 20 %% is plenty.", 100 * augmentation.zoom());
        reject(augmentation.elastic() > 3, "Bent by %.1f pixels, strokes of two to three pixels' width fall apart. Try "
                + "1.", augmentation.elastic());
    }
}
