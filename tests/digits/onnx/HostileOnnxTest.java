package digits.onnx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Hostile;
import digits.Hostile.Variant;
import digits.keras.Fixtures;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.AttributeProto.AttributeType;
import onnx.Onnx.FunctionProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.SparseTensorProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TensorShapeProto.Dimension;
import onnx.Onnx.ValueInfoProto;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.protobuf.ByteString;

/** Damaged and hostile ONNX files are refused with an {@link OnnxFileException}, quickly and in little memory. */
class HostileOnnxTest {
    private static final Path LENET = ReadFixtures.model("torch_script11_lenet");

    @TempDir
    Path folder;

    /** One of each exporter. */
    static List<Path> models() {
        return Stream.of("torch_script16_odd", "torch_dynamo_joined", "keras_tensorflow_walk", "sklearn_plain",
                "built_turned").map(ReadFixtures::model).toList();
    }

    private Optional<ComputationGraph> read(Variant variant) {
        return Hostile.read(variant, folder.resolve("hostile"), OnnxFiles::readGraph, OnnxFileException.class);
    }

    /** Asserts that the content is refused with a message that contains this text. */
    private void refused(byte[] content, String why) {
        Optional<ComputationGraph> found = Hostile.read(new Variant(why, content), folder.resolve("hostile"), file -> {
            try {
                return OnnxFiles.readGraph(file);
            } catch (OnnxFileException e) {
                assertTrue(e.getMessage().contains(why), e.getMessage());
                throw e;
            }
        }, OnnxFileException.class);
        assertTrue(found.isEmpty(), "it was read: " + why);
    }

