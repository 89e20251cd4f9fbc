package digits.pictures;

import digits.Text;
import digits.data.LabeledImages;
import java.awt.Color;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.knowm.xchart.CategoryChart;

/** How often each class occurs: a bar chart for one set or, in groups, for several. */
public final class LabelChart {
    private static final Color[] COLORS =
            {Style.BLUE, Style.AMBER, Style.GREEN, Style.PURPLE, Style.SKY, Style.VERMILION};

    private LabelChart() { }

    /** Images of each class in one set, the number over its bar. */
    public static Picture counts(String name, LabeledImages images) {
        return counts(Map.of(name, images));
    }

    /** Images of each class in one to six sets of the same classes, none of them empty; the sets in the map's order. */
    public static Picture counts(Map<String, LabeledImages> sets) {
        return chart(sets, "images", images -> 1.0, v -> Text.whole(Math.round(v)));
    }

    /** The same in percent of each set, so that sets of different sizes can be compared. */
    public static Picture shares(Map<String, LabeledImages> sets) {
        return chart(sets, "share of the set", images -> 100.0 / images.size(), v -> Text.decimal(v, 0) + " %");
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
        sets.forEach((name, images) -> heights.put(name, IntStream.of(images.labelCounts())
                .mapToDouble(count -> count * perImage.apply(images)).toArray()));
        double highest = heights.values().stream().flatMapToDouble(Arrays::stream).max().orElseThrow();
        boolean alone = sets.size() == 1;
        CategoryChart chart = Charts.categories("", names.equals(Style.digits(10)) ? "digit" : "class", 340);
        chart.setYAxisTitle(axis);
        chart.getStyler().setAvailableSpaceFill(alone ? 0.7 : 0.8).setLabelsVisible(alone).setLabelsPosition(1.08)
                .setLabelsFont(Style.font(12)).setLabelsFontColor(Style.INK).setLabelsFontColorAutomaticEnabled(false);
        chart.getStyler().setYAxisMin(0.0).setYAxisMax(highest * 1.1).setYAxisTickLabelsFormattingFunction(format)
                .setLegendVisible(true).setDecimalPattern("#,##0").setSeriesColors(COLORS);
        heights.forEach((name, values) -> chart.addSeries(name, names, Arrays.stream(values).boxed().toList()));
        return Charts.picture(chart, "Bars, " + axis + " for each class: " + Picture.list(heights.entrySet().stream()
                .map(set -> range(set.getKey(), names, set.getValue(), format)).toList(), "; ") + ".");
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
