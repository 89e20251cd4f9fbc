package digits.pictures;

import digits.Text;
import digits.data.LabeledImages;
import java.awt.Color;
import java.awt.Graphics2D;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.knowm.xchart.CategoryChart;

/** How often each class occurs: a bar chart for one set or, in groups, for several; and how large the sets are. */
public final class LabelChart {
    private static final Color[] COLORS =
            {Style.BLUE, Style.AMBER, Style.GREEN, Style.PURPLE, Style.SKY, Style.VERMILION};

    private static final int MARGIN = 10;
    private static final int BAR = 56;

    private LabelChart() { }

    /** Images of each class in one set, which the title names, the number over its bar. */
    public static Picture counts(String name, LabeledImages images) {
        return counts(Map.of(name, images));
    }

    /** Images of each class in one to six sets of the same classes, none of them empty; the sets in the map's order. */
    public static Picture counts(Map<String, LabeledImages> sets) {
        return chart(sets, "images", images -> 1.0, v -> Text.whole(Math.round(v)));
    }

    /** The same with the names and the sets one after another. */
    public static Picture counts(List<String> names, LabeledImages... sets) {
        return counts(map(names, sets));
    }

    /** The same in percent of each set, so that sets of different sizes can be compared. */
    public static Picture shares(Map<String, LabeledImages> sets) {
        return chart(sets, "share of the set", images -> 100.0 / images.size(), v -> Text.decimal(v, 0) + " %");
    }

    /** The same with the names and the sets one after another. */
    public static Picture shares(List<String> names, LabeledImages... sets) {
        return shares(map(names, sets));
    }

    /**
     * How far the share of each class in a set is from its share in the first set, in percentage points: a group of
     * bars for each set but the first, above 0 where the class is more frequent than there.
     *
     * @param names of 2 to 6 sets of the same classes
     */
    public static Picture differences(List<String> names, LabeledImages... sets) {
        Map<String, LabeledImages> named = map(names, sets);
        List<String> classes = check(named);
        if (sets.length < 2) throw new IllegalArgumentException("one set alone has no differences");
        double[] base = heights(sets[0], 100.0 / sets[0].size());
        Map<String, double[]> points = new LinkedHashMap<>();
        for (int i = 1; i < sets.length; i++) {
            double[] shares = heights(sets[i], 100.0 / sets[i].size());
            points.put(names.get(i), IntStream.range(0, base.length).mapToDouble(c -> shares[c] - base[c]).toArray());
        }
        double largest = Math.max(0.01, points.values().stream().flatMapToDouble(Arrays::stream).map(Math::abs).max()
                .orElseThrow());
        int digits = largest < 0.1 ? 3 : largest < 1 ? 2 : 1;
        return bars("", "percentage points above " + names.get(0), classes, points, -1.1 * largest, 1.1 * largest,
                v -> (v > 0 ? "+" : "") + Text.decimal(v, digits).replace('-', '−'));
    }

    /** The sizes of 1 to 6 sets: one bar for all images, in which each set has its part. */
    public static Picture sizes(List<String> names, LabeledImages... sets) {
        Map<String, LabeledImages> named = map(names, sets);
        check(named);
        long all = named.values().stream().mapToLong(LabeledImages::size).sum();
        String parts = Picture.list(named.entrySet().stream().map(set -> set.getKey() + " "
                + Text.whole(set.getValue().size())).toList());
        return Style.picture(Style.WIDTH, 2 * MARGIN + BAR + 22, "A bar of " + Text.count(all, "image") + " in "
                + Text.count(sets.length, "set") + ": " + parts + ".", g -> {
            double before = 0;
            for (int i = 0; i < sets.length; i++) {
                double from = MARGIN + before / all * (Style.WIDTH - 2 * MARGIN);
                before += sets[i].size();
                double to = MARGIN + before / all * (Style.WIDTH - 2 * MARGIN);
                part(g, names.get(i), sets[i].size(), all, COLORS[i], (int) Math.round(from), (int) Math.round(to));
            }
        });
    }

