package digits.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Progress;
import digits.files.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A jar for one notebook: taken from where Maven keeps it, checked, or explained in a sentence. */
class MavenJarTest {
    private static final MavenJar NOWHERE = new MavenJar("digits.nowhere", "thing", "1.0",
            Sha256.of("jar".getBytes(UTF_8)));

    private final List<String> said = new ArrayList<>();

    @Test
    void theRepositoryIsTheOneOfTheLibrarysOwnJars() {
        Path repository = MavenJar.repository().orElseThrow();
        assertTrue(Files.isDirectory(repository.resolve("org/nd4j/nd4j-api/1.0.0-M2.1")), repository.toString());
    }

    @Test
    void aJarThatIsThereIsTakenWithoutMaven(@TempDir Path folder) throws Exception {
        Path jar = put(folder, "jar");
        assertEquals(jar, NOWHERE.fetch(folder, List.of("--no-such-option"), this::note));
        assertEquals(List.of(), said);
    }

    @Test
    void anotherContentIsNeverLoaded(@TempDir Path folder) throws Exception {
        Path jar = put(folder, "another");
        String message = assertThrows(DownloadException.class, () -> NOWHERE.fetch(folder, List.of("-o"), this::note))
                .getMessage();
        assertTrue(message.startsWith(jar + " is not the file that it should be"), message);
        assertTrue(message.contains("delete it"), message);
    }

    @Test
    void whatIsNoFileIsNamedAndStays(@TempDir Path folder) throws Exception {
        Path jar = put(folder, "jar");
        Files.delete(jar);
        Path inside = Files.createDirectories(jar.resolve("inside"));
        String message = assertThrows(DownloadException.class, () -> NOWHERE.fetch(folder, List.of("-o"), this::note))
                .getMessage();
        assertEquals(jar + " is not a file: delete it and run this again to fetch it anew", message);
        assertTrue(Files.exists(inside));
    }

    /** On Windows, symbolic links and named pipes need rights or do not exist. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aLinkIsFollowedAndAPipeDoesNotBlock(@TempDir Path folder) throws Exception {
        Path jar = put(folder, "jar");
        Path elsewhere = Files.move(jar, folder.resolve("elsewhere"));
        Files.createSymbolicLink(jar, elsewhere);
        assertEquals(jar, NOWHERE.fetch(folder, List.of("-o"), this::note));
        Files.writeString(elsewhere, "another");
        assertThrows(DownloadException.class, () -> NOWHERE.fetch(folder, List.of("-o"), this::note));
        Files.delete(jar);
        assertEquals(0, new ProcessBuilder("mkfifo", jar.toString()).start().waitFor());
        String message = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> assertThrows(DownloadException.class,
                () -> NOWHERE.fetch(folder, List.of("-o"), this::note))).getMessage();
        assertTrue(message.contains("is not a file"), message);
    }

    @Test
    void whatMavenCannotFetchIsExplainedInASentence(@TempDir Path folder) {
        Path empty = folder.resolve("a b");
        String message = assertThrows(DownloadException.class, () -> NOWHERE.fetch(empty, List.of("-o"), this::note))
                .getMessage();
        assertTrue(message.startsWith("thing-1.0.jar is not on this computer, and Maven could not fetch it ("),
                message);
        assertTrue(message.contains("offline mode") || message.contains("mvn does not start"), message);
        assertTrue(message.endsWith("run this cell once with internet access, or copy the file from another computer "
                + "to " + empty.resolve("digits/nowhere/thing/1.0/thing-1.0.jar")), message);
        assertEquals("Maven fetches thing-1.0.jar, once", said.get(0));
        assertEquals(2, said.size());
    }

    @Test
    void onnxRuntimeIsTheOneOfTheBuild() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        assertTrue(pom.contains("<onnxruntime.version>" + MavenJar.ONNX_RUNTIME.version() + "</onnxruntime.version>"));
        assertTrue(pom.contains("<artifactId>onnxruntime</artifactId>"));
    }

    private static Path put(Path folder, String content) throws IOException {
        Path jar = folder.resolve("digits/nowhere/thing/1.0/thing-1.0.jar");
        Files.createDirectories(jar.getParent());
        return Files.writeString(jar, content);
    }

    private void note(Progress progress) {
        said.add(progress.line());
    }
}
