package digits.data;

import digits.fetch.Download;
import digits.fetch.DownloadProgress;
import digits.fetch.Mirrors;
import digits.html.Banner;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Finds the images: in the folder that the user named, in the cache, on the mirrors, in the library, in this order.
 *
 * @param files    what the set consists of
 * @param folder   the one that has the set, if there is one; then nothing else is looked at
 * @param cache    the folder of earlier downloads
 * @param mirrors  base addresses, tried in turn
 * @param patience of the downloads
 * @param limit    at most so many images to train and validate on, and a sixth of that to test on
 */
public record DatasetLoader(DatasetFiles files, Optional<Folder> folder, Path cache, List<URI> mirrors, Download.Patience patience,
                 int limit) {

    /**
     * A folder with the set's files.
     *
     * @param source {@code FOLDER} or {@code PACKAGE}
     * @param said   what the banner says of it
     */
    record Folder(Path path, DataSource source, String said) {
        /** The one that DIGITS_DATA names. */
        static Folder named(Path path) {
            return new Folder(path, DataSource.FOLDER, "read from the folder named in DIGITS_DATA");
        }
    }

    public ImageSet load(Consumer<String> progressHtml) {
        if (folder.isPresent()) return fromFolder(folder.get());
        String why;
        try {
            DatasetCache.Loaded loaded = new DatasetCache(cache)
                    .load(files, new Mirrors(mirrors, patience), new DownloadProgress(files.title(), progressHtml));
            return whole(loaded.fetched() ? DataSource.MIRROR : DataSource.CACHE,
                    loaded.fetched() ? "downloaded just now, kept in the cache" : "read from the cache of an earlier download",
                    files.all().stream().map(loaded.files()::get).toList());
        } catch (Mirrors.Failed failed) {
            why = mirrors.isEmpty() ? failed.getMessage() : "no mirror could be used (" + failed.getMessage() + ")";
        } catch (UncheckedIOException unwritable) {
            if (unwritable.getCause() instanceof ClosedByInterruptException) throw interrupted(unwritable);
            why = "the cache folder cannot be used (" + reason(unwritable.getCause()) + ")";
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw interrupted(stopped);
        }
        return sample(why);
    }

    /** What went wrong with a file, without its path, which does not belong into a notebook: «No space left on device». */
    public static String reason(IOException failed) {
        String text = failed instanceof FileSystemException named ? named.getReason() : failed.getMessage();
        return text == null ? failed.getClass().getSimpleName() : text;
    }

    private DataException interrupted(Exception cause) {
        return new DataException("Loading " + files.title() + " was interrupted. What was downloaded so far is kept; "
                + "run the cell again to go on.", cause);
    }

    private ImageSet fromFolder(Folder named) {
        if (!Files.isDirectory(named.path)) {
            throw DataException.in(named.path, Files.exists(named.path) ? "a file" : "nothing of that name",
                    "a folder with the four " + files.title() + " files: that is what DIGITS_DATA has to name");
        }
        List<IdxFile> read = new ArrayList<>();
        for (DatasetFiles.Item item : files.all()) read.add(files.read(item, in(named.path, item)));
        return whole(named.source, named.said, read);
    }

    /** The item's file in the folder, or in the zip as it was downloaded by hand. */
    private IdxFile.Source in(Path named, DatasetFiles.Item item) {
        Optional<Path> file = item.in(named);
        if (file.isPresent()) return IdxFile.Source.file(file.get());
        Optional<Path> zip = files.zip().map(z -> named.resolve(z.name())).filter(Files::exists);
        if (zip.isPresent()) {
            String member = DatasetFiles.Zip.FOLDER + item.gzipName();
            return new IdxFile.Source(zip.get().resolve(member), () -> open(zip.get(), member));
        }
        throw DataException.in(named, "no file of " + files.title() + "'s " + item.stem(), "one of " + String.join(", ", item.spellings()));
    }

    /** A file in a zip, as it is unpacked: nothing but a buffer of it is in memory. */
    private static InputStream open(Path zip, String member) throws IOException {
        ZipFile file = new ZipFile(zip.toFile());
        ZipEntry entry = file.getEntry(member);
        if (entry == null) {
            file.close();
            throw new IOException("the zip has no " + member);
        }
        return new FilterInputStream(file.getInputStream(entry)) {
            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }

    /** Loaded from the four files, in their order. */
    private ImageSet whole(DataSource source, String said, List<IdxFile> read) {
        DatasetFiles.Verdict verdict = verdict(read);
        int ofTrain = read.get(0).count();
        int ofTest = read.get(2).count();
        LabeledImages train = files.join(read.get(0), read.get(1)).take(limit);
        LabeledImages test = files.join(read.get(2), read.get(3)).take(limit / 6);
        String limited = Banner.limited(train.size(), ofTrain, test.size(), ofTest);
        String dataset = files.title() + (verdict == DatasetFiles.Verdict.OTHER ? "-like" : "");
        return new ImageSet(train, test, source, dataset, switch (verdict) {
            case ORIGINAL -> Banner.quiet(dataset, said, "", ofTrain, ofTest, limited);
            case UNCHECKED -> Banner.quiet(dataset, said, "There is no checksum to compare these files with; their sizes are right.",
                    ofTrain, ofTest, limited);
            case OTHER -> Banner.notOriginal(files.title(), said, ofTrain, ofTest, limited);
        });
    }

    /** The worst of the four. */
    private DatasetFiles.Verdict verdict(List<IdxFile> read) {
        DatasetFiles.Verdict worst = DatasetFiles.Verdict.ORIGINAL;
        for (int i = 0; i < read.size(); i++) {
            DatasetFiles.Verdict verdict = files.all().get(i).verdict(read.get(i));
            if (verdict.compareTo(worst) > 0) worst = verdict;
        }
        return worst;
    }

    private ImageSet sample(String why) {
        Split parts = Sample.load();
        LabeledImages train = parts.training().take(limit);
        LabeledImages test = parts.validation().take(limit / 6);
        return new ImageSet(train, test, DataSource.SAMPLE, "MNIST",
                Banner.sample(files.title(), parts.training().size(), parts.validation().size(), why,
                        Banner.limited(train.size(), parts.training().size(), test.size(), parts.validation().size())));
    }
}
