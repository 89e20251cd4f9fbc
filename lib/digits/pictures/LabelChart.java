package digits.pictures;

import digits.Text;
import digits.data.LabeledImages;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;

/** How often each class occurs: a bar chart for one set or, in groups, for several. */
public final class LabelChart {
    private static final Color[] COLOURS = {Style.BLUE, Style.AMBER, Style.GREEN, Style.PURPLE, Style.SKY, Style.VERMILION};

    private LabelChart() {
    }

    /** Images of each digit, the number over its bar. */
    public static BufferedImage counts(String name, LabeledImages images) {
        return counts(Map.of(name, images));
    }

    /**
     * Images of each digit in each set; the sets in the map's order.
     *
     * @throws IllegalArgumentException without a set, with more than six, with an empty one, or of different classes
     */
    public static BufferedImage counts(Map<String, LabeledImages> sets) {
        Map<String, double[]> values = new LinkedHashMap<>();
        check(sets).forEach((name, images) -> values.put(name, IntStream.of(images.labelCounts()).asDoubleStream().toArray()));
        return chart(sets, values, "images", v -> Text.whole(Math.round(v)));
    }

    /**
     * The share of each digit within each set, in percent: sets of different size become comparable, as training,
     * validation and test are.
     *
     * @throws IllegalArgumentException without a set, with more than six, with an empty one, or of different classes
     */
    public static BufferedImage shares(Map<String, LabeledImages> sets) {
        Map<String, double[]> values = new LinkedHashMap<>();
        check(sets).forEach((name, images) -> values.put(name, IntStream.of(images.labelCounts())
                .mapToDouble(count -> 100.0 * count / images.size()).toArray()));
        return chart(sets, values, "share of the set", v -> Text.decimal(v, 0) + " %");
    }

    private static Map<String, LabeledImages> check(Map<String, LabeledImages> sets) {
        if (sets.isEmpty()) throw new IllegalArgumentException("there is no set of images to count");
        if (sets.size() > COLOURS.length) throw new IllegalArgumentException(sets.size() + " sets; six can be told apart");
        sets.forEach((name, images) -> {
            if (images.size() == 0) throw new IllegalArgumentException("the set \"" + name + "\" is empty");
            if (!images.names().equals(sets.values().iterator().next().names())) {
                throw new IllegalArgumentException("the sets have different classes");
            }
        });
        return sets;
    }

    private static BufferedImage chart(Map<String, LabeledImages> sets, Map<String, double[]> values, String axis,
                                       Function<Double, String> format) {
        List<String> names = sets.values().iterator().next().names();
        boolean digits = names.equals(IntStream.range(0, 10).mapToObj(String::valueOf).toList());
        CategoryChart chart = new CategoryChartBuilder().width(Style.WIDTH).height(340)
                .xAxisTitle(digits ? "digit" : "class").yAxisTitle(axis).build();
        Style.apply(chart.getStyler());
        double highest = values.values().stream().flatMapToDouble(Arrays::stream).max().orElseThrow();
        chart.getStyler().setYAxisMin(0.0).setYAxisMax(highest * 1.1).setYAxisTickLabelsFormattingFunction(format);
        chart.getStyler().setLegendVisible(true);
        chart.getStyler().setSeriesColors(COLOURS);
        boolean alone = values.size() == 1;
        chart.getStyler().setAvailableSpaceFill(alone ? 0.7 : 0.8);
        chart.getStyler().setLabelsVisible(alone).setLabelsPosition(1.08).setLabelsFont(Style.font(12))
                .setLabelsFontColor(Style.INK).setLabelsFontColorAutomaticEnabled(false);
        chart.getStyler().setDecimalPattern("#,##0");
        values.forEach((name, heights) -> chart.addSeries(name, names, Arrays.stream(heights).boxed().toList()));
        return BitmapEncoder.getBufferedImage(chart);
    }
}
