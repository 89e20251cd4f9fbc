package digits.experiments;

import digits.training.TrainingRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The runs of experiments, one file each, named after setting, seed and fingerprint: the JSON of a finished run, or the
 * checkpoint of one that has begun.
 */
record RunStore(Path folder) {
    /** A thousand epochs take 300 kB. */
    private static final long LARGEST = 10_000_000;

    /** @throws java.io.UncheckedIOException naming the file, if it cannot be written */
    void keep(Run run) {
        TrainingRecord.write(file(run.label(), run.seed(), run.fingerprint(), ".json"), run);
        deleteCheckpoint(run);
    }

    /** Only now that the result is safe. */
    private void deleteCheckpoint(Run run) {
        try {
            Files.deleteIfExists(checkpoint(run.label(), run.seed(), run.fingerprint()));
        } catch (IOException ignored) {
            // it is not read any more
        }
    }

    /** The file of a run's checkpoint. */
    Path checkpoint(String label, long seed, String fingerprint) {
        return file(label, seed, fingerprint, ".checkpoint");
    }

    /** The result of a planned run, if it is here; a file that is not such a run is ignored, and replaced later. */
    Optional<Run> find(RunPlan plan) {
        Path file = file(plan.label(), plan.seed(), plan.fingerprint(), ".json");
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > LARGEST) return Optional.empty();
            Run kept = TrainingRecord.JSON.fromJson(Files.readString(file), Run.class);
            boolean complete = kept.fingerprint().equals(plan.fingerprint()) && kept.seed() == plan.seed()
                    && (kept.failed() || kept.epochs().size() == plan.epochs());
            if (!complete) return Optional.empty();
            deleteCheckpoint(kept);   // if the process was killed right after it kept the run
            return Optional.of(kept.with(plan.setting(), plan.rate(), kept.latencyMillis()));
        } catch (IOException | RuntimeException notARun) {   // Gson lets several kinds of exceptions through
            return Optional.empty();
        }
    }

    /** The same name in every locale: some write numbers with other digits than 0 to 9. */
    private Path file(String label, long seed, String fingerprint, String ending) {
        String name = label.replaceAll("[^A-Za-z0-9.]+", "-").replaceAll("^[-.]+|[-.]+$", "");
        return folder.resolve(name.substring(0, Math.min(60, name.length())) + "-" + seed + "-"
                + fingerprint.substring(0, 12) + ending);
    }
}
