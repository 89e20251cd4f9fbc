package digits.html;

import digits.Text;
import digits.pictures.Style;
import java.awt.Color;

/** A progress bar as HTML, for what takes long enough to be watched: a download, an evaluation. */
public final class ProgressBar {
    private ProgressBar() {
    }

    /**
     * One line: what, a bar, percent, detail. The outer element says the same as plain text in its attribute
     * {@code data-progress}, for whoever runs a notebook without a browser.
     *
     * @param what   as «test images»
     * @param done   0 to {@code total}
     * @param total  0 if it is not known: then there is no percentage
     * @param detail as «4.1 of 9.9 MB»; may be empty
     * @throws IllegalArgumentException if {@code done} is negative or above a known total
     */
    public static String html(String what, long done, long total, String detail) {
        if (done < 0 || total < 0 || total > 0 && done > total) {
            throw new IllegalArgumentException("progress of \"" + what + "\" is " + done + " of " + total);
        }
        double share = total == 0 ? 0 : (double) done / total;
        String percent = total == 0 ? "" : whole(share);
        String line = what + (percent.isEmpty() ? "" : " · " + percent) + (detail.isEmpty() ? "" : " · " + detail);
        return "<div data-progress=\"" + Text.escape(line) + "\">"
                + "<table style=\"border-collapse:collapse;border:0;margin:4px 0\"><tr>"
                + cell("left", Text.escape(what))
                + cell("left", bar(share, total > 0 && done == total ? Style.GREEN : Style.SKY))
                + cell("right", percent) + cell("left", Text.escape(detail))
                + "</tr></table></div>";
    }

    /** A bar of 140 pixels; the colours show on light and on dark pages. */
    public static String bar(double share, Color colour) {
        return "<div style=\"background-color:#8c959f66;width:140px;height:12px\">"
                + "<div style=\"background-color:" + Style.hex(colour)
                + ";width:" + Math.round(140 * share) + "px;height:12px\"></div></div>";
    }

    /** Whole percent, cut: 100 % only when all is done. */
    public static String whole(double share) {
        return (int) Math.floor(100 * share + 1e-9) + " %";
    }

    public static String cell(String align, String html) {
        return "<td style=\"text-align:" + align + ";padding:2px 10px 2px 0;border:0;background-color:transparent;"
                + "white-space:nowrap\">" + html + "</td>";
    }
}
