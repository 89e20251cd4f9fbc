package digits.onnx;

import static digits.onnx.OnnxFileException.refused;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.AttributeProto.AttributeType;
import onnx.Onnx.GraphProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.protobuf.ByteString;
import org.nd4j.shade.protobuf.UnsafeByteOperations;

/** An ONNX graph in the making: nodes in the order in which they compute, and their weights. */
final class WrittenGraph {
    private static final String BATCH = "N";
    private static final String PROBABILITIES = "probabilities";
    private static final String OUTPUT = "output";

    /**
     * An array that a node returns, or the graph's input.
     *
     * @param shape of one example, without the batch: {channels, height, width} of an image, or {n} of a list
     */
    record Value(String name, long... shape) {
        boolean isImage() {
            return shape.length == 3;
        }

        /** The numbers per example. */
        long size() {
            return LongStream.of(shape).reduce(1, Math::multiplyExact);
        }

        /** As “28 × 28 × 1” or “10 numbers”: as people say it, with the channels last. */
        String text() {
            return isImage() ? shape[1] + " × " + shape[2] + " × " + shape[0] : size() + " numbers";
        }
    }

    private final List<NodeProto.Builder> nodes = new ArrayList<>();
    private final Map<String, TensorProto.Builder> weights = new LinkedHashMap<>();
    private final Set<String> names = new HashSet<>();
    private final Value input;
    private long bytes;

    /** @param type shape of the network's input, images with the channels first */
    WrittenGraph(InputType type) {
        input = new Value(unique(type instanceof InputType.InputTypeConvolutional ? "image" : "input"), shape(type));
        names.addAll(List.of(PROBABILITIES, OUTPUT));
    }

    private static long[] shape(InputType type) {
        if (type instanceof InputType.InputTypeConvolutional image) {
            return new long[] {image.getChannels(), image.getHeight(), image.getWidth()};
        }
        if (type instanceof InputType.InputTypeConvolutionalFlat flat) return new long[] {flat.getFlattenedSize()};
        if (type instanceof InputType.InputTypeFeedForward list) return new long[] {list.getSize()};
        throw refused("the network reads " + type + "; only images and lists of numbers can be written");
    }

    Value input() {
        return input;
    }

    /** A name of letters, digits and {@code _.-/}, which every reader accepts, and different from all others. */
    private String unique(String name) {
        String plain = plain(name);
        String unique = plain;
        for (int i = 2; !names.add(unique); i++) unique = plain + "_" + i;
        return unique;
    }

    static String plain(String name) {
        String plain = name.replaceAll("[^A-Za-z0-9_./-]", "_");
        return plain.matches("[A-Za-z_].*") ? plain : "_" + plain;
    }

    /** Adds a node; the array that it returns has the node's name. */
    Value node(String operator, String name, List<String> inputs, long[] shape, AttributeProto... attributes) {
        String unique = unique(name + "/" + operator);
        nodes.add(NodeProto.newBuilder().setName(unique).setOpType(operator).addAllInput(inputs).addOutput(unique)
                .addAllAttribute(Arrays.asList(attributes)));
        return new Value(unique, shape);
    }

    /** Adds a node that reads one array and keeps its shape. */
    Value node(String operator, String name, Value in, AttributeProto... attributes) {
        return node(operator, name, List.of(in.name()), in.shape(), attributes);
    }

    /** Adds an array of weights, as {@code layer.bias}; returns its name. */
    String weights(String name, INDArray values, long... shape) {
        ByteBuffer raw = raw(4, values.length());
        raw.asFloatBuffer().put(values.dup('c').data().asFloat());
        return tensor(name, TensorProto.DataType.FLOAT, raw, shape);
    }

    /** Adds a number; returns its name. */
    String number(String name, double value) {
        return tensor(name, TensorProto.DataType.FLOAT, raw(4, 1).putFloat(0, (float) value));
    }

    /** Adds a list of whole numbers, such as a shape; returns its name. */
    String whole(String name, long... values) {
        ByteBuffer raw = raw(8, values.length);
        raw.asLongBuffer().put(values);
        return tensor(name, TensorProto.DataType.INT64, raw, values.length);
    }

