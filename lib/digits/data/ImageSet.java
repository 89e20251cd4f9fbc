package digits.data;

/**
 * A set that the {@link Catalogue} loaded.
 *
 * @param train   the images to train and validate on
 * @param test    the images to test on, which nothing may be learnt from
 * @param source  where they came from
 * @param dataset the set's name; {@code "MNIST"} if another set could not be had and the sample took its place
 * @param banner  HTML for the notebook: a quiet line about whole sets, a loud frame about the sample
 */
public record ImageSet(LabeledImages train, LabeledImages test, DataSource source, String dataset, String banner)
        implements TrainAndTest {

    /** For example «KMNIST from cache: 60,000 images of 28×28 to train and validate on, 10,000 images of 28×28 to test on». */
    @Override
    public String toString() {
        return dataset + " from " + source + ": " + train + " to train and validate on, " + test + " to test on";
    }
}
