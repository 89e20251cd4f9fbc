package digits.image;

import java.awt.image.BufferedImage;
import java.util.Random;

/**
 * Simulates a photograph of a digit on paper: uneven light, a tinted ground, grain, and a digit that is small, tilted
 * and off center. Drawn from an image of a data set, so that the digit is known.
 */
public final class PaperPhoto {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 480;
    private static final int DIGIT = 280;

    private PaperPhoto() { }

    /** Blue ink on paper in room light, from 0 (paper) to 1 (ink); the same seed gives the same photograph. */
    public static BufferedImage of(Grid image, long seed) {
        return photo(image, seed, new double[] {236, 228, 210}, new double[] {42, 52, 110});
    }

    /** The same with chalk on a blackboard. */
    public static BufferedImage onBlackboard(Grid image, long seed) {
        return photo(image, seed, new double[] {52, 66, 60}, new double[] {226, 228, 220});
    }

    private static BufferedImage photo(Grid image, long seed, double[] ground, double[] pen) {
        Grid digit = image.interpolated(DIGIT, DIGIT);
        Random random = new Random(seed);
        double angle = Math.toRadians(8 * (2 * random.nextDouble() - 1));
        double x0 = WIDTH * (0.42 + 0.16 * random.nextDouble());
        double y0 = HEIGHT * (0.44 + 0.12 * random.nextDouble());
        double light = 2 * Math.PI * random.nextDouble();   // direction of the lamp
        BufferedImage photo = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                double across = Math.cos(angle) * (x - x0) + Math.sin(angle) * (y - y0) + DIGIT / 2.0;
                double down = -Math.sin(angle) * (x - x0) + Math.cos(angle) * (y - y0) + DIGIT / 2.0;
                boolean inside = across >= 0 && across < DIGIT && down >= 0 && down < DIGIT;
                // a pen either leaves ink or does not: steeper than the blurred edges of the enlarged image
                double ink = inside ? Math.max(0, Math.min(1, 3 * digit.value((int) down, (int) across) - 0.9)) : 0;
                double toLamp = Math.cos(light) * (x / (double) WIDTH - 0.5)
                        + Math.sin(light) * (y / (double) HEIGHT - 0.5);
                double brightness = 0.78 + 0.24 * toLamp * 2;
                int rgb = 0;
                double grain = 5 * random.nextGaussian();
                for (int c = 0; c < 3; c++) {
                    double value = brightness * (ground[c] + 0.92 * ink * (pen[c] - ground[c])) + grain;
                    rgb = rgb << 8 | (int) Math.max(0, Math.min(255, Math.round(value)));
                }
                photo.setRGB(x, y, rgb);
            }
        }
        return photo;
    }
}
