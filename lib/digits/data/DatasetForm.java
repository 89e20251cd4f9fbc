package digits.data;

import digits.files.BoundedZip;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The form in which a folder holds a data set: four IDX files, gzipped or not; EMNIST's zip; two CSV files, as Kaggle
 * has them; NumPy's archives, as Keras and KMNIST's authors have them.
 *
 * @param files    the files, as many of the form as are there
 * @param missing  what is not there, in words; empty if the data set is complete
 * @param shared   whether another data set's files may have the same names
 * @param contents reads the files
 */
record DatasetForm(List<Path> files, String missing, boolean shared, Contents contents) {
    private static final Pattern OTHERS = Pattern.compile("(?i).*\\."
            + "((parquet|arrow|pt|pkl|pickle|tfrecord|mat|arff|h5|hdf5|zip|7z|rar|tar|tgz)(\\.gz)?|tfrecord-.*)");

    /** Reads training images, training labels, test images and test labels, at most as many as the limit allows. */
    interface Contents {
        Content read(int limit);
    }

    /** The content of all files, and a note on where the test images come from, if that is not obvious. */
    record Content(List<IdxFile> files, String note) { }

    /** Whether a file's name tells a form that is not read here. */
    static boolean isOther(Path file) {
        return OTHERS.matcher(file.getFileName().toString()).matches();
    }

    boolean isComplete() {
        return missing.isEmpty();
    }

    /** The most complete form in which a folder holds any files of the data set. */
    static Optional<DatasetForm> in(DataFolder folder, DatasetFiles set) {
        List<DatasetForm> forms = Stream.of(idx(folder, set), zip(folder, set), archive(folder, set),
                archives(folder, set), csv(folder, set), other(folder, set)).flatMap(Optional::stream).toList();
        return forms.stream().filter(DatasetForm::isComplete).findFirst().or(() -> forms.stream().findFirst());
    }

    private static Optional<DatasetForm> idx(DataFolder folder, DatasetFiles set) {
        List<Optional<Path>> found = set.all().stream().map(item -> folder.find(item.names())).toList();
        String missing = "";
        for (int i = found.size() - 1; i >= 0; i--) {
            if (found.get(i).isEmpty()) missing = set.all().get(i).stem();
        }
        List<Path> files = found.stream().flatMap(Optional::stream).toList();
        return files.isEmpty() ? Optional.empty() : Optional.of(new DatasetForm(files, missing, set.prefix().isEmpty(),
                limit -> new Content(Stream.of(0, 1, 2, 3).map(i ->
                        set.read(set.all().get(i), IdxFile.Source.file(files.get(i)), limit)).toList(), "")));
    }

    /** Files in a form that is not read here. */
    private static Optional<DatasetForm> other(DataFolder folder, DatasetFiles set) {
        return folder.entries().filter(DatasetForm::isOther).filter(file -> DataFolder.key(file).startsWith(set.name())
                || DataFolder.key(file).matches("(train|test)-.*parquet")).findFirst()
                .map(file -> new DatasetForm(List.of(file), set.trainImages().stem(),
                        !DataFolder.key(file).startsWith(set.name()), null));
    }

    private static Optional<DatasetForm> zip(DataFolder folder, DatasetFiles set) {
        return set.archive().flatMap(archive -> folder.find(archive.name()).map(zip ->
                new DatasetForm(List.of(zip), "", false, limit -> new Content(set.all().stream().map(item -> {
                    String member = archive.folder() + item.gzipName();
                    return set.read(item, new IdxFile.Source(zip.resolve(member),
                            () -> BoundedZip.open(DataFolder.regular(zip), member)), limit);
                }).toList(), ""))));
    }

    /** Keras' form: {@code mnist.npz} with the arrays x_train, y_train, x_test and y_test. */
    private static Optional<DatasetForm> archive(DataFolder folder, DatasetFiles set) {
        return folder.find(set.name() + ".npz").map(npz -> new DatasetForm(List.of(npz), "", false, limit ->
                new Content(Stream.of(0, 1, 2, 3).map(i -> NpzFile.read(npz,
                        List.of("x_train", "y_train", "x_test", "y_test").get(i), set, i, limit)).toList(), "")));
    }

    /** KMNIST's form: four archives of one array each. */
    private static Optional<DatasetForm> archives(DataFolder folder, DatasetFiles set) {
        List<Path> files = Stream.of("train-imgs", "train-labels", "test-imgs", "test-labels")
                .map(part -> folder.find(set.name() + "-" + part + ".npz").orElse(null)).filter(Objects::nonNull)
                .toList();
        return files.size() < 4 ? Optional.empty() : Optional.of(new DatasetForm(files, "", false, limit ->
                new Content(Stream.of(0, 1, 2, 3).map(i -> NpzFile.read(files.get(i), "arr_0", set, i, limit))
                        .toList(), "")));
    }

    private static Optional<DatasetForm> csv(DataFolder folder, DatasetFiles set) {
        Optional<Path> named = folder.find(set.name() + "-train.csv");
        if (named.isPresent()) {
            Optional<Path> test = folder.find(set.name() + "-test.csv");
            if (test.isEmpty()) {
                return Optional.of(new DatasetForm(List.of(named.get()), set.name() + "-test.csv", false, null));
            }
            return Optional.of(pair(named.get(), test.get(), set, false));
        }
        Optional<Path> train = folder.find("train.csv");
        if (!set.prefix().isEmpty() || train.isEmpty() || CsvFile.columns(train.get()) != CsvFile.COLUMNS) {
            return Optional.empty();
        }
        Optional<Path> test = folder.find("test.csv");
        if (test.isPresent() && CsvFile.columns(test.get()) != CsvFile.PIXELS) {
            return Optional.of(pair(train.get(), test.get(), set, true));
        }
        return Optional.of(new DatasetForm(List.of(train.get()), "", true, limit -> new Content(
                CsvFile.divided(train.get(), set), "; there are no other images with labels, so the last seventh of "
                        + "train.csv is the test set")));
    }

    private static DatasetForm pair(Path train, Path test, DatasetFiles set, boolean shared) {
        return new DatasetForm(List.of(train, test), "", shared, limit -> new Content(Stream.concat(
                CsvFile.read(train, set, true, limit).stream(), CsvFile.read(test, set, false, limit).stream())
                .toList(), ""));
    }
}
