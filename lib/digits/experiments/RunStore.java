package digits.experiments;

import digits.files.AtomicFile;
import digits.files.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** The finished runs of sweeps, one JSON file each, named after setting, seed and fingerprint. */
final class RunStore {
    /** A thousand epochs take 300 kB. */
    private static final long LARGEST = 10_000_000;

    private final Path folder;

    RunStore(Path folder) {
        this.folder = Objects.requireNonNull(folder, "folder");
    }

    /** @throws java.io.UncheckedIOException naming the file, if it cannot be written */
    void keep(Run run) {
        AtomicFile.writeText(file(run), Json.write(run));
    }

    /** The planned run with its results, if it is here; a file that is no such run counts as none, and is written anew after the run. */
    Optional<Run> find(Run planned, int epochs) {
        Path file = file(planned);
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > LARGEST) return Optional.empty();
            Run kept = Json.read(Files.readString(file), Run.class);
            boolean complete = kept.fingerprint().equals(planned.fingerprint()) && kept.seed() == planned.seed()
                    && (kept.failed() || kept.epochs().size() == epochs);
            return complete ? Optional.of(planned.ended(kept.epochs(), kept.seconds(), kept.failure())) : Optional.empty();
        } catch (IOException | RuntimeException notARun) {   // Gson lets several sorts of exceptions through
            return Optional.empty();
        }
    }

    private Path file(Run run) {
        String name = run.label().replaceAll("[^A-Za-z0-9.]+", "-").replaceAll("^[-.]+|[-.]+$", "");
        return folder.resolve("%s-%d-%s.json".formatted(name.substring(0, Math.min(60, name.length())), run.seed(), run.fingerprint().substring(0, 12)));
    }
}
