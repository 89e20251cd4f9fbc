package digits.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Finds the images: in the folder that the user named, in the cache, on the mirrors, in the library, in this order.
 *
 * @param files    what the set consists of
 * @param folder   the user's, if named; then nothing else is looked at
 * @param cache    the folder of earlier downloads
 * @param mirrors  base addresses, tried in turn
 * @param patience of the downloads
 * @param limit    at most so many images to train and validate on, and a sixth of that to test on
 */
record MnistLoader(MnistFiles files, Optional<Path> folder, Path cache, List<URI> mirrors, Download.Patience patience,
                   int limit) {

    Mnist load(Consumer<String> progressHtml) {
        if (folder.isPresent()) return fromFolder(folder.get());
        String why;
        try {
            MnistCache.Loaded loaded = new MnistCache(cache)
                    .load(files, new Mirrors(mirrors, patience), new DownloadProgress(progressHtml));
            return whole("MNIST", loaded.fetched() ? DataSource.MIRROR : DataSource.CACHE, true,
                    IdxFile.join(loaded.files().get(files.trainImages()), loaded.files().get(files.trainLabels())),
                    IdxFile.join(loaded.files().get(files.testImages()), loaded.files().get(files.testLabels())));
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
    static String reason(IOException failed) {
        String text = failed instanceof FileSystemException named ? named.getReason() : failed.getMessage();
        return text == null ? failed.getClass().getSimpleName() : text;
    }

    private static DataException interrupted(Exception cause) {
        return new DataException("Loading MNIST was interrupted. What was downloaded so far is kept; "
                + "run the cell again to go on.", cause);
    }

    private Mnist fromFolder(Path named) {
        if (!Files.isDirectory(named)) {
            throw DataException.in(named, Files.exists(named) ? "a file" : "nothing of that name",
                    "a folder with the four MNIST files: that is what DIGITS_DATA has to name");
        }
        List<IdxFile> read = files.all().stream().map(item -> item.read(item.in(named))).toList();
        boolean original = true;
        for (int i = 0; i < read.size(); i++) original &= files.all().get(i).isOriginal(read.get(i));
        return whole(original ? "MNIST" : "MNIST-like", DataSource.FOLDER, original,
                IdxFile.join(read.get(0), read.get(1)), IdxFile.join(read.get(2), read.get(3)));
    }

    private Mnist whole(String dataset, DataSource source, boolean original, LabeledImages train, LabeledImages test) {
        LabeledImages someTrain = train.take(limit);
        LabeledImages someTest = test.take(limit / 6);
        String limited = Banner.limited(someTrain.size(), train.size(), someTest.size(), test.size());
        return new Mnist(someTrain, someTest, source, dataset, original
                ? Banner.quiet(dataset, source, train.size(), test.size(), limited)
                : Banner.notOriginal(dataset, train.size(), test.size(), limited));
    }

    private Mnist sample(String why) {
        Split parts = Sample.load();
        LabeledImages train = parts.training().take(limit);
        LabeledImages test = parts.validation().take(limit / 6);
        return new Mnist(train, test, DataSource.SAMPLE, "MNIST",
                Banner.sample(parts.training().size(), parts.validation().size(), why,
                        Banner.limited(train.size(), parts.training().size(), test.size(), parts.validation().size())));
    }
}
