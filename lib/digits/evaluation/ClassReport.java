package digits.evaluation;

import java.util.stream.IntStream;

import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.Table;

/** Precision, recall and F1 for each class, as a table. */
public final class ClassReport {
    private ClassReport() {
    }

    /** Columns digit, images, recognised, precision, recall, F1; one row a class. */
    public static Table of(ConfusionMatrix matrix) {
        int[] classes = IntStream.range(0, matrix.classes()).toArray();
        return Table.create("per digit",
                IntColumn.create("digit", classes),
                LongColumn.create("images", IntStream.of(classes).mapToLong(matrix::support).toArray()),
                LongColumn.create("recognised", IntStream.of(classes).mapToLong(c -> matrix.count(c, c)).toArray()),
                DoubleColumn.create("precision", IntStream.of(classes).mapToDouble(matrix::precision).toArray()),
                DoubleColumn.create("recall", IntStream.of(classes).mapToDouble(matrix::recall).toArray()),
                DoubleColumn.create("F1", IntStream.of(classes).mapToDouble(matrix::f1).toArray()));
    }
}
