package digits.data;

import java.util.List;

/**
 * A data set that the {@link Catalogue} loaded.
 *
 * @param train images to train and validate on
 * @param test  images to test on; nothing may be learned from them
 * @param name  as of {@link Provenance#name}
 */
public record Dataset(LabeledImages train, LabeledImages test, String name, Provenance provenance) {
    /** What each label means. */
    public List<String> names() {
        return train.names();
    }

    /** How many classes the labels distinguish. */
    public int classes() {
        return train.classes();
    }

    /** As “MNIST from folder: 60,000 images of 28×28 to train and validate on, 10,000 images of 28×28 to test on”. */
    @Override
    public String toString() {
        return "%s from %s: %s to train and validate on, %s to test on"
                .formatted(name, provenance.source(), train, test);
    }
}
