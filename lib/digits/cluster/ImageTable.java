package digits.cluster;

import digits.data.LabeledImages;
import digits.data.PackedImages;
import digits.image.Photo;
import digits.image.PictureException;
import digits.image.PictureFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.net.URI;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SerializableWritable;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkThrowable;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Images as tables of Spark, one row per image, for {@link BatchPrediction}.
 *
 * <table><caption>Columns of a table of images</caption>
 * <tr><th>column</th><th>type</th><th>content</th></tr>
 * <tr><td>id</td><td>any; here long</td><td>what tells the image from others: here its position in the set, from
 *     0</td></tr>
 * <tr><td>image</td><td>binary</td><td>one byte per pixel, 0 (background) to 255 (ink), row by row</td></tr>
 * <tr><td>label</td><td>int</td><td>its class, from 0; optional</td></tr>
 * </table>
 *
 * <p>A path may also be an address such as {@code hdfs://…} or {@code s3a://…}. All machines of the cluster have to see
 * it: a local path only on a cluster of one machine, or where it is a shared folder.
 */
public final class ImageTable {
    static final DataType IMAGE_TYPE = DataTypes.BinaryType;
    private static final int PER_FILE = 1_000;   // Spark recommends tasks below 1 MB; MNIST's images have 784 bytes
    private static final int PER_TASK = 100;     // pictures, of which each takes some milliseconds
    private static final String PARQUET = "Parquet files";
    private static final StructType IMAGES = new StructType().add("id", DataTypes.LongType).add("image", IMAGE_TYPE)
            .add("label", DataTypes.IntegerType);
    private static final StructType PICTURES = new StructType().add("id", DataTypes.StringType)
            .add("image", IMAGE_TYPE).add("problem", DataTypes.StringType);
    private static final Set<DataType> WHOLE_NUMBERS =
            Set.of(DataTypes.ByteType, DataTypes.ShortType, DataTypes.IntegerType, DataTypes.LongType);

    private ImageTable() { }

    /**
     * Writes images as Parquet, 1,000 per file. They travel to the executors file by file.
     *
     * @throws ClusterException if the folder exists already, or cannot be written
     */
    public static void write(Cluster cluster, LabeledImages images, String folder) {
        int files = Math.max(1, (images.size() + PER_FILE - 1) / PER_FILE);
        List<Part> parts = IntStream.range(0, files).mapToObj(i -> {
            int from = i * PER_FILE;
            int[] positions = IntStream.range(from, Math.min(images.size(), from + PER_FILE)).toArray();
            return new Part(PackedImages.of(images.subset(positions)), from);
        }).toList();
        JavaRDD<Row> rows = cluster.context().parallelize(parts, files).flatMap(Part::rows);
        write(cluster.session().createDataFrame(rows, IMAGES), folder);
    }

    /** Some images of a set, the first of which has this position in it. */
    private record Part(PackedImages packed, int from) implements Serializable {
        Iterator<Row> rows() {
            LabeledImages images = packed.images();
            return IntStream.range(0, images.size()).mapToObj(i -> {
                byte[] image = new byte[images.rows() * images.columns()];
                images.bytes(i).get(image);
                return RowFactory.create((long) from + i, image, images.label(i));
            }).iterator();
        }
    }

    /** Writes any table as Parquet; if this thread is interrupted, its tasks are. */
    static void write(Dataset<Row> table, String folder) {
        SparkContext context = table.sparkSession().sparkContext();
        String group = "digits-" + UUID.randomUUID();
        context.setJobGroup(group, "writing " + folder, true);
        try {
            table.write().parquet(folder);
        } catch (Exception e) {   // Scala throws checked exceptions undeclared
            if (ClusterException.causes(e).anyMatch(InterruptedException.class::isInstance)) {
                context.cancelJobGroup(group);
                Thread.currentThread().interrupt();
                throw new ClusterException("Writing " + folder + " was interrupted", e);
            }
            if (condition(e).equals("PATH_ALREADY_EXISTS")) {
                throw new ClusterException("There is a folder " + folder + " already: choose another one or delete it "
                        + "(a driver that died leaves a folder with nothing but _temporary)", e);
            }
            throw ClusterException.of(folder + " cannot be written", e);
        } finally {
            context.clearJobGroup();
        }
    }

    private static String condition(Exception e) {
        return e instanceof SparkThrowable failure && failure.getCondition() != null ? failure.getCondition() : "";
    }

    /**
     * A table of images in Parquet files, with all its columns.
     *
     * @throws ClusterException if there is none, it is unfinished, or its column {@code id}, {@code image} (binary) or
     *     {@code label} (whole numbers; may be absent) is missing or of another type
     */
    public static Dataset<Row> read(Cluster cluster, String folder) {
        requireExists(cluster, folder, PARQUET);
        if (exists(cluster, folder + "/_temporary")) {
            throw new ClusterException(folder + " is unfinished: another process is writing it, or died while it did. "
                    + "In that case delete the folder and write it again", null);
        }
        Dataset<Row> table;
        try {
            table = cluster.session().read().parquet(folder);
        } catch (Exception e) {   // Scala throws checked exceptions undeclared
            throw unreadable(folder, PARQUET, e);
        }
        StructType schema = table.schema();
        requireColumn(schema, "id", null);
        requireColumn(schema, "image", IMAGE_TYPE);
        for (StructField column : schema.fields()) {
            if (column.name().equals("label") && !WHOLE_NUMBERS.contains(column.dataType())) {
                throw new ClusterException("The column label is of the type " + column.dataType().simpleString()
                        + "; it has to hold whole numbers, the classes from 0, or be absent", null);
            }
        }
        return table;
    }

    private static void requireExists(Cluster cluster, String path, String what) {
        if (exists(cluster, path)) return;
        throw new ClusterException("There is no " + path + " with " + what + ". All machines of the cluster have to "
                + "see it under this name", null);
    }

    private static boolean exists(Cluster cluster, String path) {
        Path pattern = new Path(path);
        try {
            FileStatus[] found = pattern.getFileSystem(cluster.context().hadoopConfiguration()).globStatus(pattern);
            return found != null && found.length > 0;
        } catch (IOException e) {
            throw ClusterException.of(path + " cannot be read", e);
        }
    }

    private static ClusterException unreadable(String folder, String what, Exception e) {
        if (!condition(e).equals("UNABLE_TO_INFER_SCHEMA")) {
            return ClusterException.of(folder + " cannot be read", e);
        }
        return new ClusterException("There are no " + what + " in " + folder, e);
    }

    /** @param type null for any */
    static void requireColumn(StructType table, String name, DataType type) {
        if (!Arrays.asList(table.fieldNames()).contains(name)) {
            throw new ClusterException("The table has no column " + name + ", only " + String.join(", ",
                    table.fieldNames()) + ": rename one, table.withColumnRenamed(\"…\", \"" + name + "\")", null);
        }
        DataType found = table.apply(name).dataType();
        if (type == null || found.equals(type)) return;
        throw new ClusterException("The column " + name + " is of the type " + found.simpleString() + "; it has to be "
                + type.simpleString() + ", one byte per pixel from 0 (background) to 255 (ink), row by row", null);
    }

    /**
     * The pictures in a folder and all folders in it (PNG, JPEG, GIF, BMP), each prepared like MNIST's digits: a
     * drawing or a photograph of one digit. Files whose names begin with a dot or an underscore are left out. They are
     * read when Spark computes the table; none is trusted, see {@link PictureFile}.
     *
     * <table><caption>Columns</caption>
     * <tr><th>column</th><th>type</th><th>content</th></tr>
     * <tr><td>id</td><td>string</td><td>the file's path</td></tr>
     * <tr><td>image</td><td>binary</td><td>784 bytes, 28×28, 0 (background) to 255 (ink); null if there is a
     *     problem</td></tr>
     * <tr><td>problem</td><td>string</td><td>why the file is no picture of a digit; null if it is</td></tr>
     * </table>
     *
     * @throws ClusterException if there is no such folder, or no file in it
     */
    public static Dataset<Row> pictures(Cluster cluster, String folder) {
        requireExists(cluster, folder, "pictures");
        String[] files;
        try {
            files = cluster.session().read().format("binaryFile").option("recursiveFileLookup", "true").load(folder)
                    .inputFiles();
        } catch (Exception e) {   // Scala throws checked exceptions undeclared
            throw unreadable(folder, "pictures", e);
        }
        if (files.length == 0) throw new ClusterException("There are no pictures in " + folder, null);
        JavaSparkContext context = cluster.context();
        Broadcast<SerializableWritable<Configuration>> hadoop =
                context.broadcast(new SerializableWritable<>(context.hadoopConfiguration()));
        int tasks = Math.min(files.length, Math.max(files.length / PER_TASK, 4 * context.defaultParallelism()));
        // Spark's own reader would leave out empty files, and end the job at the first that cannot be read
        return cluster.session().createDataFrame(context.parallelize(Arrays.asList(files), tasks)
                .map(file -> prepared(new Path(URI.create(file)), hadoop.value().value())), PICTURES);
    }

    private static Row prepared(Path file, Configuration hadoop) {
        try {
            byte[] image = Photo.ink(PictureFile.read(content(file, hadoop))).asInMnist().bytes();
            return RowFactory.create(file.toString(), image, null);
        } catch (PictureException unusable) {
            return RowFactory.create(file.toString(), null, unusable.getMessage());
        } catch (IOException | RuntimeException e) {
            return RowFactory.create(file.toString(), null, "The file cannot be read: " + e.getMessage());
        }
    }

    private static byte[] content(Path file, Configuration hadoop) throws IOException {
        FileSystem system = file.getFileSystem(hadoop);
        long length = system.getFileStatus(file).getLen();
        if (length > PictureFile.LARGEST_BYTES) {
            throw new PictureException("The picture file has %,d bytes; at most %,d are read. Make it smaller."
                    .formatted(length, PictureFile.LARGEST_BYTES));
        }
        try (InputStream in = system.open(file)) {
            return in.readNBytes(PictureFile.LARGEST_BYTES + 1);
        }
    }
}
