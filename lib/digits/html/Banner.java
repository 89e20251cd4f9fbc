package digits.html;

import static digits.Text.escape;

import digits.data.Dataset;
import digits.data.Provenance;

/** What a notebook says about where its images came from, as HTML: one quiet line, or a loud frame around the sample. */
public final class Banner {
    private Banner() { }

    public static String of(Dataset loaded) {
        return of(loaded.provenance());
    }

    public static String of(Provenance from) {
        if (from.isSample()) return sample(from);
        boolean loud = from.verified() == Provenance.Verified.OTHER;
        return "<p>" + (loud ? "<b>" + escape(from.headline()) + "</b>" : escape(from.headline())) + " " + escape(from.details()) + "</p>";
    }

    private static String sample(Provenance from) {
        boolean mnist = from.requested().equals(from.name());
        return "<div style=\"border: 3px solid #b45309; background: #fef3c7; color: #1f2937; padding: 0.8em 1.2em\">"
                + "<b>" + escape(from.headline()) + "</b><br>" + escape(from.details()) + "<br>"
                + "<b>Why:</b> " + escape(from.why()) + ".<br>"
                + "<b>For the full set:</b> name a folder with the four MNIST files in the environment variable "
                + "<code>DIGITS_DATA</code>" + (mnist ? "" : escape(" and put " + from.requested() + "'s into a folder of its name beside it"))
                + ", or go online, and run this notebook again.</div>";
    }
}
