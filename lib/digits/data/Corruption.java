package digits.data;

import digits.image.Grid;
import java.util.Locale;
import java.util.Random;

/**
 * Kinds of damage to images, each in five severities, in the manner of MNIST-C (Mu, Gilmer: “MNIST-C: A Robustness
 * Benchmark for Computer Vision”, 2019): what may happen to digits after a network was trained. The kinds are similar;
 * the strengths are this library's, chosen so that a person can still read nearly all digits at severity 5.
 *
 * <p>Numbers are from 0 (background) to 1 (ink). What comes in from outside an image is background.
 */
public enum Corruption {
    /** Turned about the center, to either side, by this many degrees. */
    ROTATION(10, 20, 30, 40, 50) {
        @Override
        Grid changed(Grid image, double degrees, Random random) {
            double angle = Math.toRadians(random.nextBoolean() ? degrees : -degrees);
            return Corruption.looked(image, Math.cos(angle), Math.sin(angle), -Math.sin(angle), Math.cos(angle), 0, 0);
        }
    },
    /** Moved by this many pixels in any direction. */
    SHIFT(1.5, 3, 4.5, 6, 7.5) {
        @Override
        Grid changed(Grid image, double pixels, Random random) {
            double angle = 2 * Math.PI * random.nextDouble();
            return Corruption.looked(image, 1, 0, 0, 1, pixels * Math.sin(angle), pixels * Math.cos(angle));
        }
    },
    /** Made smaller, to this share less of its size. */
    SMALLER(0.15, 0.25, 0.35, 0.45, 0.55) {
        @Override
        Grid changed(Grid image, double less, Random random) {
            double step = 1 / (1 - less);
            return Corruption.looked(image, step, 0, 0, step, 0, 0);
        }
    },
    /** Slanted to either side: each row is moved by this share of its distance from the middle row. */
    SHEAR(0.2, 0.4, 0.6, 0.8, 1) {
        @Override
        Grid changed(Grid image, double slant, Random random) {
            return Corruption.looked(image, 1, 0, random.nextBoolean() ? slant : -slant, 1, 0, 0);
        }
    },
    /** Strokes that are thicker by about this many pixels on each side (gray dilation). */
    THICKER(0.5, 1, 1.4, 1.8, 2.2) {
        @Override
        Grid changed(Grid image, double pixels, Random random) {
            return Corruption.dilated(image, pixels);
        }
    },
    /** Strokes that are thinner by about this many pixels on each side (gray erosion). */
    THINNER(0.2, 0.4, 0.6, 0.8, 1) {
        @Override
        Grid changed(Grid image, double pixels, Random random) {
            return Corruption.dilated(image.map(ink -> 1 - ink), pixels).map(paper -> 1 - paper);
        }
    },
    /** Out of focus: a Gaussian filter with this standard deviation in pixels. */
    BLUR(0.6, 1, 1.4, 1.8, 2.2) {
        @Override
        Grid changed(Grid image, double sigma, Random random) {
            return Corruption.smoothed(Corruption.smoothed(image, sigma).transposed(), sigma).transposed();
        }
    },
    /** Noise: each pixel gets a random number with a normal distribution of this standard deviation added. */
    NOISE(0.1, 0.2, 0.3, 0.4, 0.5) {
        @Override
        Grid changed(Grid image, double sigma, Random random) {
            return image.map(ink -> ink + sigma * random.nextGaussian());
        }
    },
    /** Salt and pepper: this share of the pixels, chosen at random, becomes background or ink, equally often. */
    SPECKS(0.04, 0.08, 0.12, 0.18, 0.25) {
        @Override
        Grid changed(Grid image, double share, Random random) {
            return image.map(ink -> {
                double place = random.nextDouble();
                double speck = random.nextBoolean() ? 1 : 0;
                return place < share ? speck : ink;
            });
        }
    },
    /** Gray paper: the background becomes this dark, ink keeps its 1. */
    GRAY_PAPER(0.15, 0.3, 0.45, 0.6, 0.75) {
        @Override
        Grid changed(Grid image, double gray, Random random) {
            return image.map(ink -> gray + (1 - gray) * ink);
        }
    },
    /** Faint ink: this share of the ink is missing everywhere. */
    FAINT_INK(0.3, 0.5, 0.65, 0.8, 0.9) {
        @Override
        Grid changed(Grid image, double missing, Random random) {
            return image.map(ink -> (1 - missing) * ink);
        }
    },
    /** A stripe of this width in pixels without ink, at a random angle near the center: a fold, a missed line. */
    GAP(1.5, 2.5, 3.5, 4.5, 5.5) {
        @Override
        Grid changed(Grid image, double width, Random random) {
            return Corruption.striped(image, width, 0, random);
        }
    },
    /** A straight line of ink of this width in pixels, at a random angle near the center: struck out. */
    LINE(0.8, 1.4, 2, 2.6, 3.2) {
        @Override
        Grid changed(Grid image, double width, Random random) {
            return Corruption.striped(image, width, 1, random);
        }
    },
    /** Round blots of ink, this many of them, with a radius of 1 to 2.5 pixels, at random places. */
    SPATTER(3, 6, 9, 13, 18) {
        @Override
        Grid changed(Grid image, double blots, Random random) {
            Grid spattered = image;
            for (int i = 1; i <= blots; i++) {
                double row = random.nextDouble() * image.rows();
                double column = random.nextDouble() * image.columns();
                double radius = 1 + 1.5 * random.nextDouble();
                spattered = Corruption.drawn(spattered, 1, (r, c) -> radius + 0.5 - Math.hypot(r - row, c - column));
            }
            return spattered;
        }
    };

