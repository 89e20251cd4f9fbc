package digits.cluster;

import digits.acceleration.Acceleration;
import digits.acceleration.FrozenNetwork;
import digits.data.DigitBatches;
import digits.data.LabeledImages;
import digits.networks.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** Predictions in this process, without Spark, and their comparison with a table of predictions. */
final class Tables {
    private Tables() { }

    static float[][] local(MultiLayerNetwork network, LabeledImages images) {
        return local(Acceleration.freeze(network), images);
    }

    static float[][] local(ComputationGraph network, LabeledImages images) {
        return local(Acceleration.freeze(network), images);
    }

    /** Batch by batch, the last one filled up with its first images. */
    private static float[][] local(FrozenNetwork network, LabeledImages images) {
        int size = PredictRows.BATCH;
        int batches = (images.size() + size - 1) / size;
        LabeledImages filled = images.subset(IntStream.range(0, batches * size).map(i -> i % images.size()).toArray());
        List<float[]> rows = new ArrayList<>();
        for (DataSetIterator all = DigitBatches.inOrder(filled, size).scaled(); all.hasNext();) {
            Collections.addAll(rows, Network.rows(network.output(all.next().getFeatures())));
        }
        return rows.subList(0, images.size()).toArray(float[][]::new);
    }

    /** The first difference between the predictions by id and these; empty if all bits are equal and all are there. */
    static Optional<String> difference(float[][] local, Dataset<Row> predicted) {
        boolean[] seen = new boolean[local.length];
        for (Row row : predicted.select("id", "predicted", "probability", "probabilities").collectAsList()) {
            int id = (int) row.getLong(0);
            if (seen[id]) return Optional.of("image " + id + " is there twice");
            seen[id] = true;
            float[] found = probabilities(row);
            if (!Arrays.equals(local[id], found)) {
                return Optional.of("image " + id + ": " + Arrays.toString(found) + " instead of "
                        + Arrays.toString(local[id]));
            }
            int best = IntStream.range(0, found.length).reduce(0, (a, b) -> found[b] > found[a] ? b : a);
            if (row.getInt(1) != best || row.getFloat(2) != found[best]) return Optional.of("image " + id + ": " + row);
        }
        int missing = (int) IntStream.range(0, seen.length).filter(i -> !seen[i]).count();
        return missing == 0 ? Optional.empty() : Optional.of(missing + " images are missing");
    }

    private static float[] probabilities(Row row) {
        List<Float> list = row.getList(row.fieldIndex("probabilities"));
        float[] numbers = new float[list.size()];
        for (int i = 0; i < numbers.length; i++) numbers[i] = list.get(i);
        return numbers;
    }
}
