package digits.exercises;

import static digits.exercises.Answers.close;
import static digits.exercises.Answers.computed;
import static digits.exercises.Answers.given;
import static digits.exercises.Answers.say;

import digits.acceleration.Acceleration;
import digits.data.Augmentation;
import digits.data.Batches;
import digits.evaluation.ConfusionMatrix;
import digits.evaluation.Predictions;
import digits.training.Epoch;
import digits.training.History;
import java.util.function.ToDoubleFunction;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** The checks of lesson 3, about training and judging. Each returns a sentence for a right answer, and throws {@link NotYet} for another. */
public final class TrainingChecks {
    private static final int STEPS = 40;
    /** A loss that so many steps have to reach; whoever knows nothing has ln 10 = 2.30. */
    private static final double LEARNT = 0.7;

    private TrainingChecks() {
    }

    /** A training of two epochs with validation, and the number of the best one. */
    public static String curve(History history, Integer bestEpoch) {
        given("history", history);
        int epochs = history.epochs().size();
        if (epochs != 2) {
            throw new NotYet(say("The history has %d %s; train for two. (A trainer goes on from where it stopped: to begin anew, run the whole "
                    + "cell again, with its new network.)", epochs, epochs == 1 ? "epoch" : "epochs"));
        }
        Epoch best = history.best().orElseThrow(() -> new NotYet(
                "The epochs were not validated: give fit the validation batches, too, as its second argument."));
        given("bestEpoch", bestEpoch);
        if (bestEpoch < 1 || bestEpoch > 2) throw new NotYet(say("There were two epochs, number 1 and number 2, but no number %d.", bestEpoch));
        if (bestEpoch != best.number()) {
            throw new NotYet(say("Epoch %d is not the best: look at the column «val. accuracy» of the table, and take the row with the highest "
                    + "number. The training figures do not tell how it does on new images.", bestEpoch));
        }
        return say("Right: epoch %d, with %.1f %% of the validation images recognised.", bestEpoch, 100 * best.validationAccuracy());
    }

    /** The pair that is confused most: {what was written, what the network saw}; of several with the same count any. */
    public static String confusedPair(Predictions predictions, int[] pair) {
        given("pair", pair);
        if (pair.length != 2) throw new NotYet(say("pair has %d numbers; it has to have two: the digit written, the digit seen.", pair.length));
        int written = pair[0];
        int seen = pair[1];
        if (Math.min(written, seen) < 0 || Math.max(written, seen) > 9) {
            throw new NotYet(say("%d and %d are not both digits, 0 to 9. The place in the matrix is asked for, not the count that stands "
                    + "there.", written, seen));
        }
        if (written == seen) {
            throw new NotYet(say("%d taken for %d is no mistake: that is the diagonal. Leave it out when you look for the largest "
                    + "count.", written, seen));
        }
        long[][] counts = ConfusionMatrix.of(predictions).counts();
        long most = 0;
        for (int i = 0; i < 10; i++) for (int j = 0; j < 10; j++) if (i != j) most = Math.max(most, counts[i][j]);
        if (counts[written][seen] == most) {
            return say("Right: %d images of a %d were taken for a %d, more than of any other pair.", most, written, seen);
        }
        if (counts[seen][written] == most) {
            throw new NotYet("The right two digits in the wrong order: the row, what was written, comes first; the column, what the network "
                    + "saw, second.");
        }
        throw new NotYet(say("A %d was taken for a %d %d times, but another pair was confused more often. Go through all rows and columns, and keep "
                + "the place of the largest count off the diagonal.", written, seen, counts[written][seen]));
    }

