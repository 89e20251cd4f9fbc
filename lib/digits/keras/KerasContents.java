package digits.keras;

import static digits.keras.KerasFileException.damaged;
import static digits.keras.KerasFileException.refused;

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

/** Lists the contents of a Keras file: texts, and the weights in the groups of its HDF5 part. */
final class KerasContents {
    private static final int DEEPEST = 16;
    private static final int MOST_ROWS = 10_000;   // weights and optimizer state of a thousand layers
    private static final Pattern NUMBER = Pattern.compile("\\d+");
    private static final int LONGEST_NUMBER = 9;

    private final Set<Hdf5Object> seen = new HashSet<>();
    private final StringColumn place = StringColumn.create("place");
    private final StringColumn what = StringColumn.create("what");
    private final LongColumn count = LongColumn.create("count");

    /** Adds all data sets below an object of an HDF5 file, each with its path and its shape. */
    KerasContents tree(String path, Hdf5Object object) {
        return tree(path, object, DEEPEST);
    }

    private KerasContents tree(String path, Hdf5Object object, int deepest) {
        if (deepest == 0 || !seen.add(object)) throw damaged("its groups lead back to themselves");
        for (String name : inOrder(object.names())) {
            Hdf5Object child = object.child(name).orElseThrow(() -> damaged("a group has a child without a name"));
            if (child.isDataSet()) {
                Hdf5Values values = child.data();
                row(path + name, values.shape().length == 0 ? "number" : "weights " + Arrays.stream(values.shape())
                        .mapToObj(Long::toString).collect(Collectors.joining(" × ")), values.count());
            } else {
                tree(path + name + "/", child, deepest - 1);
            }
        }
        return this;
    }

    /** Sorted as a person sorts: 10 comes after 9. The order in a file has no meaning. */
    static List<String> inOrder(Collection<String> names) {
        if (names.size() > MOST_ROWS) throw tooMany();
        return names.stream().sorted(Comparator.comparing(name -> NUMBER.matcher(name).replaceAll(number ->
                "0".repeat(Math.max(0, LONGEST_NUMBER - number.group().length())) + number.group()))).toList();
    }

    /** Adds a row: a path, what is there, how many letters or numbers it has. */
    KerasContents row(String at, String kind, long numbers) {
        if (count.size() == MOST_ROWS) throw tooMany();
        place.append(at);
        what.append(kind);
        count.append(numbers);
        return this;
    }

    private static KerasFileException tooMany() {
        return refused("it has more than " + MOST_ROWS + " groups or arrays, which is too many to list");
    }

    Table table() {
        return Table.create("contents", place, what, count);
    }
}
