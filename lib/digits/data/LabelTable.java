package digits.data;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;
import tech.tablesaw.columns.numbers.NumberColumnFormatter;

/** The distribution of classes in sets of images, as tables with one row per class; shares print as percentages. */
public final class LabelTable {
    private LabelTable() { }

    /** Columns {@code digit} (for other things {@code class}), {@code count}, and {@code share} of all, 0 to 1. */
    public static Table of(LabeledImages images) {
        return Table.create("labels", classes(images), IntColumn.create("count", images.labelCounts()),
                shares("share", images));
    }

    /**
     * Column {@code digit} (or {@code class}), then one column per set: each class's share of that set, 0 to 1.
     *
     * @throws IllegalArgumentException unless there is one distinct name per set and the sets have the same classes
     */
    public static Table compare(List<String> names, LabeledImages... sets) {
        if (names.size() != sets.length || new HashSet<>(names).size() != sets.length) {
            throw new IllegalArgumentException(sets.length + " sets need as many different names, not " + names);
        }
        for (LabeledImages set : sets) {
            if (!set.names().equals(sets[0].names())) throw new IllegalArgumentException("the sets' classes differ");
        }
        Table table = Table.create("shares of the labels", classes(sets[0]));
        for (int i = 0; i < sets.length; i++) table.addColumns(shares(names.get(i), sets[i]));
        return table;
    }

    private static Column<?> classes(LabeledImages images) {
        int[] numbers = IntStream.range(0, images.classes()).toArray();
        return IntStream.of(numbers).mapToObj(String::valueOf).toList().equals(images.names())
                ? IntColumn.create("digit", numbers) : StringColumn.create("class", images.names());
    }

    private static DoubleColumn shares(String name, LabeledImages images) {
        double size = images.size();
        DoubleColumn shares = DoubleColumn.create(name,
                IntStream.of(images.labelCounts()).mapToDouble(count -> count / size).toArray());
        shares.setPrintFormatter(new NumberColumnFormatter(
                new DecimalFormat("0.00 %", DecimalFormatSymbols.getInstance(Locale.ROOT))));
        return shares;
    }
}