    private static void part(Graphics2D g, String name, long size, long all, Color color, int from, int to) {
        double middle = (from + to) / 2.0;
        Style.box(g, color, Style.PAPER, from, MARGIN, to - from, BAR);
        Style.centered(g, Style.bold(14), Style.textOn(color), name, middle, MARGIN + 23, to - from - 6);
        Style.centered(g, Style.font(13), Style.textOn(color), Text.whole(size), middle, MARGIN + 42, to - from - 6);
        Style.centered(g, Style.font(12), Style.MUTED, Text.percent((double) size / all, 0), middle, MARGIN + BAR + 18,
                to - from);
    }

    private static Map<String, LabeledImages> map(List<String> names, LabeledImages... sets) {
        Map<String, LabeledImages> named = new LinkedHashMap<>();
        for (int i = 0; i < Math.min(names.size(), sets.length); i++) named.put(names.get(i), sets[i]);
        if (named.size() == names.size() && names.size() == sets.length) return named;
        throw new IllegalArgumentException(sets.length + " sets need as many different names, not " + names);
    }

    /** Images of each class, times the height of one. */
    private static double[] heights(LabeledImages images, double perImage) {
        return IntStream.of(images.labelCounts()).mapToDouble(count -> count * perImage).toArray();
    }

    private static List<String> check(Map<String, LabeledImages> sets) {
        if (sets.isEmpty() || sets.size() > 6) throw new IllegalArgumentException(sets.size() + " sets, not 1 to 6");
        List<String> names = sets.values().iterator().next().names();
        sets.forEach((name, images) -> {
            if (images.size() == 0) throw new IllegalArgumentException("the set \"" + name + "\" is empty");
            if (!images.names().equals(names)) throw new IllegalArgumentException("the sets have different classes");
        });
        return names;
    }

    /** @param perImage how high a bar is for one image of a set */
    private static Picture chart(Map<String, LabeledImages> sets, String axis,
            Function<LabeledImages, Double> perImage, Function<Double, String> format) {
        List<String> names = check(sets);
        Map<String, double[]> heights = new LinkedHashMap<>();
        sets.forEach((name, images) -> heights.put(name, heights(images, perImage.apply(images))));
        double highest = heights.values().stream().flatMapToDouble(Arrays::stream).max().orElseThrow();
        String title = sets.size() == 1 ? sets.keySet().iterator().next() : "";
        return bars(title, axis, names, heights, 0, 1.1 * highest, format);
    }

    /** Groups of bars; with a title they are those of one set, and each has its number over it. */
    private static Picture bars(String title, String axis, List<String> names, Map<String, double[]> heights,
            double from, double to, Function<Double, String> format) {
        boolean alone = !title.isEmpty();
        CategoryChart chart = Charts.categories(title, names.equals(Style.digits(10)) ? "digit" : "class", 340);
        chart.setYAxisTitle(axis);
        chart.getStyler().setAvailableSpaceFill(alone ? 0.7 : 0.8).setLabelsVisible(alone).setLabelsPosition(1.08)
                .setLabelsFont(Style.font(12)).setLabelsFontColor(Style.INK).setLabelsFontColorAutomaticEnabled(false);
        chart.getStyler().setYAxisMin(from).setYAxisMax(to).setYAxisTickLabelsFormattingFunction(format)
                .setLegendVisible(!alone).setDecimalPattern("#,##0").setSeriesColors(COLORS);
        heights.forEach((name, values) -> chart.addSeries(name, names, Arrays.stream(values).boxed().toList()));
        List<String> ranges = heights.entrySet().stream()
                .map(set -> range(set.getKey(), names, set.getValue(), format)).toList();
        return Charts.picture(chart, "Bar chart, " + axis + " for each class: " + Picture.list(ranges, "; ") + ".");
    }

    /** “training from 5,421 (5) to 6,742 (1)”. */
    private static String range(String set, List<String> names, double[] values, Function<Double, String> format) {
        Comparator<Integer> byValue = Comparator.comparingDouble(i -> values[i]);
        int least = IntStream.range(0, values.length).boxed().min(byValue).orElseThrow();
        int most = IntStream.range(0, values.length).boxed().max(byValue).orElseThrow();
        return set + " from " + format.apply(values[least]) + " (" + names.get(least) + ") to "
                + format.apply(values[most]) + " (" + names.get(most) + ")";
    }
}
