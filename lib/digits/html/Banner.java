package digits.html;

import static digits.Text.escape;

import digits.data.Provenance;

/** Where a notebook's images came from, as HTML: one quiet line, or a loud frame around the sample. */
public final class Banner {
    private Banner() { }

    public static String of(Provenance from) {
        if (from.isSample()) return sample(from);
        String headline = escape(from.headline());
        return "<p>" + (from.verified() == Provenance.Verified.OTHER ? "<b>" + headline + "</b>" : headline) + " "
                + escape(from.details()) + "</p>";
    }

    private static String sample(Provenance from) {
        String beside = from.requested().equals(from.name()) ? ""
                : escape(" and put " + from.requested() + "'s into a folder of its name beside it");
        return "<div style=\"border: 3px solid #b45309; background: #fef3c7; color: #1f2937; padding: 0.8em 1.2em\">"
                + "<b>" + escape(from.headline()) + "</b><br>" + escape(from.details()) + "<br>"
                + "<b>Why:</b> " + escape(from.why()) + ".<br>"
                + "<b>For the full set:</b> name a folder with the four MNIST files in the environment variable "
                + "<code>DIGITS_DATA</code>" + beside + ", or go online, and run this notebook again.</div>";
    }
}
