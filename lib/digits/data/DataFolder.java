package digits.data;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A folder in which files are found by name, whatever their case, whether dots, dashes, underscores or blanks join the
 * words, and whether they are gzipped. What unpacking puts into a folder of the file's own name is found, too.
 *
 * @param named the entries by these names, in the order of their names
 */
record DataFolder(Path path, Map<String, List<Path>> named) {
    private static final int MOST = 10_000;   // entries that are looked at

    /** Lists a folder in the order of its names; one that cannot be read has no entries. */
    static DataFolder of(Path path) {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(path)) {
            for (Path entry : all) if (entries.size() < MOST) entries.add(entry);
        } catch (IOException | DirectoryIteratorException unreadable) {
            entries.clear();
        }
        entries.sort(Comparator.comparing(entry -> entry.getFileName().toString()));
        return new DataFolder(path, entries.stream().collect(
                Collectors.groupingBy(DataFolder::key, LinkedHashMap::new, Collectors.toList())));
    }

    /** All files and folders in it. */
    Stream<Path> entries() {
        return named.values().stream().flatMap(List::stream);
    }

    /** A name as this class compares them. */
    static String key(Path path) {
        return path.getFileName() == null ? "" : key(path.getFileName().toString());
    }

    static String key(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[._ ]", "-");
    }

    /** The first of the files with one of these names; if there is no file, what has such a name instead. */
    Optional<Path> find(String... names) {
        List<Path> found = Stream.of(names).flatMap(name -> Stream.of(key(name), key(name + ".gz")))
                .flatMap(this::same).toList();
        return found.stream().filter(Files::isRegularFile).findFirst().or(() -> found.stream().findFirst());
    }

    private Stream<Path> same(String key) {
        List<Path> same = named.getOrDefault(key, List.of());
        return Stream.concat(same.stream(), same.stream().flatMap(entry -> inside(entry, key)));
    }

    private static Stream<Path> inside(Path entry, String key) {
        return !Files.isDirectory(entry) ? Stream.empty() : of(entry).entries()
                .filter(file -> (key(file) + "-gz").startsWith(key) && Files.isRegularFile(file));
    }

    /** The folders in this one; symbolic links are followed. */
    Stream<Path> folders() {
        return entries().filter(Files::isDirectory);
    }

    /** The same path if it leads to a file that can be opened and read without waiting for another program. */
    static Path regular(Path file) {
        if (Files.isRegularFile(file) && Files.isReadable(file)) return file;
        throw DataException.in(file, what(file), "a file that can be read");
    }

    /** What a path leads to, in words. */
    static String what(Path path) {
        String kind = Files.isDirectory(path) ? "a folder" : Files.isRegularFile(path) ? "a file"
                : Files.exists(path) ? "a pipe, a socket or a device" : Files.isSymbolicLink(path)
                ? "a symbolic link that does not lead to a file" : "nothing of that name";
        return Files.exists(path) && !Files.isReadable(path) ? kind + " without permission to read it" : kind;
    }
}
