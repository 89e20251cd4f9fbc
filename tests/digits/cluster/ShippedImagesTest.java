package digits.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.Settings;
import digits.data.Catalogue;
import digits.data.IdxBytes;
import digits.data.LabeledImages;
import digits.data.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class ShippedImagesTest {
    private static final Path DATA = OneCluster.DATA;

    private static Cluster cluster;

    @BeforeAll
    static void connect() {
        cluster = OneCluster.connect();
    }

    private static void files(int train) throws IOException {
        Files.write(DATA.resolve("train-images-idx3-ubyte"), IdxBytes.images(train));
        Files.write(DATA.resolve("train-labels-idx1-ubyte"), IdxBytes.labels(train));
        Files.write(DATA.resolve("t10k-images-idx3-ubyte"), IdxBytes.images(60));
        Files.write(DATA.resolve("t10k-labels-idx1-ubyte"), IdxBytes.labels(60));
    }

    /** What several tasks find: the checksum, and the identity of the object in their process. */
    private static List<String> found(ShippedImages shipped, boolean identity) {
        return cluster.context().parallelize(List.of(1, 2, 3, 4, 5, 6), 6).map(i -> {
            LabeledImages images = shipped.images();
            return images.sha256() + (identity ? " " + ProcessHandle.current().pid() + " "
                    + System.identityHashCode(images) : "");
        }).collect().stream().distinct().toList();
    }

    @Test
    void aViewArrivesWithoutItsSetAndOnceInAProcess() {
        LabeledImages few = Examples.bars(2_000, 1).subset(IntStream.range(0, 300).map(i -> 1_999 - 5 * i).toArray());
        try (ShippedImages shipped = ShippedImages.of(cluster.context(), few)) {
            assertEquals(List.of(few.sha256()), found(shipped, false));
            assertTrue(found(shipped, true).size() <= 2, "a copy in each of the two processes");
            assertTrue(few == shipped.images(), "none on the driver");
        }
    }

    @Test
    void afterwardsTheyAreGone() {
        ShippedImages shipped = ShippedImages.of(cluster.context(), Examples.bars(10, 1));
        shipped.close();
        shipped.close();
        assertThrows(Exception.class, () -> found(shipped, false));
    }

    @Test
    void manyImagesAreReadOnEachMachine() throws IOException {
        files(500);
        Split split = Split.stratified(Catalogue.MNIST.load(Settings.from(Map.of("DIGITS_DATA", DATA.toString())))
                .train(), 0.2, 42);
        for (LabeledImages part : List.of(split.training(), split.validation())) {
            try (ShippedImages shipped = ShippedImages.of(cluster.context(), part, 1_000)) {
                assertEquals(List.of(part.sha256()), found(shipped, false));
                assertTrue(found(shipped, true).size() <= 2);
            }
        }
        files(400);
        refused(split.training(), "MNIST has other images, read from the folder named in DIGITS_DATA");
        Files.delete(DATA.resolve("train-images-idx3-ubyte"));
        refused(split.training(), "no file of MNIST's train-images");
    }

    private static void refused(LabeledImages images, String why) {
        try (ShippedImages shipped = ShippedImages.of(cluster.context(), images, 1_000)) {
            Exception e = assertThrows(Exception.class, () -> found(shipped, false));
            String sentence = ClusterException.of("training", e).getMessage();
            assertTrue(sentence.matches("training: The machine .* does not have the 400 images of the driver, which "
                    + "are too many to be sent: give it the driver's files in a folder, and its workers DIGITS_DATA "
                    + "with that folder .*") && sentence.contains(why), sentence);
        }
    }

    @Test
    void manyImagesOfNoDataSetAreRefused() {
        LabeledImages own = LabeledImages.of(new byte[40], new byte[10], 2, 2, List.of("a"));
        assertTrue(assertThrows(ClusterException.class, () -> ShippedImages.of(cluster.context(), own, 39)).getMessage()
                .startsWith("10 images of 2×2 have 0 MiB, and at most 256 MiB are sent to the executors."));
    }
}
