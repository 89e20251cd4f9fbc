package digits.pictures;

import digits.Text;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Point2D;
import java.util.Arrays;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Images as points on a map, colored by class, with each class's number on it, so that it can be read without colors.
 * The colors are Paul Tol's “muted” scheme (<i>Colour schemes</i>, 2021), made for readers with any color vision.
 */
public final class EmbeddingPicture {
    private static final int HEIGHT = 640;
    private static final int TOP = 44;
    private static final int BOTTOM = 40;
    private static final int MARGIN = 24;
    private static final Color[] CLASSES = {new Color(0x332288), new Color(0xCC6677), new Color(0x117733),
        new Color(0x88CCEE), new Color(0x882255), new Color(0xDDCC77), new Color(0x44AA99), new Color(0xAA4499),
        new Color(0x999933), new Color(0x9A9A9A)};

    private EmbeddingPicture() { }

    /** The map without marks. */
    public static Picture of(String title, double[][] points, int[] labels) {
        return of(title, points, labels, i -> false);
    }

    /**
     * The map of points, x and y of each image, and as many labels, from 0. Marked ones, such as mistakes, are ringed
     * and counted. Both axes have the same scale and no numbers, which would mean nothing.
     */
    public static Picture of(String title, double[][] points, int[] labels, IntPredicate marked) {
        if (points.length == 0 || points.length != labels.length) {
            throw new IllegalArgumentException(points.length + " points and " + labels.length + " labels");
        }
        double[][] places = places(points);
        int[] rings = IntStream.range(0, places.length).filter(marked).toArray();
        String marks = rings.length == 0 ? "" : ", " + Text.whole(rings.length) + " of them ringed as mistakes";
        String sentence = title + ": a map of " + Text.count(points.length, "image") + " of "
                + Text.count(Arrays.stream(labels).distinct().count(), "label") + marks + ".";
        return Style.picture(Style.WIDTH, HEIGHT, sentence, g -> {
            Style.centered(g, Style.bold(14), Style.INK, title, Style.WIDTH / 2.0, 28);
            g.setStroke(new BasicStroke(0.6f));
            for (int i = 0; i < places.length; i++) {
                g.setColor(color(labels[i]));
                g.fill(Style.circle(places[i][0], places[i][1], 3.1));
                g.setColor(Style.PAPER);
                g.draw(Style.circle(places[i][0], places[i][1], 3.1));
            }
            for (int i : rings) ring(g, places[i][0], places[i][1]);
            for (int c : Arrays.stream(labels).sorted().distinct().toArray()) name(g, places, labels, c);
            legend(g, points.length, rings.length);
        });
    }

    private static Color color(int label) {
        return CLASSES[label % CLASSES.length];
    }

    /** The points on the paper, both directions scaled by the same factor. */
    private static double[][] places(double[][] points) {
        DoubleSummaryStatistics x = Arrays.stream(points).mapToDouble(p -> p[0]).summaryStatistics();
        DoubleSummaryStatistics y = Arrays.stream(points).mapToDouble(p -> p[1]).summaryStatistics();
        double width = Math.max(1e-9, x.getMax() - x.getMin());
        double height = Math.max(1e-9, y.getMax() - y.getMin());
        double scale = Math.min((Style.WIDTH - 2.0 * MARGIN) / width, (HEIGHT - TOP - BOTTOM - 2.0 * MARGIN) / height);
        double left = Style.WIDTH / 2.0 - scale * (x.getMin() + x.getMax()) / 2;
        double bottom = (TOP + HEIGHT - BOTTOM) / 2.0 + scale * (y.getMin() + y.getMax()) / 2;
        return Arrays.stream(points).map(p -> new double[] {left + scale * p[0], bottom - scale * p[1]})
                .toArray(double[][]::new);
    }

    private static void ring(Graphics2D g, double x, double y) {
        g.setStroke(new BasicStroke(1.8f));
        g.setColor(Style.INK);
        g.draw(Style.circle(x, y, 6));
    }

    /** Writes a class's number on its point that is nearest to all its others: never between two groups. */
    private static void name(Graphics2D g, double[][] places, int[] labels, int c) {
        List<double[]> own = IntStream.range(0, labels.length).filter(i -> labels[i] == c).mapToObj(i -> places[i])
                .toList();
        double[] middle = own.stream().min(Comparator.comparingDouble(p -> own.stream()
                .mapToDouble(other -> Point2D.distance(p[0], p[1], other[0], other[1])).sum())).orElseThrow();
        g.setColor(Style.PAPER);
        g.fill(Style.circle(middle[0], middle[1], 14));
        g.setColor(color(c));
        g.fill(Style.circle(middle[0], middle[1], 12.5));
        Style.centered(g, Style.bold(15), Style.textOn(color(c)), String.valueOf(c), middle[0], middle[1] + 5.5);
    }

    private static void legend(Graphics2D g, int points, int rings) {
        String text = Text.whole(points) + " images, one point each, colored by label";
        double y = HEIGHT - 18;
        if (rings == 0) {
            Style.centered(g, Style.font(13), Style.MUTED, text, Style.WIDTH / 2.0, y);
            return;
        }
        String ringed = "ringed: " + Text.whole(rings) + " that the network gets wrong";
        Style.write(g, Style.font(13), Style.MUTED, text, MARGIN, y);
        Style.rightAligned(g, Style.font(13), Style.MUTED, ringed, Style.WIDTH - MARGIN, y);
        ring(g, Style.WIDTH - MARGIN - Style.width(Style.font(13), ringed) - 14, y - 4);
    }
}
