package digits.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The four files of a set in MNIST's form, and how they are to be read.
 *
 * @param title       the set's name for people
 * @param names       what each label means
 * @param firstLabel  the lowest label in the files: 0, but 1 in EMNIST's letters
 * @param transposed  whether rows and columns of the images are swapped, as in EMNIST
 * @param zip         the zip on the mirrors that has the files as members in the folder {@code gzip/}, if they come so
 * @param trainImages 28×28 images to train and validate on
 */
public record DatasetFiles(String title, List<String> names, int firstLabel, boolean transposed, Optional<Zip> zip,
                Item trainImages, Item trainLabels, Item testImages, Item testLabels) {

    /** A set of digits in four files of their own. */
    static DatasetFiles digits(String title, Item trainImages, Item trainLabels, Item testImages, Item testLabels) {
        List<String> names = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        return new DatasetFiles(title, names, 0, false, Optional.empty(), trainImages, trainLabels, testImages, testLabels);
    }

    public List<Item> all() {
        return List.of(trainImages, trainLabels, testImages, testLabels);
    }

    /**
     * Reads a file as this item's kind; its checksum is not looked at.
     *
     * @throws DataException if it is anything else
     */
    IdxFile read(Item item, IdxFile.Source from) {
        return item.type.startsWith("idx3") ? IdxFile.images(from) : IdxFile.labels(from, firstLabel, names.size());
    }

    public IdxFile read(Item item, Path file) {
        return read(item, IdxFile.Source.file(file));
    }

    /** Images and labels that belong together, upright, the labels from 0. */
    LabeledImages join(IdxFile images, IdxFile labels) {
        return IdxFile.join(images, labels, transposed, firstLabel, names);
    }

    /**
     * A zip with the files of several sets.
     *
     * @param name   on the mirrors
     * @param bytes  its size
     * @param sha256 of the zip
     */
    public record Zip(String name, long bytes, String sha256) {
        public static final String FOLDER = "gzip/";
    }

    /** What a file turned out to be. */
    enum Verdict {
        /** The set's own, by its checksum. */
        ORIGINAL,
        /** Of the right size, but without a checksum that could be compared. */
        UNCHECKED,
        /** Another set's. */
        OTHER
    }

    /**
     * One file: what it is called and what it has to hold.
     *
     * @param count      of the images or labels
     * @param sha256     of the unpacked bytes (the gzip wrapping differs from one distribution to the next, the content does
     *                   not), or null where nobody has published it
     * @param gzipSha256 of the gzipped file as its authors distribute it, or null
     */
    public record Item(String stem, String type, int count, String sha256, String gzipSha256) {
        /** One whose unpacked bytes' checksum is known. */
        static Item unpacked(String stem, String type, int count, String sha256) {
            return new Item(stem, type, count, sha256, null);
        }

        /** One whose gzipped file's checksum is known. */
        static Item gzipped(String stem, String type, int count, String sha256) {
            return new Item(stem, type, count, null, sha256);
        }

        /** One of which only the size is known. */
        static Item sized(String stem, String type, int count) {
            return new Item(stem, type, count, null, null);
        }

        /** Its name on the mirrors and in the cache. */
        public String gzipName() {
            return stem + "-" + type + ".gz";
        }

        /** Where it is in a folder, gzipped or not, in either of the two spellings in use. */
        Optional<Path> in(Path folder) {
            return spellings().stream().map(folder::resolve).filter(Files::exists).findFirst();
        }

        List<String> spellings() {
            return Stream.of(stem + "-" + type, stem + "." + type).flatMap(n -> Stream.of(n, n + ".gz")).toList();
        }

        Verdict verdict(IdxFile read) {
            if (sha256 != null) return sha256.equals(read.sha256()) ? Verdict.ORIGINAL : Verdict.OTHER;
            if (gzipSha256 != null && gzipSha256.equals(read.storedSha256())) return Verdict.ORIGINAL;
            return read.count() == count ? Verdict.UNCHECKED : Verdict.OTHER;
        }

        /** Whether a download is good: as its authors published it, or of the right size where there is no checksum. */
        public boolean isGood(IdxFile read) {
            Verdict verdict = verdict(read);
            return verdict == Verdict.ORIGINAL || verdict == Verdict.UNCHECKED && gzipSha256 == null;
        }
    }
}
