package digits.data;

import digits.Progress;
import digits.Text;
import java.util.Locale;

/**
 * Where the images of a data set come from; the last progress that loading reports, so that a live view ends with it.
 *
 * @param requested the data set that was asked for, as “Fashion-MNIST”
 * @param source    the kind of place
 * @param place     the place in words, as “read from the folder named in DIGITS_DATA”
 * @param verified  whether the files are the original ones
 * @param train     images loaded to train and validate on
 * @param test      images loaded to test on
 * @param allTrain  images to train and validate on without the settings' limit
 * @param allTest   images to test on without it
 * @param why       why the sample replaces the data set, with the reply of each mirror; empty if it does not
 */
public record Provenance(String requested, Source source, String place, Verified verified, int train, int test,
                         int allTrain, int allTest, String why) implements Progress {
    /**
     * The kinds of places, in the order in which they are tried: the folder that the user named, a package of the
     * operating system, an earlier download in the cache folder, a public mirror, the 5,000 digits inside the library.
     */
    public enum Source {
        FOLDER, PACKAGE, CACHE, MIRROR, SAMPLE;

        /** In lower case. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The original files by their checksums, files of the right size that have no published checksums, or others. */
    public enum Verified { ORIGINAL, BY_SIZE, OTHER }

    /** Whether the sample of MNIST replaces the data set. */
    public boolean isSample() {
        return source == Source.SAMPLE;
    }

    /** The name that the images deserve: with “-like” if they are other files, “MNIST” if they are the sample. */
    public String name() {
        return isSample() ? "MNIST" : verified == Verified.OTHER ? requested + "-like" : requested;
    }

    @Override
    public double share() {
        return 1;
    }

    /** All that is known, as text without markup. */
    @Override
    public String line() {
        return headline() + " " + details() + (isSample() ? " Why: " + why + "." : "");
    }

    /** The beginning of {@link #line()}: the name, with a colon; for the sample, a sentence that says so. */
    public String headline() {
        if (!isSample()) return name() + ":";
        return requested.equals(name()) ? "This is a 5,000-digit sample, not all of MNIST."
                : "This is not %1$s, but a 5,000-digit sample of MNIST: %1$s could not be loaded.".formatted(requested);
    }

    /** How many images there are, and the limits of their use. */
    public String details() {
        String counts = Text.whole(allTrain) + " images to train and validate on, " + Text.whole(allTest)
                + " to test on, ";
        String limit = train == allTrain && test == allTest ? "" : " Here limited to " + Text.whole(train) + " of "
                + Text.whole(allTrain) + " and " + Text.whole(test) + " of " + Text.whole(allTest)
                + " (the quick profile, or DIGITS_LIMIT).";
        if (isSample()) {
            return counts + "shuffled with a fixed seed, each digit equally often; all are real images of MNIST's "
                    + "training set." + limit + (requested.equals(name())
                    ? " Results will be worse than with all 70,000." : " Everything below is about digits.");
        }
        return counts + place + "." + switch (verified) {
            case ORIGINAL -> "";
            case BY_SIZE -> " There is no checksum to compare these files with; their sizes are right.";
            case OTHER -> " These are not the original " + requested + " files (their checksums or sizes differ), so "
                    + "results cannot be compared with " + requested + "'s.";
        } + limit;
    }
}
