package digits.onnx;

import static digits.onnx.OnnxFileException.refused;
import static digits.onnx.WrittenGraph.attribute;

import digits.onnx.WrittenGraph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import onnx.Onnx.AttributeProto;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;

/** Writes a vertex of a graph that is not a layer. */
record VertexNodes(WrittenGraph graph, String place, String name, GraphVertex vertex) {
    Value write(List<Value> inputs) {
        Value first = inputs.get(0);
        if (vertex instanceof PreprocessorVertex pre) {
            return new LayerNodes(graph, place, name, null, Map.of(), first).preProcess(pre.getPreProcessor());
        }
        if (vertex instanceof ElementWiseVertex elements) return elementWise(elements.getOp(), inputs);
        if (vertex instanceof MergeVertex merge) return merge(merge.getMergeAxis(), inputs);
        if (vertex instanceof ScaleVertex scale) return withNumber("Mul", first, scale.getScaleFactor());
        if (vertex instanceof ShiftVertex shift) return withNumber("Add", first, shift.getShiftFactor());
        throw cannot("is a kind of vertex that this library does not write to ONNX");
    }

    private OnnxFileException cannot(String what) {
        return refused(place + " (" + vertex.getClass().getSimpleName() + "), " + what);
    }

    private Value withNumber(String operator, Value in, double number) {
        return put(operator, in.shape(), List.of(in.name(), graph.number(name + ".constant", number)));
    }

    private Value elementWise(ElementWiseVertex.Op operation, List<Value> inputs) {
        Value result = inputs.get(0);
        boolean pairs = operation == ElementWiseVertex.Op.Subtract || operation == ElementWiseVertex.Op.Product;
        long[] shape = result.shape();
        for (Value other : inputs.subList(1, inputs.size())) {
            shape = common(new Value("", shape), other);
            if (!pairs) continue;
            boolean minus = operation == ElementWiseVertex.Op.Subtract;
            result = put(minus ? "Sub" : "Mul", shape, List.of(result.name(), other.name()));
        }
        if (pairs || inputs.size() == 1) return result;
        return put(switch (operation) {
            case Average -> "Mean";
            case Max -> "Max";
            default -> inputs.size() == 2 ? "Add" : "Sum";
        }, shape, inputs.stream().map(Value::name).toList());
    }

    /** The shape of two arrays together: where one of them has a side of 1, it is repeated. */
    private long[] common(Value one, Value other) {
        long[] shape = one.shape().clone();
        boolean fits = shape.length == other.shape().length;
        for (int i = 0; fits && i < shape.length; i++) {
            fits = shape[i] == other.shape()[i] || shape[i] == 1 || other.shape()[i] == 1;
            shape[i] = Math.max(shape[i], other.shape()[i]);
        }
        if (fits) return shape;
        throw cannot("reads " + one.text() + " and " + other.text() + "; their shapes must be equal");
    }

    private Value merge(int axis, List<Value> inputs) {
        Value first = inputs.get(0);
        long[] shape = first.shape().clone();
        if (axis < 1 || axis > shape.length) throw cannot("joins along axis " + axis + " of " + first.text());
        shape[axis - 1] = 0;
        for (Value input : inputs) {
            long[] rest = input.shape().clone();
            if (rest.length == shape.length) rest[axis - 1] = shape[axis - 1];
            if (!Arrays.equals(rest, shape)) throw cannot("joins " + first.text() + " and " + input.text());
            shape[axis - 1] += input.shape()[axis - 1];
        }
        return put("Concat", shape, inputs.stream().map(Value::name).toList(), attribute("axis", (long) axis));
    }

    private Value put(String operator, long[] shape, List<String> inputs, AttributeProto... attributes) {
        return graph.node(operator, name, inputs, shape, attributes);
    }
}
