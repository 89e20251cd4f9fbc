package digits.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Work on a local file whose failure is an {@link UncheckedIOException}, so that it is not mistaken for that of a server or a zip. */
public final class LocalFile {
    /** Something that may fail. */
    public interface Work<T> {
        T run() throws IOException;
    }

    private LocalFile() {
    }

    /** Does the work. */
    public static <T> T unchecked(Work<T> work) {
        try {
            return work.run();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Bytes in the file; 0 if there is no such file. */
    public static long size(Path file) {
        return unchecked(() -> Files.exists(file) ? Files.size(file) : 0L);
    }

    /** Deletes the file, if it exists. */
    public static void delete(Path file) {
        unchecked(() -> Files.deleteIfExists(file));
    }
}
