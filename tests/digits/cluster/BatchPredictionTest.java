package digits.cluster;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.data.LabeledImages;
import digits.data.Sample;
import digits.files.Pretrained;
import digits.keras.Fixtures;
import digits.keras.KerasFiles;
import digits.networks.DenseNetwork;
import digits.networks.LeNet;
import digits.networks.ResNet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.api.java.JavaSparkStatusTracker;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;

class BatchPredictionTest {
    private static final LabeledImages IMAGES = Sample.load().training().take(1_110);
    private static final ImagePreProcessingScaler SCALER = new ImagePreProcessingScaler(0, 1);

    @TempDir
    static Path folder;
    private static Cluster cluster;
    private static Dataset<Row> table;

    @BeforeAll
    static void connect() {
        cluster = OneCluster.connect();
        ImageTable.write(cluster, IMAGES, path("images"));
        table = ImageTable.read(cluster, path("images"));
    }

    private static String path(String name) {
        return folder.resolve(name).toString();
    }

    private static MultiLayerNetwork network(MultiLayerConfiguration configuration) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        return network;
    }

    @Test
    void equalBitsWhateverThePartitions() {
        MultiLayerNetwork network = Pretrained.network();
        float[][] local = Tables.local(network, IMAGES);
        BatchPrediction prediction = BatchPrediction.with(network, Pretrained.scaler());
        for (int partitions : new int[] {1, 2, 7}) {
            String predicted = path("predicted" + partitions);
            BatchPrediction.Written written = prediction.write(table.repartition(partitions), predicted);
            assertEquals(new BatchPrediction.Written(IMAGES.size(), 0), written);
            Dataset<Row> read = cluster.session().read().parquet(predicted);
            assertEquals(Optional.empty(), Tables.difference(local, read), partitions + " partitions");
            assertEquals("id label predicted probability probabilities problem", String.join(" ", read.columns()));
            double accuracy = read.agg(avg(col("predicted").equalTo(col("label")).cast("double"))).first().getDouble(0);
            assertTrue(accuracy > 0.98, () -> "accuracy " + accuracy);
        }
    }

    @Test
    void equalBitsForOtherNetworks() {
        LabeledImages few = IMAGES.take(300);
        Dataset<Row> rows = table.where("id < 300").repartition(3);
        for (MultiLayerConfiguration kind : List.of(LeNet.modern(1, 10), DenseNetwork.configuration(2, 47))) {
            MultiLayerNetwork network = network(kind);
            assertEquals(Optional.empty(), Tables.difference(Tables.local(network, few),
                    BatchPrediction.with(network, SCALER).of(rows)));
        }
        ComputationGraph residual = new ComputationGraph(ResNet.configuration(1, 10, 1));
        residual.init();
        for (ComputationGraph graph : List.of(Examples.smallGraph(5), residual)) {
            assertEquals(Optional.empty(), Tables.difference(Tables.local(graph, few),
                    BatchPrediction.with(graph, SCALER).of(rows)));
        }
    }

    @Test
    void aNetworkThatKerasWrote() {
        Path file = Fixtures.FOLDER.resolve("keras3_walk.keras");
        byte[] pixels = new byte[Fixtures.DIGITS * 784];
        float[] values = Fixtures.images().data().asFloat();
        for (int i = 0; i < pixels.length; i++) pixels[i] = (byte) Math.round(255 * values[i]);
        byte[] labels = new byte[Fixtures.DIGITS];
        for (int i = 0; i < labels.length; i++) labels[i] = (byte) Fixtures.labels()[i];
        LabeledImages images = LabeledImages.of(pixels, labels, 28, 28);
        List<Row> rows = IntStream.range(0, labels.length).mapToObj(i -> RowFactory.create((long) i, bytes(images, i)))
                .toList();
        Dataset<Row> digits = cluster.session().createDataFrame(rows,
                new StructType().add("id", DataTypes.LongType).add("image", DataTypes.BinaryType)).repartition(3);
        MultiLayerNetwork sequence = KerasFiles.read(file);
        assertEquals(Optional.empty(), Tables.difference(Tables.local(sequence, images),
                BatchPrediction.with(sequence, SCALER).of(digits)));
        ComputationGraph graph = KerasFiles.readGraph(file);
        assertEquals(Optional.empty(), Tables.difference(Tables.local(graph, images),
                BatchPrediction.with(graph, SCALER).of(digits)));
    }

    private static byte[] bytes(LabeledImages images, int i) {
        byte[] image = new byte[images.rows() * images.columns()];
        images.bytes(i).get(image);
        return image;
    }

    @Test
    void theNetworkIsThatOfTheMoment() {
        MultiLayerNetwork network = Examples.smallNetwork(4);
        float[][] before = Tables.local(network, IMAGES.take(300));
        Dataset<Row> predicted = BatchPrediction.with(network, SCALER).of(table.where("id < 300"));
        network.params().muli(2);
        assertEquals(Optional.empty(), Tables.difference(before, predicted));
    }

    @Test
    void randomNumbersContinueAsWithoutIt() {
        Nd4j.getRandom().setSeed(7);
        float expected = Nd4j.rand(1).getFloat(0);
        Nd4j.getRandom().setSeed(7);
        BatchPrediction.with(Examples.smallNetwork(6), SCALER).of(table);
        Nd4j.getRandom().setSeed(7);
        BatchPrediction prediction = BatchPrediction.with(Pretrained.network(), SCALER);
        Nd4j.getRandom().setSeed(7);
        prediction.of(table);
        assertEquals(expected, Nd4j.rand(1).getFloat(0));
    }

    @Test
    void badRowsHaveAProblemAndNoPrediction() {
        StructType schema = new StructType().add("scan", DataTypes.StringType).add("image", DataTypes.BinaryType)
                .add("problem", DataTypes.StringType);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 600; i++) rows.add(RowFactory.create("good " + i, bytes(IMAGES, i), null));
        rows.add(0, RowFactory.create("null", null, null));
        rows.add(100, RowFactory.create("short", new byte[783], null));
        rows.add(251, RowFactory.create("long", new byte[785], null));
        rows.add(603, RowFactory.create("empty", new byte[0], null));
        rows.add(604, RowFactory.create("known", null, "It was burned."));
        Dataset<Row> predicted = BatchPrediction.with(Examples.smallNetwork(1), SCALER)
                .names(IMAGES.names()).of(cluster.session().createDataFrame(rows, schema).coalesce(1));
        List<Row> found = predicted.collectAsList();
        assertEquals(rows.stream().map(row -> row.getString(0)).toList(),
                found.stream().map(row -> row.<String>getAs("scan")).toList());
        List<String> problems = found.stream().filter(row -> row.getAs("problem") != null).map(row -> {
            for (String column : List.of("predicted", "class", "probability", "probabilities")) {
                assertTrue(row.isNullAt(row.fieldIndex(column)));
            }
            return row.getAs("scan") + ": " + row.getAs("problem");
        }).toList();
        assertEquals(List.of("null: There is no image.", "short: The image has 783 bytes, not 28×28.",
                "long: The image has 785 bytes, not 28×28.", "empty: The image has 0 bytes, not 28×28.",
                "known: It was burned."), problems);
        assertEquals(600, predicted.where("class = cast(predicted as string) and probability > 0").count());
        assertEquals(new BatchPrediction.Written(605, 5), BatchPrediction.with(Examples.smallNetwork(1), SCALER)
                .write(cluster.session().createDataFrame(rows, schema), path("with problems")));
    }

    @Test
    void aNetworkThatReturnsNoNumbers() {
        MultiLayerNetwork broken = Examples.smallNetwork(1);
        broken.params().assign(Float.NaN);
        List<Row> found = BatchPrediction.with(broken, SCALER).of(table.limit(3)).collectAsList();
        for (Row row : found) {
            assertTrue(row.isNullAt(row.fieldIndex("predicted")));
            assertEquals("The network returns NaN instead of probabilities.", row.getAs("problem"));
        }
        assertEquals(3, found.size());
        broken.params().assign(0);
        assertEquals(3, BatchPrediction.with(broken, SCALER).of(table.limit(3)).where("predicted = 0").count());
    }

    @Test
    void otherColumnsAndClassNames() {
        List<String> names = IntStream.range(0, 47).mapToObj(i -> "class " + i).toList();
        MultiLayerNetwork network = network(DenseNetwork.configuration(2, 47));
        Dataset<Row> scans = table.where("id < 20").select(concat(lit("scan "), col("id")).as("Scan"),
                col("image"), col("label"), struct("id", "label").as("both"),
                lit("2026-11-26").cast("date").as("day"), lit(null).cast("double").as("nothing"));
        List<Row> found = BatchPrediction.with(network, SCALER).names(names).of(scans.coalesce(1))
                .collectAsList();
        for (int i = 0; i < 20; i++) {
            Row row = found.get(i);
            assertEquals("scan " + i, row.getAs("Scan"));
            assertEquals((long) i, row.<Row>getAs("both").getLong(0));
            assertEquals(IMAGES.label(i), row.<Integer>getAs("label"));
            assertEquals("class " + row.getAs("predicted"), row.getAs("class"));
            assertEquals("2026-11-26 null", row.getAs("day") + " " + row.getAs("nothing"));
            assertEquals(47, row.getList(row.fieldIndex("probabilities")).size());
        }
        assertSays("distinguishes 47 classes, but there are names for 10",
                () -> BatchPrediction.with(network, SCALER).names(IMAGES.names()).of(scans));
    }

    private static void assertSays(String part, Runnable what) {
        ClusterException e = assertThrows(ClusterException.class, what::run);
        assertTrue(e.getMessage().contains(part), e.getMessage());
        assertTrue(e.getMessage().length() < 400 && e.getMessage().lines().count() == 1, e.getMessage());
    }

    @Test
    void whatDoesNotFitIsToldBeforeThereIsAJob() {
        for (MultiLayerNetwork network : List.of(Pretrained.network(), network(LeNet.modern(1, 10)),
                network(DenseNetwork.configuration(1, 10)), Examples.smallNetwork(1))) {
            assertSays("The network cannot predict images of 32×32", () -> BatchPrediction.with(network, SCALER)
                    .size(32, 32).of(table));
        }
        BatchPrediction prediction = BatchPrediction.with(Examples.smallNetwork(1), SCALER);
        assertSays("The table has no column image, only id, label", () -> prediction.of(table.drop("image")));
        assertSays("The column image is of the type bigint; it has to be binary",
                () -> prediction.of(table.withColumn("image", col("id"))));
        assertSays("a column Predicted already", () -> prediction.of(table.withColumnRenamed("label", "Predicted")));
        assertSays("a column problem already", () -> prediction.of(table.withColumnRenamed("label", "problem")));
        assertSays("There is a folder " + path("images") + " already", () -> prediction.write(table, path("images")));
        MultiLayerNetwork doubles = Examples.smallNetwork(1).convertDataType(DataType.DOUBLE);
        assertThrows(IllegalArgumentException.class, () -> BatchPrediction.with(doubles, SCALER));
        assertThrows(IllegalArgumentException.class, () -> BatchPrediction.with(
                new MultiLayerNetwork(LeNet.modern(1, 10)), SCALER));
    }

    /** Ten files of 1,000 images, two executors, one of which is killed when three tasks have ended. */
    @Test
    void eachIdOnceThoughAnExecutorIsKilled() throws Exception {
        LabeledImages sample = Sample.load().training().and(Sample.load().validation());
        LabeledImages twice = sample.and(sample);
        ImageTable.write(cluster, twice, path("10000"));
        float[][] once = Tables.local(Pretrained.network(), sample);
        float[][] local = Stream.of(once, once).flatMap(Stream::of).toArray(float[][]::new);
        cluster.session().conf().set("spark.sql.files.maxPartitionBytes", "600k");
        CompletableFuture<BatchPrediction.Written> writing = CompletableFuture.supplyAsync(() -> BatchPrediction
                .with(Pretrained.network(), SCALER).write(ImageTable.read(cluster, path("10000")), path("after kill")));
        SparkStageInfo stage = await(job -> job.numTasks() >= 10 && job.numCompletedTasks() >= 3);
        assertTrue(stage.numCompletedTasks() < stage.numTasks() - 2, () -> "too late: " + stage.numCompletedTasks());
        ProcessHandle executor = OneCluster.get().workers().stream().flatMap(ProcessHandle::children)
                .filter(ProcessHandle::isAlive).findFirst().orElseThrow();
        executor.destroyForcibly();
        assertEquals(new BatchPrediction.Written(10_000, 0), writing.get(60, TimeUnit.SECONDS));
        assertEquals(Optional.empty(), Tables.difference(local, cluster.session().read().parquet(path("after kill"))));
        cluster.session().conf().unset("spark.sql.files.maxPartitionBytes");
    }

    private static SparkStageInfo await(Predicate<SparkStageInfo> condition) throws Exception {
        JavaSparkStatusTracker tracker = cluster.context().statusTracker();
        for (int i = 0; i < 3_000; i++) {
            for (int id : tracker.getActiveStageIds()) {
                SparkStageInfo stage = tracker.getStageInfo(id);
                if (stage != null && condition.test(stage)) return stage;
            }
            Thread.sleep(10);
        }
        throw new AssertionError("no such stage within 30 seconds");
    }

    @Test
    void anInterruptFreesTheExecutors() throws Exception {
        Dataset<Row> endless = table.crossJoin(cluster.session().range(10_000).select(col("id").as("copy")));
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        Thread notebook = new Thread(() -> {
            try {
                BatchPrediction.with(Pretrained.network(), SCALER).write(endless, path("endless"));
                end.complete(null);
            } catch (Throwable e) {
                end.complete(e);
            }
        });
        notebook.start();
        await(stage -> stage.numActiveTasks() == 2);
        Thread.sleep(500);
        long begun = System.nanoTime();
        notebook.interrupt();
        Throwable said = end.get(20, TimeUnit.SECONDS);
        assertTrue(said instanceof ClusterException && said.getMessage().contains("was interrupted"), said::toString);
        cluster.context().parallelize(List.of(1, 2), 2).count();
        double seconds = (System.nanoTime() - begun) / 1e9;
        assertTrue(seconds < 2, () -> seconds + " s");
        assertFalse(Files.exists(folder.resolve("endless/_SUCCESS")));
    }
}
