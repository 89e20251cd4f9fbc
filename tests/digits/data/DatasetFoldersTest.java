package digits.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.ChildJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetFoldersTest {
    @TempDir
    Path folder;

    private Path mnist(String name) throws IOException {
        Path set = Files.createDirectories(folder.resolve(name));
        for (DatasetFiles.Item item : Catalogue.MNIST.files.all()) Files.createFile(set.resolve(item.gzipName()));
        return set;
    }

    private Map<String, Path> present(Optional<Path> named) {
        return DatasetFolders.present(named, folder.resolve("none"), set -> folder.resolve("cache").resolve(set));
    }

    @Test
    void setsInTheCacheAreFound() throws IOException {
        assertEquals(Map.of(), present(Optional.empty()));
        Path mnist = mnist("cache/mnist");
        Path emnist = Files.createDirectories(folder.resolve("cache/emnist"));
        Files.createFile(mnist("cache/kmnist").resolve("something else"));
        Files.delete(folder.resolve("cache/kmnist/t10k-labels-idx1-ubyte.gz"));
        assertEquals(Map.of("mnist", mnist), present(Optional.empty()), "only whole sets");
        Files.createFile(emnist.resolve("gzip.zip"));
        assertEquals(Map.of("mnist", mnist, "emnist", emnist), present(Optional.empty()));
    }

    @Test
    void thoseOfTheNamedFolderGoFirst() throws IOException {
        mnist("cache/mnist");
        Path cached = mnist("cache/kmnist");
        Path named = mnist("sets/mnist");
        Path fashion = mnist("sets/fashion-mnist");
        Map<String, Path> wanted = Map.of("mnist", named, "fashion-mnist", fashion, "kmnist", cached);
        assertEquals(wanted, present(Optional.of(named)));
        assertEquals(wanted, present(Optional.of(named.getParent())));
        Path bad = Files.createDirectories(folder.resolve("bad"));
        assertEquals("DIGITS_DATA is " + bad + ", where the four files of MNIST are not all there.",
                assertThrows(DataException.class, () -> present(Optional.of(bad))).getMessage());
    }

    @Test
    void withoutAHomeTheCacheIsAmongTheTemporaryFiles() {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        Map<String, String> relative = Map.of("HOME", "x", "XDG_CACHE_HOME", "y");
        for (Map<String, String> environment : List.of(Map.<String, String>of(), relative)) {
            assertEquals(temporary.resolve(".cache/digits-jvm/mnist"),
                    DatasetFolders.cache(environment, "Linux", Path.of("?"), "mnist"));
        }
    }

    @Test
    void theProgramPrintsNamesAndPaths() throws Exception {
        Path named = mnist("größer/mnist");
        Process good = start(named.toString());
        String printed = new String(good.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, good.waitFor(), printed);
        assertTrue(printed.lines().toList().contains("mnist\t" + named), printed);

        Process bad = start(folder.resolve("gone").toString());
        assertEquals("", new String(bad.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        String said = new String(bad.getErrorStream().readAllBytes(), UTF_8).strip();
        assertEquals(1, bad.waitFor());
        assertTrue(said.startsWith("DIGITS_DATA is ") && said.lines().count() == 1, said);
    }

    private static Process start(String data) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(ChildJvm.java("-Xmx128m", "-Dsun.jnu.encoding=UTF-8", "-cp",
                System.getProperty("java.class.path"), DatasetFolders.class.getName()));
        builder.environment().put("DIGITS_DATA", data);
        builder.environment().put("LC_ALL", "C.UTF-8");
        return builder.start();
    }
}