    private ByteBuffer raw(int size, long count) {
        bytes += size * count;
        if (bytes > OnnxFiles.LARGEST) throw tooLarge();
        return ByteBuffer.allocate((int) (size * count)).order(ByteOrder.LITTLE_ENDIAN);
    }

    static OnnxFileException tooLarge() {
        return refused("the network has more weights than the " + (OnnxFiles.LARGEST >> 20) + " MB that a file may"
                + " have");
    }

    private String tensor(String name, TensorProto.DataType type, ByteBuffer raw, long... shape) {
        String unique = unique(name);
        weights.put(unique, TensorProto.newBuilder().setName(unique).setDataType(type.getNumber())
                .addAllDims(Arrays.stream(shape).boxed().toList())
                .setRawData(UnsafeByteOperations.unsafeWrap(raw.array())));
        return unique;
    }

    /** Gives an array another name, or a similar one if that is taken. */
    Value renamed(Value value, String name) {
        return renamedTo(value, unique(name));
    }

    private Value renamedTo(Value value, String name) {
        for (NodeProto.Builder node : nodes) {
            for (int i = 0; i < node.getInputCount(); i++) {
                if (node.getInput(i).equals(value.name())) node.setInput(i, name);
            }
            if (node.getOutput(0).equals(value.name())) node.setOutput(0, name);
        }
        return new Value(name, value.shape());
    }

    boolean isResultOf(String operator, Value value) {
        return nodes.stream().anyMatch(node -> node.getOutput(0).equals(value.name())
                && node.getOpType().equals(operator));
    }

    /** An array with a layer's name; where the layer only passes its input on, a copy. */
    Value output(Value value, String layer) {
        return value.name().equals(plain(layer)) ? value : renamed(node("Identity", layer, value), layer);
    }

    /**
     * The finished graph, without what leads to no output.
     *
     * @param result the predictions; they are called “probabilities” after softmax and sigmoid, otherwise “output”
     * @param more   other arrays that the graph returns
     */
    GraphProto finish(Value result, List<Value> more) {
        boolean classes = isResultOf("Softmax", result) || isResultOf("Sigmoid", result);
        boolean taken = result.name().equals(input.name()) || more.contains(result);
        Value named = renamedTo(taken ? node("Identity", OUTPUT, result) : result, classes ? PROBABILITIES : OUTPUT);
        List<Value> outputs = new ArrayList<>(List.of(named));
        outputs.addAll(more);
        Set<String> needed = new HashSet<>(outputs.stream().map(Value::name).toList());
        Deque<NodeProto.Builder> kept = new ArrayDeque<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            if (!needed.contains(nodes.get(i).getOutput(0))) continue;
            kept.addFirst(nodes.get(i));
            needed.addAll(nodes.get(i).getInputList());
        }
        GraphProto.Builder graph = GraphProto.newBuilder().setName("network").addInput(info(input));
        outputs.forEach(output -> graph.addOutput(info(output)));
        kept.forEach(graph::addNode);
        weights.values().stream().filter(weight -> needed.contains(weight.getName())).forEach(graph::addInitializer);
        return graph.build();
    }

    /** An array of floats with any number of examples. */
    private static ValueInfoProto info(Value value) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        shape.addDimBuilder().setDimParam(BATCH);
        for (long side : value.shape()) shape.addDimBuilder().setDimValue(side);
        return ValueInfoProto.newBuilder().setName(value.name()).setType(TypeProto.newBuilder().setTensorType(
                TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT_VALUE).setShape(shape))).build();
    }

    static AttributeProto attribute(String name, long value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
    }

    static AttributeProto attribute(String name, double value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.FLOAT).setF((float) value).build();
    }

    static AttributeProto attribute(String name, String value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(value)).build();
    }

    static AttributeProto attribute(String name, int... values) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS)
                .addAllInts(IntStream.of(values).asLongStream().boxed().toList()).build();
    }
}
