package digits.data;

import java.io.Serializable;
import java.util.Collections;
import java.util.Random;

/**
 * Small changes that leave an image what it is: a shifted, turned or mirrored shoe is a shoe. A network that is shown each
 * image a little differently each time learns what does not depend on the change.
 *
 * <p>How much is drawn for each image anew, evenly between nothing and the given most, in both directions. What comes in from
 * outside of the image is background. Made as a sentence: {@code Augmentation.NONE.shifted(2).flipped()}.
 *
 * @param shift    most whole pixels up or down and left or right, 0 or more
 * @param rotation most degrees about the centre, 0 to 180
 * @param zoom     most larger or smaller, as a share: 0.1 for 90 to 110 % of the size; 0 to below 1
 * @param elastic  of an elastic distortion, root mean square of the pixels' displacement, in pixels, 0 or more: random
 *                 displacements, smoothed by a Gaussian of 4 pixels (Simard, Steinkraus, Platt: «Best Practices for
 *                 Convolutional Neural Networks Applied to Visual Document Analysis», 2003)
 * @param mirror   whether half of the images are mirrored left to right: right for clothes, wrong for letters
 */
public record Augmentation(int shift, double rotation, double zoom, double elastic, boolean mirror) implements Serializable {
    /** Images as they are. */
    public static final Augmentation NONE = new Augmentation(0, 0, 0, 0, false);

    /** @throws IllegalArgumentException naming the value that is out of its range */
    public Augmentation {
        if (shift < 0) throw new IllegalArgumentException("a shift of " + shift + " pixels; it has to be 0 or more");
        if (!(rotation >= 0 && rotation <= 180)) throw new IllegalArgumentException("a rotation of " + rotation + " degrees; it has to be 0 to 180");
        if (!(zoom >= 0 && zoom < 1)) throw new IllegalArgumentException("a zoom of " + zoom + "; it has to be 0 to below 1, as 0.1 for ±10 %");
        if (!(elastic >= 0 && elastic < 100)) throw new IllegalArgumentException("an elastic displacement of " + elastic + " pixels; it has to be 0 to below 100");
    }

    /** And moved by up to so many whole pixels on each axis. */
    public Augmentation shifted(int pixels) {
        return new Augmentation(pixels, rotation, zoom, elastic, mirror);
    }

    /** And turned by up to so many degrees. */
    public Augmentation rotated(double degrees) {
        return new Augmentation(shift, degrees, zoom, elastic, mirror);
    }

    /** And larger or smaller by up to this share. */
    public Augmentation zoomed(double share) {
        return new Augmentation(shift, rotation, share, elastic, mirror);
    }

    /** And bent, pixels being displaced by about so many pixels. */
    public Augmentation bent(double pixels) {
        return new Augmentation(shift, rotation, zoom, pixels, mirror);
    }

    /** And mirrored left to right, every second image on average. */
    public Augmentation flipped() {
        return new Augmentation(shift, rotation, zoom, elastic, true);
    }

    /**
     * Image {@code i} of a set in {@code count} variants; the same seed gives the same ones.
     *
     * @return a set of its own, all with the image's label
     */
    public LabeledImages variants(LabeledImages images, int i, int count, long seed) {
        LabeledImages one = images.subset(i);
        LabeledImages copies = one.subset(Collections.nCopies(count, 0).stream().mapToInt(p -> p).toArray());
        return applied(copies, seed);
    }

    /** Every image once, changed; the same seed gives the same changes. */
    public LabeledImages applied(LabeledImages images, long seed) {
        int each = images.rows() * images.columns();
        Warp warp = new Warp(this, images.rows(), images.columns());
        float[] values = new float[images.size() * each];
        images.copyPixels(0, images.size(), values);
        byte[] pixels = new byte[values.length];
        byte[] labels = new byte[images.size()];
        for (int i = 0; i < images.size(); i++) {
            warp.draw(random(seed, 0, i));
            warp.apply(values, i * each);
            labels[i] = (byte) images.label(i);
        }
        for (int p = 0; p < pixels.length; p++) pixels[p] = (byte) Math.round(values[p]);
        return LabeledImages.of(pixels, labels, images.rows(), images.columns(), images.names());
    }

    /** The dice for one image of one epoch: nothing else, and no timing, decides how it is changed. */
    static Random random(long seed, int epoch, int image) {
        return new Random(Shuffle.mix(Shuffle.mix(Shuffle.mix(seed) + epoch) + image));
    }
}
