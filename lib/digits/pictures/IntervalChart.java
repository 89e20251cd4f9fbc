package digits.pictures;

import digits.Text;
import digits.evaluation.Interval;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Accuracies with their confidence intervals, one per row: a point, a line from the lower to the upper end. */
public final class IntervalChart {
    private static final int MOST = 20;
    private static final int ROW = 34;
    private static final int TOP = 14;
    private static final int FIGURES = 230;   // width of the column on the right
    private static final double[] STEPS = {0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2};

    private IntervalChart() { }

    /** The intervals by name, 1 to 20, in the map's order; all on one axis. */
    public static Picture of(Map<String, Interval> intervals) {
        if (intervals.isEmpty() || intervals.size() > MOST) {
            throw new IllegalArgumentException(intervals.size() + " intervals, not 1 to " + MOST);
        }
        List<String> names = new ArrayList<>(intervals.keySet());
        List<Interval> rows = new ArrayList<>(intervals.values());
        int left = 24 + Math.min(300, names.stream().mapToInt(name -> Style.width(Style.font(13), name)).max()
                .orElseThrow());
        Axis axis = Axis.of(rows, left, Style.WIDTH - FIGURES);
        int bottom = TOP + ROW * rows.size();
        String sentence = "Accuracies with 95 % intervals: " + Picture.list(intervals.entrySet().stream()
                .map(each -> each.getKey() + " " + each.getValue().toString().replace(", 95 % interval ", ", "))
                .toList(), "; ") + ".";
        return Style.picture(Style.WIDTH, bottom + 34, sentence, g -> {
            axis.draw(g, TOP, bottom);
            for (int i = 0; i < rows.size(); i++) {
                row(g, names.get(i), rows.get(i), axis, TOP + ROW * i + ROW / 2, Charts.color(i));
            }
        });
    }

    private static void row(Graphics2D g, String name, Interval interval, Axis axis, int y, Color color) {
        Style.rightAligned(g, Style.font(13), Style.INK, Style.fitted(Style.font(13), name, 300), axis.left() - 12,
                y + 5);
        g.setColor(color);
        g.setStroke(Style.CURVE);
        int low = axis.x(interval.low());
        int high = axis.x(interval.high());
        g.drawLine(low, y, high, y);
        g.drawLine(low, y - 6, low, y + 6);
        g.drawLine(high, y - 6, high, y + 6);
        g.fill(Style.circle(axis.x(interval.share()), y, 5));
        Style.write(g, Style.bold(13), Style.INK, Text.percent(interval.share(), 2), axis.right() + 16, y + 5);
        Style.write(g, Style.font(12), Style.MUTED, Text.decimal(100 * interval.low(), 2) + " to "
                + Text.percent(interval.high(), 2), axis.right() + 84, y + 5);
    }

    /** Maps shares from {@code low} to {@code high} to the pixels from {@code left} to {@code right}. */
    private record Axis(double low, double high, double step, int left, int right) {
        static Axis of(List<Interval> rows, int left, int right) {
            double low = rows.stream().mapToDouble(Interval::low).min().orElseThrow();
            double high = rows.stream().mapToDouble(Interval::high).max().orElseThrow();
            double step = STEPS[STEPS.length - 1];
            for (int i = STEPS.length - 1; i >= 0 && (high - low) / STEPS[i] < 4; i--) step = STEPS[i];
            return new Axis(step * Math.floor(low / step), Math.max(low + 2 * step, step * Math.ceil(high / step)),
                    step, left, right);
        }

        int x(double share) {
            return (int) Math.round(left + (share - low) / (high - low) * (right - left));
        }

        void draw(Graphics2D g, int top, int bottom) {
            g.setStroke(new BasicStroke(1f));
            for (int tick = 0; low + tick * step < high + step / 2; tick++) {
                double share = low + tick * step;
                g.setColor(Style.RULE);
                g.drawLine(x(share), top, x(share), bottom);
                Style.centered(g, Style.font(12), Style.INK, Text.percent(share, Charts.percentDigits(high - low)),
                        x(share), bottom + 20);
            }
        }
    }
}
