package digits.evaluation;

import java.util.List;
import java.util.stream.IntStream;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/** Precision, recall and F1 score of each class, as a table. */
public final class ClassReport {
    private ClassReport() { }

    /** One row per class with the columns digit, images, recognized, precision, recall, F1. */
    public static Table of(ConfusionMatrix matrix) {
        return of(matrix, "per digit", IntColumn.create("digit", IntStream.range(0, matrix.classes()).toArray()));
    }

    /** The same with a column {@code class} in place of the digit; there has to be one name per class. */
    public static Table of(ConfusionMatrix matrix, List<String> names) {
        if (names.size() != matrix.classes()) {
            throw new IllegalArgumentException(names.size() + " names for " + matrix.classes() + " classes");
        }
        return of(matrix, "per class", StringColumn.create("class", names));
    }

    private static Table of(ConfusionMatrix matrix, String title, Column<?> first) {
        int[] classes = IntStream.range(0, matrix.classes()).toArray();
        return Table.create(title, first,
                LongColumn.create("images", IntStream.of(classes).mapToLong(matrix::support).toArray()),
                LongColumn.create("recognized", IntStream.of(classes).mapToLong(c -> matrix.count(c, c)).toArray()),
                DoubleColumn.create("precision", IntStream.of(classes).mapToDouble(matrix::precision).toArray()),
                DoubleColumn.create("recall", IntStream.of(classes).mapToDouble(matrix::recall).toArray()),
                DoubleColumn.create("F1", IntStream.of(classes).mapToDouble(matrix::f1).toArray()));
    }
}
