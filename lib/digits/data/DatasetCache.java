package digits.data;

import digits.fetch.DownloadException;
import digits.fetch.DownloadProgress;
import digits.fetch.Mirrors;
import digits.files.AtomicFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A folder of downloaded files. A file appears under its name only when it is whole and its checksum right (where one
 * is known), and is checked each time it is read. Several processes may share it: one downloads, the others wait.
 */
record DatasetCache(Path folder) {
    private static final ReentrantLock ONE_THREAD = new ReentrantLock();   // a file lock stops other processes only

    /** The content of the four files, and whether one of them was fetched. */
    record Loaded(List<IdxFile> files, boolean fetched) { }

    /**
     * Reads a data set up to its limit, and fetches what is missing or damaged; without mirrors, downloads are switched
     * off.
     */
    Loaded load(DatasetFiles set, int limit, Optional<Mirrors> mirrors, DownloadProgress progress)
            throws IOException, InterruptedException {
        List<Optional<IdxFile>> found = set.all().stream().map(item -> find(set, item, limit)).toList();
        if (found.stream().allMatch(Optional::isPresent)) {
            return new Loaded(found.stream().map(Optional::get).toList(), false);
        }
        if (mirrors.isEmpty()) throw new DownloadException("downloads are switched off (DIGITS_MIRRORS is \"none\")");
        ONE_THREAD.lockInterruptibly();
        try {
            FileChannel lock = lock(progress);
            try (lock) {   // closing it releases the lock
                return completed(set, limit, found, mirrors.get());
            }
        } finally {
            ONE_THREAD.unlock();
        }
    }

    private Loaded completed(DatasetFiles set, int limit, List<Optional<IdxFile>> found, Mirrors mirrors)
            throws IOException, InterruptedException {
        List<IdxFile> files = new ArrayList<>();
        boolean fetched = false;
        for (int i = 0; i < found.size(); i++) {
            DatasetFiles.Item item = set.all().get(i);
            Optional<IdxFile> here = found.get(i).or(() -> find(set, item, limit));   // meanwhile fetched
            fetched |= here.isEmpty();
            files.add(here.isPresent() ? here.get() : fetch(set, item, limit, mirrors));
        }
        return new Loaded(files, fetched);
    }

    private Optional<IdxFile> find(DatasetFiles set, DatasetFiles.Item item, int limit) {
        Path file = folder.resolve(item.gzipName());
        if (!Files.isRegularFile(file)) return Optional.empty();
        try {
            return Optional.of(set.readDownloaded(item, file, limit));
        } catch (DownloadException damaged) {
            return Optional.empty();   // fetched again
        }
    }

    private IdxFile fetch(DatasetFiles set, DatasetFiles.Item item, int limit, Mirrors mirrors)
            throws IOException, InterruptedException {
        Path file = folder.resolve(item.gzipName());
        Files.deleteIfExists(file);   // it is damaged, or this would not be called
        Path part = folder.resolve(item.gzipName() + ".part");
        IdxFile fetched = mirrors.fetch(item.gzipName(), set.archive(), part,
                whole -> set.readDownloaded(item, whole, limit));
        AtomicFile.move(part, file);
        return fetched;
    }

    private FileChannel lock(DownloadProgress progress) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        FileChannel channel =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (channel.tryLock() != null) return channel;
        progress.say("waiting for another notebook's download");
        try {
            while (channel.tryLock() == null) Thread.sleep(100);
            return channel;
        } catch (IOException | InterruptedException e) {
            channel.close();
            throw e;
        }
    }
}
