package digits.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import java.io.File;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;

class ModelFilesTest {
    @TempDir
    Path folder;

    @Test
    void whatWasSavedComesBack() throws IOException {
        MultiLayerNetwork network = Examples.smallNetwork(1);
        network.fit(Examples.inOrder(Examples.bars(64, 1), 32));
        Path file = folder.resolve("new/network.zip");
        ModelFiles.save(network, new ImagePreProcessingScaler(0, 1), checksum -> "about " + checksum, file);

        MultiLayerNetwork loaded = ModelFiles.load(file);
        assertEquals(network.params(), loaded.params());
        assertEquals(network.getUpdater().getStateViewArray(), loaded.getUpdater().getStateViewArray());
        assertEquals(network.getLayerWiseConfigurations(), loaded.getLayerWiseConfigurations());
        ImagePreProcessingScaler scaler = ModelFiles.loadScaler(file);
        assertEquals(1.0, scaler.getMaxRange());
        assertEquals(255.0, scaler.getMaxPixelVal());
        assertEquals(List.of("configuration.json", "coefficients.bin", "updaterState.bin", "normalizer.bin",
                "record.json"), ModelFiles.contents(file).stringColumn("entry").asList());
        ModelFiles.Description description = ModelFiles.describe(file);
        assertEquals("about " + description.checksum(), description.record().orElseThrow());
    }

    /** Both directions: Deeplearning4j ignores the record, and its own files lack it. */
    @Test
    void deeplearning4jReadsOurFilesAndWeReadThose() throws IOException {
        MultiLayerNetwork network = Examples.smallNetwork(1);
        network.fit(Examples.inOrder(Examples.bars(64, 1), 32));
        File ours = folder.resolve("ours.zip").toFile();
        ModelFiles.save(network, new ImagePreProcessingScaler(0, 1), checksum -> "{}", ours.toPath());
        MultiLayerNetwork theirs = ModelSerializer.restoreMultiLayerNetwork(ours, true);
        assertEquals(network.params(), theirs.params());
        assertEquals(network.getUpdater().getStateViewArray(), theirs.getUpdater().getStateViewArray());
        assertEquals(network.getLayerWiseConfigurations(), theirs.getLayerWiseConfigurations());
        ImagePreProcessingScaler scaler = ModelSerializer.restoreNormalizerFromFile(ours);
        assertEquals(255.0, scaler.getMaxPixelVal());

        Path file = folder.resolve("theirs.zip");
        ModelSerializer.writeModel(network, file.toFile(), true);
        assertEquals(network.params(), ModelFiles.load(file).params());
        assertEquals(new ModelFiles.Description(ModelFiles.describe(ours.toPath()).checksum(), Optional.empty()),
                ModelFiles.describe(file), "the same network");
    }

    @Test
    void aRecordIsReplacedInTheFileOfItsNetworkOnly() {
        MultiLayerNetwork network = Examples.smallNetwork(1);
        Path file = folder.resolve("network.zip");
        ModelFiles.save(network, file);
        String checksum = ModelFiles.describe(file).checksum();
        for (String record : List.of("first", "second")) {
            ModelFiles.replaceRecord(file, checksum, record);
            assertEquals(record, ModelFiles.describe(file).record().orElseThrow());
        }
        assertEquals(network.params(), ModelFiles.load(file).params());
        ModelFiles.save(Examples.smallNetwork(2), file);
        Exception e = assertThrows(IllegalStateException.class,
                () -> ModelFiles.replaceRecord(file, checksum, "of the first network"));
        assertEquals("network.zip holds another network than the record's by now", e.getMessage());
        assertTrue(ModelFiles.describe(file).record().isEmpty());
    }

    @Test
    void aMissingFileNamesTheNotebookToRun() {
        Exception e = assertThrows(IllegalStateException.class,
                () -> ModelFiles.load(folder.resolve("untrained.zip"), "04_build"));
        assertEquals("There is no untrained.zip yet: run the notebook 04_build first.", e.getMessage());
    }

    @Test
    void whatIsNoNetworkIsRefused() throws IOException {
        refused(Files.writeString(folder.resolve("text.zip"), "not a zip at all"), "text.zip cannot be loaded");
        refused(Files.createFile(folder.resolve("empty.zip")), "empty.zip cannot be loaded");
        refused(zip("other.zip", "readme.txt", out -> out.write(1)), "entry \"readme.txt\"");
        refused(zip("part.zip", "configuration.json", out -> out.write("{}".getBytes(UTF_8))),
                "no configuration or no parameters");

        Path cut = folder.resolve("cut.zip");
        ModelFiles.save(Examples.smallNetwork(1), cut);
        byte[] bytes = Files.readAllBytes(cut);
        Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        refused(cut, "cut.zip cannot be loaded");
    }

    @Test
    void anEntryThatJavaWouldDeserializeIsRefused() throws IOException {
        Path file = zip("evil.zip", ModelSerializer.PREPROCESSOR_BIN,
                out -> new ObjectOutputStream(out).writeObject(new ArrayList<>()));
        refused(file, "entry \"preprocessor.bin\"");
    }

    @Test
    void aZipBombIsRefused() throws IOException {
        byte[] zeros = new byte[1 << 20];
        Path file = zip("bomb.zip", "coefficients.bin", out -> {
            for (int i = 0; i < 600; i++) out.write(zeros);
        });
        assertTrue(Files.size(file) < 2_000_000);
        refused(file, "far larger unpacked");
    }

    /** A process that is killed again and again while it saves: whenever one looks, the file is a whole network. */
    @Test
    void savingWhileBeingKilledLeavesAWholeFile() throws Exception {
        Path file = folder.resolve("network.zip");
        ModelFiles.save(Examples.smallNetwork(1), file);
        for (int round = 0; round < 3; round++) {
            Process saver = new ProcessBuilder(new File(System.getProperty("java.home"), "bin/java").getPath(),
                    "-cp", System.getProperty("java.class.path"), SaveForever.class.getName(), file.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            try {
                assertEquals('.', saver.getInputStream().read(), "the other process saves");
                Thread.sleep(40L + 70 * round);
            } finally {
                saver.destroyForcibly();
            }
            assertTrue(saver.waitFor(Duration.ofSeconds(20).toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS));
            assertEquals(Examples.smallNetwork(1).numParams(), ModelFiles.load(file).numParams());
        }
    }

    /** Saves until somebody kills it. */
    static final class SaveForever {
        private SaveForever() {
        }

        public static void main(String[] args) {
            MultiLayerNetwork network = Examples.smallNetwork(2);
            while (true) {
                ModelFiles.save(network, Path.of(args[0]));
                System.out.print('.');
                System.out.flush();
            }
        }
    }

    private static void refused(Path file, String why) {
        Exception e = assertThrows(UncheckedIOException.class, () -> ModelFiles.load(file));
        assertTrue(e.getMessage().contains(why), e.getMessage());
        assertFalse(e.getMessage().contains(file.getParent().toString()), "names the file, not the machine's folders");
    }

    private interface Writer {
        void write(OutputStream out) throws IOException;
    }

    private Path zip(String name, String entry, Writer content) throws IOException {
        Path file = folder.resolve(name);
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry(entry));
            content.write(zip);
            zip.closeEntry();
        }
        return file;
    }
}
