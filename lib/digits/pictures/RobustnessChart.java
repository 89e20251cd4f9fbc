package digits.pictures;

import digits.Text;
import digits.data.Corruption;
import digits.evaluation.Robustness;
import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.XYChart;

/** Accuracy where a network breaks: against the severity of each kind of damage, or against the size of a change. */
public final class RobustnessChart {
    private static final int COLUMNS = 5;
    private static final int LEFT = 52;     // of the axis's labels
    private static final int GAP = 18;
    private static final int TITLE = 26;
    private static final int PLOT = 104;    // height of a panel's axes
    private static final int AXIS = 24;     // below them
    private static final int MARGIN = 12;

    private RobustnessChart() { }

    /** A panel per kind of damage with a curve per network, over the severities 0 to 5; all with the same axes. */
    public static Picture of(Robustness measured) {
        List<String> names = List.copyOf(measured.accuracies().keySet());
        List<Corruption> kinds = List.of(Corruption.values());
        double lowest = Math.min(0.9, Math.floor(10 * measured.lowest()) / 10);
        int rows = kinds.size() / COLUMNS + 1;   // one place at least is left for the legend
        int width = (Style.WIDTH - 2 * MARGIN - LEFT + GAP) / COLUMNS - GAP;
        String means = names.stream().map(name -> name + " " + Text.percent(measured.mean(name), 1))
                .collect(Collectors.joining(", "));
        String sentence = "Accuracy against severity, a panel for each of " + kinds.size()
                + " corruptions. Mean over all of them: " + means + ". Lowest: " + names.stream()
                .map(name -> name + " " + lowest(measured, name)).collect(Collectors.joining(", ")) + ".";
        return Style.picture(Style.WIDTH, 2 * MARGIN + rows * (TITLE + PLOT + AXIS), sentence, g -> {
            for (int k = 0; k <= kinds.size(); k++) {
                int x = MARGIN + LEFT + k % COLUMNS * (width + GAP);
                int y = MARGIN + k / COLUMNS * (TITLE + PLOT + AXIS) + TITLE;
                if (k == kinds.size()) {
                    legend(g, names, x, y);
                    continue;
                }
                Style.centered(g, Style.bold(13), Style.INK, kinds.get(k).title(), x + width / 2.0, y - 9, width);
                axes(g, lowest, k % COLUMNS == 0, x, y, width);
                for (int n = 0; n < names.size(); n++) {
                    curve(g, measured.accuracies().get(names.get(n)).get(kinds.get(k)), n, lowest, x, y, width);
                }
            }
        });
    }

    private static String lowest(Robustness measured, String name) {
        Corruption worst = Stream.of(Corruption.values())
                .min((a, b) -> Double.compare(measured.mean(name, a), measured.mean(name, b))).orElseThrow();
        return Text.percent(measured.mean(name, worst), 1) + " (" + worst.title() + ")";
    }

    private static void legend(Graphics2D g, List<String> names, int x, int y) {
        for (int n = 0; n < names.size(); n++) {
            int row = y + 16 + 22 * n;
            g.setColor(Charts.color(n));
            g.setStroke(Style.CURVE);
            g.draw(new Line2D.Double(x, row - 4.5, x + 24, row - 4.5));
            mark(g, n, x + 12, row - 4.5);
            Style.write(g, Style.font(12), Style.INK, names.get(n), x + 32, row);
        }
        Style.write(g, Style.font(12), Style.MUTED, "across: severity, 0 to 5", x, y + 26 + 22 * names.size());
        Style.write(g, Style.font(12), Style.MUTED, "up: accuracy", x, y + 42 + 22 * names.size());
    }

