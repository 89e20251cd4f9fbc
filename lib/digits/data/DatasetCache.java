package digits.data;

import digits.fetch.DownloadProgress;
import digits.fetch.Mirrors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A folder of downloaded files. A file appears under its name only when it is whole and its checksum right (where one is known); it is checked
 * again each time it is read. Several processes may use the folder at once: one downloads, the others wait for it.
 */
public final class DatasetCache {
    private static final ReentrantLock ONE_THREAD = new ReentrantLock();   // a file lock holds off other processes only
    private static final long LOOK_AGAIN_MILLIS = 100;

    private final Path folder;

    DatasetCache(Path folder) {
        this.folder = folder;
    }

    /** What a set's items hold, and whether one of them had to be fetched. */
    record Loaded(Map<DatasetFiles.Item, IdxFile> files, boolean fetched) {
    }

    /**
     * The folder for these environment variables: where caches belong on this system, as its users expect.
     *
     * @param set      the set's folder in it, as {@code mnist}
     * @param userHome the home folder that Java knows. It comes from the user database, so that {@code HOME}, by which people
     *                 and containers choose another one, goes before it; not on Windows, where shells set it as they please
     */
    public static Path folder(Map<String, String> environment, String system, Path userHome, String set) {
        Path caches;
        String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        String local = environment.getOrDefault("LOCALAPPDATA", "");
        String name = system.toLowerCase(Locale.ROOT);
        String chosen = name.startsWith("windows") ? "" : environment.getOrDefault("HOME", "");
        Path home = chosen.isBlank() || !Path.of(chosen).isAbsolute() ? userHome : Path.of(chosen);
        if (!xdg.isBlank() && Path.of(xdg).isAbsolute()) caches = Path.of(xdg);   // the standard: ignore relative ones
        else if (name.startsWith("mac")) caches = home.resolve("Library").resolve("Caches");
        else if (name.startsWith("windows") && !local.isBlank()) caches = Path.of(local);
        else caches = home.resolve(".cache");
        return caches.resolve("digits-jvm").resolve(set);
    }

    /**
     * Reads the set, fetching what is missing or damaged.
     *
     * @throws Mirrors.Failed       if something is missing and no mirror has it
     * @throws UncheckedIOException if the folder cannot be written
     */
    Loaded load(DatasetFiles set, Mirrors mirrors, DownloadProgress progress) throws Mirrors.Failed, InterruptedException {
        Map<DatasetFiles.Item, IdxFile> found = new HashMap<>();
        for (DatasetFiles.Item item : set.all()) find(set, item).ifPresent(file -> found.put(item, file));
        if (found.size() == set.all().size()) return new Loaded(found, false);

        mirrors.requireAny();
        ONE_THREAD.lockInterruptibly();
        try (FileChannel channel = lockFile()) {   // closing it gives the lock back
            lock(channel, progress);
            boolean fetched = false;
            for (DatasetFiles.Item item : set.all()) {
                if (found.containsKey(item)) continue;
                Optional<IdxFile> meanwhile = find(set, item);
                found.put(item, meanwhile.isPresent() ? meanwhile.get() : fetch(set, item, mirrors, progress));
                fetched |= meanwhile.isEmpty();
            }
            if (fetched) progress.say("downloaded and checked");
            return new Loaded(found, fetched);
        } catch (IOException unusable) {
            throw new UncheckedIOException(unusable);
        } finally {
            ONE_THREAD.unlock();
        }
    }

    private Optional<IdxFile> find(DatasetFiles set, DatasetFiles.Item item) {
        Path file = folder.resolve(item.gzipName());
        if (!Files.isRegularFile(file)) return Optional.empty();
        try {
            return Optional.of(set.read(item, file)).filter(item::isGood);
        } catch (DataException damaged) {
            return Optional.empty();   // fetched again
        }
    }

    private IdxFile fetch(DatasetFiles set, DatasetFiles.Item item, Mirrors mirrors, DownloadProgress progress)
            throws IOException, Mirrors.Failed, InterruptedException {
        Path file = folder.resolve(item.gzipName());
        Files.deleteIfExists(file);   // it is damaged, or this would not be called
        Path part = folder.resolve(item.gzipName() + ".part");
        IdxFile fetched = mirrors.fetch(set, item, part, progress);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        return fetched;
    }

    private FileChannel lockFile() throws IOException {
        Files.createDirectories(folder);
        return FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private static void lock(FileChannel channel, DownloadProgress progress) throws IOException, InterruptedException {
        FileLock lock = channel.tryLock();
        if (lock == null) progress.say("waiting for another notebook's download");
        for (; lock == null; lock = channel.tryLock()) Thread.sleep(LOOK_AGAIN_MILLIS);
    }
}
