package digits.keras;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** Lists what is in a Keras file: the groups of its HDF5 part with the weights in them. */
final class KerasContents {
    private static final int DEEPEST = 16;
    private static final Pattern NUMBER = Pattern.compile("\\d+");
    private static final int LONGEST_NUMBER = 9;

    private final Set<Hdf5Object> seen = new HashSet<>();
    private final List<String> places = new ArrayList<>();
    private final List<String> what = new ArrayList<>();
    private final List<Long> numbers = new ArrayList<>();

    /** A text, such as the model's description: how many letters it has. */
    KerasContents text(String place, String text) {
        add(place, "text", text.length());
        return this;
    }

    /** All data sets below an object of an HDF5 file, each with its path, its shape and how many numbers it has; in no place twice. */
    KerasContents tree(String path, Hdf5Object object) {
        tree(path, object, DEEPEST);
        return this;
    }

    private void tree(String path, Hdf5Object object, int deepest) {
        if (deepest == 0 || !seen.add(object)) throw new KerasFileException("it is damaged: its groups lead back to themselves");
        for (String name : inOrder(object.names())) {
            String place = path + name;
            Hdf5Object child = object.child(name).orElseThrow(() -> new KerasFileException("it is damaged: a group has a child without a name"));
            if (child.isDataSet()) {
                Hdf5Values values = child.data();
                add(place, values.shape().length == 0 ? "number" : "weights "
                        + Arrays.stream(values.shape()).mapToObj(Long::toString).collect(Collectors.joining(" × ")), values.count());
            } else {
                tree(place + "/", child, deepest - 1);
            }
        }
    }

    /** As a person sorts: 10 comes after 9. A file has them in no order that means anything. */
    static List<String> inOrder(Collection<String> names) {
        return names.stream().sorted(Comparator.comparing(name -> NUMBER.matcher(name).replaceAll(number ->
                "0".repeat(Math.max(0, LONGEST_NUMBER - number.group().length())) + number.group()))).toList();
    }

    private void add(String place, String kind, long count) {
        places.add(place);
        what.add(kind);
        numbers.add(count);
    }

    /** One row a thing: where it is, what it is, how many letters or numbers it has. */
    Table table() {
        return Table.create("contents", StringColumn.create("place", places), StringColumn.create("what", what),
                LongColumn.create("count", numbers.stream().mapToLong(Long::longValue).toArray()));
    }
}
