package digits.cluster;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.TaskCompletionListener;
import scala.collection.immutable.ArraySeq;

/**
 * The work of an executor on one partition of a table: batch after batch, never more than one of them in memory.
 *
 * @param driver  what the results of the driver's process depend on
 * @param sha256  of the network
 * @param values  the network's input for each value of a byte
 * @param kept    positions of the columns that are handed through
 * @param image   position of the images
 * @param problem position of problems that are known already; −1 if there are none
 * @param names   of the classes; empty for none
 */
record PredictRows(Map<String, String> driver, Broadcast<ShippedNetwork> network, String sha256, float[] values,
                   int rows, int columns, int[] kept, int image, int problem, List<String> names)
        implements MapPartitionsFunction<Row, Row> {
    /** Images per pass through the network. */
    static final int BATCH = 250;

    @Override
    public Iterator<Row> call(Iterator<Row> images) {
        if (!images.hasNext()) return Collections.emptyIterator();
        SameComputation.require(driver);
        Predictor predictor = Predictor.borrow(sha256, network::value, BATCH, rows, columns);
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> predictor.giveBack());
        Queue<Row> done = new ArrayDeque<>();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return !done.isEmpty() || images.hasNext();
            }

            @Override
            public Row next() {
                if (!hasNext()) throw new NoSuchElementException("the partition is over");
                if (done.isEmpty()) predict(images, predictor, done);
                return done.remove();
            }
        };
    }

    private void predict(Iterator<Row> from, Predictor predictor, Queue<Row> to) {
        List<Row> batch = new ArrayList<>(BATCH);
        List<byte[]> usable = new ArrayList<>(BATCH);
        // Spark only asks a task to end
        if (TaskContext.get().isInterrupted()) throw new TaskKilledException("the job was canceled");
        while (batch.size() < BATCH && from.hasNext()) {
            Row row = from.next();
            batch.add(row);
            if (problem(row) == null) usable.add(row.getAs(image));
        }
        float[][] outputs = usable.isEmpty() ? new float[0][] : predictor.predict(usable, values);
        int next = 0;
        for (Row row : batch) {
            String why = problem(row);
            to.add(why == null ? predicted(row, outputs[next++]) : result(row, null, null, null, why));
        }
    }

    /** Why there is no prediction for this row; null if there is one. */
    private String problem(Row row) {
        if (problem >= 0 && !row.isNullAt(problem)) return row.getString(problem);
        if (row.isNullAt(image)) return "There is no image.";
        int bytes = row.<byte[]>getAs(image).length;
        return bytes == rows * columns ? null : "The image has " + bytes + " bytes, not " + rows + "×" + columns + ".";
    }

    private Row predicted(Row row, float[] probabilities) {
        int best = 0;
        for (int c = 0; c < probabilities.length; c++) {
            if (Float.isNaN(probabilities[c])) {
                return result(row, null, null, null, "The network returns NaN instead of probabilities.");
            }
            if (probabilities[c] > probabilities[best]) best = c;
        }
        return result(row, best, probabilities[best], ArraySeq.unsafeWrapArray(probabilities), null);
    }

    private Row result(Row row, Integer best, Float probability, ArraySeq<?> probabilities, String why) {
        List<Object> result = new ArrayList<>(kept.length + 5);
        for (int column : kept) result.add(row.get(column));
        result.add(best);
        if (!names.isEmpty()) result.add(best == null ? null : names.get(best));
        Collections.addAll(result, probability, probabilities, why);
        return RowFactory.create(result.toArray());
    }
}