    /**
     * The share of images whose label is among the two digits with the highest probabilities.
     *
     * @param topTwo the learner's method
     */
    public static String topTwo(ToDoubleFunction<Predictions> topTwo, Predictions predictions) {
        // labels at the first, second, third and first place
        Predictions four = Predictions.of(new float[][] {{0.7f, 0.2f, 0.1f}, {0.6f, 0.3f, 0.1f}, {0.5f, 0.3f, 0.2f}, {0.1f, 0.1f, 0.8f}},
                new int[] {0, 1, 2, 2});
        double found = computed("topTwo", () -> topTwo.applyAsDouble(four));
        String images = "Four images whose labels have the first, the second, the third and the first place: three of four, 0.75. ";
        if (Double.isNaN(found)) {
            throw new NotYet("topTwo gives NaN, which is no number. If you have not written it yet, that is why; else: was 0 divided by 0?");
        }
        if (found == 0.5) {
            throw new NotYet(images + "Yours says 0.5: that is plain accuracy. Count an image, too, if its label has the second place.");
        }
        if (found == 0.25) throw new NotYet(images + "Yours says 0.25: it counts only the second place. The first counts as well.");
        if (found == 3) throw new NotYet(images + "Yours says 3, the count. Divide by the number of images.");
        if (found == 1) {
            throw new NotYet(images + "Yours says 1: also the third place was counted. For how many digits may the probability be higher than "
                    + "for the label?");
        }
        if (found == 0) throw new NotYet(images + "Yours says 0. Is it int / int? That cuts off the fraction: make one of the two a double.");
        if (!close(found, 0.75, 1e-9)) throw new NotYet(images + say("Yours says %.4f.", found));
        double real = computed("topTwo", () -> topTwo.applyAsDouble(predictions));
        double wanted = share(predictions);
        if (!close(real, wanted, 1e-9)) {
            throw new NotYet(say("It works for three classes and four images, but for these %,d it says %.4f, not %.4f. Is a number of classes "
                    + "or images written into it?", predictions.size(), real, wanted));
        }
        return say("Right: the label is among the first two for %.1f %%; the first alone is right for %.1f "
                + "%%.", 100 * real, 100 * predictions.accuracy());
    }

    private static double share(Predictions predictions) {
        int hits = 0;
        for (int i = 0; i < predictions.size(); i++) {
            int higher = 0;
            for (double p : predictions.probabilities(i)) if (p > predictions.probability(i, predictions.label(i))) higher++;
            if (higher < 2) hits++;
        }
        return (double) hits / predictions.size();
    }

    /**
     * A learning rate with which the network learns at once: a copy of it trains 40 steps with that rate.
     *
     * @param network untrained; stays as it is
     * @param batches scaled training batches
     */
    public static String learningRate(MultiLayerNetwork network, Batches batches, Double rate) {
        given("rate", rate);
        if (!(rate > 0) || Double.isInfinite(rate)) throw new NotYet("A learning rate is a number above 0; yours is " + rate + ".");
        double loss = lossAfter(network, batches, rate);
        String tried = say("After %d steps with the rate %s the loss is %s. ", STEPS, rate, Double.isFinite(loss) ? say("%.2f", loss) : "no "
                + "number any more");
        if (loss < LEARNT) return tried + "Right: that is a rate to train with.";
        // ten times the rate tells in which direction a better one lies
        boolean tooSmall = Double.isFinite(loss) && lossAfter(network, batches, rate * 10) < loss;
        throw new NotYet(tried + "(Knowing nothing is 2.30.) " + (tooSmall
                ? "Such steps are too small: it learns, but it would take for ever. In the range test's curve, go to the right, to where it "
                        + "falls steepest."
                : "Such steps are too large: each overshoots. In the range test's curve, stay well to the left of the lowest point, about a "
                        + "tenth of it."));
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

    /** Changes that leave a digit the digit that it is. */
    public static String augmentation(Augmentation augmentation) {
        given("augmentation", augmentation);
        if (augmentation.equals(Augmentation.NONE)) throw new NotYet("NONE changes nothing. Add at least one change, for example .shifted(2).");
        if (augmentation.mirror()) {
            throw new NotYet("A mirrored shoe is a shoe, but a mirrored 3 is no digit, and a mirrored 2 is nearly a 5: leave flipped() out.");
        }
        if (augmentation.rotation() > 30) {
            throw new NotYet(say("Turned by up to %.0f degrees, a 1 becomes a 7 and, further on, a 6 a 9. People write within about 20 "
                    + "degrees.", augmentation.rotation()));
        }
        if (augmentation.shift() > 4) {
            throw new NotYet(say("A digit has about 4 empty pixels around it. Shifted by up to %d, it is cut off.", augmentation.shift()));
        }
        if (augmentation.zoom() > 0.3) {
            throw new NotYet(say("±%.0f %% makes digits that nobody writes, or that leave the image. 10 or 20 %% is "
                    + "plenty.", 100 * augmentation.zoom()));
        }
        if (augmentation.elastic() > 3) {
            throw new NotYet(say("Bent by %.1f pixels, strokes of two to three pixels' width fall apart. Try 1.", augmentation.elastic()));
        }
        return "Right: each of these changes leaves a digit the digit that it is.";
    }
}
