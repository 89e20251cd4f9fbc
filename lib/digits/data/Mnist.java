package digits.data;

import digits.Settings;
import java.util.function.Consumer;

/**
 * MNIST, the handwritten digits of LeCun, Cortes and Burges: 60,000 images to train and validate on, 10,000 to test on,
 * each of 28×28 pixels with its label. Without network and without a folder of the user's, a sample of it: 4,000 and 1,000.
 * Other sets are in the {@link Catalogue}.
 *
 * @param train   the images to train and validate on
 * @param test    the images to test on, which nothing may be learnt from
 * @param source  where they came from
 * @param dataset {@code "MNIST"}, or {@code "MNIST-like"} if the user's files are not the original ones
 * @param banner  HTML for the notebook: a quiet line about whole sets, a loud frame about the sample
 */
public record Mnist(LabeledImages train, LabeledImages test, DataSource source, String dataset, String banner)
        implements TrainAndTest {

    /** {@link #load(Settings, Consumer)} without progress. */
    public static Mnist load(Settings settings) {
        return load(settings, html -> { });
    }

    /**
     * Loads the images from the folder that the settings name; if they name none, from the cache of earlier downloads, from
     * the mirrors, or from the sample inside the library, whichever comes first.
     *
     * @param progressHtml gets an HTML element about twice a second while files are downloaded, and nothing otherwise
     * @throws DataException if the named folder lacks a file or has a bad one, if the sample is needed and missing, or if
     *                       the thread is interrupted
     */
    public static Mnist load(Settings settings, Consumer<String> progressHtml) {
        return of(Catalogue.MNIST.load(settings, progressHtml));
    }

    static Mnist of(ImageSet set) {
        return new Mnist(set.train(), set.test(), set.source(), set.dataset(), set.banner());
    }

    /** For example «MNIST from folder: 60,000 images of 28×28 to train and validate on, 10,000 images of 28×28 to test on». */
    @Override
    public String toString() {
        return new ImageSet(train, test, source, dataset, banner).toString();
    }
}