    private static ModelProto.Builder lenet() {
        try {
            return ModelProto.parseFrom(Files.readAllBytes(LENET)).toBuilder();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Asserts that a changed LeNet is refused. */
    private void graph(Consumer<GraphProto.Builder> change, String why) {
        ModelProto.Builder model = lenet();
        change.accept(model.getGraphBuilder());
        refused(model.build().toByteArray(), why);
    }

    private void node(int place, Consumer<NodeProto.Builder> change, String why) {
        graph(graph -> change.accept(graph.getNodeBuilder(place)), why);
    }

    private void weights(Consumer<TensorProto.Builder> change, String why) {
        graph(graph -> change.accept(graph.getInitializerBuilder(0)), why);
    }

    @Test
    void theUnchangedModelIsRead() {
        assertTrue(read(new Variant("unchanged", lenet().build().toByteArray())).isPresent());
    }

    @ParameterizedTest
    @MethodSource("models")
    void aTruncatedFileIsRefused(Path model) throws IOException {
        Hostile.truncated(Files.readAllBytes(model), 15).forEach(this::readsOrRefuses);
    }

    /** ONNX has no checksums, so a flip in a weight or a name may go unnoticed. */
    @ParameterizedTest
    @MethodSource("models")
    void aFlippedByteIsRefusedOrHarmless(Path model) throws IOException {
        byte[] whole = Files.readAllBytes(model);
        int start = Math.min(3000, whole.length);
        Stream.of(Hostile.flipped(whole, 0, whole.length, 4, 1), Hostile.flipped(whole, 0, start, 10, 2),
                Hostile.flipped(whole, whole.length - 500, whole.length, 4, 3),
                Hostile.withBadWords(whole, 0, start, 6, 4, ByteOrder.LITTLE_ENDIAN)).flatMap(s -> s)
                .forEach(this::readsOrRefuses);
    }

    /** Whether it was read; then it predicts, or says why not. */
    private boolean readsOrRefuses(Variant variant) {
        Optional<ComputationGraph> found = read(variant);
        found.ifPresent(graph -> {
            try {
                graph.outputSingle(Nd4j.zeros(1, 1, 28, 28));   // must not end the JVM
            } catch (RuntimeException otherShape) {
                assertTrue(otherShape.getMessage() != null, variant.toString());
            }
        });
        return found.isPresent();
    }

    /** Numbers that hurt in every attribute and shape of every node, weight and input. */
    @ParameterizedTest
    @ValueSource(strings = {"torch_script16_odd", "torch_dynamo_joined", "built_turned"})
    void aBadNumberAnywhereIsRefusedOrHarmless(String name) throws IOException {
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(ReadFixtures.model(name)));
        long[] bad = {0, -1, -3, 3, 1000, Integer.MAX_VALUE, 1L << 32, Long.MIN_VALUE, Long.MAX_VALUE};
        int refused = 0;
        for (int i = 0; i < model.getGraph().getNodeCount(); i++) {
            NodeProto node = model.getGraph().getNode(i);
            for (int a = 0; a < node.getAttributeCount(); a++) {
                AttributeProto attribute = node.getAttribute(a);
                long by = bad[(i + 3 * a) % bad.length];
                AttributeProto.Builder changed = attribute.toBuilder();
                if (attribute.getType() == AttributeType.INT) changed.setI(by);
                if (attribute.getType() == AttributeType.INTS) changed.setInts(a % attribute.getIntsCount(), by);
                if (attribute.getType() == AttributeType.FLOAT) changed.setF(by % 2 == 0 ? Float.NaN : by);
                ModelProto.Builder copy = model.toBuilder();
                copy.getGraphBuilder().getNodeBuilder(i).setAttribute(a, changed);
                if (!readsOrRefuses(copy, node.getOpType() + "." + attribute.getName() + " = " + by)) refused++;
            }
        }
        for (int i = 0; i < model.getGraph().getInitializerCount(); i++) {
            TensorProto tensor = model.getGraph().getInitializer(i);
            for (long by : new long[] {bad[i % bad.length], bad[(i + 4) % bad.length]}) {
                if (tensor.getDimsCount() == 0) continue;
                ModelProto.Builder copy = model.toBuilder();
                copy.getGraphBuilder().getInitializerBuilder(i).setDims(i % tensor.getDimsCount(), by);
                if (!readsOrRefuses(copy, tensor.getName() + ": " + by)) refused++;
            }
        }
        assertTrue(refused > 10, refused + " refused");
    }

    private boolean readsOrRefuses(ModelProto.Builder model, String what) {
        return readsOrRefuses(new Variant(what, model.build().toByteArray()));
    }

    @Test
    void aMissingOrEmptyFileIsRefused() {
        String gone = assertThrows(OnnxFileException.class, () -> OnnxFiles.read(folder.resolve("gone.onnx")))
                .getMessage();
        assertEquals("gone.onnx: there is no such file", gone);
        refused(new byte[0], "it is empty");
        refused(new byte[100_000], "not a whole ONNX model");
        refused("Dear reader, this is a letter, not a model.\n".repeat(100).getBytes(UTF_8), "ONNX model");
    }

    @Test
    void aHugeFileIsRefusedBeforeItIsRead() throws IOException {
        Path file = Files.write(folder.resolve("huge.onnx"), lenet().build().toByteArray());
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(200L << 20);
        }
        String message = assertThrows(OnnxFileException.class, () -> OnnxFiles.read(file)).getMessage();
        assertTrue(message.contains("larger than 128 MB"), message);
    }

