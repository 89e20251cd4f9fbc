package digits.exercises;

import static digits.exercises.Answers.close;
import static digits.exercises.Answers.given;
import static digits.exercises.Answers.hasShape;
import static digits.exercises.Answers.reject;
import static digits.exercises.Answers.say;

import digits.data.LabeledImages;
import digits.data.Split;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The checks of lesson 1, about data. Each returns a sentence for a right answer or throws {@link NotYet}. */
public final class DataChecks {
    private DataChecks() { }

    /** The label of the tenth image, which is image 9. */
    public static String tenthLabel(LabeledImages images, Integer label) {
        given("label", label);
        if (label == images.label(9)) return say("Right: the tenth image is image 9, and it shows a %d.", label);
        reject(label < 0 || label > 9,
                "A label is a digit, 0 to 9; %d is not. images.label(i) gives the label of image i.", label);
        reject(label == images.label(10), "That is the label of image 10, and image 10 is the eleventh: counting "
                + "starts at 0. Which number has the tenth?");
        throw new NotYet("The tenth image is not labeled %d. Call images.label(i); counting starts at 0.", label);
    }

    /** The mean of all pixels of all images of a digit, 0 to 255, for each of the ten digits. */
    public static String meanInk(LabeledImages images, double[] ink) {
        given("ink", ink);
        reject(ink.length != 10, "ink has %d numbers; there have to be ten, one for each digit.", ink.length);
        double[] means = meanInk(images);
        int d = 0;
        while (d < 10 && close(ink[d], means[d], 1e-3)) d++;
        if (d == 10) {
            List<Integer> order = IntStream.range(0, 10).boxed()
                    .sorted(Comparator.comparingDouble(digit -> means[digit])).toList();
            int least = order.get(0);
            int most = order.get(9);
            return say("Right: a %d takes the most ink, %.1f of 255 on average, and a %d the least, %.1f.",
                    most, means[most], least, means[least]);
        }
        double found = ink[d];
        double expected = means[d];
        int pixels = images.rows() * images.columns();
        int count = images.labelCounts()[d];
        reject(!Double.isFinite(found),
                "ink[%d] is %s: something was divided by 0. Count the images of each digit before dividing.", d, found);
        reject(found == 0, "ink[%d] is 0, but no digit is written without ink. Add up images.pixel(i, row, column) "
                + "over rows and columns.", d);
        reject(close(found, expected * pixels * count, 1e-3), "ink[%d] is the sum of all pixels. For the mean, divide "
                + "it by their number: images of that digit × %d.", d, pixels);
        reject(close(found, expected * pixels, 1e-3),
                "ink[%d] is the ink of a whole image, %.0f. Divide by the image's %d pixels, too.", d, found, pixels);
        reject(close(found, expected * count / images.size(), 1e-3),
                "ink[%d] is divided by the number of all images; divide by the number of those that show a %d.", d, d);
        reject(close(found * 255, expected, 1e-3), "Your means are on the scale 0 to 1, which is a good one, but here "
                + "pixels stay as they are, 0 to 255: do not divide by 255.");
        reject(found == Math.floor(expected), "ink[%d] is %.0f, the right number without its fraction: int / int cuts "
                + "it off. Make one of the two a double.", d, found);
        throw new NotYet("ink[%d] is %.3f, which is not the mean of that digit's pixels. Look at a single image first: "
                + "what is its mean?", d, found);
    }

    private static double[] meanInk(LabeledImages images) {
        double[] sums = new double[10];
        int[] counts = images.labelCounts();
        for (int i = 0; i < images.size(); i++) {
            for (float value : images.grid(i).values()) sums[images.label(i)] += 255 * value;
        }
        for (int d = 0; d < 10; d++) sums[d] /= (double) counts[d] * images.rows() * images.columns();
        return sums;
    }

