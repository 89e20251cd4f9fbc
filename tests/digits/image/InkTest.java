package digits.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.Settings;
import digits.acceleration.Acceleration;
import digits.data.Catalogue;
import digits.data.LabeledImages;
import digits.data.Sample;
import digits.evaluation.Predictions;
import digits.files.Pretrained;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class InkTest {
    @Test
    void croppedToAllThatIsInk() {
        byte[] paper = new byte[30 * 50];
        paper[7 * 50 + 11] = (byte) 255;
        paper[20 * 50 + 40] = (byte) 60;
        paper[2 * 50 + 2] = 10;   // fainter than ink
        Ink cropped = Ink.of(30, 50, paper).cropped();
        assertEquals(14, cropped.grid().rows());
        assertEquals(30, cropped.grid().columns());
        assertEquals(1, cropped.grid().value(0, 0));
        assertEquals(60 / 255f, cropped.grid().value(13, 29));
    }

    @Test
    void scaledIntoTheBoxWithItsAspect() {
        assertSize(20, 10, full(100, 50).scaledInto(20));
        assertSize(10, 20, full(50, 100).scaledInto(20));
        assertSize(20, 1, full(400, 3).scaledInto(20));   // never to nothing
        assertSize(20, 20, full(1, 1).scaledInto(20));
        assertSize(20, 13, full(6, 4).scaledInto(20));
    }

    @Test
    void centeredByItsMass() {
        Ink corner = Ink.of(Grid.of(3, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0)).centeredIn(28);
        assertEquals(1, corner.grid().value(14, 14));
        Ink bar = full(20, 2).centeredIn(28);
        assertArrayEquals(new double[] {14, 14}, bar.grid().centerOfMass(), 0.51);
        // heavy on one side: it goes no further than to the edge
        float[] heavy = new float[400];
        Arrays.fill(heavy, 0, 20, 1);
        Ink top = Ink.of(Grid.of(20, 20, heavy)).centeredIn(28);
        assertEquals(1, top.grid().value(8, 14));
        assertEquals(20, mass(top), 1e-4);
    }

    @Test
    void aDrawingIsDarkOnLightOrOnNothing() {
        BufferedImage drawing = new BufferedImage(200, 200, BufferedImage.TYPE_INT_ARGB);
        Graphics2D g = drawing.createGraphics();
        g.setColor(Color.BLACK);
        g.fillRect(90, 30, 20, 140);
        g.dispose();
        Ink transparent = Ink.of(drawing);
        BufferedImage white = new BufferedImage(200, 200, BufferedImage.TYPE_INT_RGB);
        white.createGraphics().drawImage(drawing, 0, 0, Color.WHITE, null);
        assertArrayEquals(transparent.bytes(), Ink.of(white).bytes());
        Ink digit = transparent.asInMnist();
        assertSize(28, 28, digit);
        assertEquals(60, mass(digit), 1e-3);   // 20 rows of 3 pixels
        assertArrayEquals(new double[] {14, 14}, digit.grid().centerOfMass(), 0.51);
    }

    @Test
    void aNetworkReadsStepsOfABytesSize() {
        Ink ink = Ink.of(Grid.of(28, 28, filled(784, 0.5003f)));
        INDArray array = ink.toArray();
        assertArrayEquals(new long[] {1, 1, 28, 28}, array.shape());
        assertEquals(128 / 255f, array.getFloat(0, 0, 3, 3));
        assertEquals((byte) 128, ink.bytes()[0]);
    }

    @Test
    void digitsOfMnistComeBackAsTheyWere() {
        LabeledImages digits = Sample.load().training().take(300);
        LabeledImages redrawn = digits.map(image -> Ink.redrawn(image, 200));
        assertArrayEquals(digits.labelCounts(), redrawn.labelCounts());
        double difference = 0;
        double mass = 0;
        for (int i = 0; i < digits.size(); i++) {
            for (int p = 0; p < 784; p++) {
                difference += Math.abs(digits.pixel(i, p / 28, p % 28) - redrawn.pixel(i, p / 28, p % 28));
                mass += digits.pixel(i, p / 28, p % 28);
            }
        }
        assertTrue(difference / mass < 0.25, "differing ink: " + difference / mass);
    }

    @Test
    void mnistsDigitsHaveTheirCenterOfMassWhereOursDo() {
        LabeledImages digits = Sample.load().training();
        double row = 0;
        double column = 0;
        for (int i = 0; i < digits.size(); i++) {
            double[] center = digits.grid(i).centerOfMass();
            row += center[0] / digits.size();
            column += center[1] / digits.size();
        }
        assertEquals(14, row, 0.1);
        assertEquals(14, column, 0.1);
    }

    /** A digit of MNIST, redrawn on a canvas, is recognized as well as before. */
    @Test
    void testImagesBlownUpToACanvasKeepTheirAccuracy() {
        LabeledImages test = Catalogue.MNIST.load(Settings.fromEnvironment()).test();
        MultiLayerNetwork network = Pretrained.network();
        Acceleration.of(network);
        double direct = Predictions.of(network, Examples.inOrder(test, 250)).accuracy();
        double drawn = Predictions.of(network, Examples.inOrder(test.map(image -> Ink.redrawn(image, 200)), 250))
                .accuracy();
        assertEquals(direct, drawn, 0.005);
    }

    @Test
    void unusableInkIsNamed() {
        assertSays("There is no ink", () -> Ink.of(28, 28, new byte[784]).asInMnist());
        assertSays("no ink", () -> Ink.of(Grid.of(28, 28, filled(784, Float.NaN))).cropped());
        assertSays("no ink", () -> Ink.of(28, 28, new byte[784]).centeredIn(28));
        assertSays("3×2 pixels with 5 values", () -> Ink.of(2, 3, new byte[5]));
        assertSays("1 to 4096", () -> Ink.of(0, 3, new byte[0]));
        assertSays("1 to 4096", () -> Ink.of(1, 5000, new byte[5000]));
        assertSays("does not fit into 28×28", () -> full(29, 3).centeredIn(28));
    }

    static void assertSays(String words, org.junit.jupiter.api.function.Executable what) {
        String message = assertThrows(PictureException.class, what).getMessage();
        assertTrue(message.contains(words), message);
    }

    private static void assertSize(int rows, int columns, Ink ink) {
        assertEquals(rows + " rows, " + columns + " columns",
                ink.grid().rows() + " rows, " + ink.grid().columns() + " columns");
    }

    private static Ink full(int rows, int columns) {
        return Ink.of(Grid.of(rows, columns, filled(rows * columns, 1)));
    }

    private static float[] filled(int n, float value) {
        float[] values = new float[n];
        Arrays.fill(values, value);
        return values;
    }

    static double mass(Ink ink) {
        double mass = 0;
        for (float value : ink.grid().values()) mass += value;
        return mass;
    }
}
