package digits.keras;

import static digits.keras.KerasFileException.refused;
import static digits.keras.KerasFileException.shortened;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Finds the weights of a layer in the HDF5 part of a file, in Keras's order; none if the layer has no group there. */
final class KerasWeights {
    private static final String GAPS = "/_layer_checkpoint_dependencies";
    private static final int MOST_GROUPS = 20_000;
    private static final int LONGEST_PATH = 600;
    private static final int DEEPEST = 64;
    private static final Pattern NUMBERED = Pattern.compile("(.*?)(?:_([0-9]{1,5}))?");

    private KerasWeights() { }

    /**
     * In the older format, a group has the name of a layer of the whole model and lists its weights by name. Those of
     * a model within the model are in one list, first all that were trained, and begin with their own layer's name.
     */
    static Function<KerasLayer, List<Hdf5Values>> ofH5(Hdf5Object groups) {
        Map<String, Map<String, List<String>>> byLayer = new HashMap<>();
        return layer -> groups.child(layer.outer()).map(group -> {
            Map<String, List<String>> names = byLayer.computeIfAbsent(layer.outer(), outer -> names(group).stream()
                    .filter(name -> !name.contains("seed_generator"))
                    .collect(Collectors.groupingBy(KerasWeights::owner, LinkedHashMap::new, Collectors.toList())));
            List<String> own = layer.outer().equals(layer.name())
                    ? names.values().stream().flatMap(List::stream).toList()
                    : names.getOrDefault(layer.name(), List.of());
            return own.stream().map(name -> data(layer, group.child(name), name)).toList();
        }).orElse(List.of());
    }

    /** Keras splits a list of names that does not fit into one attribute. */
    private static List<String> names(Hdf5Object group) {
        Optional<List<String>> whole = group.texts("weight_names");
        if (whole.isPresent()) return whole.get();
        List<String> names = new ArrayList<>();
        for (int i = 0; group.attributeNames().contains("weight_names" + i); i++) {
            names.addAll(group.texts("weight_names" + i).orElseThrow());
        }
        return names;
    }

    /** The layer in “model/layer/kernel:0”; empty for “kernel:0”. */
    private static String owner(String weight) {
        String[] path = weight.split("/", -1);
        return path.length > 1 ? path[path.length - 2] : "";
    }

    private static Hdf5Values data(KerasLayer layer, Optional<Hdf5Object> found, String name) {
        return found.map(Hdf5Object::data)
                .orElseThrow(() -> layer.cannot("lacks its weights \"" + shortened(name) + "\" in the file"));
    }

    /** In an archive, a layer's group has the name of its class and a number; its weights are numbered, too. */
    static Function<KerasLayer, List<Hdf5Values>> ofArchive(Hdf5Object root) {
        NavigableMap<String, Hdf5Object> groups = new TreeMap<>();
        index(root, "", groups, DEEPEST);
        return layer -> {
            String path = "";
            for (String name : layer.group().split("/", 0)) path = inside(groups, path, name);
            Hdf5Object vars = groups.get(path + "/vars");
            return vars == null ? List.of() : IntStream.range(0, vars.names().size()).mapToObj(String::valueOf)
                    .map(name -> data(layer, vars.child(name), name)).toList();
        };
    }

    /** Lists all groups by path; on Windows, TensorFlow 2.12 to 2.15 made one name of a path: {@code layers\dense}. */
    private static void index(Hdf5Object group, String path, Map<String, Hdf5Object> groups, int deepest) {
        if (path.length() > LONGEST_PATH || deepest == 0) throw refused("its groups are nested too deeply");
        for (String name : group.names()) {
            Hdf5Object child = group.child(name).orElseThrow();
            if (child.isDataSet() || name.equals("optimizer")) continue;
            if (groups.size() == MOST_GROUPS) throw refused("it has more than " + MOST_GROUPS + " groups");
            String inside = path + "/" + name.replace('\\', '/');
            groups.put(inside, child);
            index(child, inside, groups, deepest - 1);
        }
    }

    /**
     * The path of a layer in its model's. TensorFlow 2.12 to 2.14 counts a layer with weights twice, so its numbers
     * have gaps; the groups of one class, sorted by number, are those of its layers.
     */
    private static String inside(NavigableMap<String, Hdf5Object> groups, String model, String name) {
        String exact = model + "/layers/" + name;
        Matcher parts = NUMBERED.matcher(name);
        if (!below(groups, exact).isEmpty() || !parts.matches()) return exact;
        int place = parts.group(2) == null ? 0 : Integer.parseInt(parts.group(2));
        List<String> ofClass = KerasContents.inOrder(below(groups, model + GAPS).stream()
                .filter(other -> other.matches(Pattern.quote(parts.group(1)) + "(_[0-9]{1,5})?")).toList());
        return place < ofClass.size() ? model + GAPS + "/" + ofClass.get(place) : exact;
    }

    /** The names of what is right below a path. */
    private static Set<String> below(NavigableMap<String, Hdf5Object> groups, String path) {
        return groups.subMap(path + "/", path + "0").keySet().stream()   // 0 comes after the slash
                .map(key -> key.substring(path.length() + 1).replaceFirst("/.*", "")).collect(Collectors.toSet());
    }
}
