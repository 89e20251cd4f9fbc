package digits.keras;

import static digits.keras.KerasFileException.refused;
import static digits.keras.WrittenModel.options;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;

/** Describes a vertex of a graph that is not a layer as the layer that Keras has for it. */
record VertexWriter(LayerChain chain, String name, GraphVertex vertex) {
    void write(List<LayerChain.Flow> inputs) {
        if (vertex instanceof ElementWiseVertex) {
            elementWise(inputs);
        } else if (vertex instanceof MergeVertex merge) {
            merge(merge, inputs);
        } else if (vertex instanceof ScaleVertex scale) {
            put("Rescaling", options("scale", scale.getScaleFactor(), "offset", 0.0), inputs);
        } else if (vertex instanceof ShiftVertex shift) {
            put("Rescaling", options("scale", 1.0, "offset", shift.getShiftFactor()), inputs);
        } else {
            throw cannot("has no counterpart in Keras that this library writes");
        }
    }

    private KerasFileException cannot(String what) {
        return refused("vertex \"" + name + "\" (" + vertex.getClass().getSimpleName() + "), " + what);
    }

    private void elementWise(List<LayerChain.Flow> inputs) {
        LayerChain.Flow first = inputs.get(0);
        for (LayerChain.Flow input : inputs) {
            boolean same = input.type().equals(first.type())
                    && Arrays.equals(positions(input.order()), positions(first.order()));
            if (!same) throw cannot("reads " + first.type() + " and " + input.type() + "; their shapes must be equal");
        }
        if (inputs.size() < 2) throw cannot("has a single input; leave it out");
        String type = switch (((ElementWiseVertex) vertex).getOp()) {
            case Add -> "Add";
            case Subtract -> "Subtract";
            case Product -> "Multiply";
            case Average -> "Average";
            case Max -> "Maximum";
        };
        put(type, options(), inputs);
    }

    private void merge(MergeVertex merge, List<LayerChain.Flow> inputs) {
        LayerChain.Flow first = inputs.get(0);
        if (merge.getMergeAxis() != 1) throw cannot("joins along another axis than that of the channels");
        for (LayerChain.Flow input : inputs) {
            boolean fits = input.isImage() == first.isImage() && (!input.isImage()
                    || input.image().getHeight() == first.image().getHeight()
                    && input.image().getWidth() == first.image().getWidth());
            if (!fits) throw cannot("joins " + first.type() + " and " + input.type());
        }
        if (inputs.size() < 2) throw cannot("has a single input; leave it out");
        long channels = inputs.stream().mapToLong(LayerChain.Flow::channels).sum();
        InputType result = first.isImage() ? InputType.convolutional(first.image().getHeight(),
                first.image().getWidth(), channels) : InputType.feedForward(channels);
        boolean ordered = inputs.stream().anyMatch(input -> input.order() != null);
        FlattenOrder order = !ordered ? null : FlattenOrder.joined(inputs.stream().map(LayerChain.Flow::order).toList(),
                inputs.stream().mapToInt(input -> (int) input.channels()).toArray());
        chain.put("Concatenate", name, options("axis", -1), Map.of(), from(inputs),
                new LayerChain.Flow("", result, order));
    }

    private static int[] positions(FlattenOrder order) {
        return order == null ? null : order.keras();
    }

    private void put(String type, Map<String, Object> config, List<LayerChain.Flow> inputs) {
        chain.put(type, name, config, Map.of(), from(inputs), inputs.get(0));
    }

    private static List<String> from(List<LayerChain.Flow> inputs) {
        return inputs.stream().map(LayerChain.Flow::from).toList();
    }
}
