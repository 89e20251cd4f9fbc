package digits.data;

import digits.Settings;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The folders that data sets lie in on this machine. As a program, it prints those that are present, one per line in
 * UTF-8: the folder's name (such as {@code mnist}), a tab, and the absolute path.
 */
public final class DatasetFolders {
    private DatasetFolders() { }

    /** Prints the folders. If a variable such as {@code DIGITS_DATA} is bad: a sentence on standard error, status 1. */
    public static void main(String[] arguments) {
        try {
            PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
            present(Settings.fromEnvironment().dataFolder(), Catalogue.DEBIAN, DatasetFolders::cache)
                    .forEach((name, folder) -> out.println(name + "\t" + folder.toAbsolutePath().normalize()));
        } catch (DataException | IllegalArgumentException bad) {
            System.err.println(bad.getMessage());
            System.exit(1);
        }
    }

    /** The folders that {@link Catalogue#load} would read, by name; an error if DIGITS_DATA does not lead to MNIST. */
    static Map<String, Path> present(Optional<Path> named, Path packaged, Function<String, Path> cache) {
        Map<String, Path> found = new LinkedHashMap<>();
        for (Catalogue set : Catalogue.values()) {
            Path folder = set.folder(named, packaged).map(DatasetLoader.Folder::path)
                    .orElseGet(() -> cache.apply(set.folder));
            if (DatasetForm.in(DataFolder.of(folder), set.files).filter(DatasetForm::isComplete).isPresent()) {
                found.putIfAbsent(set.folder, folder);
            } else if (set == Catalogue.MNIST && named.isPresent()) {
                throw new DataException("DIGITS_DATA is " + named.get()
                        + ", where the four files of MNIST are not all there.");
            }
        }
        return found;
    }

    /** A data set's folder in the cache of this process's user. */
    static Path cache(String set) {
        return cache(System.getenv(), System.getProperty("os.name"), Path.of(System.getProperty("user.home")), set);
    }

    /** The folder where caches belong on this system; that of temporary files takes the place of a missing home. */
    static Path cache(Map<String, String> environment, String system, Path userHome, String set) {
        Path home = Settings.home(environment, system, userHome.toString())
                .orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir")));
        Optional<Path> xdg = Settings.absolute(environment.getOrDefault("XDG_CACHE_HOME", ""));   // unless relative
        String local = environment.getOrDefault("LOCALAPPDATA", "");
        String name = system.toLowerCase(Locale.ROOT);
        Path caches = xdg.orElseGet(() -> name.startsWith("mac") ? home.resolve("Library").resolve("Caches")
                : name.startsWith("windows") && !local.isBlank() ? Path.of(local) : home.resolve(".cache"));
        return caches.resolve("digits-jvm").resolve(set);
    }
}
