package digits.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Looks for a data set in the folder that the user named, in the folders inside it and in those beside it: where
 * torchvision, Keras, Kaggle, Hugging Face and people put them. Because several data sets have files of the same names,
 * the folders' names decide: {@code FashionMNIST/raw} belongs to Fashion-MNIST, and a folder without such a name to
 * MNIST.
 */
final class DatasetSearch {
    private static final int DEPTH = 4;             // folders below the named one
    private static final int MOST_FOLDERS = 1_000;  // that are looked into
    private static final Pattern INSIDE = Pattern.compile("raw|processed|gzip|matlab");   // of a set's own folder
    private static final String FROM_PARQUET = """
             To read it here, convert it with Python (pip install numpy pandas pyarrow pillow), in that folder:
            import io, numpy, pandas, PIL.Image; t = {s: pandas.read_parquet(%s) for s in ("train", "test")}
            numpy.savez("%s.npz", **{"x_" + s: numpy.stack([numpy.array(PIL.Image.open(io.BytesIO(i["bytes"]))) \
            for i in t[s]["image"]]) for s in t}, **{"y_" + s: t[s]["label"] for s in t})""";

    /** A folder, and the data set that its name or that of a folder around it tells; empty if none does. */
    private record Place(Path path, String set) {
        Place inside(Path folder) {
            String told = toldBy(folder.getFileName().toString());
            return new Place(folder, told.isEmpty() ? set : told);
        }
    }

    private final DatasetFiles files;
    private final String set;
    private Path incomplete;

    private DatasetSearch(DatasetFiles files, String set) {
        this.files = files;
        this.set = set;
    }

    /**
     * The folder that has the data set, or some of its files if there is none that has all.
     *
     * @param set   the name of its folder in the {@link Catalogue}
     * @param named the folder, or one of the files, that the user named
     */
    static Optional<Path> find(DatasetFiles files, String set, Path named) {
        DatasetSearch search = new DatasetSearch(files, set);
        Path root = named.toAbsolutePath().normalize();
        if (Files.isRegularFile(root)) return search.around(root);
        if (!Files.isDirectory(root)) return Optional.empty();
        Place start = new Place(root, toldBy(root));
        List<Place> below = below(start, DEPTH);
        boolean here = set.equals("mnist") && start.set.isEmpty();   // then a folder beside it is not meant
        return search.among(below, set).or(() -> search.among(below, ""))
                .or(() -> search.among(here ? List.of() : beside(start), set))
                .or(() -> search.among(List.of(new Place(start.path, "")), ""))   // named, so it is meant
                .or(() -> Optional.ofNullable(search.incomplete));
    }

    /** The folder that has the data set with this file in it, or in a folder of the file's name. */
    private Optional<Path> around(Path file) {
        return Stream.iterate(file.getParent(), Objects::nonNull, Path::getParent).limit(2)
                .filter(path -> DatasetForm.in(DataFolder.of(path), files)
                        .filter(form -> form.isComplete() && form.files().contains(file)).isPresent()).findFirst();
    }

    /**
     * The first folder with all files, among those whose names tell this set, or among all: then files of names that
     * several sets have are MNIST's where no name tells a set.
     */
    private Optional<Path> among(List<Place> places, String told) {
        for (Place place : places) {
            Optional<DatasetForm> form = told.isEmpty() || place.set.equals(told)
                    ? DatasetForm.in(DataFolder.of(place.path), files) : Optional.empty();
            boolean anothers = told.isEmpty() && !(set.equals("mnist") && place.set.isEmpty());
            if (form.isEmpty() || form.get().shared() && anothers) continue;
            if (form.get().isComplete()) return Optional.of(place.path);
            if (incomplete == null) incomplete = place.path;
        }
        return Optional.empty();
    }

    /** A folder and those inside it, the nearest first. */
    private static List<Place> below(Place start, int depth) {
        List<Place> all = new ArrayList<>(List.of(start));
        int from = 0;
        for (int level = 0; level < depth; level++) {
            int to = all.size();
            for (; from < to; from++) {
                Place around = all.get(from);
                DataFolder.of(around.path).folders().limit(MOST_FOLDERS - all.size()).map(around::inside)
                        .forEach(all::add);
            }
        }
        return all;
    }

    /** The folders beside it, or beside the one that it is part of, whose names tell a data set; and those inside. */
    private static List<Place> beside(Place start) {
        Path own = start.path;
        if (INSIDE.matcher(DataFolder.key(own)).matches() && own.getParent() != null) own = own.getParent();
        Path around = own.getParent();
        if (around == null) return List.of();
        return DataFolder.of(around).folders().map(new Place(around, "")::inside)
                .filter(place -> !place.set.isEmpty()).flatMap(place -> below(place, 2).stream()).toList();
    }

    private static String toldBy(Path folder) {
        String own = toldBy(DataFolder.key(folder));
        Path around = folder.getParent();
        return own.isEmpty() && around != null && INSIDE.matcher(DataFolder.key(folder)).matches()
                ? toldBy(DataFolder.key(around)) : own;
    }

    /** The catalog's folder of the set that a name tells, “other” for one that is not in the catalog, or nothing. */
    private static String toldBy(String name) {
        String words = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", " ").strip();
        String together = words.replace(" ", "");
        if (together.contains("fashion")) return "fashion-mnist";
        if (together.contains("kmnist") || together.contains("kuzushiji")) return "kmnist";
        if (together.contains("emnist")) return "emnist";
        if (words.matches("(.* )?mnist.*")) return "mnist";
        return together.contains("mnist") ? "other" : "";
    }

    /** What to say if a folder has no file of the data set: other forms of it that are there, and the way out. */
    static String advice(Path named, String name) {
        Optional<Path> other = below(new Place(named, ""), DEPTH).stream()
                .flatMap(place -> DataFolder.of(place.path).entries()).filter(DatasetForm::isOther).findFirst();
        if (other.isEmpty()) return "";
        String there = " There is " + named.relativize(other.get()) + ", a form that is not read here.";
        String file = other.get().getFileName().toString();
        if (file.endsWith(".parquet")) {
            String path = "\"" + file.replaceFirst("^(train|test)", "\" + s + \"") + "\"";
            return there + FROM_PARQUET.formatted(path.replaceFirst("^\"\" \\+ ", ""), name);
        }
        return there + (file.matches("(?i).*\\.(zip|7z|rar|tar|tgz)(\\.gz)?") ? " Unpack it."
                : " Use the files in IDX format, CSV, or NumPy's npz"
                + (name.startsWith("emnist") ? "; EMNIST's are in gzip.zip." : "."));
    }
}
