package digits.image;

import digits.data.LabeledImages;
import digits.data.Sample;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;

/**
 * Makes photographs of handwritten digits on paper whose digit is known: a pen's strokes on plain, lined or squared
 * paper, in uneven light, rotated, seen at an angle, with noise, as JPEG files. The same seed gives the same file.
 */
public final class PaperPictures {
    /** What is difficult about a picture. */
    public enum Kind { PLAIN, LINED, SQUARED, SHADOW, EXIF, PERSPECTIVE }

    /**
     * A picture file and what it shows.
     *
     * @param jpeg the file
     */
    public record Sheet(byte[] jpeg, int digit) { }

    /** Pen strokes of digits, each a list of x and y from 0 to 100: the second writer beside MNIST's. */
    private static final double[][][] STROKES = {
        {{52, 14, 38, 18, 29, 36, 28, 58, 34, 78, 48, 87, 62, 80, 71, 60, 70, 36, 62, 18, 50, 13}},
        {{43, 28, 54, 15, 53, 50, 52, 87}},
        {{28, 32, 34, 18, 50, 13, 66, 20, 69, 36, 58, 54, 40, 72, 26, 86, 50, 84, 76, 86}},
        {{30, 20, 48, 13, 64, 20, 66, 34, 56, 45, 44, 48, 60, 52, 70, 64, 66, 80, 50, 88, 32, 84, 26, 76}},
        {{46, 13, 36, 36, 26, 58, 50, 57, 78, 56}, {62, 38, 60, 62, 58, 90}},
        {{36, 15, 33, 44, 50, 40, 66, 47, 71, 63, 63, 80, 46, 86, 29, 80}, {36, 15, 54, 14, 72, 14}},
        {{62, 12, 46, 26, 34, 46, 29, 68, 36, 83, 50, 88, 64, 80, 68, 66, 60, 54, 46, 52, 34, 60, 30, 70}},
        {{26, 18, 50, 17, 74, 16, 62, 40, 52, 62, 44, 88}},
        {{64, 24, 52, 14, 38, 18, 34, 32, 46, 44, 60, 52, 70, 66, 64, 82, 48, 88, 33, 80, 32, 66, 44, 52, 60, 42,
            67, 30, 63, 22}},
        {{67, 30, 58, 16, 42, 15, 32, 28, 36, 44, 50, 49, 62, 42, 68, 28, 67, 50, 62, 70, 56, 88}},
    };
    private static final int MASTER = 560;   // side of the sheet on which the digit is drawn before it is photographed
    private static final LabeledImages DIGITS = Sample.load().training();

    private final Kind kind;
    private final Random random;
    private final boolean other;   // whether the parameters come from the ranges that were not used for development

    private PaperPictures(Kind kind, long seed, boolean other) {
        this.kind = kind;
        this.random = new Random(seed * 1_000 + List.of(Kind.values()).indexOf(kind) * 10 + (other ? 5 : 0));
        this.other = other;
    }

    /** @param other whether to draw sizes, pens, spacings and colors from ranges kept aside for checking */
    public static Sheet of(Kind kind, long seed, boolean other) {
        return new PaperPictures(kind, seed, other).sheet((int) (seed % 10));
    }

    private double between(double low, double high) {
        return low + random.nextDouble() * (high - low);
    }

    private Sheet sheet(int digit) {
        int longer = (int) (other ? Math.exp(between(Math.log(300), Math.log(2_600)))
                : new double[] {480, 640, 800, 1_280, 1_024, 640}[random.nextInt(6)]);
        int shorter = (int) (longer * (other ? between(0.66, 1) : 0.75));
        boolean upright = random.nextBoolean();
        BufferedImage photo = photo(ink(digit), upright ? shorter : longer, upright ? longer : shorter);
        float quality = (float) (other ? between(0.5, 0.95) : between(0.7, 0.92));
        if (kind != Kind.EXIF) return new Sheet(jpeg(photo, quality), digit);
        int orientation = 2 + random.nextInt(7);
        return new Sheet(withOrientation(jpeg(stored(photo, orientation), quality), orientation), digit);
    }

