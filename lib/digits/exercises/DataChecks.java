package digits.exercises;

import static digits.exercises.Answers.close;
import static digits.exercises.Answers.given;
import static digits.exercises.Answers.hasShape;
import static digits.exercises.Answers.say;

import digits.data.LabeledImages;
import digits.data.Split;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The checks of lesson 1, about the data. Each returns a sentence for a right answer, and throws {@link NotYet} for another. */
public final class DataChecks {
    private DataChecks() {
    }

    /** The label of the tenth image, which is image 9. */
    public static String tenthLabel(LabeledImages images, Integer label) {
        given("label", label);
        if (label == images.label(9)) return say("Right: the tenth image is image 9, and it shows a %d.", label);
        if (label < 0 || label > 9) {
            throw new NotYet(say("A label is a digit, 0 to 9; %d is none. images.label(i) gives the label of image i.", label));
        }
        if (label == images.label(10)) {
            throw new NotYet("That is the label of image 10, and image 10 is the eleventh: counting starts at 0. Which number has the tenth?");
        }
        throw new NotYet(say("The tenth image is not labelled %d. Ask images.label(i); counting starts at 0.", label));
    }

    /** The mean of all pixels of all images of a digit, 0 to 255, for each of the ten digits. */
    public static String meanInk(LabeledImages images, double[] ink) {
        given("ink", ink);
        if (ink.length != 10) throw new NotYet(say("ink has %d numbers; there have to be ten, one for each digit.", ink.length));
        double[] wanted = meanInk(images);
        int pixels = images.rows() * images.columns();
        int wrong = 0;
        while (wrong < 10 && close(ink[wrong], wanted[wrong], 1e-3)) wrong++;
        if (wrong == 10) {
            int most = 0;
            int least = 0;
            for (int d = 1; d < 10; d++) {
                if (wanted[d] > wanted[most]) most = d;
                if (wanted[d] < wanted[least]) least = d;
            }
            return say("Right: a %d takes most ink, %.1f of 255 in the mean, and a %d least, %.1f.", most, wanted[most], least, wanted[least]);
        }
        double found = ink[wrong];
        int count = images.labelCounts()[wrong];
        if (Double.isNaN(found) || Double.isInfinite(found)) {
            throw new NotYet(say("ink[%d] is %s: something was divided by 0. Count the images of each digit before you divide.", wrong, found));
        }
        if (found == 0) {
            throw new NotYet(say("ink[%d] is 0, but no digit is written without ink. Add up images.pixel(i, row, column) over rows and "
                    + "columns.", wrong));
        }
        if (close(found, wanted[wrong] * pixels * count, 1e-3)) {
            throw new NotYet(say("ink[%d] is the sum of all pixels. For the mean, divide it by their number: images of that digit × "
                    + "%d.", wrong, pixels));
        }
        if (close(found, wanted[wrong] * pixels, 1e-3)) {
            throw new NotYet(say("ink[%d] is the ink of a whole image, %.0f. Divide by the image's %d pixels, too.", wrong, found, pixels));
        }
        if (close(found, wanted[wrong] * count / images.size(), 1e-3)) {
            throw new NotYet(say("ink[%d] is divided by the number of all images; divide by the number of those that show a %d.", wrong, wrong));
        }
        if (close(found * 255, wanted[wrong], 1e-3)) {
            throw new NotYet("Your means are on the scale 0 to 1. That is a good one, but here pixels stay as they are, 0 to 255: do not divide "
                    + "by 255.");
        }
        if (found == Math.floor(wanted[wrong])) {
            throw new NotYet(say("ink[%d] is %.0f, the right number without its fraction: int / int cuts it off. Make one of the two a "
                    + "double.", wrong, found));
        }
        throw new NotYet(say("ink[%d] is %.3f, which is not the mean of that digit's pixels. Look at a single image first: what is its "
                + "mean?", wrong, found));
    }

    private static double[] meanInk(LabeledImages images) {
        double[] sums = new double[10];
        int[] counts = images.labelCounts();
        for (int i = 0; i < images.size(); i++) {
            for (int row = 0; row < images.rows(); row++) {
                for (int column = 0; column < images.columns(); column++) sums[images.label(i)] += images.pixel(i, row, column);
            }
        }
        for (int d = 0; d < 10; d++) sums[d] /= (double) counts[d] * images.rows() * images.columns();
        return sums;
    }

