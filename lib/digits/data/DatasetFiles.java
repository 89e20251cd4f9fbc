package digits.data;

import digits.Text;
import digits.data.Provenance.Verified;
import digits.fetch.DownloadException;
import digits.fetch.Mirrors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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
        boolean isImages() {
            return stem.endsWith("images");
        }

        /** Its name on the mirrors and in the cache. */
        String gzipName() {
            return spellings().get(1);   // the first spelling, gzipped
        }

        /** Its place in a folder, gzipped or not, in either of the two usual spellings. */
        Optional<Path> in(Path folder) {
            return spellings().stream().map(folder::resolve).filter(Files::exists).findFirst();
        }

        List<String> spellings() {
            String type = isImages() ? "idx3-ubyte" : "idx1-ubyte";
            return Stream.of("-", ".").map(dot -> stem + dot + type).flatMap(n -> Stream.of(n, n + ".gz")).toList();
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

    /** Whether a folder has all four, or their zip. */
    boolean areIn(Path folder) {
        return all().stream().allMatch(item -> item.in(folder).isPresent()) || zipIn(folder).isPresent();
    }

    Optional<Path> zipIn(Path folder) {
        return archive.map(zip -> folder.resolve(zip.name())).filter(Files::exists);
    }

    /** Reads a file as this kind of item, whatever its checksum; a {@link DataException} if it is anything else. */
    IdxFile read(Item item, IdxFile.Source from) {
        return item.isImages() ? IdxFile.images(from) : IdxFile.labels(from, firstLabel, names.size());
    }

    /** Reads a downloaded file: one as its authors published it, or of the right size if there is no checksum. */
    IdxFile readDownloaded(Item item, Path file) throws DownloadException {
        boolean noChecksum = item.sha256 == null && item.gzipSha256 == null;
        try {
            IdxFile read = read(item, IdxFile.Source.file(file));
            Verified verified = item.verified(read);
            if (verified == Verified.ORIGINAL || verified == Verified.BY_SIZE && noChecksum) return read;
        } catch (DataException broken) {
            throw new DownloadException("damaged " + item.gzipName(), broken);
        }
        throw new DownloadException((noChecksum ? "wrong size of " : "wrong checksum of ") + item.gzipName());
    }

    /** Images with their labels, upright, labels from 0; in the arrays of both. */
    LabeledImages join(IdxFile images, IdxFile labels) {
        if (images.count() != labels.count()) {
            throw DataException.in(labels.file(), Text.whole(labels.count()) + " labels",
                    "one for each of the " + Text.whole(images.count()) + " images in " + images.file().getFileName());
        }
        if (transposed) images.transpose();
        byte[] classes = labels.values();
        if (firstLabel != 0) for (int i = 0; i < classes.length; i++) classes[i] -= (byte) firstLabel;
        return LabeledImages.of(images.values(), classes, IdxFile.SIDE, IdxFile.SIDE, names);
    }
}