    /** The digit's ink on a square sheet, 0 to 1: enlarged from MNIST, or drawn with a pen. */
    private float[] ink(int digit) {
        BufferedImage sheet = new BufferedImage(MASTER, MASTER, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = sheet.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setColor(Color.WHITE);
        float[] ink = new float[MASTER * MASTER];
        if (random.nextInt(3) == 0) {
            int i = random.nextInt(DIGITS.size());
            while (DIGITS.label(i) != digit) i = (i + 1) % DIGITS.size();
            Grid large = DIGITS.grid(i).interpolated(MASTER, MASTER);
            for (int p = 0; p < ink.length; p++) {
                ink[p] = Math.max(0, Math.min(1, 3 * large.value(p / MASTER, p % MASTER) - 1));
            }
            return ink;
        }
        // the digit is three quarters as high as the sheet
        double pen = MASTER * (other ? between(0.02, 0.1) : between(0.025, 0.08));
        double slant = between(-0.25, 0.15);
        double narrow = between(0.75, 1.15);
        g.setStroke(new BasicStroke((float) pen, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        for (double[] stroke : STROKES[digit]) {
            double[] points = stroke.clone();
            for (int k = 0; k < points.length; k += 2) {
                double y = points[k + 1] + between(-1.5, 1.5);
                points[k] = 50 + narrow * (points[k] + between(-1.5, 1.5) - 50) - slant * (y - 50);
                points[k + 1] = y;
            }
            g.draw(curve(points));
        }
        g.dispose();
        for (int p = 0; p < ink.length; p++) ink[p] = (sheet.getRGB(p % MASTER, p / MASTER) & 0xff) / 255f;
        return ink;
    }

    private static Path2D curve(double[] points) {
        double unit = MASTER / 100.0;
        Path2D path = new Path2D.Double();
        path.moveTo(points[0] * unit, points[1] * unit);
        for (int k = 2; k < points.length - 2; k += 2) {
            path.quadTo(points[k] * unit, points[k + 1] * unit, (points[k] + points[k + 2]) / 2 * unit,
                    (points[k + 1] + points[k + 3]) / 2 * unit);
        }
        path.lineTo(points[points.length - 2] * unit, points[points.length - 1] * unit);
        return path;
    }

    private BufferedImage photo(float[] ink, int width, int height) {
        int shorter = Math.min(width, height);
        double size = shorter * (other ? between(0.35, 0.85) : between(0.4, 0.75));   // of the master's sheet
        double x0 = width / 2.0 + between(-1, 1) * Math.max(0, width - size) * 0.3;
        double y0 = height / 2.0 + between(-1, 1) * Math.max(0, height - size) * 0.3;
        double camera = Math.toRadians(between(-8, 8));
        double tilt = Math.toRadians(between(-3, 3));
        double px = kind == Kind.PERSPECTIVE ? between(-0.35, 0.35) : between(-0.05, 0.05);
        double py = kind == Kind.PERSPECTIVE ? between(-0.35, 0.35) : between(-0.05, 0.05);
        Paper paper = new Paper(size * 0.75);
        double[] pen = pen();
        double[] light = light();
        double noise = other ? between(0, 9) : between(1, 6);
        double phase = between(0, 1000);
        float[] grains = new float[1 << 14];
        for (int g = 0; g < grains.length; g++) grains[g] = (float) (noise * random.nextGaussian());
        int[] colors = new int[width];
        BufferedImage photo = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double depth = 1 + px * (x - x0) / width + py * (y - y0) / height;
                double across = (x - x0) / depth;
                double down = (y - y0) / depth;
                double u = Math.cos(camera) * across + Math.sin(camera) * down;    // on the paper
                double v = -Math.sin(camera) * across + Math.cos(camera) * down;
                double i = (Math.cos(tilt) * u + Math.sin(tilt) * v) / size * MASTER + MASTER / 2.0;
                double j = (-Math.sin(tilt) * u + Math.cos(tilt) * v) / size * MASTER + MASTER / 2.0;
                double inked = pen[3] * sample(ink, i, j, MASTER / size);
                double brightness = brightness(light, x / (double) width - 0.5, y / (double) height - 0.5);
                double printed = paper.printed(u + phase, v + phase);
                int rgb = 0;
                int dice = random.nextInt();
                for (int c = 0; c < 3; c++) {
                    double grain = grains[dice & 0x3fff] + 0.5 * grains[dice >>> 4 * c + 6 & 0x3fff];
                    double ground = paper.ground[c] + printed * (paper.line[c] - paper.ground[c]);
                    double value = brightness * (ground + inked * (Math.min(pen[c], ground) - ground)) + grain;
                    rgb = rgb << 8 | (int) Math.max(0, Math.min(255, Math.round(value)));
                }
                colors[x] = rgb;
            }
            photo.setRGB(0, y, width, 1, colors, 0, width);
        }
        return photo;
    }

    /** Red, green, blue, and how much of the paper the ink covers. */
    private double[] pen() {
        double[][] pens = {{30, 30, 36, 0.95}, {32, 44, 120, 0.92}, {20, 40, 150, 0.9}, {170, 30, 40, 0.9},
            {80, 80, 84, 0.75}};
        double[] pen = pens[random.nextInt(pens.length)].clone();
        if (other) for (int c = 0; c < 3; c++) pen[c] = Math.max(0, pen[c] + between(-20, 30));
        return pen;
    }

    /** Direction and strength of a gradient; for a shadow the direction, place, width and depth of its edge. */
    private double[] light() {
        double way = between(0, 2 * Math.PI);
        double lamp = between(0, 0.35);
        if (kind != Kind.SHADOW) return new double[] {way, lamp, 0, 0, 1, 1};
        double edge = between(0, 2 * Math.PI);
        double soft = Math.exp(between(Math.log(other ? 0.002 : 0.006), Math.log(0.1)));
        return new double[] {way, lamp, edge, between(-0.3, 0.3), soft, other ? between(0.4, 0.75)
                : between(0.5, 0.75)};
    }

    private static double brightness(double[] light, double x, double y) {
        double brightness = 0.85 + light[1] * (Math.cos(light[0]) * x + Math.sin(light[0]) * y);
        double across = (Math.cos(light[2]) * x + Math.sin(light[2]) * y - light[3]) / light[4];
        double inShadow = 1 / (1 + Math.exp(-4 * Math.max(-50, Math.min(50, across))));
        return brightness * (1 - (1 - light[5]) * inShadow);
    }

    /** Bilinear, averaged over a pixel of the photograph where that is larger than one of the sheet. */
    private static double sample(float[] ink, double i, double j, double step) {
        if (i < -1 || j < -1 || i > MASTER || j > MASTER) return 0;
        int n = Math.max(1, (int) Math.round(step));
        double sum = 0;
        for (int a = 0; a < n; a++) {
            for (int b = 0; b < n; b++) {
                int column = (int) Math.floor(i + a - (n - 1) / 2.0 + 0.5);
                int row = (int) Math.floor(j + b - (n - 1) / 2.0 + 0.5);
                if (column >= 0 && row >= 0 && column < MASTER && row < MASTER) sum += ink[row * MASTER + column];
            }
        }
        return sum / (n * n);
    }

    /** The color of the paper and of what is printed on it. */
    private final class Paper {
        private final double[] ground = {between(225, 250), between(222, 248), between(205, 245)};
        private final double[] line;
        private final double spacing;
        private final double thick;
        private final double margin;

        /** @param digit height of the digit in pixels, of a centimeter or two */
        Paper(double digit) {
            double[][] lines = {{150, 185, 225}, {175, 180, 190}, {140, 150, 165}, {120, 170, 215}, {165, 205, 190},
                {185, 165, 205}, {215, 165, 160}};
            line = lines[random.nextInt(other ? 7 : 4)].clone();
            if (other) for (int c = 0; c < 3; c++) line[c] += between(-25, 15);
            double height = between(other ? 9 : 12, other ? 26 : 22);   // of the digit in millimeters
            spacing = digit / height * (kind == Kind.SQUARED ? other ? between(4, 8) : 5 : between(6, 9));
            thick = Math.max(0.8, digit / height * between(0.15, other ? 0.45 : 0.35));
            margin = other && random.nextInt(3) == 0 ? 1_000 * random.nextInt(2) + digit * between(-1.2, 1.2) : 1e9;
        }

        /** How much of a place is covered by printed lines. */
        double printed(double u, double v) {
            if (kind != Kind.LINED && kind != Kind.SQUARED) return 0;
            double horizontal = covered(v - spacing * Math.rint(v / spacing));
            double vertical = covered(u - (kind == Kind.SQUARED ? spacing * Math.rint(u / spacing) : margin));
            return Math.max(horizontal, vertical);
        }

        private double covered(double off) {
            return Math.max(0, Math.min(1, thick / 2 + 0.5 - Math.abs(off)));
        }
    }

    /** The pixels as a camera stores them so that this EXIF orientation shows them upright (EXIF 2.32, 4.6.4 A). */
    static BufferedImage stored(BufferedImage upright, int orientation) {
        int w = upright.getWidth();
        int h = upright.getHeight();
        boolean turned = orientation >= 5;
        BufferedImage stored = new BufferedImage(turned ? h : w, turned ? w : h, BufferedImage.TYPE_INT_RGB);
        for (int row = 0; row < stored.getHeight(); row++) {
            for (int column = 0; column < stored.getWidth(); column++) {
                // where the stored row and column lie, seen upright: at the top or bottom, at the left or right
                int y = switch (orientation) {
                    case 1, 2 -> row;
                    case 3, 4 -> h - 1 - row;
                    case 5, 6 -> column;
                    default -> h - 1 - column;
                };
                int x = switch (orientation) {
                    case 1, 4 -> column;
                    case 2, 3 -> w - 1 - column;
                    case 5, 8 -> row;
                    default -> w - 1 - row;
                };
                stored.setRGB(column, row, upright.getRGB(x, y));
            }
        }
        return stored;
    }

    static byte[] jpeg(BufferedImage picture, float quality) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (var stream = ImageIO.createImageOutputStream(out)) {
            writer.setOutput(stream);
            ImageWriteParam how = writer.getDefaultWriteParam();
            how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            how.setCompressionQuality(quality);
            writer.write(null, new IIOImage(picture, null, null), how);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }

    /** The JPEG file with an EXIF segment that holds the orientation, in the byte order of Intel or Motorola. */
    static byte[] withOrientation(byte[] jpeg, int orientation) {
        byte[] tiff = tiff(orientation, orientation % 2 == 0);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, 2);
        out.writeBytes(new byte[] {(byte) 0xff, (byte) 0xe1, 0, (byte) (8 + tiff.length), 'E', 'x', 'i', 'f', 0, 0});
        out.writeBytes(tiff);
        out.write(jpeg, 2, jpeg.length - 2);
        return out.toByteArray();
    }

    /** A TIFF header and a directory with two entries: a resolution unit, and the orientation. */
    static byte[] tiff(int orientation, boolean little) {
        byte o = (byte) orientation;
        return little
                ? new byte[] {'I', 'I', 42, 0, 8, 0, 0, 0, 2, 0, 0x28, 1, 3, 0, 1, 0, 0, 0, 2, 0, 0, 0,
                    0x12, 1, 3, 0, 1, 0, 0, 0, o, 0, 0, 0, 0, 0, 0, 0}
                : new byte[] {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 2, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, o, 0, 0,
                    1, 0x28, 0, 3, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0};
    }
}
