package digits.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Files that are there completely or not at all: written beside their place under a temporary name, forced to disk,
 * then renamed. Whoever is killed in between leaves the earlier file as it was.
 */
public final class AtomicFile {

    /** Writes the content of a file to the path it is given. */
    @FunctionalInterface
    public interface Content {
        void writeTo(Path temporary) throws IOException;
    }

    private AtomicFile() {
    }

    /**
     * Writes a file, creating its folder if need be.
     *
     * @throws UncheckedIOException naming the file; what was there before is still there
     */
    public static void write(Path file, Content content) {
        Path target = file.toAbsolutePath();
        Path temporary = null;
        try {
            Files.createDirectories(target.getParent());
            // not createTempFile: that would keep the finished file from everybody but its owner
            temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
            content.writeTo(temporary);
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            move(temporary, target);
        } catch (IOException e) {
            throw new UncheckedIOException(file.getFileName() + " could not be written: " + e.getMessage(), e);
        } finally {
            deleteIfLeft(temporary);
        }
    }

    /** Writes a text file in UTF-8. */
    public static void writeText(Path file, String text) {
        write(file, temporary -> Files.writeString(temporary, text));
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void deleteIfLeft(Path temporary) {
        if (temporary == null) return;
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException ignored) {
            // a left-over temporary file harms nobody; the first error is the one to report
        }
    }
}
