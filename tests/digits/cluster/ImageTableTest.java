package digits.cluster;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.lit;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.data.LabeledImages;
import digits.data.Sample;
import digits.files.Pretrained;
import digits.image.PaperPictures;
import digits.image.Photo;
import digits.image.PictureFile;
import digits.image.PictureFileTest;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageTableTest {
    @TempDir
    static Path folder;
    private static Cluster cluster;

    @BeforeAll
    static void connect() {
        cluster = OneCluster.connect();
    }

    private static String path(String name) {
        return folder.resolve(name).toString();
    }

    private static void assertSays(String part, Runnable what) {
        ClusterException e = assertThrows(ClusterException.class, what::run);
        assertTrue(e.getMessage().contains(part), e.getMessage());
        assertTrue(e.getMessage().length() < 400 && e.getMessage().lines().count() == 1, e.getMessage());
    }

    @Test
    void imagesComeBackAsTheyAre() {
        byte[] pixels = new byte[3 * 20 * 9];
        new Random(1).nextBytes(pixels);
        LabeledImages odd = LabeledImages.of(pixels, new byte[] {2, 0, 1}, 20, 9, List.of("a", "b", "c"));
        LabeledImages none = Examples.bars(1, 1).take(0);
        LabeledImages part = Sample.load().training().subset(IntStream.range(1_500, 2_501).toArray());
        Map<String, LabeledImages> sets = Map.of("part of a set", part, "odd", odd, "none", none);
        sets.forEach((name, images) -> {
            ImageTable.write(cluster, images, path(name));
            List<Row> rows = ImageTable.read(cluster, path(name)).collectAsList().stream()
                    .sorted(Comparator.comparingLong(row -> row.<Long>getAs("id"))).toList();
            assertEquals(images.size(), rows.size());
            for (int i = 0; i < rows.size(); i++) {
                byte[] image = new byte[images.rows() * images.columns()];
                images.bytes(i).get(image);
                assertEquals((long) i, rows.get(i).<Long>getAs("id"));
                assertEquals(images.label(i), rows.get(i).<Integer>getAs("label"));
                assertArrayEquals(image, rows.get(i).getAs("image"));
            }
        });
        assertSays("There is a folder " + path("odd") + " already", () -> ImageTable.write(cluster, odd, path("odd")));
    }

    @Test
    void anotherTableIsRefusedInASentence() throws IOException {
        Dataset<Row> numbers = cluster.session().range(10).toDF();
        numbers.write().parquet(path("numbers"));
        assertSays("The table has no column image, only id", () -> ImageTable.read(cluster, path("numbers")));
        Dataset<Row> images = numbers.withColumn("image", lit(new byte[784])).withColumn("label", lit("seven"));
        images.write().parquet(path("words"));
        assertSays("The column label is of the type string; it has to hold whole numbers",
                () -> ImageTable.read(cluster, path("words")));
        images.drop("label").withColumn("image", array(lit(1), lit(2))).write()
                .parquet(path("lists"));
        assertSays("The column image is of the type array<int>; it has to be binary",
                () -> ImageTable.read(cluster, path("lists")));
        images.drop("label").withColumnRenamed("id", "number").write().parquet(path("no id"));
        assertSays("The table has no column id, only number, image", () -> ImageTable.read(cluster, path("no id")));
        images.drop("label").write().parquet(path("no label"));
        assertEquals(10, ImageTable.read(cluster, path("no label")).count());

        assertSays("There is no " + path("missing"), () -> ImageTable.read(cluster, path("missing")));
        Files.createDirectories(folder.resolve("empty"));
        assertSays("There are no Parquet files in " + path("empty"), () -> ImageTable.read(cluster, path("empty")));
        Files.writeString(Files.createDirectories(folder.resolve("text")).resolve("a.parquet"), "no Parquet at all");
        assertSays(path("text") + " cannot be read", () -> ImageTable.read(cluster, path("text")));
        Files.createDirectories(folder.resolve("half/_temporary"));
        assertSays(path("half") + " is unfinished", () -> ImageTable.read(cluster, path("half")));
        assertSays("There is no " + path("missing"), () -> ImageTable.pictures(cluster, path("missing")));
        assertSays("There are no pictures in " + path("empty"), () -> ImageTable.pictures(cluster, path("empty")));
        Path file = Files.writeString(folder.resolve("file"), "");
        assertSays("cannot be written", () -> ImageTable.write(cluster, Examples.bars(10, 1), file + "/below"));
    }

    @Test
    void picturesArePreparedOrHaveAProblem() throws IOException {
        Path pictures = Files.createDirectories(folder.resolve("my pictures [1]/more ü/again"));
        byte[] photo = PaperPictures.of(PaperPictures.Kind.SHADOW, 3, false).jpeg();
        BufferedImage page = PictureFile.read(photo);
        boolean unreadable = writeThirteen(pictures, photo, page);
        Dataset<Row> table = ImageTable.pictures(cluster, path("my pictures \\[1\\]"));
        Map<String, Row> found = new TreeMap<>(table.collectAsList().stream()
                .collect(Collectors.toMap(row -> name(row.getString(0)), row -> row)));
        Map<String, String> problems = Map.of("blank.png", "No digit can be seen", "dot.png", "",
                "text.png", "not a picture", "nothing.jpg", "not a picture", "notes.txt", "not a picture",
                "bomb.png", "at most 25 million", "large.png", "has 12,000,005 bytes; at most 12,000,000",
                "cut.jpg", "", "locked.jpg", "cannot be read");
        byte[] expected = Photo.ink(page).asInMnist().bytes();
        assertEquals(13, found.size());
        found.forEach((name, row) -> {
            boolean good = name.equals("photo.jpg") || name.startsWith("page.")
                    || name.equals("locked.jpg") && !unreadable;
            if (good) {
                assertTrue(row.isNullAt(2), row::toString);
                if (!name.equals("page.gif")) assertArrayEquals(expected, row.getAs("image"), name);
            } else if (row.isNullAt(1)) {
                assertTrue(row.getString(2).contains(problems.get(name)), row::toString);
            } else {
                assertEquals("cut.jpg", name);   // the JDK's decoder fills the rest with gray
            }
        });
        Dataset<Row> predicted = BatchPrediction.with(Pretrained.network(), Pretrained.scaler()).of(table);
        for (Row row : predicted.collectAsList()) {
            Row prepared = found.get(name(row.getString(0)));
            assertEquals(prepared.isNullAt(1), row.isNullAt(1), row::toString);
            assertEquals(prepared.<String>getAs("problem"), row.<String>getAs("problem"));
        }
        assertEquals("id predicted probability probabilities problem", String.join(" ", predicted.columns()));
    }

    /** Returns whether locked.jpg cannot be read: the root user can. */
    private static boolean writeThirteen(Path pictures, byte[] photo, BufferedImage page) throws IOException {
        Files.write(pictures.resolve("photo.jpg"), photo);
        for (String format : List.of("png", "gif", "bmp")) {
            Files.write(pictures.resolve("page." + format), PictureFileTest.encoded(page, format));
        }
        BufferedImage blank = new BufferedImage(200, 200, BufferedImage.TYPE_INT_RGB);
        Files.write(pictures.resolve("blank.png"), PictureFileTest.encoded(blank, "png"));
        Files.write(pictures.resolve("dot.png"),
                PictureFileTest.encoded(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), "png"));
        Files.writeString(pictures.resolve("text.png"), "no picture");
        Files.writeString(pictures.resolve("nothing.jpg"), "");
        Files.writeString(pictures.resolve("notes.txt"), "Written on Tuesday");
        Files.write(pictures.resolve("bomb.png"), PictureFileTest.pngOf(100_000, 100_000));
        Files.write(pictures.resolve("large.png"), new byte[PictureFile.LARGEST_BYTES + 5]);
        Files.write(pictures.resolve("cut.jpg"), Arrays.copyOf(photo, 2_000));
        Path locked = Files.write(pictures.resolve("locked.jpg"), photo);
        return locked.toFile().setReadable(false) && !Files.isReadable(locked);
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
