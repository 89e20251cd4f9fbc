package digits.networks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * A part of a graph in which two paths lead from one vertex to one sum: {@code x + F(x)}.
 *
 * @param residual layers of the longer path, F, in order
 * @param shortcut layers of the shorter path; empty for an identity shortcut, where x is added unchanged
 */
public record ResidualBlock(LayerSummary from, List<LayerSummary> residual, List<LayerSummary> shortcut,
                            LayerSummary sum) {
    public ResidualBlock {
        residual = List.copyOf(residual);
        shortcut = List.copyOf(shortcut);
    }

    /** The number of parameters of both paths. */
    public long parameters() {
        return Stream.concat(residual.stream(), shortcut.stream()).mapToLong(LayerSummary::parameters).sum();
    }

    /**
     * The blocks of an initialized graph that reads 28×28 grayscale images, in order: one for each sum of two paths
     * that begin at the same vertex and do not branch. Empty for a graph without shortcuts.
     */
    public static List<ResidualBlock> of(ComputationGraph graph) {
        Map<String, LayerSummary> rows = new LinkedHashMap<>();
        for (LayerSummary row : LayerSummary.of(graph)) rows.put(row.name(), row);
        Map<String, List<String>> inputs = graph.getConfiguration().getVertexInputs();
        List<ResidualBlock> blocks = new ArrayList<>();
        for (LayerSummary row : rows.values()) {
            List<String> summed = inputs.getOrDefault(row.name(), List.of());
            boolean sum = graph.getConfiguration().getVertices().get(row.name()) instanceof ElementWiseVertex;
            if (!sum || summed.size() != 2) continue;
            List<String> one = back(inputs, summed.get(0));
            List<String> other = back(inputs, summed.get(1));
            one.stream().filter(other::contains).findFirst().ifPresent(from -> {
                List<LayerSummary> a = forward(one, from, rows);
                List<LayerSummary> b = forward(other, from, rows);
                boolean longer = a.size() >= b.size();
                blocks.add(new ResidualBlock(rows.get(from), longer ? a : b, longer ? b : a, row));
            });
        }
        return List.copyOf(blocks);
    }

    /** The path backward from this vertex as long as each vertex has one input. */
    private static List<String> back(Map<String, List<String>> inputs, String name) {
        return Stream.iterate(name, Objects::nonNull, vertex -> {
            List<String> before = inputs.getOrDefault(vertex, List.of());
            return before.size() == 1 ? before.get(0) : null;
        }).toList();
    }

    /** The path forward from that vertex, without the vertex itself. */
    private static List<LayerSummary> forward(List<String> backward, String from, Map<String, LayerSummary> rows) {
        List<String> names = new ArrayList<>(backward.subList(0, backward.indexOf(from)));
        Collections.reverse(names);
        return names.stream().map(rows::get).toList();
    }
}