    /** The first bytes are those that the programs write; \\x stands before two hexadecimal digits. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            model.tflite      | \\x1c\\x00\\x00\\x00TFL3\\x14\\x00             | TensorFlow Lite
            model.ort         | \\x1c\\x00\\x00\\x00ORTM\\x14\\x00             | ONNX Runtime's own format
            saved_model.pb    | \\x08\\x01\\x12\\xb0\\x01                      | SavedModel
            model.pkl         | \\x80\\x04\\x95\\x10\\x00                      | skl2onnx
            model.pth         | \\x80\\x02\\x8a\\x0al\\xfc\\x9cF\\xf9 j        | torch.onnx.export
            model.safetensors | \\x98\\x01\\x00\\x00\\x00\\x00\\x00\\x00{"a":  | safetensors
            x.npy             | \\x93NUMPY\\x01\\x00                           | NumPy
            model.onnx        | version https://git-lfs.github.com/spec/v1     | git lfs pull
            model.onnx        | <!DOCTYPE html><html lang="en">                | web page
            model.xml         | <?xml version="1.0"?><net name="torch_jit">    | OpenVINO
            model.json        | {"format": "layers-model"}                     | JSON
            model.h5          | \\x89HDF\\x0d\\x0a\\x1a\\x0a                   | KerasFiles.read
            model.onnx.gz     | \\x1f\\x8b\\x08\\x00                           | unpack it
            digit.png         | \\x89PNG\\x0d\\x0a\\x1a\\x0a                   | picture
            """)
    void anotherFormatIsNamed(String name, String start, String why) throws IOException {
        Path file = Files.write(folder.resolve(name), Fixtures.fileThatStarts(start));
        String message = assertThrows(OnnxFileException.class, () -> OnnxFiles.read(file)).getMessage();
        assertTrue(message.startsWith(name) && message.contains(why), message);
    }

    @ParameterizedTest
    @CsvSource({"archive/data.pkl, torch.onnx.export", "coefficients.bin, ModelFiles.load", "config.json, KerasFiles",
        "folder/model.onnx, unpack it first", "a.txt, not an ONNX model"})
    void aZipIsNamed(String entry, String why) {
        refused(Hostile.zip(Map.of(entry, new byte[10])), why);
    }

    @Test
    void aFolderIsNamed() throws IOException {
        Function<Path, String> message = file ->
                assertThrows(OnnxFileException.class, () -> OnnxFiles.readGraph(file)).getMessage();
        assertTrue(message.apply(folder).contains("it is a folder"));
        Files.write(folder.resolve("saved_model.pb"), new byte[10]);
        assertTrue(message.apply(folder).contains("tf2onnx"));
    }

    /** Each of two bytes becomes an object of a hundred. */
    @Test
    void aBombOfEmptyNodesIsRefused() {
        for (int tag : new int[] {0x0a, 0x2a, 0x5a}) {   // nodes, weights, inputs
            ByteArrayOutputStream graph = new ByteArrayOutputStream();
            for (int i = 0; i < 3_000_000; i++) graph.writeBytes(new byte[] {(byte) tag, 0});
            refused(model(graph.toByteArray()), "too many");
        }
    }

