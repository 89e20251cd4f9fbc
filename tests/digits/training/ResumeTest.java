package digits.training;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.Settings;
import digits.acceleration.Acceleration;
import digits.data.Augmentation;
import digits.data.AugmentedBatches;
import digits.data.Batches;
import digits.data.LabeledImages;
import digits.files.ModelFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A training that is saved, loaded and continued becomes the same network as one that never stopped. The network has
 * all that remembers: batch normalization's averages, dropout, Adam's moments and step count; the images come shuffled
 * and shifted anew in each epoch.
 */
class ResumeTest {
    private static final int FIRST = 2;
    private static final int ALL = 5;

    @TempDir
    Path folder;

    private static Batches training() {
        LabeledImages images = Examples.bars(150, 1);
        return AugmentedBatches.of(Examples.shuffled(images, 32, 7), new Augmentation(2, 0, 0, 0, false), 8);
    }

    private static Batches validation() {
        return Examples.inOrder(Examples.bars(50, 2), 25);
    }

    private static MultiLayerNetwork network(boolean accelerated) {
        MultiLayerNetwork network = Examples.smallNetwork(3);
        if (accelerated) Acceleration.of(network);
        return network;
    }

    private static void save(MultiLayerNetwork network, History history, Path file) {
        TrainingRecord.of(history, network.numParams(), "bars", "folder", 150, 50, Settings.from(Map.of()))
                .save(network, new ImagePreProcessingScaler(0, 1), file);
    }

    /** What another process would do that finds the file. */
    private static History resume(Path file, boolean accelerated) {
        MultiLayerNetwork network = ModelFiles.load(file);
        if (accelerated) Acceleration.of(network);
        History history = Trainer.resume(network, TrainingRecord.load(file, "05_train"))
                .fit(training(), validation(), ALL - FIRST);
        save(network, history, file.resolveSibling("resumed.zip"));
        return history;
    }

    /** All figures but the times. */
    private static String figures(History history) {
        StringBuilder text = new StringBuilder();
        for (Epoch e : history.epochs()) {
            text.append(List.of(e.number(), e.trainLoss(), e.trainAccuracy(), e.validationLoss(),
                    e.validationAccuracy())).append('\n');
        }
        return text.toString();
    }

    private History trainAtOnce(boolean accelerated) {
        MultiLayerNetwork network = network(accelerated);
        History history = Trainer.of(network, 5).fit(training(), validation(), ALL);
        save(network, history, folder.resolve("at_once.zip"));
        return history;
    }

    private void trainFirstPart(boolean accelerated) {
        MultiLayerNetwork network = network(accelerated);
        save(network, Trainer.of(network, 5).fit(training(), validation(), FIRST), folder.resolve("first.zip"));
        Nd4j.getRandom().setSeed(99);   // whatever else this process does in between
        Trainer.of(network, 98).fit(training(), validation(), 1);
    }

    private void sameInTheEnd(History atOnce, History resumed) {
        assertEquals(figures(atOnce), figures(resumed));
        MultiLayerNetwork one = ModelFiles.load(folder.resolve("at_once.zip"));
        MultiLayerNetwork other = ModelFiles.load(folder.resolve("resumed.zip"));
        assertTrue(one.params().equalsWithEps(other.params(), 0), "weights and averages");
        assertTrue(one.getUpdater().getStateViewArray().equalsWithEps(other.getUpdater().getStateViewArray(), 0),
                "Adam's moments");
        assertEquals(one.getIterationCount(), other.getIterationCount());
        assertEquals(one.getEpochCount(), other.getEpochCount());
        assertEquals(TrainingRecord.load(folder.resolve("at_once.zip"), "").random(),
                TrainingRecord.load(folder.resolve("resumed.zip"), "").random());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void resumesInTheSameProcess(boolean accelerated) {
        History atOnce = trainAtOnce(accelerated);
        trainFirstPart(accelerated);
        sameInTheEnd(atOnce, resume(folder.resolve("first.zip"), accelerated));
    }

    @Test
    void resumesInAnotherProcess() throws Exception {
        History atOnce = trainAtOnce(true);
        trainFirstPart(true);
        Process other = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path"), OtherProcess.class.getName(), folder.resolve("first.zip")
                        .toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String said = new String(other.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, other.waitFor(), said);
        sameInTheEnd(atOnce, new History(TrainingRecord.load(folder.resolve("resumed.zip"), "").epochs()));
    }

    static final class OtherProcess {
        private OtherProcess() {
        }

        public static void main(String[] args) {
            System.out.println(figures(resume(Path.of(args[0]), true)));
            System.exit(0);
        }
    }

    /** Otherwise the tests above would prove nothing. */
    @Test
    void withoutTheRecordItBecomesAnotherNetwork() {
        History atOnce = trainAtOnce(true);
        trainFirstPart(true);
        MultiLayerNetwork network = ModelFiles.load(folder.resolve("first.zip"));
        Acceleration.of(network);
        History naive = Trainer.of(network, 5).fit(training(), validation(), ALL - FIRST);
        assertNotEquals(atOnce.epochs().get(ALL - 1).trainLoss(), naive.epochs().get(ALL - FIRST - 1).trainLoss());
    }

    @Test
    void aRecordThatDoesNotFitTheNetworkIsRefused() {
        trainFirstPart(false);
        TrainingRecord record = TrainingRecord.load(folder.resolve("first.zip"), "05_train");
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> Trainer.resume(Examples.smallNetwork(1), record));
        assertTrue(e.getMessage().contains("begun 0 epochs, its record has 2"), e.getMessage());
    }

    @Test
    void aRecordFromBeforeItKeptTheRandomNumbersLoadsButCannotBeResumed() {
        trainFirstPart(false);
        Path file = folder.resolve("first.zip");
        ModelFiles.Description now = ModelFiles.describe(file);
        ModelFiles.replaceRecord(file, now.checksum(), now.record().orElseThrow()
                .replaceAll("(?s)\"random\": \\{.*?\\},", "").replaceAll("\"test\": null,", ""));
        TrainingRecord old = TrainingRecord.load(file, "05_train");
        assertEquals(2, old.epochs().size());
        Exception e = assertThrows(IllegalArgumentException.class, () -> Trainer.resume(ModelFiles.load(file), old));
        assertTrue(e.getMessage().contains("no state of the random numbers"), e.getMessage());
    }
}
