package digits.onnx;

import static digits.onnx.OnnxReader.damaged;
import static digits.onnx.OnnxReader.refused;
import static digits.onnx.OnnxReader.shortened;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import onnx.Onnx;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto.Dimension;
import onnx.Onnx.ValueInfoProto;

/** Reads a model node by node, those that the result needs, and builds the network. */
final class GraphReader {
    private static final int MOST_NODES = 5000;   // exporters make up to thirty nodes of one layer
    private static final int OLDEST = 7;          // opset: earlier ones broadcast differently
    private static final int NEWEST = 28;
    private static final int DIGIT = 28;
    private static final int COPYING = 32;        // of a number costs as much as some products
    private static final String ML = "ai.onnx.ml";

    private final GraphProto graph;
    private final int opset;
    private final Set<String> functions;
    private final Map<String, TensorProto> initializers = new HashMap<>();
    private final Map<String, Integer> producers = new HashMap<>();
    private final Map<String, Value> values = new HashMap<>();
    private final Map<String, Integer> uses = new HashMap<>();
    private final ConstantFolding folding;
    private final List<String> notes = new ArrayList<>();
    private final Signal input;
    private final LayerReader layers;

    GraphReader(ModelProto model) {
        graph = model.getGraph();
        functions = model.getFunctionsList().stream().map(Onnx.FunctionProto::getName).collect(Collectors.toSet());
        opset = opset(model);
        if (graph.getSparseInitializerCount() > 0) throw refused("it has sparse weights; export it with dense ones");
        if (graph.getNodeCount() > MOST_NODES) {
            throw refused("it has " + graph.getNodeCount() + " nodes, more than " + MOST_NODES);
        }
        for (TensorProto tensor : graph.getInitializerList()) {
            if (tensor.getName().isEmpty() || initializers.put(tensor.getName(), tensor) != null) {
                throw damaged("two of its weights have the name \"" + shortened(tensor.getName()) + "\"");
            }
        }
        folding = new ConstantFolding(graph.getSerializedSize() / Float.BYTES);
        ValueInfoProto entry = entry();
        List<Long> sides = sides(entry);
        input = input(sides);
        values.put(entry.getName(), input);
        layers = new LayerReader(sides.get(0), notes);
        findProducers();
        String output = output();
        build(output);
        if (!(values.get(output) instanceof Signal result)) {
            throw refused("its output \"" + shortened(output) + "\" does not depend on its input");
        }
        layers.end(result);
    }

    ReadParts parts() {
        return layers.parts();
    }

    Signal input() {
        return input;
    }

    /** What a user must know about the network, in sentences. */
    List<String> notes() {
        return notes;
    }

    private static int opset(ModelProto model) {
        long version = 0;
        for (Onnx.OperatorSetIdProto set : model.getOpsetImportList()) {
            if (!set.getDomain().isEmpty() && !set.getDomain().equals("ai.onnx")) continue;
            if (version != 0 && version != set.getVersion()) throw damaged("it names two versions of the operators");
            version = set.getVersion();
        }
        if (version < OLDEST || version > NEWEST) {
            throw refused("it uses " + (version == 0 ? "no version" : "version " + version) + " of ONNX's operators;"
                    + " versions " + OLDEST + " to " + NEWEST + " can be read: export it with opset_version=20, or"
                    + " convert it with onnx.version_converter");
        }
        return (int) version;
    }

    /** The one input that is no weight; old files list the weights as inputs too. */
    private ValueInfoProto entry() {
        List<ValueInfoProto> entries = graph.getInputList().stream()
                .filter(info -> !initializers.containsKey(info.getName())).toList();
        if (entries.size() == 1) return entries.get(0);
        throw refused("it has " + (entries.isEmpty() ? "no input" : entries.size() + " inputs: " + names(entries))
                + "; only networks with one input, the images, can be read");
    }