    private static byte[] model(byte[] graph) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[] {8, 7, 0x3a});
        int length = graph.length;
        for (; length > 127; length >>>= 7) bytes.write(length & 127 | 128);
        bytes.write(length);
        bytes.writeBytes(graph);
        return bytes.toByteArray();
    }

    @Test
    void aNestedBombIsRefused() {
        NodeProto node = NodeProto.newBuilder().setOpType("If").build();
        for (int i = 0; i < 50; i++) {
            AttributeProto inner = AttributeProto.newBuilder().setName("then_branch").setType(AttributeType.GRAPH)
                    .setG(GraphProto.newBuilder().addNode(node)).build();
            node = NodeProto.newBuilder().setOpType("If").addAttribute(inner).build();
        }
        NodeProto deep = node;
        graph(graph -> graph.addNode(deep), "too deep");
        byte[] groups = new byte[100_000];   // unknown groups in groups
        Arrays.fill(groups, (byte) 0x7b);
        refused(model(groups), "not an ONNX model");
    }

    @Test
    void aLengthBeyondTheEndIsRefused() {
        refused(new byte[] {8, 7, 0x3a, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 7}, "not a whole");
        byte[] negative = {8, 7, 0x3a, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1};
        refused(negative, "hostile");
    }

    @Test
    void externalDataIsNeverOpened() throws IOException {
        Path secret = Files.write(folder.resolve("secret"), new byte[400]);
        for (String location : List.of("secret", "../../../etc/passwd", secret.toString(), "/dev/zero")) {
            weights(tensor -> tensor.clearRawData().setDataLocation(TensorProto.DataLocation.EXTERNAL)
                    .addExternalData(StringStringEntryProto.newBuilder().setKey("location").setValue(location)),
                    "external_data=False");
        }
    }

    @Test
    void weightsOfAnotherLengthOrTypeAreRefused() {
        weights(tensor -> tensor.setRawData(tensor.getRawData().substring(4)), "should be 100 numbers");
        weights(tensor -> tensor.setRawData(tensor.getRawData().substring(1)), "end within a number");
        weights(tensor -> tensor.clearRawData(), "0 of them");
        weights(tensor -> tensor.clearRawData().addFloatData(1), "1 of them");
        for (int type : new int[] {0, 8, 14, 15, 17, 22, 99}) weights(tensor -> tensor.setDataType(type), "the type");
        weights(tensor -> tensor.setDims(0, -4), "the shape");
        weights(tensor -> tensor.setDims(0, Long.MAX_VALUE), "the shape");
        weights(tensor -> tensor.clearDims().addAllDims(List.of(1L << 16, 1L << 16, 1L << 16, 1L << 16)), "the shape");
        weights(tensor -> tensor.setSegment(TensorProto.Segment.newBuilder().setEnd(1)), "in parts");
    }

    @Test
    void weightsThatAreNoNumbersAreRefused() {
        for (int bits : new int[] {0x7fc00000, 0x7f800000, 0xff800000, 0x7f7fffff}) {
            byte[] number = {(byte) bits, (byte) (bits >> 8), (byte) (bits >> 16), (byte) (bits >> 24)};
            weights(tensor -> tensor.setRawData(ByteString.copyFrom(number).concat(tensor.getRawData().substring(4))),
                    "has a weight of");
        }
    }

    @Test
    void aNormalizationThatDividesByZeroIsRefused() {
        for (float[] varianceAndEpsilon : new float[][] {{0, 0}, {-1, 0}, {-1, 0.5f}, {Float.NaN, 1}}) {
            graph(graph -> {
                String[] names = {"one", "none", "none", "variance"};
                NodeProto.Builder node = NodeProto.newBuilder().setOpType("BatchNormalization").addInput("input")
                        .addAllInput(List.of(names)).addOutput("normal").addAttribute(AttributeProto.newBuilder()
                                .setName("epsilon").setType(AttributeType.FLOAT).setF(varianceAndEpsilon[1]));
                float[] values = {1, 0, 0, varianceAndEpsilon[0]};
                for (int i : new int[] {0, 1, 3}) {
                    graph.addInitializer(TensorProto.newBuilder().setName(names[i]).setDataType(1).addDims(1)
                            .addFloatData(values[i]));
                }
                graph.getNodeBuilder(0).setInput(0, "normal");
                graph.addNode(0, node);
            }, Float.isNaN(varianceAndEpsilon[0]) ? "a weight of NaN" : "has a variance of");
        }
    }

    @Test
    void twoOfOneNameAndNamesOfNothingAreRefused() {
        graph(graph -> graph.addInitializer(graph.getInitializer(0)), "two of its weights");
        graph(graph -> graph.addNode(graph.getNode(0)), "already exists");
        node(0, node -> node.setInput(1, "gone"), "reads \"gone\", which nothing in the file computes");
        node(0, node -> node.setInput(0, "26"), "computed later");   // a cycle
        node(3, node -> node.setInput(0, node.getOutput(0)), "computed later");
        node(0, node -> node.clearInput(), "node 1");
        node(1, node -> node.clearOutput(), "nothing in the file computes");
        graph(graph -> graph.clearOutput(), "has no output");
        graph(graph -> graph.getOutputBuilder(0).setName("conv1.weight"), "does not depend on its input");
        graph(graph -> graph.getOutputBuilder(0).setName("nothing"), "does not depend on its input");
    }

    @Test
    void severalInputsOrOutputsAreRefused() {
        graph(graph -> graph.addInput(graph.getInput(0).toBuilder().setName("mask")), "2 inputs: input, mask");
        graph(graph -> graph.clearInput(), "no input");
        graph(graph -> graph.addOutput(graph.getOutput(0).toBuilder().setName("/Relu_output_0")), "has 2 outputs");
    }

    @Test
    void anInputOfAnotherShapeIsRefused() {
        for (long side : new long[] {1L << 20, 1L << 40, Long.MAX_VALUE}) {
            dims(d -> d.setDim(2, Dimension.newBuilder().setDimValue(side)), "would read more than");
        }
        dims(d -> d.setDim(1, Dimension.newBuilder().setDimParam("channels")), "only images and lists");
        dims(TensorShapeProto.Builder::clearDim, "only images and lists");
        dims(d -> {
            for (int i = 0; i < 100; i++) d.addDim(d.getDim(0));
        }, "too many axes");
        dims(d -> d.setDim(2, Dimension.newBuilder().setDimValue(2)), "for images of");
        graph(graph -> graph.getInputBuilder(0).clearType(), "has no shape");
    }

    private void dims(Consumer<TensorShapeProto.Builder> change, String why) {
        graph(graph -> change.accept(graph.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder()
                .getShapeBuilder()), why);
    }

    /** Every other operator, with its place and the way out. */
    @ParameterizedTest
    @CsvSource({"If, runs a subgraph", "Loop, runs a subgraph", "QLinearConv, quantized",
        "DequantizeLinear, quantized", "ConvInteger, quantized", "LSTM, sequences", "LayerNormalization, sequences",
        "ArgMax, probabilities or logits",
        "GridSample, operator that this library does not know", "Einsum, sequences", "Foo, build the model from",
        "ConvTranspose, build the model from", "InstanceNormalization, does not know"})
    void anotherOperatorIsRefusedWithItsPlace(String type, String why) {
        node(1, node -> node.setOpType(type), "node 2 \"/Relu\" (" + type + ") ");
        node(1, node -> node.setOpType(type), why);
    }

    @Test
    void operatorsOfOthersAndFunctionsAreRefused() {
        node(1, node -> node.setDomain("com.microsoft").setOpType("FusedConv"), "ONNX Runtime optimized it");
        node(1, node -> node.setDomain("evil.example"), "an operator of evil.example");
        node(1, node -> node.setDomain("ai.onnx.ml").setOpType("TreeEnsembleClassifier"), "scikit-learn");
        ModelProto.Builder model = lenet().addFunctions(FunctionProto.newBuilder().setName("Relu"));
        refused(model.build().toByteArray(), "inline_local_functions");
    }

    @Test
    void otherVersionsOfTheOperatorsAreRefused() {
        for (long version : new long[] {0, -1, 1, 6, 99, Long.MAX_VALUE}) {
            ModelProto.Builder model = lenet();
            model.getOpsetImportBuilder(0).setVersion(version);
            refused(model.build().toByteArray(), "opset_version=20");
        }
        refused(lenet().clearOpsetImport().build().toByteArray(), "no version");
        refused(lenet().addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(9)).build().toByteArray(), "two");
    }

    @Test
    void sparseWeightsAreRefused() {
        graph(graph -> graph.addSparseInitializer(SparseTensorProto.newBuilder()), "sparse");
    }

    @Test
    void attributesThatChangeTheMeaningAreRefused() {
        node(0, node -> node.addAttribute(AttributeProto.newBuilder().setName("activation").setI(1)),
                "has the attribute activation, which this operator does not have");
        node(0, node -> node.addAttribute(node.getAttribute(0)), "twice");
        node(0, node -> node.setAttribute(1, node.getAttribute(1).toBuilder().setI(3)), "in 3 groups");
        node(0, node -> node.setAttribute(1, node.getAttribute(1).toBuilder().setType(AttributeType.FLOAT)), "group");
        node(0, node -> node.setAttribute(4, node.getAttribute(4).toBuilder().setInts(0, 0)), "strides");
        node(0, node -> node.setAttribute(4, node.getAttribute(4).toBuilder().clearInts()), "strides");
        node(2, node -> node.setAttribute(2, node.getAttribute(2).toBuilder().setInts(0, 1L << 31)), "kernel_shape");
        node(16, node -> node.setAttribute(0, node.getAttribute(0).toBuilder().setI(7)), "axis");
    }

    /** A shared weight makes a small file large: 1,000 layers of 216 × 216 × 50 weights. */
    @Test
    void weightsThatAreUsedOverAndOverAreBounded() {
        graph(graph -> {
            GraphProto whole = graph.build();
            int side = 2000;
            graph.clearNode().clearOutput();
            graph.addInitializer(TensorProto.newBuilder().setName("w").setDataType(1).addDims(side).addDims(side)
                    .setRawData(ByteString.copyFrom(new byte[4 * side * side])));
            graph.addInitializer(TensorProto.newBuilder().setName("first").setDataType(1).addDims(784).addDims(side)
                    .setRawData(ByteString.copyFrom(new byte[4 * 784 * side])));
            graph.addNode(NodeProto.newBuilder().setOpType("Flatten").addInput("input").addOutput("f"));
            graph.addNode(NodeProto.newBuilder().setOpType("MatMul").addInput("f").addInput("first").addOutput("y0"));
            for (int i = 0; i < 400; i++) {
                graph.addNode(NodeProto.newBuilder().setOpType("MatMul").addInput("y" + i).addInput("w")
                        .addOutput("y" + (i + 1)));
            }
            graph.addOutput(whole.getOutput(0).toBuilder().setName("y400"));
        }, "more than 32 million");
    }

    @Test
    void workAndMemoryAreBounded() {
        dims(d -> d.setDim(2, Dimension.newBuilder().setDimValue(2000)).setDim(3, Dimension.newBuilder()
                .setDimValue(2000)), "node 1");
        node(2, node -> node.setAttribute(3, node.getAttribute(3).toBuilder().setInts(0, 257)), "pads");
        String constants = "computes too many constants";
        graph(graph -> {
            TensorProto sides = TensorProto.newBuilder().setName("sides").setDataType(7).addDims(2)
                    .addInt64Data(1 << 12).addInt64Data(1 << 12).build();
            graph.addInitializer(sides);
            NodeProto.Builder last = graph.getNodeBuilder(0);
            String before = "sides";
            for (int i = 0; i < 20; i++) {
                graph.addNode(i, NodeProto.newBuilder().setOpType("ConstantOfShape").addInput("sides")
                        .addOutput("c" + i));
                before = "c" + i;
            }
            for (int i = 0; i < 20; i++) {
                graph.addNode(20 + i, NodeProto.newBuilder().setOpType("Add").addInput(i == 0 ? before : "s" + (i - 1))
                        .addInput("c" + i).addOutput("s" + i));
            }
            assertEquals("Conv", last.getOpType());
            graph.getNodeBuilder(40).setInput(1, "s19");
        }, constants);
    }

    /** Thousands of nodes, each of which doubles the paths that lead to it. */
    @Test
    void aGraphThatDoublesIsRefused() {
        join("Add", 2, 4000, "joined results to more than 1000");
        join("Relu", 1, 4000, "too many to read");
        for (int each : new int[] {65, 100_000}) {   // Deeplearning4j needs 8 ms for each
            for (String type : List.of("Sum", "Max", "Concat")) join(type, each, 1, "joins " + each + " results");
        }
        join("Sum", 50, 400, "joined results to more than 1000");
        graph(graph -> {
            for (int i = 0; i < 6000; i++) graph.addNode(NodeProto.newBuilder().setOpType("Relu"));
        }, "more than 5000");
    }

    /** Nodes in a row each of which reads the one before it many times. */
    private void join(String type, int each, int nodes, String why) {
        graph(graph -> {
            ValueInfoProto output = graph.getOutput(0);
            graph.clearNode();
            String from = "input";
            for (int i = 0; i < nodes; i++) {
                NodeProto.Builder node = NodeProto.newBuilder().setOpType(type).addOutput("a" + i);
                if (type.equals("Concat")) {
                    node.addAttribute(AttributeProto.newBuilder().setName("axis").setType(AttributeType.INT).setI(1));
                }
                graph.addNode(node.addAllInput(Collections.nCopies(each, from)));
                from = "a" + i;
            }
            graph.clearOutput().addOutput(output.toBuilder().setName(from));
        }, why);
    }

    @Test
    void namesFromTheFileAreHarmlessAndShort() throws IOException {
        String name = "<img src=x onerror=alert(1)>" + "n".repeat(2000);
        ModelProto.Builder model = lenet();
        for (int i : new int[] {0, 3, 13}) model.getGraphBuilder().getNodeBuilder(i).setName(name);
        Path file = Files.write(folder.resolve("named.onnx"), model.build().toByteArray());
        OnnxFiles.readGraph(file).getConfiguration().getVertices().keySet().forEach(here ->
                assertTrue(here.length() < 90 && !here.contains("<"), here));
        graph(graph -> graph.getNodeBuilder(0).setName(name).setInput(1, name), "‹img src=x");
        for (String control : List.of("\u0007", "\u001b[31m", "\u009b31m", "\u202e", "\u2028", "\u2066",
                "\udb40\udc41")) {
            ModelProto.Builder other = lenet();
            other.getGraphBuilder().getNodeBuilder(0).setOpType("x" + control + "y");
            Path strange = Files.write(folder.resolve("strange.onnx"), other.build().toByteArray());
            String message = assertThrows(OnnxFileException.class, () -> OnnxFiles.read(strange)).getMessage();
            assertFalse(message.contains(control.substring(0, 1)), message);
        }
    }
}
