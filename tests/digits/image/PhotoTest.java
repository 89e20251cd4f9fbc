package digits.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.data.LabeledImages;
import digits.data.Sample;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PhotoTest {
    private static final LabeledImages DIGITS = Sample.load().validation();

    @Test
    void theDigitOnThePaperIsFound() {
        for (int i = 0; i < 20; i++) assertAlike(i, Photo.ink(PaperPhoto.of(DIGITS.grid(i), i)).asInMnist());
    }

    @Test
    void chalkIsInverted() {
        for (int i = 0; i < 20; i++) assertAlike(i, Photo.ink(PaperPhoto.onBlackboard(DIGITS.grid(i), i)).asInMnist());
    }

    @Test
    void piecesAtTheEdgeAreLeftOut() {
        BufferedImage photo = PaperPhoto.of(DIGITS.grid(3), 3);
        Graphics2D g = photo.createGraphics();
        g.setColor(new Color(0x50, 0x30, 0x20));
        g.fillRect(0, 380, 90, 100);   // a thumb
        g.setColor(new Color(0x20, 0x20, 0x60));
        g.fillOval(20, 20, 6, 6);      // a speck
        g.dispose();
        assertAlike(3, Photo.ink(photo).asInMnist());
    }

    @Test
    void aDigitThatFillsThePicture() {
        BufferedImage photo = PaperPhoto.of(DIGITS.grid(5), 5);
        Ink all = Photo.ink(photo);
        int[] box = box(all);
        BufferedImage close = photo.getSubimage(box[1] - 4, box[0] - 4, box[3] - box[1] + 8, box[2] - box[0] + 8);
        assertAlike(5, Photo.ink(close).asInMnist());
    }

    @Test
    void largePicturesAndTransparentOnes() {
        BufferedImage large = new BufferedImage(3000, 2000, BufferedImage.TYPE_INT_ARGB);
        Graphics2D g = large.createGraphics();
        g.setColor(Color.BLACK);
        g.fillRect(1400, 500, 120, 1000);
        g.dispose();
        Ink digit = Photo.ink(large).asInMnist();
        assertEquals(20 * 2.4, InkTest.mass(digit), 12);
        assertTrue(digit.grid().value(14, 14) > 0.5);
    }

    /** MNIST's own images as files, also black on white and enlarged. */
    @Test
    void imagesOfMnistComeBackPixelByPixel() throws IOException {
        for (int i = 0; i < 40; i++) {
            byte[] expected = Ink.of(DIGITS.grid(i)).bytes();
            for (int times : new int[] {1, 10}) {
                for (boolean black : new boolean[] {true, false}) {
                    BufferedImage gray = new BufferedImage(28 * times, 28 * times, BufferedImage.TYPE_BYTE_GRAY);
                    for (int p = 0; p < 784 * times * times; p++) {
                        int x = p % (28 * times);
                        int y = p / (28 * times);
                        int value = expected[y / times * 28 + x / times] & 0xff;
                        gray.getRaster().setSample(x, y, 0, black ? value : 255 - value);
                    }
                    Ink read = Photo.ink(PictureFile.read(PictureFileTest.encoded(gray, "png"))).asInMnist();
                    assertArrayEquals(expected, read.bytes(), "digit " + i + ", " + times + " times, " + black);
                }
            }
        }
    }

    @Test
    void aNumberOnPaperIsReadFromLeftToRight() {
        BufferedImage left = PaperPhoto.of(DIGITS.grid(0), 1);
        BufferedImage both = new BufferedImage(1_000, 480, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = both.createGraphics();
        g.drawImage(left.getSubimage(70, 0, 500, 480), 0, 0, null);
        g.drawImage(PaperPhoto.of(DIGITS.grid(2), 1).getSubimage(70, 0, 500, 480), 500, 0, null);
        g.dispose();
        List<Ink> digits = Photo.digits(both);
        assertEquals(2, digits.size());
        assertAlike(0, digits.get(0).asInMnist());
        assertAlike(2, digits.get(1).asInMnist());
        InkTest.assertSays("I see two shapes", () -> Photo.ink(both));
    }

    @Test
    void emptyPaperIsReported() {
        BufferedImage white = new BufferedImage(100, 100, BufferedImage.TYPE_INT_RGB);
        white.createGraphics().fillRect(0, 0, 100, 100);
        InkTest.assertSays("No digit can be seen", () -> Photo.ink(white));
        InkTest.assertSays("No digit can be seen",
                () -> Photo.ink(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB)));
        Grid nothing = Grid.of(28, 28, new float[784]);
        InkTest.assertSays("No digit can be seen", () -> Photo.ink(PaperPhoto.of(nothing, 1)));
    }

    /** Nearer to its own digit than to almost all others; not equal, because it is tilted by up to eight degrees. */
    private static void assertAlike(int i, Ink found) {
        double own = distance(found, i);
        int nearer = 0;
        for (int other = 0; other < DIGITS.size(); other++) if (other != i && distance(found, other) < own) nearer++;
        assertTrue(nearer < DIGITS.size() / 50, "digit " + i + ": " + nearer + " of " + DIGITS.size() + " others are "
                + "nearer");
    }

    private static double distance(Ink found, int i) {
        double sum = 0;
        for (int p = 0; p < 784; p++) {
            double d = found.grid().value(p / 28, p % 28) - DIGITS.pixel(i, p / 28, p % 28) / 255.0;
            sum += d * d;
        }
        return sum;
    }

    /** First row and column with ink, and those after the last. */
    private static int[] box(Ink ink) {
        int[] box = {ink.grid().rows(), ink.grid().columns(), 0, 0};
        for (int r = 0; r < ink.grid().rows(); r++) {
            for (int c = 0; c < ink.grid().columns(); c++) {
                if (ink.grid().value(r, c) < 0.5) continue;
                box = new int[] {Math.min(box[0], r), Math.min(box[1], c), Math.max(box[2], r + 1),
                        Math.max(box[3], c + 1)};
            }
        }
        return box;
    }
}
