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
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
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
        LabeledImages all = Catalogue.MNIST.load(Settings.fromEnvironment()).test();
        LabeledImages test = all.take(Math.min(2_500, all.size()));
        MultiLayerNetwork network = Pretrained.network();
        Acceleration.of(network);
        double direct = Predictions.of(network, Examples.inOrder(test, 250)).accuracy();
        double drawn = Predictions.of(network, Examples.inOrder(test.map(image -> Ink.redrawn(image, 200)), 250))
                .accuracy();
        assertEquals(direct, drawn, 0.005);
    }

    /** A seven, a four with a gap, a five with a detached bar, and others in several strokes are one digit each. */
    @Test
    void theStrokesOfOneDigitStayTogether() {
        for (String strokes : new String[] {
            "50,30 150,30 90,170", "50,30 150,30 90,170;75,100 125,95",   // 7, without and with a bar
            "70,30 50,110 118,110;140,70 135,170", "80,30 50,120 150,120;130,90 130,175",   // 4
            "70,60 68,100 120,100 125,150 60,160;72,35 130,35", "70,30 68,100 120,100 125,150 60,160;85,30 140,28",
            "60,50 100,30 120,60 80,90;85,110 125,130 100,165 55,160",   // a 3 with a gap in the middle
            "90,30 70,90;68,110 70,160 110,165 115,125 80,120",          // a 6 with a gap
            "100,30 100,90;100,105 100,170", "80,60 100,30 100,170;70,172 130,172"}) {   // 1
            for (int pen : new int[] {6, 12, 17}) {
                assertEquals(1, drawn(pen, strokes).digits().size(), strokes + " with a pen of " + pen);
                assertSize(28, 28, drawn(pen, strokes).asInMnist());
            }
        }
    }

    @Test
    void strayDotsAreLeftOut() {
        String seven = "80,60 150,60 110,160";
        Ink clean = drawn(14, seven).asInMnist();
        for (String dot : new String[] {"15,15", "185,20", "10,190 12,190", "190,185", "20,100 24,104"}) {
            assertArrayEquals(clean.bytes(), drawn(14, seven + ";" + dot).asInMnist().bytes(), dot);
        }
        assertArrayEquals(clean.bytes(), drawn(14, seven + ";15,15;185,20;190,185;10,60").asInMnist().bytes());
    }

    @Test
    void aNumberIsReadDigitByDigit() {
        String[] digits = {"20,60 60,60 38,120", "95,50 80,95 118,95;108,75 106,125", "150,50 149,125"};
        Ink number = drawn(9, String.join(";", digits));
        List<Ink> found = number.digits();
        assertEquals(3, found.size());
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(drawn(9, digits[i]).asInMnist().bytes(), found.get(i).asInMnist().bytes());
        }
        assertSays("I see 3 shapes", number::asInMnist);
        assertSays("I see two shapes", () -> drawn(9, digits[0] + ";" + digits[2]).asInMnist());
        assertSays("I see two shapes", () -> drawn(9, "50,40 50,160;80,40 80,160").asInMnist());   // 11
        assertSays("I see two shapes", () -> drawn(9, "100,20 95,80;60,120 140,120 100,185").asInMnist());
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 24; i++) many.append(i == 0 ? "" : ";").append(5 + 8 * i).append(",50 ").append(5 + 8 * i)
                .append(",80");
        assertSays("I see 24 shapes", () -> drawn(3, many.toString()).digits());
    }

    @Test
    void digitsOfMnistAreOneShape() {
        LabeledImages digits = Sample.load().training().take(1_000);
        int split = 0;
        for (int i = 0; i < digits.size(); i++) {
            if (Ink.of(digits.grid(i)).enlargedTo(112).digits().size() > 1) split++;
        }
        assertTrue(split <= 1, split + " of 1,000 are split");
    }

    @Test
    void whatHasMnistsFormStaysAsItIs() {
        LabeledImages digits = Sample.load().training().take(1_000);
        int changed = 0;
        for (int i = 0; i < digits.size(); i++) {
            Ink digit = Ink.of(digits.grid(i));
            if (!Arrays.equals(digit.bytes(), digit.asInMnist().bytes())) changed++;
        }
        assertTrue(changed <= 5, changed + " of 1,000 are prepared again");
    }

    /** Strokes, “x,y x,y;x,y”, on a canvas of 200×200. */
    static Ink drawn(int pen, String strokes) {
        BufferedImage canvas = new BufferedImage(200, 200, BufferedImage.TYPE_INT_ARGB);
        Graphics2D g = canvas.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setColor(Color.BLACK);
        g.setStroke(new BasicStroke(pen, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        for (String stroke : strokes.split(";")) {
            int[] points = Arrays.stream(stroke.split("[ ,]")).mapToInt(Integer::parseInt).toArray();
            for (int i = 0; i < Math.max(2, points.length - 2); i += 2) {
                int next = Math.min(i + 2, points.length - 2);
                g.drawLine(points[i], points[i + 1], points[next], points[next + 1]);
                if (points.length == 2) break;
            }
        }
        g.dispose();
        return Ink.of(canvas);
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
