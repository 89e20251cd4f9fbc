package digits.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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
    void whatKilledWritersLeftIsDeletedAfterAnHour() throws IOException {
        String uuid = "0b5a2f0e-8f2d-4c5e-9a38-0c1f4d2b7e61";
        Path old = leftOver(".text.txt." + uuid + ".tmp", 61);
        Path atWork = leftOver(".text.txt." + uuid.replace('0', '1') + ".tmp", 5);
        Path ofAnotherFile = leftOver(".text.txt.gz." + uuid + ".tmp", 600);
        Path somebodysOwn = leftOver(".text.txt.mine.tmp", 600);
        AtomicFile.writeText(folder.resolve("text.txt"), "text");
        assertFalse(Files.exists(old));
        assertTrue(Files.exists(atWork), "another process may be writing it");
        assertTrue(Files.exists(ofAnotherFile));
        assertTrue(Files.exists(somebodysOwn));
    }

    @Test
    void aKilledWritersFileIsRecognizedAsSuch() throws IOException {
        Path file = folder.resolve("text.txt");
        List<String> names = new ArrayList<>();
        AtomicFile.write(file, temporary -> {
            names.add(temporary.getFileName().toString());
            Files.writeString(temporary, "first");
        });
        Path left = leftOver(names.get(0), 61);
        AtomicFile.writeText(file, "whole");
        assertFalse(Files.exists(left));
        assertEquals("whole", Files.readString(file));
    }

    private Path leftOver(String name, int minutes) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "half");
        return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofMinutes(minutes))));
    }

    @Test
    void aFolderInThePlaceOfTheFileIsAnError() throws IOException {
        Path taken = Files.createDirectories(folder.resolve("taken/inside")).getParent();
        assertThrows(UncheckedIOException.class, () -> AtomicFile.writeText(taken, "text"));
        assertTrue(Files.isDirectory(taken.resolve("inside")));
    }
}
