package digits.experiments;

import digits.training.TrainingRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The finished runs of experiments, one JSON file each, named after setting, seed and fingerprint. */
record RunStore(Path folder) {
    /** A thousand epochs take 300 kB. */
    private static final long LARGEST = 10_000_000;

    /** @throws java.io.UncheckedIOException naming the file, if it cannot be written */
    void keep(Run run) {
        TrainingRecord.write(file(run.label(), run.seed(), run.fingerprint()), run);
    }

    /** The result of a planned run, if it is here; a file that is not such a run is ignored, and replaced later. */
    Optional<Run> find(RunPlan plan) {
        Path file = file(plan.label(), plan.seed(), plan.fingerprint());
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > LARGEST) return Optional.empty();
            Run kept = TrainingRecord.JSON.fromJson(Files.readString(file), Run.class);
            boolean complete = kept.fingerprint().equals(plan.fingerprint()) && kept.seed() == plan.seed()
                    && (kept.failed() || kept.epochs().size() == plan.epochs());
            return complete ? Optional.of(kept.with(plan.setting(), plan.rate(), kept.latencyMillis()))
                    : Optional.empty();
        } catch (IOException | RuntimeException notARun) {   // Gson lets several kinds of exceptions through
            return Optional.empty();
        }
    }

    /** The same name in every locale: some write numbers with other digits than 0 to 9. */
    private Path file(String label, long seed, String fingerprint) {
        String name = label.replaceAll("[^A-Za-z0-9.]+", "-").replaceAll("^[-.]+|[-.]+$", "");
        return folder.resolve(name.substring(0, Math.min(60, name.length())) + "-" + seed + "-"
                + fingerprint.substring(0, 12) + ".json");
    }
}