    private static void axes(Graphics2D g, double lowest, boolean labels, int x, int y, int width) {
        g.setStroke(new BasicStroke(1f));
        for (int step = 0; step <= 2; step++) {
            double line = y + PLOT * step / 2.0;
            g.setColor(Style.RULE);
            g.draw(new Line2D.Double(x, line, x + width, line));
            if (labels) {
                Style.rightAligned(g, Style.font(12), Style.INK, Text.percent(1 - (1 - lowest) * step / 2, 0), x - 6,
                        line + 4);
            }
        }
        for (int severity = 0; severity <= Corruption.SEVERITIES; severity++) {
            Style.centered(g, Style.font(11), Style.MUTED, String.valueOf(severity), at(severity, x, width),
                    y + PLOT + 15);
        }
    }

    private static double at(int severity, int x, int width) {
        return x + 5 + (width - 10.0) * severity / Corruption.SEVERITIES;
    }

    private static void curve(Graphics2D g, double[] accuracies, int number, double lowest, int x, int y, int width) {
        Path2D path = new Path2D.Double();
        g.setColor(Charts.color(number));
        for (int s = 0; s < accuracies.length; s++) {
            double height = y + PLOT * (1 - (accuracies[s] - lowest) / (1 - lowest));
            if (s == 0) path.moveTo(at(s, x, width), height);
            else path.lineTo(at(s, x, width), height);
            mark(g, number, at(s, x, width), height);
        }
        g.setStroke(Style.CURVE);
        g.draw(path);
    }

    /** A disc, a square or a triangle, so that the curves can be told apart without their colors. */
    private static void mark(Graphics2D g, int number, double x, double y) {
        Path2D path = new Path2D.Double();
        int corners = number % 3 == 1 ? 4 : 3;
        for (int i = 0; i < corners; i++) {
            double angle = Math.PI * (2.0 * i / corners + (corners == 4 ? 0.25 : -0.5));
            if (i == 0) path.moveTo(x + 4 * Math.cos(angle), y + 4 * Math.sin(angle));
            else path.lineTo(x + 4 * Math.cos(angle), y + 4 * Math.sin(angle));
        }
        path.closePath();
        g.fill(number % 3 == 0 ? Style.circle(x, y, 3) : path);
    }

    /**
     * A curve of accuracies for each name, against the size of a change.
     *
     * @param xTitle what the sizes are
     * @param sizes  ascending, two or more
     * @param curves shares of 1, one per size
     */
    public static Picture against(String title, String xTitle, double[] sizes, Map<String, double[]> curves) {
        if (sizes.length < 2 || curves.isEmpty()
                || curves.values().stream().anyMatch(curve -> curve.length != sizes.length)) {
            throw new IllegalArgumentException("a curve needs an accuracy for each of two sizes or more; there are "
                    + sizes.length + " sizes and " + curves.size() + " curves");
        }
        XYChart chart = Charts.curves(title, xTitle, Style.WIDTH, 340);
        chart.getStyler().setXAxisMin(sizes[0]).setXAxisMax(sizes[sizes.length - 1]).setYAxisMin(0.0).setYAxisMax(1.0)
                .setYAxisTickLabelsFormattingFunction(y -> Text.percent(y, 0))
                .setXAxisTickLabelsFormattingFunction(x -> Text.decimal(x, sizes[sizes.length - 1] <= 1 ? 2 : 0));
        chart.getStyler().setMarkerSize(7);
        chart.setYAxisTitle("accuracy");
        List<Integer> points = IntStream.range(0, sizes.length).boxed().toList();
        int number = 0;
        for (Map.Entry<String, double[]> curve : curves.entrySet()) {
            Charts.add(chart, number++, curve.getKey(), points, i -> sizes[i], i -> curve.getValue()[i], true);
        }
        return Charts.picture(chart, title + ", " + xTitle + " from " + Text.decimal(sizes[0], 2) + " to "
                + Text.decimal(sizes[sizes.length - 1], 2) + ": " + curves.entrySet().stream().map(e -> e.getKey()
                + " from " + Text.percent(e.getValue()[0], 1) + " to "
                + Text.percent(e.getValue()[sizes.length - 1], 1)).collect(Collectors.joining("; ")) + ".");
    }
}