    /** The highest severity; the lowest is 1, and 0 leaves an image as it is. */
    public static final int SEVERITIES = 5;

    private final double[] amounts;   // of severities 1 to 5

    Corruption(double... amounts) {
        this.amounts = amounts;
    }

    /** The changed image; its numbers may leave the range from 0 to 1. */
    abstract Grid changed(Grid image, double amount, Random random);

    /** Its name for a reader, such as “gray paper”. */
    public String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /**
     * All images with this damage, as bytes. Seed, kind of damage and an image's position decide what is random about
     * it: the same for all severities, so that a gap becomes wider, but stays where it is.
     *
     * @param severity 1 (slight) to 5 (heavy); 0 returns the images as they are
     * @throws IllegalArgumentException if the severity is not 0 to 5
     */
    public LabeledImages applied(LabeledImages images, int severity, long seed) {
        if (severity < 0 || severity > SEVERITIES) {
            throw new IllegalArgumentException("a severity of " + severity + "; it has to be 0 to " + SEVERITIES);
        }
        if (severity == 0) return images;
        double amount = amounts[severity - 1];
        int[] at = {0};   // map goes through the images in their order
        return images.map(image -> changed(image, amount, Augmentation.random(seed, name().hashCode(), at[0]++)));
    }

    /**
     * Looks each pixel up where it comes from: {@code a} and {@code b} are how far one column to the right moves that
     * place in columns and rows, {@code c} and {@code d} how far one row down does.
     */
    private static Grid looked(Grid image, double a, double b, double c, double d, double down, double across) {
        Grid padded = image.pad(1, 1, image.rows() + 2, image.columns() + 2);   // beyond its edge: background
        double middleRow = (image.rows() - 1) / 2.0;
        double middleColumn = (image.columns() - 1) / 2.0;
        return computed(image, (row, column) -> {
            double y = row - middleRow - down;
            double x = column - middleColumn - across;
            return padded.between(middleRow + b * x + d * y + 1, middleColumn + a * x + c * y + 1);
        });
    }

    /** For each pixel the largest number around it; those farther away than {@code radius} − 1 count less and less. */
    private static Grid dilated(Grid image, double radius) {
        int reach = (int) Math.ceil(radius);
        return computed(image, (row, column) -> {
            double largest = 0;
            for (int r = Math.max(0, row - reach); r <= Math.min(image.rows() - 1, row + reach); r++) {
                for (int c = Math.max(0, column - reach); c <= Math.min(image.columns() - 1, column + reach); c++) {
                    double share = Math.min(1, radius + 1 - Math.hypot(r - row, c - column));
                    if (share > 0) largest = Math.max(largest, share * image.value(r, c));
                }
            }
            return largest;
        });
    }

    /** Smooths along the rows, with as much of a Gaussian as three standard deviations hold. */
    private static Grid smoothed(Grid image, double sigma) {
        int reach = (int) Math.ceil(3 * sigma);
        double[] weights = new double[reach + 1];
        double total = 0;
        for (int i = 0; i <= reach; i++) {
            weights[i] = Math.exp(-i * i / (2 * sigma * sigma));
            total += i == 0 ? weights[i] : 2 * weights[i];
        }
        double whole = total;
        return computed(image, (row, column) -> {
            double sum = 0;
            for (int c = Math.max(0, column - reach); c <= Math.min(image.columns() - 1, column + reach); c++) {
                sum += weights[Math.abs(c - column)] * image.value(row, c);
            }
            return sum / whole;
        });
    }

    /** A stripe of this width and ink, at any angle, up to 4 pixels beside the center. */
    private static Grid striped(Grid image, double width, double ink, Random random) {
        double angle = Math.PI * random.nextDouble();
        double beside = 8 * random.nextDouble() - 4;
        double middleRow = (image.rows() - 1) / 2.0;
        double middleColumn = (image.columns() - 1) / 2.0;
        return drawn(image, ink, (r, c) -> Math.min(width, (width + 1) / 2 - Math.abs(
                (r - middleRow) * Math.cos(angle) + (c - middleColumn) * Math.sin(angle) - beside)));
    }

    /** A shape of this ink over the image; its cover is the share of each pixel, and is limited to 0 to 1. */
    private static Grid drawn(Grid image, double ink, Pixel cover) {
        return computed(image, (r, c) -> {
            double share = Math.max(0, Math.min(1, cover.at(r, c)));
            return share * ink + (1 - share) * image.value(r, c);
        });
    }

    /** The number at a pixel. */
    private interface Pixel {
        double at(int row, int column);
    }

    private static Grid computed(Grid like, Pixel pixel) {
        float[] values = new float[like.rows() * like.columns()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) pixel.at(i / like.columns(), i % like.columns());
        }
        return new Grid(like.rows(), like.columns(), values);
    }
}
