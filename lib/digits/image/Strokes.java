package digits.image;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import digits.files.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A drawing as the ways of a pen: strokes, each a list of points (x, y), 0 to 100 of the canvas, y down; immutable.
 * Three recorded hands, ten digits each, come with the library. They stand in for a reader who has drawn nothing yet.
 */
public record Strokes(List<List<double[]>> strokes) {
    /** The recorded hands. */
    public static final List<String> HANDS = List.of("upright", "slanted", "angular");
    /** Side of the canvas and width of the pen of the page to draw on, in pixels. */
    private static final int CANVAS = 200;
    private static final double PEN = 17;

    /** @throws PictureException if there is no point, or one is not two numbers of 0 to 100 */
    public Strokes {
        strokes = strokes.stream().map(List::copyOf).toList();
        if (strokes.isEmpty() || strokes.stream().anyMatch(List::isEmpty) || !strokes.stream().flatMap(List::stream)
                .allMatch(p -> p.length == 2 && p[0] >= 0 && p[0] <= 100 && p[1] >= 0 && p[1] <= 100)) {
            throw new PictureException("strokes must have points, and each two numbers of 0 to 100");
        }
    }

    /**
     * Strokes written as text: points as {@code x,y} with spaces between them, strokes with semicolons. This is a T:
     * {@code "15,14 85,14; 50,14 50,86"}.
     *
     * @throws PictureException if it is not of this form
     */
    public static Strokes of(String text) {
        try {
            return new Strokes(Stream.of(text.split(";")).map(stroke -> Stream.of(stroke.strip().split("\\s+"))
                    .map(point -> Stream.of(point.split(",", -1)).mapToDouble(Double::parseDouble).toArray()).toList())
                    .toList());
        } catch (NumberFormatException noNumber) {
            throw new PictureException("strokes are written as \"15,14 85,14; 50,14 50,86\", not as \"" + text + "\"",
                    noNumber);
        }
    }

    /**
     * The digits 0 to 9 of a recorded hand.
     *
     * @param hand one of {@link #HANDS}
     * @throws IllegalArgumentException if there is no such hand
     */
    public static List<Strokes> recorded(String hand) {
        JsonObject all = read();
        if (!HANDS.contains(hand)) throw new IllegalArgumentException("no hand \"" + hand + "\"; there are " + HANDS);
        List<Strokes> digits = new ArrayList<>();
        for (int digit = 0; digit < 10; digit++) {
            List<List<double[]>> strokes = new ArrayList<>();
            for (JsonElement stroke : all.getAsJsonObject(hand).getAsJsonArray(Integer.toString(digit))) {
                List<double[]> points = new ArrayList<>();
                for (JsonElement point : stroke.getAsJsonArray()) {
                    JsonArray pair = point.getAsJsonArray();
                    points.add(new double[] {pair.get(0).getAsDouble(), pair.get(1).getAsDouble()});
                }
                strokes.add(points);
            }
            digits.add(new Strokes(strokes));
        }
        return digits;
    }

    private static JsonObject read() {
        try (InputStream in = Strokes.class.getResourceAsStream("strokes.json")) {
            if (in == null) throw new IOException("digits/image/strokes.json is missing; run \"make setup\"");
            return Json.read(new String(in.readAllBytes(), StandardCharsets.UTF_8), JsonObject.class);
        } catch (IOException broken) {
            throw new UncheckedIOException("The recorded hands cannot be read: " + broken.getMessage(), broken);
        }
    }

    /**
     * The same drawing as if the same hand had made it once more: a little rotated, slanted, larger or smaller, and
     * with a slight tremor.
     *
     * @param random decides how
     */
    public Strokes varied(Random random) {
        double turn = Math.toRadians(8 * random.nextGaussian() / 2);
        double slant = 0.12 * random.nextGaussian() / 2;
        double wide = 1 + 0.15 * random.nextGaussian() / 2;
        double tall = 1 + 0.15 * random.nextGaussian() / 2;
        List<List<double[]>> moved = new ArrayList<>();
        for (List<double[]> stroke : strokes) {
            double shift = random.nextGaussian();
            double phase = 2 * Math.PI * random.nextDouble();
            double wave = 1.2 * random.nextGaussian();
            List<double[]> points = new ArrayList<>();
            for (double[] point : stroke) {
                double x = (point[0] - 50) * wide - slant * (point[1] - 50);
                double y = (point[1] - 50) * tall;
                double trembled = wave * Math.sin(phase + (x + y) / 12);
                points.add(new double[] {within(50 + x * Math.cos(turn) - y * Math.sin(turn) + shift + trembled),
                        within(50 + x * Math.sin(turn) + y * Math.cos(turn) - trembled)});
            }
            moved.add(points);
        }
        return new Strokes(moved);
    }

    private static double within(double value) {
        return Math.max(0, Math.min(100, value));
    }

    /** The drawing on a canvas of 200×200 pixels, with the pen of the page to draw on. */
    public Ink ink() {
        float[] ink = new float[CANVAS * CANVAS];
        for (List<double[]> stroke : strokes) {
            for (int i = 0; i < stroke.size(); i++) {
                line(ink, stroke.get(Math.max(0, i - 1)), stroke.get(i), CANVAS / 100.0);
            }
        }
        return Ink.of(Grid.of(CANVAS, CANVAS, ink));
    }

    /** Adds a line: a pixel's share of ink follows from its distance from the pen's way. */
    private static void line(float[] ink, double[] start, double[] end, double scale) {
        double fromX = scale * start[0];
        double fromY = scale * start[1];
        double dx = scale * end[0] - fromX;
        double dy = scale * end[1] - fromY;
        double length = dx * dx + dy * dy;
        double reach = PEN / 2 + 1;
        for (int r = low(Math.min(fromY, fromY + dy) - reach); r < high(Math.max(fromY, fromY + dy) + reach); r++) {
            for (int c = low(Math.min(fromX, fromX + dx) - reach); c < high(Math.max(fromX, fromX + dx) + reach); c++) {
                double x = c + 0.5 - fromX;
                double y = r + 0.5 - fromY;
                double along = length == 0 ? 0 : Math.max(0, Math.min(1, (x * dx + y * dy) / length));
                double share = PEN / 2 + 0.5 - Math.hypot(x - along * dx, y - along * dy);
                int at = r * CANVAS + c;
                ink[at] = Math.max(ink[at], (float) Math.max(0, Math.min(1, share)));
            }
        }
    }

    private static int low(double value) {
        return Math.max(0, (int) Math.floor(value));
    }

    private static int high(double value) {
        return Math.min(CANVAS, (int) Math.ceil(value));
    }
}
