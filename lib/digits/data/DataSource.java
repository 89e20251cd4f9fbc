package digits.data;

import java.util.Locale;

/** Where the images came from, in the order in which the places are tried. */
public enum DataSource {
    /** The folder that the user named. */
    FOLDER,
    /** A package of the operating system's, as Debian's dataset-fashion-mnist. */
    PACKAGE,
    /** An earlier download, kept in the user's cache folder. */
    CACHE,
    /** A public mirror, just now. */
    MIRROR,
    /** The 5,000 digits that are part of the library. */
    SAMPLE;

    /** {@code folder}, {@code package}, {@code cache}, {@code mirror} or {@code sample}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
