package digits.data;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.numbers.NumberColumnFormatter;

/** How the ten digits are distributed over a set of images, as Tablesaw tables of ten rows. Shares are printed in per cent. */
public final class LabelTable {
    private LabelTable() {
    }

    /** Columns {@code digit} (0 to 9), {@code count}, and {@code share} of all images, 0 to 1. */
    public static Table of(LabeledImages images) {
        return Table.create("labels", digits(), IntColumn.create("count", images.labelCounts()), shares("share", images));
    }

    /**
     * Column {@code digit} (0 to 9), then one column for each set, under its name: each digit's share of that set, 0 to 1.
     *
     * @throws IllegalArgumentException if there is not exactly one name, different from the others, for each set
     */
    public static Table compare(List<String> names, LabeledImages... sets) {
        if (names.size() != sets.length || new HashSet<>(names).size() != sets.length) {
            throw new IllegalArgumentException(sets.length + " sets need as many different names, not " + names);
        }
        Table table = Table.create("shares of the labels", digits());
        for (int i = 0; i < sets.length; i++) table.addColumns(shares(names.get(i), sets[i]));
        return table;
    }

    private static IntColumn digits() {
        return IntColumn.create("digit", IntStream.range(0, LabeledImages.CLASSES).toArray());
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
