package digits.html;

import digits.Text;

/** Where the images of a data set come from, as HTML: one quiet line, or a loud frame around the sample. */
public final class Banner {
    private Banner() {
    }

    /** The line for the original files; {@code unchecked} and {@code limited} are sentences and may be empty. */
    public static String quiet(String dataset, String from, String unchecked, int train, int test, String limited) {
        return "<p>" + Text.escape(dataset + ": " + counts(train, test) + from + "." + space(unchecked) + space(limited))
                + "</p>";
    }

    /** The line for other files than the original ones. */
    public static String notOriginal(String set, String from, int train, int test, String limited) {
        return "<p><b>" + Text.escape(set) + "-like</b>: " + Text.escape(counts(train, test) + from
                + ". These are not the original " + set + " files (their checksums or sizes differ), so results cannot be "
                + "compared with " + set + "'s." + space(limited)) + "</p>";
    }

    /** The frame around the sample, which replaces MNIST or another set that could not be loaded. */
    public static String sample(String set, int train, int test, String why, String limited) {
        boolean mnist = set.equals("MNIST");
        return "<div style=\"border: 3px solid #b45309; background: #fef3c7; color: #1f2937; padding: 0.8em 1.2em\">"
                + "<b>" + (mnist ? "This is a 5,000-digit sample, not all of MNIST." : Text.escape("This is not " + set
                        + ", but a 5,000-digit sample of MNIST: " + set + " could not be had.")) + "</b><br>"
                + Text.escape(counts(train, test) + "shuffled with a fixed seed, each digit equally often; all are real "
                + "images of MNIST's training set." + space(limited) + (mnist ? " Results will be worse than with all "
                + "70,000." : " All that follows is about digits, then.")) + "<br><b>Why:</b> " + Text.escape(why) + ".<br>"
                + "<b>For the full set:</b> name a folder with the four MNIST files in the environment variable "
                + "<code>DIGITS_DATA</code>" + (mnist ? ""
                        : Text.escape(" and put " + set + "'s into a folder of its name beside it"))
                + ", or go online, and run this notebook again.</div>";
    }

    /** The sentence about a limit of the sets; empty without one. */
    public static String limited(int train, int ofTrain, int test, int ofTest) {
        if (train == ofTrain && test == ofTest) return "";
        return "Here limited to " + Text.whole(train) + " of " + Text.whole(ofTrain) + " and " + Text.whole(test) + " of "
                + Text.whole(ofTest) + " (the quick profile, or DIGITS_LIMIT).";
    }

    private static String counts(int train, int test) {
        return Text.whole(train) + " images to train and validate on, " + Text.whole(test) + " to test on, ";
    }

    private static String space(String sentence) {
        return sentence.isEmpty() ? "" : " " + sentence;
    }
}
