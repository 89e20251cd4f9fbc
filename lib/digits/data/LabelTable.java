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

/** How the classes are distributed over a set of images, as Tablesaw tables of one row a class. Shares are printed in per cent. */
public final class LabelTable {
    private LabelTable() {
    }

    /** Columns {@code digit} (0 to 9; for other things than digits {@code class}, its name), {@code count}, and {@code share} of all images, 0 to 1. */
    public static Table of(LabeledImages images) {
        return Table.create("labels", classes(images), IntColumn.create("count", images.labelCounts()), shares("share", images));
    }

    /**
     * Column {@code digit} (or {@code class}), then one column for each set, under its name: each class's share of that set, 0 to 1.
     *
     * @throws IllegalArgumentException if there is not exactly one name, different from the others, for each set, or they differ in their classes
     */
    public static Table compare(List<String> names, LabeledImages... sets) {
        if (names.size() != sets.length || new HashSet<>(names).size() != sets.length) {
            throw new IllegalArgumentException(sets.length + " sets need as many different names, not " + names);
        }
        for (LabeledImages set : sets) {
            if (!set.names().equals(sets[0].names())) throw new IllegalArgumentException("the sets have different classes");
        }
        Table table = Table.create("shares of the labels", classes(sets[0]));
        for (int i = 0; i < sets.length; i++) table.addColumns(shares(names.get(i), sets[i]));
        return table;
    }

    private static Column<?> classes(LabeledImages images) {
        List<String> numbers = IntStream.range(0, images.classes()).mapToObj(String::valueOf).toList();
        return images.names().equals(numbers) ? IntColumn.create("digit", IntStream.range(0, images.classes()).toArray())
                : StringColumn.create("class", images.names());
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
