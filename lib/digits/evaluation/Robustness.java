package digits.evaluation;

import digits.Progress;
import digits.data.Corruption;
import digits.data.DigitBatches;
import digits.data.LabeledImages;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * The accuracy of networks on damaged images, for each kind of damage and each severity from 0, the images as they are,
 * to 5.
 *
 * @param accuracies by the network's name and the kind of damage: six shares of 1
 */
public record Robustness(Map<String, Map<Corruption, double[]>> accuracies) {
    /**
     * Damages the images in every way and lets every network predict them; each network gets the same images.
     *
     * @param networks by name, in the order of the results
     * @param images   0 to 255, scaled to [0, 1] for the networks
     * @param progress gets a report after each severity of each kind of damage
     */
    public static Robustness of(Map<String, MultiLayerNetwork> networks, LabeledImages images, long seed,
                                Consumer<? super Progress> progress) {
        if (networks.isEmpty()) throw new IllegalArgumentException("there is no network to measure");
        Map<String, Map<Corruption, double[]>> all = new LinkedHashMap<>();
        networks.keySet().forEach(name -> all.put(name, new EnumMap<>(Corruption.class)));
        Map<String, Double> clean = new LinkedHashMap<>();
        networks.forEach((name, network) -> clean.put(name, accuracy(network, images)));
        Corruption[] kinds = Corruption.values();
        int severities = Corruption.SEVERITIES;
        for (int k = 0; k < kinds.length; k++) {
            for (String name : clean.keySet()) all.get(name).put(kinds[k], new double[severities + 1]);
            for (int severity = 0; severity <= severities; severity++) {
                LabeledImages damaged = kinds[k].applied(images, severity, seed);
                for (String name : clean.keySet()) {
                    all.get(name).get(kinds[k])[severity] =
                            severity == 0 ? clean.get(name) : accuracy(networks.get(name), damaged);
                }
                progress.accept(Progress.of((double) (k * severities + severity) / (kinds.length * severities),
                        "corruptions · " + kinds[k].title() + ", severity " + severity));
            }
        }
        return new Robustness(all);
    }

    private static double accuracy(MultiLayerNetwork network, LabeledImages images) {
        return Predictions.of(network, DigitBatches.inOrder(images, 250).scaled()).accuracy();
    }

    /** The mean accuracy over severities 1 to 5 of one kind of damage. */
    public double mean(String network, Corruption kind) {
        return DoubleStream.of(accuracies.get(network).get(kind)).skip(1).average().orElseThrow();
    }

    /** The mean corruption accuracy: the mean over all kinds of damage of their {@link #mean(String, Corruption)}. */
    public double mean(String network) {
        return Stream.of(Corruption.values()).mapToDouble(kind -> mean(network, kind)).average().orElseThrow();
    }

    /**
     * One row per kind of damage, with each network's mean accuracy over severities 1 to 5; before them a row for the
     * images as they are, after them one for the mean of all kinds.
     */
    public Table table() {
        List<Corruption> kinds = List.of(Corruption.values());
        Table table = Table.create("robustness", StringColumn.create("images", Stream.of(Stream.of("clean"),
                kinds.stream().map(Corruption::title), Stream.of("mean of all corruptions")).flatMap(s -> s)));
        accuracies.forEach((name, byKind) -> table.addColumns(DoubleColumn.create(name, DoubleStream.concat(
                DoubleStream.concat(DoubleStream.of(byKind.get(kinds.get(0))[0]),
                        kinds.stream().mapToDouble(kind -> mean(name, kind))),
                DoubleStream.of(mean(name))).toArray())));
        return table;
    }

    /** The lowest accuracy of all networks, kinds and severities. */
    public double lowest() {
        return accuracies.values().stream().flatMap(byKind -> byKind.values().stream())
                .flatMapToDouble(DoubleStream::of).min().orElseThrow();
    }
}
