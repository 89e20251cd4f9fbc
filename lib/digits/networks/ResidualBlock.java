package digits.networks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * A part of a graph in which two ways lead from one place to one sum: {@code x + F(x)}.
 *
 * @param from     where both ways begin, x
 * @param residue  what the longer way does, F, in order
 * @param shortcut what the shorter way does; empty if x goes to the sum as it is, an identity shortcut
 * @param sum      where they meet
 */
public record ResidualBlock(LayerSummary from, List<LayerSummary> residue, List<LayerSummary> shortcut, LayerSummary sum) {

    public ResidualBlock {
        residue = List.copyOf(residue);
        shortcut = List.copyOf(shortcut);
    }

    /** All parameters of both ways. */
    public long parameters() {
        return residue.stream().mapToLong(LayerSummary::parameters).sum() + shortcut.stream().mapToLong(LayerSummary::parameters).sum();
    }

    /**
     * The blocks of an initialised graph that reads 28×28 greyscale images, in order: one for each sum of two ways that come
     * from the same place and on which nothing else branches off. None for a graph without shortcuts.
     */
    public static List<ResidualBlock> of(ComputationGraph graph) {
        List<LayerSummary> rows = LayerSummary.of(graph);
        Map<String, LayerSummary> byName = rows.stream().collect(Collectors.toMap(LayerSummary::name, Function.identity()));
        ComputationGraphConfiguration configuration = graph.getConfiguration();
        List<ResidualBlock> blocks = new ArrayList<>();
        for (LayerSummary row : rows) {
            List<String> inputs = configuration.getVertexInputs().getOrDefault(row.name(), List.of());
            if (!(configuration.getVertices().get(row.name()) instanceof ElementWiseVertex) || inputs.size() != 2) continue;
            List<String> one = back(configuration, inputs.get(0));
            List<String> other = back(configuration, inputs.get(1));
            one.stream().filter(other::contains).findFirst().ifPresent(from -> {
                List<LayerSummary> a = forward(one, from, byName);
                List<LayerSummary> b = forward(other, from, byName);
                blocks.add(new ResidualBlock(byName.get(from), a.size() >= b.size() ? a : b, a.size() >= b.size() ? b : a, row));
            });
        }
        return List.copyOf(blocks);
    }

    /** From this vertex back as long as each has one input. */
    private static List<String> back(ComputationGraphConfiguration configuration, String name) {
        List<String> way = new ArrayList<>(List.of(name));
        List<String> inputs = configuration.getVertexInputs().getOrDefault(name, List.of());
        while (inputs.size() == 1) {
            way.add(inputs.get(0));
            inputs = configuration.getVertexInputs().getOrDefault(inputs.get(0), List.of());
        }
        return way;
    }

    /** The way from there on, in reading order, its beginning left out. */
    private static List<LayerSummary> forward(List<String> backwards, String from, Map<String, LayerSummary> byName) {
        List<LayerSummary> way = new ArrayList<>(backwards.subList(0, backwards.indexOf(from)).stream().map(byName::get).toList());
        Collections.reverse(way);
        return way;
    }
}
