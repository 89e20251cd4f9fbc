package digits.data;

import java.util.Locale;

/** What a notebook says about where its images came from, as HTML: one quiet line, or a loud frame around the sample. */
final class Banner {
    private Banner() {
    }

    /** The line for a whole set; {@code limited} says what was left out, or is empty. */
    static String quiet(String dataset, DataSource source, int train, int test, String limited) {
        String from = switch (source) {
            case FOLDER -> "read from the folder named in DIGITS_DATA";
            case CACHE -> "read from the cache of an earlier download";
            case MIRROR -> "downloaded just now, kept in the cache";
            case SAMPLE -> throw new IllegalArgumentException("the sample has a loud banner");
        };
        return "<p>" + escape(dataset + ": " + number(train) + " images to train and validate on, " + number(test)
                + " to test on, " + from + "." + space(limited)) + "</p>";
    }

    /** The line for a folder's set which is not MNIST, to the byte. */
    static String notOriginal(String dataset, int train, int test, String limited) {
        return "<p><b>" + escape(dataset) + "</b>: " + escape(number(train) + " images to train and validate on, " + number(test)
                + " to test on, read from the folder named in DIGITS_DATA. These are not the original MNIST files "
                + "(their checksums differ), so results cannot be compared with MNIST's." + space(limited)) + "</p>";
    }

    /** The frame around the sample. */
    static String sample(int train, int test, String why, String limited) {
        return "<div style=\"border: 3px solid #b45309; background: #fef3c7; color: #1f2937; padding: 0.8em 1.2em\">"
                + "<b>This is a 5,000-digit sample, not all of MNIST.</b><br>"
                + escape(number(train) + " images to train and validate on, " + number(test) + " to test on, shuffled with "
                + "a fixed seed, each digit equally often; all are real images of MNIST's training set." + space(limited)
                + " Results will be worse than with all 70,000.") + "<br>"
                + "<b>Why:</b> " + escape(why) + ".<br>"
                + "<b>For the full set:</b> name a folder with the four MNIST files in the environment variable "
                + "<code>DIGITS_DATA</code>, or go online, and run this notebook again.</div>";
    }

    /** What the limit left of the sets, or nothing if that is everything. */
    static String limited(int train, int ofTrain, int test, int ofTest) {
        if (train == ofTrain && test == ofTest) return "";
        return "Here limited to " + number(train) + " of " + number(ofTrain) + " and " + number(test) + " of " + number(ofTest)
                + " (the quick profile, or DIGITS_LIMIT).";
    }

    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }

    private static String space(String sentence) {
        return sentence.isEmpty() ? "" : " " + sentence;
    }

    private static String number(int n) {
        return String.format(Locale.ROOT, "%,d", n);
    }
}
