package digits.html;

import digits.Text;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
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
    private static final String RULE = "1px solid #8c959f80";

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
                throw new IllegalArgumentException(
                        "there is no column \"" + name + "\"; there are " + table.columnNames());
            }
            if (number < 0 || number > 15) {
                throw new IllegalArgumentException(number + " decimals for \"" + name + "\"; 0 to 15 are possible");
            }
        });
        int rows = Math.min(ROWS, table.rowCount());
        List<Column<?>> columns = table.columns();
        List<String> names = table.columnNames();
        List<Boolean> right = columns.stream().map(c -> c instanceof NumericColumn<?>).toList();
        List<IntFunction<String>> writers = columns.stream().map(c -> writer(c, digits.get(c.name()))).toList();
        Rows html = new Rows(names, right);
        for (int row = 0; row < rows; row++) {
            int at = row;
            html.add(writers.stream().map(writer -> writer.apply(at)).toList(), false);
        }
        return html.end(rows < table.rowCount() ? "… and " + Text.whole(table.rowCount() - rows) + " more rows" : "");
    }

    /** Writes a column's values with the requested decimals, otherwise with its formatter, otherwise with four. */
    private static IntFunction<String> writer(Column<?> column, Integer digits) {
        IntFunction<String> text;
        if (!(column instanceof DoubleColumn || column instanceof FloatColumn)) {
            text = row -> column.get(row) instanceof Number n ? Text.whole(n.longValue()) : column.getString(row);
        } else if (digits == null && hasFormatter(column)) {
            text = column::getString;
        } else {
            NumericColumn<?> numbers = (NumericColumn<?>) column;
            text = row -> Text.decimal(numbers.getDouble(row), digits == null ? DIGITS : digits);
        }
        return row -> column.isMissing(row) ? "–" : text.apply(row);
    }

    /** Tablesaw does not reveal a column's formatter: compares how a long fraction is written with and without it. */
    private static boolean hasFormatter(Column<?> column) {
        double fraction = -12345.678901;
        boolean floats = column instanceof FloatColumn;
        Column<?> formatted = column.copy().appendObj(floats ? (Object) (float) fraction : fraction);
        Column<?> plain = floats ? FloatColumn.create("", (float) fraction) : DoubleColumn.create("", fraction);
        return !last(formatted).equals(last(plain));
    }

    private static String last(Column<?> column) {
        return column.getString(column.size() - 1);
    }

    /** Builds a table in the style of this class, row by row. */
    static final class Rows {
        private final StringBuilder html = new StringBuilder(
                "<table style=\"border-collapse:collapse;border:0;margin:8px 0\"><thead><tr>");
        private final List<Boolean> right;

        /** @param right which columns are aligned to the right */
        Rows(List<String> names, List<Boolean> right) {
            this.right = right;
            for (int c = 0; c < names.size(); c++) {
                cell("th", c, names.get(c), true, "border:0;border-bottom:2px solid #8c959f");
            }
            html.append("</tr></thead><tbody>");
        }

        void add(List<String> texts, boolean bold) {
            html.append("<tr>");
            for (int c = 0; c < texts.size(); c++) cell("td", c, texts.get(c), bold, "border:0;border-bottom:" + RULE);
            html.append("</tr>");
        }

        String end(String note) {
            return html + "</tbody></table>" + (note.isEmpty() ? ""
                    : "<div style=\"margin:0 0 8px 12px\">" + Text.escape(note) + "</div>");
        }

        private void cell(String tag, int column, String text, boolean bold, String border) {
            html.append('<').append(tag).append(" style=\"text-align:").append(right.get(column) ? "right" : "left")
                    .append(";padding:4px 12px;").append(border).append(";background-color:transparent")
                    .append(bold ? ";font-weight:bold" : ";font-weight:normal").append("\">").append(Text.escape(text))
                    .append("</").append(tag).append('>');
        }
    }
}