    private static String names(List<ValueInfoProto> infos) {
        return shortened(infos.stream().limit(10).map(ValueInfoProto::getName).collect(Collectors.joining(", ")));
    }

    /** The sides of the input with the batch, −1 for those that the file leaves open. */
    private static List<Long> sides(ValueInfoProto entry) {
        Onnx.TypeProto.Tensor type = entry.getType().getTensorType();
        int element = type.getElemType();
        boolean number = element >= 1 && element <= 7 || ConstantFolding.isFraction(element);
        if (!entry.getType().hasTensorType() || !type.hasShape() || !number) {
            throw refused("its input \"" + shortened(entry.getName()) + "\" has no shape or is not of numbers");
        }
        if (type.getShape().getDimCount() > Constant.MOST_AXES) throw refused("its input has too many axes");
        return type.getShape().getDimList().stream().map(Dimension::getDimValue).map(side -> side > 0 ? side : -1L)
                .toList();
    }

    /** Images of an open size are read as 28×28, and 784 numbers as the pixels of a digit, as from Keras's files. */
    private static Signal input(List<Long> sides) {
        int[] s = sides.stream().skip(1).mapToInt(side -> (int) Math.min(side, LayerReader.MOST_NUMBERS + 1)).toArray();
        int rank = s.length;
        int[] same = {0, 1, 2};
        if (rank == 1 && s[0] > 0 && s[0] != DIGIT * DIGIT) {
            return checked(Signal.list(ReadParts.INPUT, s[0])).asShared();
        }
        boolean last = rank == 3 && s[2] > 0 && s[2] <= 4 && (s[0] < 0 || s[0] > 4);
        int channels = rank < 3 ? 1 : s[last ? 2 : 0];
        if (rank < 1 || rank > 3 || channels < 0 || rank == 1 && s[0] < 0) {
            throw refused("its input has the shape " + shortened(sides.toString()) + " (-1: open); only images and"
                    + " lists of numbers can be read");
        }
        if (rank > 1) {
            for (int i = 0; i < rank; i++) if (s[i] < 0) s[i] = DIGIT;
        }
        int height = rank == 1 ? DIGIT : s[rank == 2 || last ? 0 : 1];
        int width = rank == 1 ? DIGIT : s[rank == 2 || last ? 1 : 2];
        int[] own = {channels, height, width};
        return checked(Signal.input(ReadParts.INPUT, s, own, last ? new int[] {1, 2, 0} : same));
    }

    private static Signal checked(Signal input) {
        long size = 1;
        for (int side : input.sides()) size = Math.min(size * side, LayerReader.MOST_NUMBERS + 1);
        if (size <= LayerReader.MOST_NUMBERS) return input;
        throw refused("it would read more than " + LayerReader.MOST_NUMBERS + " numbers per example");
    }

    private void findProducers() {
        for (int i = 0; i < graph.getNodeCount(); i++) {
            for (String name : graph.getNode(i).getOutputList()) {
                if (name.isEmpty()) continue;
                boolean taken = values.containsKey(name) || initializers.containsKey(name);
                if (taken || producers.put(name, i) != null) {
                    throw damaged("node " + (i + 1) + " computes \"" + shortened(name) + "\", which already exists");
                }
            }
        }
    }

    /** The name of the result: the only output that holds fractions. */
    private String output() {
        List<ValueInfoProto> outputs = graph.getOutputList();
        if (outputs.isEmpty()) throw refused("it has no output");
        List<ValueInfoProto> found = outputs.size() == 1 ? outputs : outputs.stream().filter(info ->
                zipped(info.getName()) != null || info.getType().hasTensorType()
                && ConstantFolding.isFraction(info.getType().getTensorType().getElemType())).toList();
        if (found.size() != 1) {
            throw refused("it has " + outputs.size() + " outputs: " + names(outputs) + "; only one can be read: export"
                    + " the probabilities or logits alone");
        }
        String name = found.get(0).getName();
        if (outputs.size() > 1) {
            notes.add("Of its outputs " + names(outputs) + ", only \"" + shortened(name) + "\" was read.");
        }
        String zipped = zipped(name);
        return zipped == null ? name : zipped;
    }

