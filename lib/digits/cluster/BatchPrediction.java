package digits.cluster;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import digits.data.LabeledImages;
import digits.networks.Network;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network's predictions for a table of images of any length; immutable. The network travels to each executor once.
 * Images are predicted in batches of a fixed size, so that equal images get equal predictions to the last bit, however
 * many partitions and executors there are.
 *
 * <pre>{@code
 * Dataset<Row> images = ImageTable.read(cluster, "images.parquet");
 * Dataset<Row> predicted = BatchPrediction.with(network, scaler).of(images);
 * predicted.write().parquet("predicted.parquet");
 * // accuracy and confusion matrix, if the table has labels
 * predicted.agg(avg(col("predicted").equalTo(col("label")).cast("double"))).show();
 * predicted.groupBy("label").pivot("predicted").count().orderBy("label").show();
 * }</pre>
 *
 * <table><caption>Columns of the table of images</caption>
 * <tr><th>column</th><th>type</th><th>content</th></tr>
 * <tr><td>image</td><td>binary</td><td>one byte per pixel, 0 (background) to 255 (ink), row by row: 784 bytes for
 *     28×28</td></tr>
 * <tr><td>problem</td><td>string</td><td>optional: why there is no image, as {@link ImageTable#pictures} says</td></tr>
 * <tr><td>others</td><td>any</td><td>such as an id and a label; they are handed through</td></tr>
 * </table>
 *
 * <table><caption>Columns of the predictions</caption>
 * <tr><th>column</th><th>type</th><th>content</th></tr>
 * <tr><td>others</td><td>any</td><td>those of the table of images, in its order</td></tr>
 * <tr><td>predicted</td><td>int</td><td>the class with the highest probability, from 0; of equal ones the
 *     first</td></tr>
 * <tr><td>class</td><td>string</td><td>its name, only with {@link #names}</td></tr>
 * <tr><td>probability</td><td>float</td><td>of the predicted class, 0 to 1</td></tr>
 * <tr><td>probabilities</td><td>array of float</td><td>of all classes</td></tr>
 * <tr><td>problem</td><td>string</td><td>null; otherwise why the row has no prediction (no image, another number of
 *     bytes, a network that returns NaN), and the columns above are null</td></tr>
 * </table>
 */
public final class BatchPrediction {
    private static final String IMAGE = "image";
    private static final String PROBLEM = "problem";

    private final ShippedNetwork network;
    private final String sha256;
    private final float[] values;
    private final int rows;
    private final int columns;
    private final List<String> names;
    private final Map<JavaSparkContext, Broadcast<ShippedNetwork>> sent;

    private BatchPrediction(ShippedNetwork network, String sha256, float[] values, int rows, int columns,
                            List<String> names, Map<JavaSparkContext, Broadcast<ShippedNetwork>> sent) {
        this.network = network;
        this.sha256 = sha256;
        this.values = values;
        this.rows = rows;
        this.columns = columns;
        this.names = names;
        this.sent = sent;
    }

    /**
     * Predictions of a network in its present state, for images of 28×28.
     *
     * @param network reads [n, 1, rows, columns], returns [n, classes]
     * @param scaler  of its input, as kept in its file; null if it reads pixels from 0 to 255
     * @throws IllegalArgumentException if it has no parameters, or they are not of the type FLOAT
     * @throws ClusterException if it needs a class that only a notebook has
     */
    public static BatchPrediction with(MultiLayerNetwork network, ImagePreProcessingScaler scaler) {
        return with(Network.of(network), scaler);
    }

    /**
     * The same for a graph.
     *
     * @throws IllegalArgumentException also unless it has exactly one input and one output
     */
    public static BatchPrediction with(ComputationGraph network, ImagePreProcessingScaler scaler) {
        return with(Network.of(network), scaler);
    }

    private static BatchPrediction with(Network network, ImagePreProcessingScaler scaler) {
        float[] bytes = new float[256];
        for (int i = 0; i < bytes.length; i++) bytes[i] = i;
        INDArray scaled = Nd4j.createFromArray(bytes);
        if (scaler != null) scaler.transform(scaled);   // the same arithmetic as for batches, and so the same bits
        ShippedNetwork shipped = ShippedNetwork.of(network);
        SameComputation.requireClasses("the network", shipped.configuration());
        return new BatchPrediction(shipped, shipped.sha256(), scaled.data().asFloat(), 28, 28, List.of(),
                new HashMap<>());
    }

    /** For images of this size. */
    public BatchPrediction size(int rows, int columns) {
        if (rows < 1 || columns < 1) throw new IllegalArgumentException("images of " + rows + "×" + columns);
        return new BatchPrediction(network, sha256, values, rows, columns, names, sent);
    }

    /**
     * With the column {@code class}.
     *
     * @param names of the classes, such as {@link LabeledImages#names()}
     */
    public BatchPrediction names(List<String> names) {
        return new BatchPrediction(network, sha256, values, rows, columns, List.copyOf(names), sent);
    }

    /**
     * The table of predictions, which is computed when Spark writes it or reads from it: for any of Spark's formats,
     * with a partition of it in each task, but at most {@value PredictRows#BATCH} images of that in memory. A row
     * without a usable image has a {@code problem} instead of a prediction, so that no row is lost and none ends the
     * work on the others.
     *
     * @throws ClusterException if the network cannot read images of this size, or the table has no binary column
     *     “image”, or has a column with the name of one that is added
     */
    public Dataset<Row> of(Dataset<Row> images) {
        StructType from = images.schema();
        requireColumns(from);
        requireFit();
        int image = from.fieldIndex(IMAGE);
        int problem = Arrays.asList(from.fieldNames()).indexOf(PROBLEM);
        int[] kept = IntStream.range(0, from.length()).filter(i -> i != image && i != problem).toArray();
        StructType to = new StructType(IntStream.of(kept).mapToObj(i -> from.fields()[i]).toArray(StructField[]::new));
        for (StructField added : added()) to = to.add(added);
        return images.mapPartitions(new PredictRows(SameComputation.environment(), send(images), sha256, values, rows,
                columns, kept, image, problem, names), Encoders.row(to));
    }

    private List<StructField> added() {
        StructType added = new StructType().add("predicted", DataTypes.IntegerType);
        if (!names.isEmpty()) added = added.add("class", DataTypes.StringType);
        return List.of(added.add("probability", DataTypes.FloatType)
                .add("probabilities", DataTypes.createArrayType(DataTypes.FloatType, false))
                .add(PROBLEM, DataTypes.StringType).fields());
    }

    private void requireColumns(StructType table) {
        ImageTable.requireColumn(table, IMAGE, ImageTable.IMAGE_TYPE);
        for (StructField added : added()) {
            for (StructField column : table.fields()) {
                if (!column.name().equalsIgnoreCase(added.name())) continue;
                if (column.name().equals(PROBLEM) && column.dataType().equals(DataTypes.StringType)) continue;
                throw new ClusterException("The table has a column " + column.name() + " already, and predictions add "
                        + "one of that name: rename it first, images.withColumnRenamed(\"" + column.name()
                        + "\", \"…\"), or leave it out, images.drop(\"" + column.name() + "\")", null);
            }
        }
    }

    /** Predicts a blank image here and now: what does not fit shows before there is a job. */
    private void requireFit() {
        int classes;
        Predictor predictor = Predictor.borrow(sha256, () -> network, 1, rows, columns);
        try {
            classes = predictor.predict(List.of(new byte[rows * columns]), values)[0].length;
        } catch (RuntimeException unfit) {
            throw new ClusterException("The network cannot predict images of " + rows + "×" + columns + " ("
                    + unfit.getMessage() + "): give their size, BatchPrediction.with(…).size(rows, columns)", unfit);
        }
        predictor.giveBack();
        if (!names.isEmpty() && names.size() != classes) {
            throw new ClusterException("The network distinguishes " + classes + " classes, but there are names for "
                    + names.size() + ": " + names, null);
        }
    }

    /** Once for all tables of a session; Spark removes it when this is garbage. */
    private synchronized Broadcast<ShippedNetwork> send(Dataset<Row> images) {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(images.sparkSession().sparkContext());
        return sent.computeIfAbsent(context, c -> c.broadcast(network));
    }

    /**
     * What has been written.
     *
     * @param rows     of the table
     * @param problems rows without a prediction
     */
    public record Written(long rows, long problems) { }

    /**
     * Predicts all images of a table and writes the predictions as Parquet. They appear when all are there; a driver
     * that dies leaves a folder with Spark's temporary files only. If the thread is interrupted, the executors stop.
     *
     * @param folder path or address on a file system that all executors see, such as {@code hdfs://…}; must not exist
     * @throws ClusterException if there is such a folder, see {@link #of}, or the work fails
     */
    public Written write(Dataset<Row> images, String folder) {
        Observation counts = new Observation();
        Dataset<Row> counted = of(images).observe(counts, count(lit(1)).as("rows"), count(col(PROBLEM)).as("problems"));
        ImageTable.write(counted, folder);
        try {
            Map<String, Object> found = counts.getAsJava();
            return new Written((Long) found.get("rows"), (Long) found.get("problems"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException("The predictions have been written to " + folder + ", but not counted", e);
        }
    }
}
