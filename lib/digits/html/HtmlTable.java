package digits.html;

import digits.Text;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.FloatColumn;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * A Tablesaw table as clean HTML: numbers right-aligned with thousands separated, missing values as “–”, everything
 * escaped, in the page's own colors, so that it can be read in light and dark themes. A column of fractions that has a
 * print formatter, for example one for percentages, is written with it.
 */
public final class HtmlTable {
    private static final int DIGITS = 4;
    private static final int ROWS = 50;

    private HtmlTable() { }

    /** The table, fractions without a formatter with four decimals; of a long table the first 50 rows and a note. */
    public static String of(Table table) {
        return of(table, Map.of());
    }

    /**
     * The same with other numbers of decimals for some columns.
     *
     * @param digits the decimals, 0 to 15, by column name; the formatters of these columns are not used
     * @throws IllegalArgumentException if a column does not exist or the decimals are not 0 to 15
     */
    public static String of(Table table, Map<String, Integer> digits) {
        digits.forEach((name, number) -> {
            if (!table.containsColumn(name)) {
                throw new IllegalArgumentException("no column \"" + name + "\"; there are " + table.columnNames());
            }
            if (number < 0 || number > 15) {
                throw new IllegalArgumentException(number + " decimals for \"" + name + "\"; 0 to 15 are possible");
            }
        });
        int rows = Math.min(ROWS, table.rowCount());
        List<IntFunction<String>> writers = table.columns().stream().map(c -> writer(c, digits.get(c.name()))).toList();
        List<Boolean> right = table.columns().stream().map(c -> c instanceof NumericColumn<?>).toList();
        Rows html = new Rows(table.columnNames(), right);
        IntStream.range(0, rows).forEach(row -> html.add(writers.stream().map(w -> w.apply(row)).toList(), false));
        return html.end(rows < table.rowCount() ? "… and " + Text.whole(table.rowCount() - rows) + " more rows" : "");
    }

    /** Writes a column's values with the requested decimals, otherwise with its formatter, otherwise with four. */
    private static IntFunction<String> writer(Column<?> column, Integer digits) {
        boolean fractions = column instanceof DoubleColumn || column instanceof FloatColumn;
        boolean formatted = fractions && digits == null && hasFormatter(column);
        return row -> column.isMissing(row) ? "–"
                : formatted || !(column.get(row) instanceof Number n) ? column.getString(row)
                : fractions ? Text.decimal(n.doubleValue(), digits == null ? DIGITS : digits)
                : Text.whole(n.longValue());
    }

    /** Tablesaw does not reveal a column's formatter: compares how a long fraction is written with and without it. */
    private static boolean hasFormatter(Column<?> column) {
        double fraction = -12345.678901;
        boolean floats = column instanceof FloatColumn;
        Column<?> formatted = column.copy().appendObj(floats ? (Object) (float) fraction : fraction);
        Column<?> plain = floats ? FloatColumn.create("", (float) fraction) : DoubleColumn.create("", fraction);
        return !formatted.getString(column.size()).equals(plain.getString(0));
    }

    /** Builds a table in the style of this class, row by row. */
    static final class Rows {
        private final StringBuilder html = new StringBuilder(
                "<table style=\"border-collapse:collapse;border:0;margin:8px 0\"><thead><tr>");
        private final List<Boolean> right;

        /** @param right which columns are aligned to the right */
        Rows(List<String> names, List<Boolean> right) {
            this.right = right;
            cells("th", names, true, "2px solid #8c959f");
            html.append("</tr></thead><tbody>");
        }

        void add(List<String> texts, boolean bold) {
            html.append("<tr>");
            cells("td", texts, bold, "1px solid #8c959f80");
            html.append("</tr>");
        }

        String end(String note) {
            return html + "</tbody></table>" + (note.isEmpty() ? ""
                    : "<div style=\"margin:0 0 8px 12px\">" + Text.escape(note) + "</div>");
        }

        private void cells(String tag, List<String> texts, boolean bold, String rule) {
            String weight = bold ? "bold" : "normal";
            String style = "padding:4px 12px;border:0;border-bottom:" + rule + ";font-weight:" + weight;
            for (int c = 0; c < texts.size(); c++) {
                html.append(cell(tag, right.get(c), style, Text.escape(texts.get(c))));
            }
        }
    }

    /** A cell on the page's own ground, aligned to the right or left; its content is HTML. */
    static String cell(String tag, boolean right, String style, String html) {
        return "<%s style=\"text-align:%s;background-color:transparent;%s\">%s</%1$s>"
                .formatted(tag, right ? "right" : "left", style, html);
    }
}