    /** scikit-learn's exporter pairs probabilities with labels: their name if it did, otherwise null. */
    private String zipped(String name) {
        Integer producer = producers.get(name);
        if (producer == null) return null;
        NodeProto node = graph.getNode(producer);
        boolean zip = node.getOpType().equals("ZipMap") && node.getDomain().equals(ML) && node.getInputCount() == 1;
        return zip ? node.getInput(0) : null;
    }

    /** Builds what the output needs, in the order of the file, in which a node comes after those that it reads. */
    private void build(String output) {
        Set<Integer> needed = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(output));
        uses.merge(output, 1, Integer::sum);
        while (!open.isEmpty()) {
            Integer node = producers.get(open.pop());
            if (node == null || !needed.add(node)) continue;
            for (String name : graph.getNode(node).getInputList()) {
                uses.merge(name, 1, Integer::sum);
                open.push(name);
            }
        }
        for (int i = 0; i < graph.getNodeCount(); i++) {
            if (needed.contains(i)) add(new ReadNode(graph.getNode(i), i + 1, opset), output);
        }
    }

    private void add(ReadNode node, String output) {
        checkDomain(node);
        List<Value> in = new ArrayList<>();
        for (String name : node.inputs()) in.add(name.isEmpty() ? null : value(node, name));
        while (!in.isEmpty() && in.get(in.size() - 1) == null) in.remove(in.size() - 1);
        if (node.outputs().isEmpty() || node.outputs().get(0).isEmpty()) throw node.cannot("has no output");
        String name = node.outputs().get(0);
        Value result;
        try {
            boolean constant = in.stream().noneMatch(Signal.class::isInstance);
            result = constant ? folding.fold(node, in)
                    : node.type().equals("Shape") ? folding.shape(node, layers.shape((Signal) in.get(0)))
                    : layers.add(node, in, name.equals(output));
        } catch (IllegalArgumentException | ArithmeticException e) {   // of Signal, or of Deeplearning4j's builders
            throw node.cannot(shortened(String.valueOf(e.getMessage())));
        }
        if (result instanceof Signal signal) layers.after(node, signal, COPYING, 0);
        node.checkAllRead();
        boolean several = uses.getOrDefault(name, 0) > 1;
        values.put(name, several && result instanceof Signal signal ? signal.asShared() : result);
    }

    private void checkDomain(ReadNode node) {
        String domain = node.domain();
        if (functions.contains(node.type())) {
            throw node.cannot("is a function that the file defines; export with PyTorch 2.5 or later, or inline it in"
                    + " Python: onnx.inliner.inline_local_functions(model)");
        }
        if (domain.isEmpty() || domain.equals(ML) && node.type().equals("Scaler")) return;
        String way = domain.equals(ML) ? "; only neural networks (MLPClassifier) of scikit-learn can be read"
                : domain.startsWith("com.microsoft") ? "; use the model as it was before ONNX Runtime optimized it"
                : "; export the model with ONNX's own operators";
        throw node.cannot("is an operator of " + shortened(domain) + ", not of ONNX itself" + way);
    }

    private Value value(ReadNode node, String name) {
        Value found = values.get(name);
        if (found != null) return found;
        TensorProto tensor = initializers.get(name);
        if (tensor == null) {
            throw node.cannot("reads \"" + shortened(name) + "\", which " + (producers.containsKey(name)
                    ? "is computed later or cannot be read here" : "nothing in the file computes"));
        }
        Constant constant = Constant.of(tensor, what -> node.cannot("reads \"" + shortened(name) + "\", whose numbers "
                + what));
        values.put(name, constant);
        return constant;
    }
}
