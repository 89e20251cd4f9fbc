package digits;

import java.util.Locale;

/** Numbers and HTML text, written the same way everywhere and whatever language the machine speaks. */
public final class Text {
    public static final Locale LOCALE = Locale.ENGLISH;

    private Text() {
    }

    /** 597738 as «597,738». */
    public static String whole(long number) {
        return String.format(LOCALE, "%,d", number);
    }

    /** With so many decimals; «–» for what is not a number. */
    public static String decimal(double number, int digits) {
        return Double.isNaN(number) ? "–" : String.format(LOCALE, "%,." + digits + "f", number);
    }

    /** 0.9942 as «99.42 %». */
    public static String percent(double share, int digits) {
        return Double.isNaN(share) ? "–" : decimal(100 * share, digits) + " %";
    }

    /** Seconds as a person says them: «9.4 s», «47 s», «3 min 05 s», «1 h 02 min». */
    public static String duration(double seconds) {
        if (!(seconds >= 0) || Double.isInfinite(seconds)) return "–";
        if (seconds < 9.95) return decimal(seconds, 1) + " s";
        long s = Math.round(seconds);
        if (s < 60) return s + " s";
        if (s < 3600) return String.format(LOCALE, "%d min %02d s", s / 60, s % 60);
        return String.format(LOCALE, "%d h %02d min", s / 3600, s % 3600 / 60);
    }

    /** The text with everything that means something to HTML escaped, in attributes too. */
    public static String escape(String text) {
        StringBuilder html = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> html.append("&amp;");
                case '<' -> html.append("&lt;");
                case '>' -> html.append("&gt;");
                case '"' -> html.append("&quot;");
                case '\'' -> html.append("&#39;");
                default -> html.append(c);
            }
        }
        return html.toString();
    }
}
