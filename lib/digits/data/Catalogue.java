package digits.data;

import digits.Progress;
import digits.Settings;
import digits.data.Provenance.Source;
import digits.fetch.Download;
import digits.fetch.Mirrors;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * Data sets in MNIST's form, 28×28 gray pixels and a label each: {@code Catalogue.KMNIST.load(settings)}. Label names
 * come from Fashion-MNIST's README, {@code kmnist_classmap.csv}, and EMNIST's {@code emnist-…-mapping.txt}.
 * EMNIST's images come transposed and its letters' labels begin at 1; what is loaded is upright and begins at 0.
 */
public enum Catalogue {
    /** Handwritten digits (LeCun, Bottou, Bengio, Haffner 1998). */
    MNIST("mnist", "MNIST", LabeledImages.DIGITS, "LeCun, Cortes, Burges: yann.lecun.com/exdb/mnist",
            "CC BY-SA 3.0 (commonly given)", List.of("https://ossci-datasets.s3.amazonaws.com/mnist/",
                    "https://storage.googleapis.com/cvdf-datasets/mnist/"), false,
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),

    /** Clothes from a shop's photographs (Xiao, Rasul, Vollgraf 2017). */
    FASHION_MNIST("fashion-mnist", "Fashion-MNIST", List.of("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
            "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
            "Zalando Research: github.com/zalandoresearch/fashion-mnist", "MIT",
            List.of("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
                    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"), false,
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),

    /** Cursive Japanese characters from old books (Clanuwat and others 2018): one of each row of the hiragana. */
    KMNIST("kmnist", "KMNIST", List.of("お o", "き ki", "す su", "つ tsu", "な na", "は ha", "ま ma", "や ya", "れ re", "を wo"),
            "Center for Open Data in the Humanities: github.com/rois-codh/kmnist", "CC BY-SA 4.0",
            List.of("https://codh.rois.ac.jp/kmnist/dataset/kmnist/"), true,
            "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"),

    /** Digits and letters, all classes equally often; letters alike in both cases are one class (Cohen et al. 2017). */
    EMNIST_BALANCED("balanced", "EMNIST balanced", 0, 112_800, 18_800, letters("0-9", "A-Z", "abdefghnqrt")),

    /** Letters, both cases in one class. */
    EMNIST_LETTERS("letters", "EMNIST letters", 1, 124_800, 20_800,
            letters("A-Z").stream().map(letter -> letter + Character.toLowerCase(letter.charAt(0))).toList()),

    /** Four times as many digits as MNIST has. */
    EMNIST_DIGITS("digits", "EMNIST digits", 0, 240_000, 40_000, LabeledImages.DIGITS),

    /** Digits and letters as often as they were written; 638 MB of pixels. */
    EMNIST_BY_CLASS("byclass", "EMNIST by class", 0, 697_932, 116_323, letters("0-9", "A-Z", "a-z"));

    /** Where Debian's package dataset-fashion-mnist puts its files. */
    static final Path DEBIAN = Path.of("/usr", "share", "datasets");

    /** Name of its folder, which data sets of one origin share. */
    final String folder;
    final DatasetFiles files;
    private final String origin;
    private final String license;
    private final List<URI> mirrors;

    /** A data set in four files by themselves; the checksums are those of the gzipped or of the unpacked ones. */
    Catalogue(String folder, String title, List<String> names, String origin, String license, List<String> mirrors,
              boolean gzipped, String... sha256) {
        this(folder, origin, license, mirrors, new DatasetFiles(title, names, 0, false, Optional.empty(),
                item("train-images", 60_000, sha256[0], gzipped), item("train-labels", 60_000, sha256[1], gzipped),
                item("t10k-images", 10_000, sha256[2], gzipped), item("t10k-labels", 10_000, sha256[3], gzipped)));
    }

    /** A data set in EMNIST's zip. */
    Catalogue(String part, String title, int firstLabel, int train, int test, List<String> names) {
        this("emnist", "NIST: nist.gov/itl/products-and-services/emnist-dataset",
                "none stated (from NIST's Special Database 19)",
                List.of("https://biometrics.nist.gov/cs_links/EMNIST/",
                        "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/"),
                new DatasetFiles(title, names, firstLabel, true, Optional.of(new Mirrors.Archive("gzip.zip", "gzip/",
                        561_753_746, "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e")),
                        item("emnist-" + part + "-train-images", train, null, false),
                        item("emnist-" + part + "-train-labels", train, null, false),
                        item("emnist-" + part + "-test-images", test, null, false),
                        item("emnist-" + part + "-test-labels", test, null, false)));
    }

    Catalogue(String folder, String origin, String license, List<String> mirrors, DatasetFiles files) {
        this.folder = folder;
        this.origin = origin;
        this.license = license;
        this.mirrors = mirrors.stream().map(URI::create).toList();
        this.files = files;
    }

    private static DatasetFiles.Item item(String stem, int count, String sha256, boolean gzipped) {
        return new DatasetFiles.Item(stem, count, gzipped ? null : sha256, gzipped ? sha256 : null);
    }

    /** Single characters: those listed, or from one to another, as {@code "A-Z"}. */
    private static List<String> letters(String... ranges) {
        return Stream.of(ranges).flatMapToInt(range -> range.length() == 3 && range.charAt(1) == '-'
                ? IntStream.rangeClosed(range.charAt(0), range.charAt(2)) : range.chars())
                .mapToObj(Character::toString).toList();
    }

    /** {@link #load(Settings, Consumer)} without progress. */
    public Dataset load(Settings settings) {
        return load(settings, progress -> { });
    }

    /**
     * Loads the data set from a folder, the cache of earlier downloads or its mirrors, whichever comes first. If that
     * fails, the 5,000 digits inside the library take its place, and the provenance says why. The folder is the one in
     * {@code DIGITS_DATA}, or one in it or beside it whose name tells the data set, such as {@code fashion-mnist},
     * {@code FashionMNIST/raw}, {@code kmnist} or {@code emnist}; for Fashion-MNIST also that of Debian's package. The
     * files are four in IDX format, gzipped or not; EMNIST's zip; NumPy's, as from Keras; or CSV, as from Kaggle.
     *
     * @param progress gets the state of a download about twice per second, and at the end the {@link Provenance}
     * @throws DataException if the folder lacks a file or has a bad one, if the sample is needed and missing, or if the
     *                       thread is interrupted
     */
    public Dataset load(Settings settings, Consumer<? super Progress> progress) {
        List<URI> from = this == MNIST || settings.mirrors().isEmpty() ? settings.mirrors() : mirrors;
        return new DatasetLoader(files, folder(settings.dataFolder(), DEBIAN), DatasetFolders.cache(folder), from,
                Download.Patience.USUAL, settings.limit()).load(progress);
    }

    /** The folder that has the data set, if there is one, or the one to complain about. */
    Optional<DatasetLoader.Folder> folder(Optional<Path> named, Path packaged) {
        Optional<Path> found = named.flatMap(path -> DatasetSearch.find(files, folder, path));
        if (found.isPresent()) return found.map(path -> named(named.get(), path));
        Optional<Path> empty = named.stream().flatMap(path -> this == MNIST ? Stream.of(path.resolve(folder), path)
                : Stream.of(path.resolve(folder), path.toAbsolutePath().normalize().resolveSibling(folder)))
                .filter(path -> Files.isDirectory(path) || this == MNIST && path.equals(named.get())).findFirst();
        if (empty.isPresent()) return empty.map(path -> named(named.get(), path));
        return Optional.of(packaged.resolve(folder)).filter(Files::isDirectory).map(path ->
                new DatasetLoader.Folder(path, Source.PACKAGE, "read from the system's package dataset-" + folder));
    }

    /** A folder in or beside the named one; its place in words has no path of the machine. */
    private static DatasetLoader.Folder named(Path named, Path found) {
        Path inside = named.toAbsolutePath().normalize().relativize(found.toAbsolutePath().normalize());
        String name = inside.toString().replace('\\', '/').replaceFirst("^(\\.\\./?)+", "");
        return name.isEmpty() ? DatasetLoader.Folder.named(found) : new DatasetLoader.Folder(found, Source.FOLDER,
                "read from the folder " + name + " that DIGITS_DATA leads to");
    }

    /** The data set's name for people, as “Fashion-MNIST”. */
    public String title() {
        return files.title();
    }

    /** The data set with this title, or the one that files “like” it replace, as a training's record names it. */
    public static Optional<Catalogue> named(String title) {
        return Stream.of(values()).filter(set -> set.title().equals(title.replaceFirst("-like$", ""))).findFirst();
    }

    /** What its labels mean: one name per class. */
    public List<String> names() {
        return files.names();
    }

    private String checkedBy() {
        if (files.trainImages().sha256() != null) return "SHA-256 of the content";
        return files.trainImages().gzipSha256() != null ? "SHA-256 of the gzipped files" : "sizes and the zip's CRC-32";
    }

    /** All data sets, one per row: name, classes and their names, sizes, license, origin, how the files are checked. */
    public static Table table() {
        Table table = Table.create("catalog", StringColumn.create("data set"), IntColumn.create("classes"),
                IntColumn.create("to train on"), IntColumn.create("to test on"), StringColumn.create("labels"),
                StringColumn.create("license"), StringColumn.create("from"), StringColumn.create("checked by"));
        for (Catalogue set : values()) {
            List<String> names = set.names();
            String shortened = String.join(", ", names.subList(0, 3)) + ", … " + names.get(names.size() - 1);
            List<Object> row = List.of(set.title(), names.size(), set.files.trainImages().count(),
                    set.files.testImages().count(), shortened, set.license, set.origin, set.checkedBy());
            for (int c = 0; c < row.size(); c++) table.column(c).appendObj(row.get(c));
        }
        return table;
    }
}
