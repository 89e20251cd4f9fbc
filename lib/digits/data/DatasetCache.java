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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A folder of downloaded files. A file appears under its name only when it is whole and its checksum right (where one is known), and
 * is checked again each time it is read. Several processes may use the folder at once: one downloads, the others wait for it.
 */
final class DatasetCache {
    private static final ReentrantLock ONE_THREAD = new ReentrantLock();   // a file lock stops other processes only
    private static final long LOOK_AGAIN_MILLIS = 100;

    private final Path folder;

    DatasetCache(Path folder) {
        this.folder = folder;
    }

    /** The content of the four files, and whether one of them had to be fetched. */
    record Loaded(List<IdxFile> files, boolean fetched) {
    }

    /**
     * Reads a data set, and fetches what is missing or damaged.
     *
     * @param mirrors empty if downloads are switched off
     * @throws Mirrors.Failed       if something is missing and no mirror has it
     * @throws UncheckedIOException if the folder cannot be written
     */
    Loaded load(DatasetFiles set, Optional<Mirrors> mirrors, DownloadProgress progress) throws Mirrors.Failed, InterruptedException {
        List<Optional<IdxFile>> found = set.all().stream().map(item -> find(set, item)).toList();
        if (found.stream().allMatch(Optional::isPresent)) return new Loaded(found.stream().map(Optional::get).toList(), false);

        if (mirrors.isEmpty()) throw new Mirrors.Failed("downloads are switched off (DIGITS_MIRRORS is \"none\")");
        ONE_THREAD.lockInterruptibly();
        try (FileChannel channel = lockFile()) {   // closing it releases the lock
            lock(channel, progress);
            List<IdxFile> files = new ArrayList<>();
            boolean fetched = false;
            for (int i = 0; i < found.size(); i++) {
                DatasetFiles.Item item = set.all().get(i);
                Optional<IdxFile> here = found.get(i).or(() -> find(set, item));   // another process may have fetched it meanwhile
                fetched |= here.isEmpty();
                files.add(here.isPresent() ? here.get() : fetch(set, item, mirrors.get()));
            }
            return new Loaded(files, fetched);
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
            return Optional.of(set.readDownloaded(item, file));
        } catch (IOException damaged) {
            return Optional.empty();   // fetched again
        }
    }

    private IdxFile fetch(DatasetFiles set, DatasetFiles.Item item, Mirrors mirrors)
            throws IOException, Mirrors.Failed, InterruptedException {
        Path file = folder.resolve(item.gzipName());
        Files.deleteIfExists(file);   // it is damaged, or this would not be called
        Path part = folder.resolve(item.gzipName() + ".part");
        IdxFile fetched = mirrors.fetch(item.gzipName(), set.archive(), part, whole -> set.readDownloaded(item, whole));
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
