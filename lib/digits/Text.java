package digits;

import java.util.Locale;

/** Formats numbers and HTML text, the same way everywhere and independently of the machine's language. */
public final class Text {
    /** The locale of every number that a person reads. */
    public static final Locale LOCALE = Locale.ENGLISH;

    private Text() { }

    /** 597738 as “597,738”. */
    public static String whole(long number) {
        return String.format(LOCALE, "%,d", number);
    }

    /** A number of things: “1 epoch”, “10 epochs”. */
    public static String count(long number, String thing) {
        return whole(number) + " " + thing + (number == 1 ? "" : "s");
    }

    /** A number with this many decimals; “–” for NaN. */
    public static String decimal(double number, int digits) {
        return Double.isNaN(number) ? "–" : String.format(LOCALE, "%,." + digits + "f", number);
    }

    /** 0.9942 as “99.42 %”; “–” for NaN. */
    public static String percent(double share, int digits) {
        return Double.isNaN(share) ? "–" : decimal(100 * share, digits) + " %";
    }

    /** How much of a task is done, in whole percent rounded down: “100 %” only when all of it is. */
    public static String percentDone(double share) {
        return (int) Math.floor(100 * share + 1e-9) + " %";
    }

    /** Seconds as a person says them: “9.4 s”, “47 s”, “3 min 05 s”, “1 h 02 min”; “–” for NaN and infinity. */
    public static String duration(double seconds) {
        if (!(seconds >= 0) || Double.isInfinite(seconds)) return "–";
        if (seconds < 9.95) return decimal(seconds, 1) + " s";
        long s = Math.round(seconds);
        if (s < 60) return s + " s";
        if (s < 3600) return String.format(LOCALE, "%d min %02d s", s / 60, s % 60);
        return String.format(LOCALE, "%d h %02d min", s / 3600, s % 3600 / 60);
    }

    /** The text with all characters escaped that mean something to HTML, in attributes too. */
    public static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
