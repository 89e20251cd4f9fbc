package digits.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    Path folder;

    @Test
    void writesIntoAFolderThatIsNotThereYet() throws IOException {
        Path file = folder.resolve("a/b/text.txt");
        AtomicFile.writeText(file, "größer\n");
        assertEquals("größer\n", Files.readString(file));
    }

    @Test
    void afterAFailureTheEarlierFileIsThereAndNothingElse() throws IOException {
        Path file = folder.resolve("text.txt");
        AtomicFile.writeText(file, "before");
        Exception e = assertThrows(UncheckedIOException.class, () -> AtomicFile.write(file, temporary -> {
            Files.writeString(temporary, "half");
            throw new IOException("the disk is full");
        }));
        assertEquals("text.txt could not be written: the disk is full", e.getMessage());
        assertThrows(IllegalStateException.class, () -> AtomicFile.write(file, temporary -> {
            throw new IllegalStateException("not an I/O error");
        }));

        assertEquals("before", Files.readString(file));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void aFolderInThePlaceOfTheFileIsAnError() throws IOException {
        Path taken = Files.createDirectories(folder.resolve("taken/inside")).getParent();
        assertThrows(UncheckedIOException.class, () -> AtomicFile.writeText(taken, "text"));
        assertTrue(Files.isDirectory(taken.resolve("inside")));
    }
}
