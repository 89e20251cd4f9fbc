package digits.keras;

import static digits.keras.KerasFileException.shortened;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Finds the weights of a layer in the HDF5 part of a file, in Keras's order; none if the layer has no group there. */
final class KerasWeights {
    private static final String GAPS = "_layer_checkpoint_dependencies";
    private static final Pattern NUMBERED = Pattern.compile("(.*?)(?:_([0-9]{1,5}))?");

    private KerasWeights() { }

    /**
     * In the older format, a group has the name of a layer of the whole model and lists its weights by name. Those of
     * a model within the model are in one list, first all that were trained, and begin with their own layer's name.
     */
    static Function<KerasLayer, List<Hdf5Values>> ofH5(Hdf5Object groups) {
        return layer -> groups.child(layer.outer()).map(group -> names(group).stream()
                .filter(name -> layer.outer().equals(layer.name()) || belongs(name, layer.name()))
                .filter(name -> !name.contains("seed_generator"))
                .map(name -> data(layer, group.child(name), name)).toList()).orElse(List.of());
    }

    /** Keras splits a list of names that does not fit into one attribute. */
    private static List<String> names(Hdf5Object group) {
        Optional<List<String>> whole = group.texts("weight_names");
        if (whole.isPresent()) return whole.get();
        List<String> names = new ArrayList<>();
        for (int i = 0; group.texts("weight_names" + i).isPresent(); i++) {
            names.addAll(group.texts("weight_names" + i).get());
        }
        return names;
    }

    private static boolean belongs(String weight, String layer) {
        String[] path = weight.split("/", -1);
        return path.length > 1 && path[path.length - 2].equals(layer);
    }

    private static Hdf5Values data(KerasLayer layer, Optional<Hdf5Object> found, String name) {
        return found.map(Hdf5Object::data)
                .orElseThrow(() -> layer.cannot("lacks its weights \"" + shortened(name) + "\" in the file"));
    }

    /** In an archive, a layer's group has the name of its class and a number; its weights are numbered, too. */
    static Function<KerasLayer, List<Hdf5Values>> ofArchive(Hdf5Object root) {
        return layer -> {
            Optional<Hdf5Object> group = Optional.of(root);
            for (String name : layer.group().split("/", 0)) group = group.flatMap(here -> inside(here, name));
            return group.map(here -> weights(layer, here)).orElse(List.of());
        };
    }

    private static List<Hdf5Values> weights(KerasLayer layer, Hdf5Object group) {
        int count = (int) below(group, "vars").distinct().count();
        return IntStream.range(0, count).mapToObj(String::valueOf)
                .map(name -> data(layer, find(group, "vars/" + name), name)).toList();
    }

    /**
     * The group of a layer in its model's. TensorFlow 2.12 to 2.14 counts a layer with weights twice, so its numbers
     * have gaps; the groups of one class, sorted by number, are those of its layers.
     */
    private static Optional<Hdf5Object> inside(Hdf5Object model, String name) {
        Optional<Hdf5Object> exact = find(model, "layers/" + name);
        if (exact.isPresent()) return exact;
        Matcher parts = NUMBERED.matcher(name);
        if (!parts.matches()) return Optional.empty();
        int place = parts.group(2) == null ? 0 : Integer.parseInt(parts.group(2));
        List<String> ofClass = KerasContents.inOrder(below(model, GAPS).distinct()
                .filter(other -> other.matches(Pattern.quote(parts.group(1)) + "(_[0-9]{1,5})?")).toList());
        return place < ofClass.size() ? find(model, GAPS + "/" + ofClass.get(place)) : Optional.empty();
    }

    /** The object at a path; on Windows, TensorFlow 2.12 to 2.15 made one name of a path: {@code layers\dense}. */
    static Optional<Hdf5Object> find(Hdf5Object from, String path) {
        Optional<Hdf5Object> whole = from.child(path.replace('/', '\\'));
        for (int slash = path.lastIndexOf('/'); whole.isEmpty() && slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
            String rest = path.substring(slash + 1);
            whole = from.child(path.substring(0, slash).replace('/', '\\')).flatMap(part -> find(part, rest));
        }
        return whole;
    }

    /** The names of what is right below a path. */
    static Stream<String> below(Hdf5Object from, String path) {
        return from.names().stream().flatMap(name -> {
            String here = name.replace('\\', '/');
            Hdf5Object child = from.child(name).orElseThrow();
            if (here.equals(path)) return child.names().stream().map(below -> below.replaceFirst("[\\\\/].*", ""));
            if (here.startsWith(path + "/")) return Stream.of(here.substring(path.length() + 1).replaceFirst("/.*", ""));
            return path.startsWith(here + "/") ? below(child, path.substring(here.length() + 1)) : Stream.empty();
        });
    }
}
