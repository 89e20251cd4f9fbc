package digits.pictures;

import digits.Text;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Images as points on a map, coloured by class, each class's number in its midst; so nobody depends on the colours.
 *
 * <p>The colours are the ten of Paul Tol's «muted» scheme (<i>Colour schemes</i>, 2021), made for readers with any colour vision.
 */
public final class EmbeddingPicture {
    private static final int HEIGHT = 640;
    private static final int TOP = 44;
    private static final int BOTTOM = 40;
    private static final int MARGIN = 24;
    private static final Color[] CLASSES = {new Color(0x332288), new Color(0xCC6677), new Color(0x117733), new Color(0x88CCEE),
        new Color(0x882255), new Color(0xDDCC77), new Color(0x44AA99), new Color(0xAA4499), new Color(0x999933), new Color(0x9A9A9A)};

    private EmbeddingPicture() {
    }

    /** The map without marks; see {@link #of(String, double[][], int[], IntPredicate)}. */
    public static BufferedImage of(String title, double[][] points, int[] labels) {
        return of(title, points, labels, i -> false);
    }

    /**
     * The map. Both axes have the same scale and no numbers, which would mean nothing.
     *
     * @param points x and y of each image
     * @param labels its class, 0 or more
     * @param marked which images are ringed, as for mistakes; the picture says how many there are
     * @throws IllegalArgumentException without a point, or if points and labels are not equally many
     */
    public static BufferedImage of(String title, double[][] points, int[] labels, IntPredicate marked) {
        if (points.length == 0) throw new IllegalArgumentException("there are no points to show");
        if (points.length != labels.length) throw new IllegalArgumentException(points.length + " points and " + labels.length + " labels");
        BufferedImage picture = Style.paper(Style.WIDTH, HEIGHT);
        Graphics2D g = Style.pen(picture);
        g.setFont(Style.bold(14));
        Style.write(g, title, Style.WIDTH / 2.0, 28, Style.Align.CENTRE);
        double[][] places = places(points);
        g.setStroke(new BasicStroke(0.6f));
        for (int i = 0; i < places.length; i++) {
            Shape dot = circle(places[i], 3.1);
            g.setColor(colour(labels[i]));
            g.fill(dot);
            g.setColor(Style.PAPER);
            g.draw(dot);
        }
        int marks = marks(g, places, marked);
        int classes = Arrays.stream(labels).max().orElseThrow() + 1;
        for (int c = 0; c < classes; c++) name(g, places, labels, c);
        legend(g, points.length, marks);
        g.dispose();
        return picture;
    }

    private static Color colour(int label) {
        return CLASSES[label % CLASSES.length];
    }

    /** On the paper, both directions by the same factor. */
    private static double[][] places(double[][] points) {
        double[] low = {Double.MAX_VALUE, Double.MAX_VALUE};
        double[] high = {-Double.MAX_VALUE, -Double.MAX_VALUE};
        for (double[] point : points) {
            for (int d = 0; d < 2; d++) {
                low[d] = Math.min(low[d], point[d]);
                high[d] = Math.max(high[d], point[d]);
            }
        }
        double width = Math.max(1e-9, high[0] - low[0]);
        double height = Math.max(1e-9, high[1] - low[1]);
        double scale = Math.min((Style.WIDTH - 2.0 * MARGIN) / width, (HEIGHT - TOP - BOTTOM - 2.0 * MARGIN) / height);
        double left = Style.WIDTH / 2.0 - scale * (low[0] + high[0]) / 2;
        double bottom = (TOP + HEIGHT - BOTTOM) / 2.0 + scale * (low[1] + high[1]) / 2;
        return Arrays.stream(points).map(p -> new double[] {left + scale * p[0], bottom - scale * p[1]}).toArray(double[][]::new);
    }

    private static int marks(Graphics2D g, double[][] places, IntPredicate marked) {
        int[] all = IntStream.range(0, places.length).filter(marked).toArray();
        g.setStroke(new BasicStroke(1.8f));
        g.setColor(Style.INK);
        for (int i : all) g.draw(circle(places[i], 6));
        return all.length;
    }

    /** A class's number on a disc of its colour, at that of its points which is nearest to all the others: never between two groups. */
    private static void name(Graphics2D g, double[][] places, int[] labels, int c) {
        double[][] own = IntStream.range(0, labels.length).filter(i -> labels[i] == c).mapToObj(i -> places[i]).toArray(double[][]::new);
        if (own.length == 0) return;
        double[] middle = own[0];
        double least = Double.MAX_VALUE;
        for (double[] candidate : own) {
            double sum = Arrays.stream(own).mapToDouble(p -> Math.hypot(p[0] - candidate[0], p[1] - candidate[1])).sum();
            if (sum < least) {
                least = sum;
                middle = candidate;
            }
        }
        g.setColor(Style.PAPER);
        g.fill(circle(middle, 14));
        g.setColor(colour(c));
        g.fill(circle(middle, 12.5));
        g.setColor(Style.textOn(colour(c)));
        g.setFont(Style.bold(15));
        Style.write(g, String.valueOf(c), middle[0], middle[1] + 5.5, Style.Align.CENTRE);
    }

    private static void legend(Graphics2D g, int points, int marks) {
        g.setFont(Style.font(13));
        String text = Text.whole(points) + " images, a point each, coloured by their label";
        double width = g.getFontMetrics().stringWidth(text);
        double y = HEIGHT - 18;
        double x = marks == 0 ? (Style.WIDTH - width) / 2 : MARGIN;
        g.setColor(Style.MUTED);
        Style.write(g, text, x, y, Style.Align.LEFT);
        if (marks == 0) return;
        String ringed = "ringed: " + Text.whole(marks) + " that the network gets wrong";
        Style.write(g, ringed, Style.WIDTH - MARGIN, y, Style.Align.RIGHT);
        double ring = Style.WIDTH - MARGIN - g.getFontMetrics().stringWidth(ringed) - 14;
        g.setColor(Style.INK);
        g.setStroke(new BasicStroke(1.8f));
        g.draw(circle(new double[] {ring, y - 4}, 6));
    }

    private static Shape circle(double[] middle, double radius) {
        return new Ellipse2D.Double(middle[0] - radius, middle[1] - radius, 2 * radius, 2 * radius);
    }
}
