package digits.pictures;

import digits.Text;
import digits.experiments.DataScaling;
import digits.experiments.PowerLaw;
import digits.experiments.Run;
import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Validation error over the number of training images, on logarithmic axes: a dot per run, and a power law as a line,
 * which is dashed where it continues to ten times the largest number of images.
 */
public final class DataScalingChart {
    private static final int HEIGHT = 420;
    private static final int LEFT = 76;
    private static final int RIGHT = Style.WIDTH - 40;
    private static final int TOP = 44;
    private static final int BOTTOM = HEIGHT - 58;
    private static final double LOWEST = 1e-4;   // stands for no error at all, which has no logarithm
    private static final BasicStroke DASHED =
            new BasicStroke(2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1f, new float[] {7f, 6f}, 0f);

    private DataScalingChart() { }

    /** @throws IllegalArgumentException if there is no run */
    public static Picture of(DataScaling scaling, PowerLaw law) {
        if (scaling.runs().isEmpty()) throw new IllegalArgumentException("there is no run to draw");
        List<Integer> images = List.copyOf(scaling.runs().keySet());
        double first = images.get(0);
        double last = images.get(images.size() - 1);
        double[] errors = DoubleStream.concat(DoubleStream.of(law.at(first), law.at(10 * last)), scaling.runs().values()
                .stream().flatMap(Collection::stream).mapToDouble(DataScalingChart::error)).sorted().toArray();
        DoubleUnaryOperator x = axis(first / 1.4, 14 * last, LEFT, RIGHT);
        DoubleUnaryOperator y = axis(errors[0] / 1.2, errors[errors.length - 1] * 1.2, BOTTOM, TOP);
        String measured = Picture.list(images.stream().map(n -> Text.whole(n) + " images "
                + Text.percent(scaling.error(n).orElseThrow(), 2)).toList());
        String sentence = "Validation error against the number of training images: " + measured + "; the line is at "
                + Text.percent(law.at(10 * last), 2) + " with " + Text.whole((long) (10 * last)) + " images.";
        return Style.picture(Style.WIDTH, HEIGHT, sentence, g -> {
            Style.centered(g, Style.bold(14), Style.INK, "Validation error against the number of training images",
                    Style.WIDTH / 2.0, 24);
            grid(g, x, y, images, errors);
            line(g, x, y, law, first, last, Style.CURVE);
            line(g, x, y, law, last, 10 * last, DASHED);
            g.setColor(Style.faint(Style.BLUE, 150));   // dots on top of each other stay visible
            for (Map.Entry<Integer, List<Run>> size : scaling.runs().entrySet()) {
                for (Run run : size.getValue()) {
                    g.fill(Style.circle(x.applyAsDouble(size.getKey()), y.applyAsDouble(error(run)), 5));
                }
            }
            goal(g, x.applyAsDouble(10 * last), y.applyAsDouble(law.at(10 * last)), 10 * last, law);
        });
    }

    private static double error(Run run) {
        return Math.max(LOWEST, DataScaling.error(run));
    }

    /** From a number to a place between two pixels, logarithmically. */
    private static DoubleUnaryOperator axis(double from, double to, int first, int last) {
        return value -> first + (last - first) * Math.log(value / from) / Math.log(to / from);
    }

    private static void grid(Graphics2D g, DoubleUnaryOperator x, DoubleUnaryOperator y, List<Integer> images,
            double[] errors) {
        double low = errors[0] / 1.2;
        double high = errors[errors.length - 1] * 1.2;
        g.setStroke(new BasicStroke(1f));
        double[] ticks = IntStream.rangeClosed(-4, 0).boxed().flatMapToDouble(power ->
                DoubleStream.of(1, 2, 5).map(digit -> digit * Math.pow(10, power)))
                .filter(tick -> tick >= low && tick <= Math.min(1, high)).toArray();
        for (double tick : ticks) {
            g.setColor(Style.RULE);
            g.draw(new Line2D.Double(LEFT, y.applyAsDouble(tick), RIGHT, y.applyAsDouble(tick)));
            Style.rightAligned(g, Style.font(12), Style.INK, Text.percent(tick, tick < 0.0095 ? 1 : 0), LEFT - 8,
                    y.applyAsDouble(tick) + 4);
        }
        int largest = images.get(images.size() - 1);
        for (int n : IntStream.concat(images.stream().mapToInt(i -> i), IntStream.of(10 * largest)).toArray()) {
            Style.centered(g, Style.font(12), Style.INK, Text.whole(n), x.applyAsDouble(n), BOTTOM + 20);
        }
        Style.centered(g, Style.font(13), Style.MUTED, "training images", (LEFT + RIGHT) / 2.0, BOTTOM + 44);
    }

    private static void line(Graphics2D g, DoubleUnaryOperator x, DoubleUnaryOperator y, PowerLaw law, double from,
            double to, BasicStroke stroke) {
        g.setColor(Style.VERMILION);
        g.setStroke(stroke);
        g.draw(new Line2D.Double(x.applyAsDouble(from), y.applyAsDouble(law.at(from)), x.applyAsDouble(to),
                y.applyAsDouble(law.at(to))));
    }

    /** The end of the dashed line, and what it stands for. */
    private static void goal(Graphics2D g, double x, double y, double images, PowerLaw law) {
        g.setStroke(new BasicStroke(1.8f));
        g.setColor(Style.VERMILION);
        g.draw(Style.circle(x, y, 6));
        Style.rightAligned(g, Style.font(13), Style.INK, "the line at " + Text.whole((long) images) + " images: "
                + Text.percent(law.at(images), 2), x - 4, y - 16);
    }
}
