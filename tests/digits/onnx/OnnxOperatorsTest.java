package digits.onnx;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import digits.keras.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.AttributeProto.AttributeType;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.shade.protobuf.ByteString;

/**
 * Graphs as other programs write them, one operator after the other, compute the same here and in ONNX Runtime. Each
 * node is {@code Operator inputs attribute=value} and reads {@code x}, the node before it, or {@code name} if a node
 * begins with {@code name:}. Of the other inputs, {@code w4x1x3x3} are random weights of this shape, {@code f1,2} and
 * {@code i1,2} are fractions and whole numbers ({@code i1,}: also the batch, which is 1 then), and
 * {@code -} is an input that is left out.
 */
@DisabledOnOs(value = OS.MAC, architectures = "x86_64", disabledReason = "ONNX Runtime 1.28 has no library for it")
class OnnxOperatorsTest {
    private static final double CLOSE = 1e-5;

    @TempDir
    Path folder;
    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("nodes");
    private final Random random = new Random(1);

    /** Repeated pixels, in the words of each exporter and version. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            7  | Upsample x scales=[1f,1f,2f,2f]
            9  | Upsample x f1,1,2,3 mode=nearest
            10 | Resize x f1,1,3,1
            11 | Resize x f f1,1,4,4
            13 | Resize x - f1,1,2,2 coordinate_transformation_mode=asymmetric nearest_mode=floor
            13 | Resize x - f1,1,5,7 coordinate_transformation_mode=half_pixel nearest_mode=round_prefer_ceil
            13 | Resize x - f1,1,3,2 coordinate_transformation_mode=pytorch_half_pixel cubic_coeff_a=-0.75
            11 | Resize x f f1,1,3,2 coordinate_transformation_mode=tf_half_pixel_for_nn nearest_mode=floor
            15 | Resize x - - i1,3,14,21
            18 | Resize x - f2,4 axes=[2,3] antialias=0
            19 | Resize x - - i14,7 axes=[-2,-1] keep_aspect_ratio_policy=stretch
            19 | Resize x - f1,1,2,2 coordinate_transformation_mode=half_pixel_symmetric
            13 | Resize x - f1,1,1,1
            """)
    void repeatedPixelsAreRead(int opset, String resize) throws Exception {
        String rest = "Conv x w4x3x3x3 strides=[2,2]; GlobalAveragePool x; Flatten x; Gemm x w4x10 w10";
        same(opset, "Conv x w3x1x4x4 strides=[4,4]; " + resize + "; " + rest);
        String last = "Transpose x perm=[0,2,3,1]; "   // with the channels last
                + resize.replaceAll("f1,1,(\\d),(\\d)", "f1,$1,$2,1").replace("i1,3,14,21", "i1,14,21,3")
                .replaceAll("1f,1f,2f,2f", "1f,2f,2f,1f")
                + "; Transpose x perm=[0,3,1,2]; ";
        if (!resize.contains("axes")) {   // ONNX Runtime 1.28 moves the transpositions, but not the axes
            same(opset, "Conv x w3x1x4x4 strides=[4,4]; " + last + rest);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Resize x - f1,1,2,2 mode=linear                                       | “nearest”
            Resize x - f1,1,2,2 mode=cubic                                        | “nearest”
            Resize x - f1,1,2,2 mode=nope                                         | “nearest”
            Resize x - f1,1,2,2 nearest_mode=ceil                                 | “nearest”
            Resize x - f1,1,2,2 coordinate_transformation_mode=align_corners      | “nearest”
            Resize x - f1,1,2,2 coordinate_transformation_mode=asymmetric         | “nearest”
            Resize x - f1,1,2,2 coordinate_transformation_mode=tf_crop_and_resize | “nearest”
            Resize x - f1,1,1.5,2                                                 | along the axis 2 by the factor 1.5
            Resize x - f1,1,0.5,1                                                 | by the factor 0.5
            Resize x - f1,1,0,1                                                   | by the factor 0.0
            Resize x - f1,1,-2,1                                                  | by the factor -2.0
            Resize x - f1,1,NaN,1                                                 | by the factor NaN
            Resize x - f1,1,1e30,1                                                | by the factor 1.0
            Resize x - f1,2,1,1                                                   | along the axis 1
            Resize x - f2,1,1,1                                                   | along the axis 0
            Resize x - f1,1,256,256                                               | numbers per example
            Resize x - f2,2                                                       | by how much
            Resize x - f                                                          | by how much
            Resize x                                                              | needs factors
            Resize x - x                                                          | two results
            Resize x - - i1,1,27,28                                               | by the factor
            Resize x - - i-1,1,56,56                                              | along the axis 0
            Resize x - - f1,1,56,56                                               | ok
            Resize x - f2,2 axes=[2,9]                                            | names the axis 9
            Resize x - f2,2 axes=[9223372036854775807,2]                          | names the axis
            Flatten x; Resize x - f1,2                                            | needs an image
            Upsample x                                                            | needs factors
            Slice x i0,0 i9,9 i2,3 i2,1                                           | every second row
            Slice x i0,0 i9 i2,3                                                  | does not say
            Slice x i27 i0 i2 i-1                                                 | mirrors
            Slice x i5 i5 i2                                                      | numbers per example
            Slice x i9 i5 i3                                                      | numbers per example
            Slice x i-9223372036854775808 i-9223372036854775808 i3                | numbers per example
            Slice x i0 i1 i0                                                      | a part of the axis 0
            Slice x i0 i0 i1                                                      | a part of the axis 1
            Slice x i0 i9 i4                                                      | names the axis 4
            Slice x                                                               | needs starts
            Max x f1                                                              | use Relu or Clip
            Mean x f1                                                             | use Relu or Clip
            Min x x                                                               | two results
            Add - -                                                               | has no input
            Mul x f1e30; Mul x f1e30                                              | too large
            ThresholdedRelu x alpha=NaN                                           | alpha
            """)
    void otherSizesAreRefused(String nodes, String why) throws IOException {
        Path file = file(18, nodes + "; GlobalAveragePool x; Flatten x; Gemm x w1x10");
        if (why.equals("ok")) {
            assertTrue(OnnxFiles.readGraph(file).outputSingle(images()).sumNumber().doubleValue() > 0);
            return;
        }
        String message = assertThrows(OnnxFileException.class, () -> OnnxFiles.readGraph(file)).getMessage();
        assertTrue(message.contains(why), message);
    }

    /** A small file, much work. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Conv x w5000x1x1x1                                   | Tanh x                                    | 300
            Identity x                                           | Resize x - f1,1,72,72; MaxPool x \
            kernel_shape=[72,72] strides=[72,72]                 | 200
            Conv x w5000x1x1x1                                   | Pad x i0,0,1,0,0,0,0,0; Slice x i1 i99 i2 | 200
            """)
    void muchWorkIsRefused(String first, String again, int times) throws IOException {
        Path file = file(13, first + ("; " + again).repeat(times));
        String message = assertThrows(OnnxFileException.class, () -> OnnxFiles.readGraph(file)).getMessage();
        assertTrue(message.contains("too long"), message);
    }

    /** Heads, branches and layers as other people's examples have them. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            8  | Conv x w8x1x5x5 auto_pad=SAME_UPPER kernel_shape=[5,5]; Add x w8x1x1; Relu x; MaxPool x \
            kernel_shape=[2,2] strides=[2,2] auto_pad=NOTSET; Conv x w16x8x5x5 auto_pad=SAME_UPPER; Add x w16x1x1; \
            Relu x; MaxPool x kernel_shape=[3,3] strides=[3,3]; Reshape x i1,256; MatMul x w256x10; Add x w1x10
            13 | Conv x w8x1x3x3; Relu x; Conv x w4x8x3x3; Relu x; MaxPool x kernel_shape=[2,2] strides=[2,2]; \
            Dropout x f0.25; Flatten x; Gemm x w16x576 w16 transB=1; Relu x; Dropout x f0.5; \
            Gemm x w10x16 w10 transB=1; LogSoftmax x axis=1
            13 | Conv x w10x1x3x3; ReduceMean x axes=[2,3] keepdims=0
            18 | Conv x w10x1x3x3; ReduceMean x i-1,-2 keepdims=1; Flatten x
            13 | a:Conv x w4x1x3x3 pads=[1,1,1,1] strides=[2,2]; b:Conv image w4x1x1x1 strides=[2,2]; Add a b; Relu x; \
            Flatten x; Gemm x w784x10 w10
            13 | Conv x w6x1x3x3 strides=[2,2]; Relu x; Conv x w6x1x3x3 group=6; Clip x f0 f6; Conv x w10x6x1x1; \
            GlobalAveragePool x; Squeeze x i2,3; Softmax x axis=1
            13 | Sub x f0.1307; Div x f0.3081; Flatten x; Gemm x w784x10 w10
            13 | Mul x f255; Reshape x i0,-1; MatMul x w784x16; Add x w16; Tanh x; MatMul x w16x10; Add x w10; Softmax x
            13 | a:Conv x w4x1x3x3; b:Sigmoid a; Mul a b; Flatten x; Gemm x w2704x10 w10
            13 | Conv x w4x1x3x3; a:Relu x; Neg x; Relu x; Concat a x axis=1; Flatten x; Gemm x w5408x10 w10
            13 | Conv x w4x1x7x7 pads=[3,3,3,3] strides=[4,4] dilations=[1,1]; BatchNormalization x w4 w4 w4 f1,2,3,4; \
            LeakyRelu x alpha=0.2; AveragePool x kernel_shape=[7,7]; Flatten x; Gemm x w4x10 w10
            13 | Transpose x perm=[0,2,3,1]; Transpose x perm=[0,3,1,2]; Conv x w4x1x5x5 strides=[5,5]; \
            Transpose x perm=[0,2,3,1]; Reshape x i-1,100; MatMul x w100x10
            13 | Conv x w4x1x5x5 strides=[5,5]; Flatten x; a:Gemm x w100x10; Gemm a w10x10; Add a x; Softmax x
            13 | Conv x w4x1x5x5 strides=[5,5]; Mul x x; Flatten x; Gemm x w100x10
            13 | Conv x w4x1x5x5 strides=[5,5]; Add x w4x5x5; Flatten x; Gemm x w100x10
            13 | Conv x w4x1x5x5 strides=[5,5]; Reshape x i0,4,25; Transpose x perm=[0,2,1]; Flatten x; Gemm x w100x10
            13 | Slice x i2,-20 i26,99 i2,3; Conv x w4x1x5x5 strides=[5,5]; Flatten x; Gemm x w64x10
            13 | Transpose x perm=[0,2,3,1]; Slice x i0,3,4,0 i9223372036854775807,-2,28,1; \
            Transpose x perm=[0,3,1,2]; Conv x w4x1x5x5 strides=[5,5]; Flatten x; Gemm x w64x10
            9  | Slice x starts=[4,6] ends=[24,27] axes=[3,-2]; Conv x w4x1x5x5 strides=[5,5]; Flatten x; \
            Gemm x w64x10 w10
            13 | a:Conv x w4x1x3x3; b:Tanh a; c:Conv image w4x1x3x3; d:Max a b c; Mean a d c; \
            ThresholdedRelu x alpha=0.5; Flatten x; Gemm x w2704x10 w10
            13 | Pad x i0,0,2,2,0,0,2,2; Conv x w4x1x5x5 strides=[5,5]; Flatten x; Gemm x w144x10
            13 | MaxPool x kernel_shape=[3,3] strides=[2,2] ceil_mode=1; Flatten x; Gemm x w196x10
            13 | AveragePool x kernel_shape=[3,3] strides=[2,2] pads=[1,1,1,1] count_include_pad=1; Flatten x; \
            Gemm x w196x10
            13 | AveragePool x kernel_shape=[3,3] strides=[2,2] pads=[1,1,1,1]; Flatten x; Gemm x w196x10
            """)
    void graphsOfOthersPredictTheSame(int opset, String nodes) throws Exception {
        same(opset, nodes);
    }

    private void same(int opset, String nodes) throws IOException, OrtException {
        Path file = file(opset, nodes);
        INDArray images = nodes.contains(" i1,") ? images().get(NDArrayIndex.interval(0, 1)).dup('c') : images();
        ComputationGraph read = OnnxFiles.readGraph(file);
        INDArray ours = read.outputSingle(images);
        INDArray theirs;
        try (WrittenRun run = new WrittenRun(file)) {
            theirs = run.predict(images);
        }
        if (nodes.contains("LogSoftmax")) theirs = Transforms.exp(theirs);
        else if (!nodes.contains("Softmax")) theirs = Transforms.softmax(theirs);
        theirs = theirs.reshape(ours.shape());
        double difference = Fixtures.difference(ours, theirs);
        assertTrue(difference < CLOSE, nodes + ": " + difference);
    }

    private static INDArray images() {
        return Fixtures.images().get(NDArrayIndex.interval(0, 5)).dup('c');
    }

    private Path file(int opset, String nodes) throws IOException {
        graph.clear().addInput(info("image", nodes.contains(" i1,") ? 1 : 0, 1, 28, 28));
        String last = "image";
        for (String node : nodes.split("; *")) last = add(node.strip(), last);
        graph.addOutput(info(last));
        ModelProto model = ModelProto.newBuilder().setIrVersion(8).setGraph(graph)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset)).build();
        return Files.write(folder.resolve("nodes.onnx"), model.toByteArray());
    }

    private static ValueInfoProto info(String name, long... shape) {
        TypeProto.Tensor.Builder type = TypeProto.Tensor.newBuilder().setElemType(1);
        for (long side : shape) {
            if (side > 0) type.getShapeBuilder().addDimBuilder().setDimValue(side);
            else type.getShapeBuilder().addDimBuilder().setDimParam("N");
        }
        return ValueInfoProto.newBuilder().setName(name).setType(TypeProto.newBuilder().setTensorType(type)).build();
    }

    private String add(String text, String before) {
        String[] words = text.split(" +");
        String name = words[0].contains(":") ? words[0].split(":")[0] : "node" + graph.getNodeCount();
        NodeProto.Builder node = NodeProto.newBuilder().setOpType(words[0].replaceFirst(".*:", "")).addOutput(name);
        for (String word : Arrays.asList(words).subList(1, words.length)) {
            if (word.contains("=")) node.addAttribute(attribute(word.split("=")));
            else node.addInput(word.equals("x") ? before : word.equals("-") ? "" : input(word));
        }
        graph.addNode(node);
        return name;
    }

    private static AttributeProto attribute(String[] parts) {
        AttributeProto.Builder attribute = AttributeProto.newBuilder().setName(parts[0]);
        String value = parts[1];
        if (value.startsWith("[")) {
            boolean floats = value.contains("f");
            attribute.setType(floats ? AttributeType.FLOATS : AttributeType.INTS);
            for (String each : value.replaceAll("[\\[\\]f]", "").split(",")) {
                if (floats) attribute.addFloats(Float.parseFloat(each));
                else attribute.addInts(Long.parseLong(each));
            }
        } else if (value.matches("-?\\d+")) {
            attribute.setType(AttributeType.INT).setI(Long.parseLong(value));
        } else if (value.matches("-?[\\d.]+")) {
            attribute.setType(AttributeType.FLOAT).setF(Float.parseFloat(value));
        } else {
            attribute.setType(AttributeType.STRING).setS(ByteString.copyFromUtf8(value));
        }
        return attribute.build();
    }

    /** A name of an earlier node, or of weights that are added here. */
    private String input(String word) {
        if (!word.matches("w[\\dx]+|f.*|i[-\\d,]*")) return word;
        TensorProto.Builder tensor = TensorProto.newBuilder().setName("weights" + graph.getInitializerCount());
        String[] numbers = word.length() == 1 ? new String[0] : word.substring(1).split("[,x]");
        if (word.startsWith("w")) {
            int size = 1;
            for (String side : numbers) {
                tensor.addDims(Long.parseLong(side));
                size *= Integer.parseInt(side);
            }
            tensor.setDataType(1);
            double scale = 2 / Math.sqrt(size / Double.parseDouble(numbers[0]));
            for (int i = 0; i < size; i++) tensor.addFloatData((float) (scale * random.nextGaussian()));
        } else if (word.startsWith("f")) {
            if (numbers.length != 1) tensor.addDims(numbers.length);
            tensor.setDataType(1);
            for (String number : numbers) tensor.addFloatData(Float.parseFloat(number));
        } else {
            tensor.setDataType(7).addDims(numbers.length);
            for (String number : numbers) tensor.addInt64Data(Long.parseLong(number));
        }
        graph.addInitializer(tensor);
        return tensor.getName();
    }
}
