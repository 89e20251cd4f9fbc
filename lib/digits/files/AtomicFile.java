package digits.files;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Files that are written completely or not at all: under a temporary name in the same folder, forced to disk, then
 * renamed. If the process is killed meanwhile, the earlier file stays as it was.
 */
public final class AtomicFile {
    /** Writes the content of a file to the path it is given. */
    public interface Content {
        void writeTo(Path temporary) throws IOException;
    }

    private static final String END = ".tmp";
    private static final Duration LEFT_OVER = Duration.ofHours(1);   // no file here takes that long to write
    private static final String UUID_FORM = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

    private AtomicFile() { }

    /**
     * Writes a file, creates its folder if necessary, and deletes temporary files of the same file that are more than
     * an hour old: their writers were killed.
     *
     * @throws UncheckedIOException naming the file; the earlier file is still there
     */
    public static void write(Path file, Content content) {
        Path target = file.toAbsolutePath();
        Path temporary = null;
        try {
            Files.createDirectories(target.getParent());
            deleteLeftOvers(target);
            // not createTempFile: only the owner could read the finished file
            temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + END);
            content.writeTo(temporary);
            move(temporary, target);
        } catch (IOException e) {
            throw new UncheckedIOException(file.getFileName() + " could not be written: " + e.getMessage(), e);
        } finally {
            if (temporary != null) deleteIfLeft(temporary);
        }
    }

    /**
     * Renames a finished file within its folder, replacing another one. File and folder are forced to disk, so that
     * after a power failure, too, the name belongs to the whole content. An interrupt of the thread stays set, but does
     * not prevent this: what is finished is not lost.
     */
    public static void move(Path from, Path to) throws IOException {
        try (RandomAccessFile written = new RandomAccessFile(from.toFile(), "rw")) {
            written.getFD().sync();   // a FileChannel would be closed by an interrupt
        }
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
        boolean interrupted = Thread.interrupted();
        try (FileChannel folder = FileChannel.open(to.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        } catch (IOException notHere) {
            // Windows opens no folders; the file has its name, if perhaps not yet on the disk
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    /**
     * Writes a zip of these entries, in their order.
     *
     * @param level of compression, 0 to 9, or -1 for the usual one, see {@link java.util.zip.Deflater}
     */
    public static void writeZip(Path file, Map<String, byte[]> entries, int level) {
        write(file, temporary -> {
            try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(temporary))) {
                zip.setLevel(level);
                for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                    zip.putNextEntry(new ZipEntry(entry.getKey()));
                    zip.write(entry.getValue());
                }
            }
        });
    }

    /** Writes a text file in UTF-8. */
    public static void writeText(Path file, String text) {
        write(file, temporary -> Files.writeString(temporary, text));
    }

    private static void deleteLeftOvers(Path target) {
        // the whole name has to match: another file's name may begin in the same way
        Pattern temporary = Pattern.compile(
                Pattern.quote("." + target.getFileName() + ".") + UUID_FORM + Pattern.quote(END));
        Instant recent = Instant.now().minus(LEFT_OVER);
        try (DirectoryStream<Path> leftOvers = Files.newDirectoryStream(target.getParent(), file ->
                temporary.matcher(file.getFileName().toString()).matches()
                        && Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant().isBefore(recent))) {
            leftOvers.forEach(AtomicFile::deleteIfLeft);
        } catch (IOException | DirectoryIteratorException ignored) {
            // the folder cannot be listed, or another writer was quicker: old temporary files do no harm
        }
    }

    private static void deleteIfLeft(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException ignored) {
            // an old temporary file does no harm; the first error is the one to report
        }
    }
}
