package digits.data;

import digits.Progress;
import digits.data.Provenance.Source;
import digits.data.Provenance.Verified;
import digits.fetch.Download;
import digits.fetch.DownloadException;
import digits.fetch.DownloadProgress;
import digits.fetch.Mirrors;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Loads a data set from the folder that has it; if there is none, from the cache, the mirrors or the library, in this
 * order. The limit is that of images to train and validate on; a sixth of it is that of images to test on.
 */
record DatasetLoader(DatasetFiles files, Optional<Folder> folder, Path cache, List<URI> mirrors,
                     Download.Patience patience, int limit) {
    /** A folder with the data set's files, and the place in words. */
    record Folder(Path path, Source source, String place) {
        static Folder named(Path path) {
            return new Folder(path, Source.FOLDER, "read from the folder named in DIGITS_DATA");
        }
    }

    Dataset load(Consumer<? super Progress> progress) {
        Dataset loaded = folder.map(this::fromFolder).orElseGet(() -> fromCacheOrMirrors(progress));
        progress.accept(loaded.provenance());
        return loaded;
    }

    private Dataset fromCacheOrMirrors(Consumer<? super Progress> progress) {
        try {
            DownloadProgress download = new DownloadProgress(files.title(), progress);
            Optional<Mirrors> from = mirrors.isEmpty() ? Optional.empty()
                    : Optional.of(new Mirrors(mirrors, new Download(patience, download)));
            DatasetCache.Loaded loaded = new DatasetCache(cache).load(files, limit, from, download);
            return loaded.fetched() ? whole(Source.MIRROR, "downloaded just now, kept in the cache", loaded.files())
                    : whole(Source.CACHE, "read from the cache of an earlier download", loaded.files());
        } catch (DownloadException failed) {
            String why = failed.getMessage();
            return sample(mirrors.isEmpty() ? why : "no mirror could be used (" + why + ")");
        } catch (ClosedByInterruptException | InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new DataException("Loading " + files.title()
                    + " was interrupted. What was downloaded so far is kept; run the cell again to resume.", stopped);
        } catch (IOException unwritable) {
            return sample("the cache folder cannot be used (" + reason(unwritable) + ")");
        }
    }

    /** What went wrong with a file, without its path, which does not belong in a notebook. */
    static String reason(IOException failed) {
        String text = failed instanceof FileSystemException named ? named.getReason() : failed.getMessage();
        return text == null || text.isBlank() ? failed.getClass().getSimpleName() : text;
    }

    private Dataset fromFolder(Folder named) {
        String wanted = "a folder with the four " + files.title() + " files: that is what DIGITS_DATA has to name";
        if (!Files.isDirectory(named.path) || !Files.isReadable(named.path)) {
            throw DataException.in(named.path, DataFolder.what(named.path), wanted);
        }
        Optional<DatasetForm> form = DatasetForm.in(DataFolder.of(named.path), files);
        if (form.isEmpty() || !form.get().isComplete()) {
            throw nothing(named.path, form.map(DatasetForm::missing).orElse(files.trainImages().stem()));
        }
        DatasetForm.Content content = form.get().contents().read(limit);
        return whole(named.source, named.place + content.note(), content.files());
    }

    private DataException nothing(Path folder, String missing) {
        String type = missing.endsWith("images") ? "idx3-ubyte" : "idx1-ubyte";
        String file = missing.endsWith(".csv") ? missing : "%1$s-%2$s or %1$s.%2$s, each also with .gz".formatted(
                missing, type);
        return DataException.in(folder, "no file of " + files.title() + "'s " + missing, file + "; or all of "
                + files.title() + " as " + files.name() + ".npz or " + files.name() + "_train.csv and "
                + files.name() + "_test.csv", DatasetSearch.advice(folder, files.name()).strip());
    }

    /** The data set from its four files, in their order; they are as good as the worst of them. */
    private Dataset whole(Source source, String place, List<IdxFile> read) {
        Verified worst = Verified.ORIGINAL;
        for (int i = 0; i < read.size(); i++) {
            Verified verified = files.all().get(i).verified(read.get(i));
            if (verified.compareTo(worst) > 0) worst = verified;
        }
        Split all = new Split(files.join(read.get(0), read.get(1)), files.join(read.get(2), read.get(3)));
        return limited(source, place, worst, all, read.get(0).count(), read.get(2).count(), "");
    }

    private Dataset sample(String why) {
        Split parts = Sample.load();
        return limited(Source.SAMPLE, "part of the library", Verified.ORIGINAL, parts, parts.training().size(),
                parts.validation().size(), why);
    }

    private Dataset limited(Source source, String place, Verified verified, Split all, int allTrain, int allTest,
                            String why) {
        LabeledImages train = all.training().take(limit);
        LabeledImages test = all.validation().take(limit / 6);
        Provenance provenance = new Provenance(files.title(), source, place, verified, train.size(), test.size(),
                allTrain, allTest, why);
        return new Dataset(train, test, provenance.name(), provenance);
    }
}