    /** Sixty per cent to train on, twenty to validate, twenty for an exam: every image in exactly one of them. */
    public static String honestSplit(LabeledImages all, LabeledImages training, LabeledImages validation, LabeledImages exam) {
        given("training", training);
        given("validation", validation);
        given("exam", exam);
        apart("training", training, "exam", exam, "the network would know answers of its exam");
        apart("training", training, "validation", validation, "validation would be a test of memory");
        apart("validation", validation, "exam", exam, "choices would be made on images of the exam");
        int together = training.size() + validation.size() + exam.size();
        if (together != all.size()) {
            throw new NotYet(say("The three sets have %,d images together, but there are %,d. Split first into two, then one of the two again; "
                    + "then nothing is left over.", together, all.size()));
        }
        share("exam", exam, all, 0.2);
        share("validation", validation, all, 0.2);
        return say("Right: %,d to train on, %,d to validate, %,d for the exam, and no image in two of them.",
                training.size(), validation.size(), exam.size());
    }

    private static void apart(String nameA, LabeledImages a, String nameB, LabeledImages b, String harm) {
        int shared = Split.shared(a, b);
        if (shared > 0) {
            throw new NotYet(say("%,d %s both in %s and in %s: %s. Did you split the same images twice? The second split has to be "
                    + "one of what the first left over.", shared, shared == 1 ? "image is" : "images are", nameA, nameB, harm));
        }
    }

    private static void share(String name, LabeledImages part, LabeledImages all, double wanted) {
        double found = (double) part.size() / all.size();
        if (Math.abs(part.size() - wanted * all.size()) > 2) {
            throw new NotYet(say("%s has %.1f %% of all images; it has to be %.0f %%. A second split takes its share of what is left: "
                    + "20 %% of all are 25 %% of the other 80 %%.", name, 100 * found, 100 * wanted));
        }
    }

    /** Pixels as the network wants them: [images, 1, rows, columns] of FLOAT, 0 to 1. */
    public static String scaled(LabeledImages images, INDArray scaled) {
        given("scaled", scaled);
        hasShape("scaled", scaled, images.size(), 1, images.rows(), images.columns());
        if (scaled.dataType() != DataType.FLOAT) {
            throw new NotYet("scaled holds numbers of the type " + scaled.dataType()
                    + ", which cannot be a third or a half. Say castTo(DataType.FLOAT) before you divide.");
        }
        double largest = scaled.maxNumber().doubleValue();
        if (largest > 200) throw new NotYet(say("The largest number is still %.0f. Divide by what makes 1 of full ink, 255.", largest));
        if (scaled.minNumber().doubleValue() < 0) {
            throw new NotYet(say("The smallest number is %.2f. Here the background stays 0: divide only, subtract "
                    + "nothing.", scaled.minNumber().doubleValue()));
        }
        INDArray wanted = images.toArray().castTo(DataType.FLOAT).div(255).reshape(scaled.shape());
        if (scaled.equalsWithEps(wanted, 1e-3)) return "Right: the same images, from 0 to 1, with a channel axis in front of rows and columns.";
        if (scaled.equalsWithEps(wanted.gte(1).castTo(DataType.FLOAT), 1e-3)) {
            throw new NotYet("Everything is 0 or 1, and the greys at the edges are lost: unsigned bytes were divided by 255. Say "
                    + "castTo(DataType.FLOAT) first.");
        }
        if (Math.abs(largest - wanted.maxNumber().doubleValue()) > 1e-3) {
            throw new NotYet(say("The largest number is %.4f; full ink, 255, has to become exactly 1.", largest));
        }
        throw new NotYet("The numbers lie between 0 and 1, but they are not the images' pixels in their order. reshape keeps the order, permute "
                + "changes it.");
    }

    /** Labels as the network answers: a 1 in the place of the digit, 0 elsewhere. */
    public static String oneHot(LabeledImages images, INDArray oneHot) {
        given("oneHot", oneHot);
        hasShape("oneHot", oneHot, images.size(), images.classes());
        INDArray sums = oneHot.castTo(DataType.FLOAT).sum(1);
        for (int i = 0; i < images.size(); i++) {
            int label = images.label(i);
            if (sums.getDouble(i) != 1) {
                throw new NotYet(say("Row %d adds up to %s; a row has a single 1 and nine zeros. (oneHot.putScalar(row, column, 1) sets one number.)",
                        i, sums.getDouble(i)));
            }
            if (oneHot.getDouble(i, label) == 1) continue;
            if (label > 0 && oneHot.getDouble(i, label - 1) == 1) {
                throw new NotYet(say("Image %d shows a %d, but the 1 stands in column %d: columns are counted from 0, as the digits are. "
                        + "Subtract nothing.",
                        i, label, label - 1));
            }
            throw new NotYet(say("Image %d shows a %d, so column %d of row %d has to be 1.", i, label, label, i));
        }
        return say("Right: %d rows, each with a single 1 at its digit.", images.size());
    }
}
