package digits.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Settings;
import digits.files.ModelFiles;
import digits.files.Pretrained;
import digits.training.TrainingRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveModelTest {
    @Test
    void withoutAnOwnNetworkTheProjectsIsUsed(@TempDir Path folder) {
        LiveModel model = LiveModel.newest(settings(folder, "full"));
        assertTrue(model.description().startsWith("The network that comes with the project"), model.description());
        assertEquals(Pretrained.network().params(), model.network().params());
    }

    @Test
    void theOwnNetworkTrainedLastIsUsed(@TempDir Path folder) throws IOException {
        place(folder.resolve("models/full"), "full", 1_000);
        place(folder.resolve("quick/models/quick"), "quick", 2_000);
        for (String profile : new String[] {"full", "quick"}) {
            String said = LiveModel.newest(settings(folder, profile)).description();
            assertTrue(said.startsWith("Your own network") && said.contains("quick"), said);
        }
    }

    @Test
    void damagedFilesAreNamedAndLeftOut(@TempDir Path folder) throws IOException {
        Path models = folder.resolve("models/full");
        place(models, "full", 1_000);
        Files.write(models.resolve("trained.zip"), new byte[100]);
        String said = LiveModel.newest(settings(folder, "full")).description();
        assertTrue(said.startsWith("The network that comes with the project") && said.contains("Your own network could "
                + "not be used"), said);
        ModelFiles.save(Pretrained.network(), models.resolve("trained.zip"));
        said = LiveModel.newest(settings(folder, "full")).description();
        assertTrue(said.contains("without the record of its training"), said);
    }

    /** Saves the library's network as if it had just been trained. */
    private static void place(Path folder, String profile, long seconds) throws IOException {
        Path file = folder.resolve("trained.zip");
        TrainingRecord r = TrainingRecord.pretrained();
        new TrainingRecord(r.dataset(), r.source(), r.train(), r.validation(), r.parameters(), profile, r.batch(),
                r.seed(), r.threads(), r.epochs(), r.bestEpoch(), r.trainSeconds(), r.imagesPerSecond(),
                r.peakResidentMb(), r.versions(), r.test(), r.random(), null)
                .save(Pretrained.network(), Pretrained.scaler(), file);
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000 * seconds));
    }

    private static Settings settings(Path output, String profile) {
        return Settings.from(Map.of("DIGITS_OUTPUT", output.toString(), "DIGITS_PROFILE", profile));
    }
}
