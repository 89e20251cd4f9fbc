package digits.cluster;

import digits.Examples;
import digits.Settings;
import digits.data.LabeledImages;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;

/** A process with {@code local[2]}: two tasks at a time in it. It compares, and then writes until it is killed. */
final class DriverThatDies {
    private DriverThatDies() { }

    /** FOLDER: writes “equal” or what differs, and “writing”. */
    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[0]);
        Settings settings = Settings.from(Map.of("DIGITS_CLUSTER", "local[2]", "OMP_NUM_THREADS", "1"));
        try (Cluster cluster = Cluster.connect(settings)) {
            LabeledImages images = Examples.bars(2_600, 1);
            ImageTable.write(cluster, images, folder.resolve("images").toString());
            Dataset<Row> table = ImageTable.read(cluster, folder.resolve("images").toString());
            BatchPrediction prediction = BatchPrediction.with(Examples.smallNetwork(3), new ImagePreProcessingScaler());
            float[][] local = Tables.local(Examples.smallNetwork(3), images);
            System.out.println(Tables.difference(local, prediction.of(table.repartition(7))).orElse("equal"));
            System.out.println("writing");
            Dataset<Row> copies = cluster.session().range(10_000).select(functions.col("id").as("copy"));
            prediction.write(table.crossJoin(copies), folder.resolve("predicted").toString());
        }
    }
}
