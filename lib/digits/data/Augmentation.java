package digits.data;

import java.io.Serializable;
import java.util.Collections;
import java.util.Random;

/**
 * Data augmentation: small random changes after which an image still shows the same thing, built as in
 * {@code Augmentation.NONE.shifted(2).flipped()}. The amount is drawn for each image, uniformly between zero and the
 * maximum, in both directions. What comes in from outside the image is background.
 *
 * @param shift    maximum of whole pixels up or down and left or right, 0 or more
 * @param rotation maximum of degrees about the center, 0 to 180
 * @param zoom     maximum change of size, as a share: 0.1 for 90 to 110 % of the size; 0 to below 1
 * @param elastic  root mean square displacement of the pixels in an elastic distortion, 0 to below 100: random
 *                 displacements, smoothed by a Gaussian of 4 pixels (Simard, Steinkraus, Platt: “Best Practices for
 *                 Convolutional Neural Networks Applied to Visual Document Analysis”, 2003)
 * @param mirror   whether half of the images are mirrored left to right: right for clothes, wrong for letters
 */
public record Augmentation(int shift, double rotation, double zoom, double elastic, boolean mirror)
        implements Serializable {
    public static final Augmentation NONE = new Augmentation(0, 0, 0, 0, false);

    /** @throws IllegalArgumentException naming the value that is out of its range */
    public Augmentation {
        check(shift >= 0, "a shift of " + shift + " pixels; it has to be 0 or more");
        check(rotation >= 0 && rotation <= 180, "a rotation of " + rotation + " degrees; it has to be 0 to 180");
        check(zoom >= 0 && zoom < 1, "a zoom of " + zoom + "; it has to be 0 to below 1, as 0.1 for ±10 %");
        check(elastic >= 0 && elastic < 100, "a distortion of " + elastic + " pixels; it has to be 0 to below 100");
    }

    private static void check(boolean inRange, String problem) {
        if (!inRange) throw new IllegalArgumentException(problem);
    }

    /** Also shifted by at most this many whole pixels on each axis. */
    public Augmentation shifted(int pixels) {
        return new Augmentation(pixels, rotation, zoom, elastic, mirror);
    }

    /** Also rotated by at most this many degrees. */
    public Augmentation rotated(double degrees) {
        return new Augmentation(shift, degrees, zoom, elastic, mirror);
    }

    /** Also larger or smaller by at most this share. */
    public Augmentation zoomed(double share) {
        return new Augmentation(shift, rotation, share, elastic, mirror);
    }

    /** Also distorted elastically, by about this many pixels. */
    public Augmentation bent(double pixels) {
        return new Augmentation(shift, rotation, zoom, pixels, mirror);
    }

    /** Also mirrored left to right, every second image on average. */
    public Augmentation flipped() {
        return new Augmentation(shift, rotation, zoom, elastic, true);
    }

    /** Image {@code i} in {@code count} variants; the same seed gives the same ones. */
    public LabeledImages variants(LabeledImages images, int i, int count, long seed) {
        return applied(images.subset(Collections.nCopies(count, i).stream().mapToInt(p -> p).toArray()), seed);
    }

    /** Every image once, changed; the same seed gives the same changes. */
    public LabeledImages applied(LabeledImages images, long seed) {
        int each = images.rows() * images.columns();
        Warp warp = new Warp(this, images.rows(), images.columns());
        float[] values = new float[each];
        byte[] image = new byte[each];
        byte[] labels = new byte[images.size()];
        try (Pixels pixels = Pixels.of(Math.multiplyExact(images.size(), each))) {
            for (int i = 0; i < images.size(); i++) {
                images.copyPixels(i, i + 1, values);
                warp.draw(random(seed, 0, i));
                warp.apply(values, 0);
                for (int p = 0; p < each; p++) image[p] = (byte) Math.round(values[p]);
                pixels.add(image, each);
                labels[i] = (byte) images.label(i);
            }
            return LabeledImages.of(pixels.done(), labels, images.rows(), images.columns(), images.names());
        }
    }

    /** The random numbers for one image of one epoch; nothing else decides how it is changed. */
    static Random random(long seed, int epoch, int image) {
        return new Random(Shuffle.mix(Shuffle.mix(Shuffle.mix(seed) + epoch) + image));
    }
}