    /** Sixty percent for training, twenty for validation, twenty for testing, and no image in two of them. */
    public static String honestSplit(LabeledImages all, LabeledImages training, LabeledImages validation,
                                     LabeledImages test) {
        given("training", training);
        given("validation", validation);
        given("test", test);
        apart("training", training, "test", test, "the network would know images of the test set");
        apart("training", training, "validation", validation, "validation would test memory");
        apart("validation", validation, "test", test, "choices would be made on images of the test set");
        int together = training.size() + validation.size() + test.size();
        reject(together != all.size(), "The three sets have %,d images together, but there are %,d. Split into two "
                + "first, then split one of the two again, so that nothing is left over.", together, all.size());
        fifth("test", test, all);
        fifth("validation", validation, all);
        return say("Right: %,d for training, %,d for validation, %,d for testing, and no image in two of them.",
                training.size(), validation.size(), test.size());
    }

    private static void apart(String nameA, LabeledImages a, String nameB, LabeledImages b, String harm) {
        int shared = Split.shared(a, b);
        reject(shared > 0, "%,d %s both in %s and in %s: %s. Did you split the same images twice? The second split has "
                + "to use what remains of the first.",
                shared, shared == 1 ? "image is" : "images are", nameA, nameB, harm);
    }

    private static void fifth(String name, LabeledImages part, LabeledImages all) {
        reject(Math.abs(part.size() - 0.2 * all.size()) > 2, "%s has %.1f %% of all images; it has to be 20 %%. A "
                + "second split takes its share of what is left: 20 %% of all are 25 %% of the other 80 %%.", name,
                100.0 * part.size() / all.size());
    }

    /** Pixels as the network expects them: FLOAT [images, 1, rows, columns], 0 to 1. */
    public static String scaled(LabeledImages images, INDArray scaled) {
        given("scaled", scaled);
        hasShape("scaled", scaled, images.size(), 1, images.rows(), images.columns());
        reject(scaled.dataType() != DataType.FLOAT, "scaled holds numbers of the type %s, which cannot be a third or a "
                + "half. Call castTo(DataType.FLOAT) before you divide.", scaled.dataType());
        double largest = scaled.maxNumber().doubleValue();
        double smallest = scaled.minNumber().doubleValue();
        reject(largest > 200, "The largest number is still %.0f. Divide by 255, so that full ink becomes 1.", largest);
        reject(smallest < 0, "The smallest number is %.2f. Here the background stays 0: divide only, subtract nothing.",
                smallest);
        INDArray expected = images.toArray().castTo(DataType.FLOAT).div(255).reshape(scaled.shape());
        if (scaled.equalsWithEps(expected, 1e-3)) {
            return "Right: the same images, from 0 to 1, with a channel axis in front of rows and columns.";
        }
        reject(scaled.equalsWithEps(expected.gte(1).castTo(DataType.FLOAT), 1e-3), "Everything is 0 or 1, and the "
                + "grays at the edges are lost: bytes were divided by 255. Call castTo(DataType.FLOAT) first.");
        reject(Math.abs(largest - expected.maxNumber().doubleValue()) > 1e-3,
                "The largest number is %.4f; full ink, 255, has to become exactly 1.", largest);
        throw new NotYet("The numbers lie between 0 and 1, but they are not the images' pixels in their order. reshape "
                + "keeps the order, permute changes it.");
    }

    /** Labels in the form of the network's output: a 1 at the position of the digit, 0 elsewhere. */
    public static String oneHot(LabeledImages images, INDArray oneHot) {
        given("oneHot", oneHot);
        hasShape("oneHot", oneHot, images.size(), images.classes());
        INDArray sums = oneHot.castTo(DataType.FLOAT).sum(1);
        for (int i = 0; i < images.size(); i++) {
            int label = images.label(i);
            reject(sums.getDouble(i) != 1, "Row %d adds up to %s; a row has a single 1 and nine zeros. "
                    + "(oneHot.putScalar(row, column, 1) sets one number.)", i, sums.getDouble(i));
            reject(label > 0 && oneHot.getDouble(i, label - 1) == 1, "Image %d shows a %d, but the 1 is in column %d: "
                    + "columns are counted from 0, like the digits. Subtract nothing.", i, label, label - 1);
            reject(oneHot.getDouble(i, label) != 1,
                    "Image %d shows a %d, so column %d of row %d has to be 1.", i, label, label, i);
        }
        return say("Right: %d rows, each with a single 1 at its digit.", images.size());
    }
}
