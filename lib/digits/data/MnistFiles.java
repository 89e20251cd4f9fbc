package digits.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The four files of a set in MNIST's form and the SHA-256 of each one's unpacked bytes. (The gzip wrapping differs from
 * one distribution to the next, the content does not.)
 */
record MnistFiles(Item trainImages, Item trainLabels, Item testImages, Item testLabels) {

    /** MNIST as Yann LeCun, Corinna Cortes and Christopher Burges published it: 60,000 and 10,000 images. */
    static final MnistFiles ORIGINAL = new MnistFiles(
            new Item("train-images", "idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
            new Item("train-labels", "idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
            new Item("t10k-images", "idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
            new Item("t10k-labels", "idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"));

    List<Item> all() {
        return List.of(trainImages, trainLabels, testImages, testLabels);
    }

    /** One file: what it is called and what it has to hold. */
    record Item(String stem, String type, String sha256) {
        /** Its name on the mirrors and in the cache. */
        String gzipName() {
            return stem + "-" + type + ".gz";
        }

        /**
         * Where it is in a folder, gzipped or not, in either of the two spellings in use.
         *
         * @throws DataException if it is not there
         */
        Path in(Path folder) {
            List<String> names = Stream.of(stem + "-" + type, stem + "." + type).flatMap(n -> Stream.of(n, n + ".gz")).toList();
            return names.stream().map(folder::resolve).filter(Files::exists).findFirst().orElseThrow(() ->
                    DataException.in(folder, "no file of MNIST's " + stem, "one of " + String.join(", ", names)));
        }

        /** Reads a file as this item's kind; its checksum is not looked at. */
        IdxFile read(Path file) {
            return type.startsWith("idx3") ? IdxFile.images(file) : IdxFile.labels(file);
        }

        boolean isOriginal(IdxFile read) {
            return sha256.equals(read.sha256());
        }
    }
}
