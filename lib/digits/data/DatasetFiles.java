package digits.data;

import digits.Text;
import digits.data.Provenance.Verified;
import digits.fetch.DownloadException;
import digits.fetch.Mirrors;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The four files of a data set in MNIST's form, and the zip on the mirrors that has them, if they come in one. Labels
 * begin at 0, in EMNIST's letters at 1; transposed: rows and columns of the images are swapped, as in EMNIST.
 */
record DatasetFiles(String title, List<String> names, int firstLabel, boolean transposed,
                    Optional<Mirrors.Archive> archive, Item trainImages, Item trainLabels, Item testImages,
                    Item testLabels) {
    /**
     * One file of {@code count} images or labels, whose name begins with {@code stem}. Each checksum may be null: that
     * of the unpacked bytes, which all distributions share, and that of the gzipped file as its authors publish it.
     */
    record Item(String stem, int count, String sha256, String gzipSha256) {
        IdxFile.Kind kind() {
            return stem.endsWith("images") ? IdxFile.Kind.IMAGES : IdxFile.Kind.LABELS;
        }

        /** Whether it belongs to the images to train and validate on. */
        boolean isTrain() {
            return stem.contains("train-");
        }

        /** How many are kept if those to train and validate on are limited: a sixth of them to test on. */
        int kept(int limit) {
            return isTrain() ? limit : limit / 6;
        }

        private String type() {
            return kind() == IdxFile.Kind.IMAGES ? "-idx3-ubyte" : "-idx1-ubyte";
        }

        /** Its name on the mirrors and in the cache. */
        String gzipName() {
            return stem + type() + ".gz";
        }

        /** Its names in a folder, in the spelling of {@link DataFolder#key}. */
        String[] names() {
            return new String[] {stem + type(), stem.replace("t10k-", "test-") + type()};
        }

        Verified verified(IdxFile read) {
            if (sha256 != null) return sha256.equals(read.sha256()) ? Verified.ORIGINAL : Verified.OTHER;
            if (gzipSha256 != null && gzipSha256.equals(read.storedSha256())) return Verified.ORIGINAL;
            return read.count() == count ? Verified.BY_SIZE : Verified.OTHER;
        }
    }

    List<Item> all() {
        return List.of(trainImages, trainLabels, testImages, testLabels);
    }

    /** What the names of its files begin with, as {@code emnist-letters-}; empty if they are those of MNIST. */
    String prefix() {
        return trainImages.stem.substring(0, trainImages.stem.indexOf("train-"));
    }

    /** Its name in file names, as {@code fashion-mnist} or {@code emnist-letters}. */
    String name() {
        return prefix().isEmpty() ? DataFolder.key(title) : prefix().substring(0, prefix().length() - 1);
    }

    /** Reads a file as this kind of item, whatever its checksum; a {@link DataException} if it is anything else. */
    IdxFile read(Item item, IdxFile.Source from, int limit) {
        IdxFile read = IdxFile.read(from, item.kind(), item.kept(limit), transposed);
        return item.kind() == IdxFile.Kind.LABELS ? checked(read) : read;
    }

    /** These labels, if they are all of this set. */
    IdxFile checked(IdxFile labels) {
        return IdxFile.checked(labels, firstLabel, names.size());
    }

    /** Reads a downloaded file: one as its authors published it, or of the right size if there is no checksum. */
    IdxFile readDownloaded(Item item, Path file, int limit) throws DownloadException {
        boolean noChecksum = item.sha256 == null && item.gzipSha256 == null;
        try {
            IdxFile read = read(item, IdxFile.Source.file(file), limit);
            Verified verified = item.verified(read);
            if (verified == Verified.ORIGINAL || verified == Verified.BY_SIZE && noChecksum) return read;
        } catch (DataException broken) {
            if (broken.isNoRoom()) throw broken;
            throw new DownloadException("damaged " + item.gzipName(), broken);
        }
        throw new DownloadException((noChecksum ? "wrong size of " : "wrong checksum of ") + item.gzipName());
    }

    /** Images with their labels, labels from 0; over the pixels of the images. */
    LabeledImages join(IdxFile images, IdxFile labels) {
        if (images.count() != labels.count()) {
            throw DataException.in(labels.file(), Text.whole(labels.count()) + " labels",
                    "one for each of the " + Text.whole(images.count()) + " images in " + images.file().getFileName());
        }
        byte[] classes = new byte[labels.values().limit()];
        labels.values().get(0, classes);
        if (firstLabel != 0) for (int i = 0; i < classes.length; i++) classes[i] -= (byte) firstLabel;
        return LabeledImages.of(images.values(), classes, IdxFile.SIDE, IdxFile.SIDE, names);
    }
}
