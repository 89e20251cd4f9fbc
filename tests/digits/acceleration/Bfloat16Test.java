package digits.acceleration;

import static digits.acceleration.Networks.accelerate;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.acceleration.Acceleration.Mode;
import digits.engine.Engine.Numbers;
import digits.engine.Region;
import digits.interpret.LossGradient;
import digits.onednn.OneDnn;
import digits.onednn.OneDnnEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.ShortPointer;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The mode bfloat16. On a processor without instructions for it, the tests check that it computes as onednn does. */
class Bfloat16Test {
    @AfterEach
    void forgetTheProperty() {
        System.clearProperty(Acceleration.PROPERTY);
    }

    private static boolean isUsed() {
        return OneDnn.slowBfloat16().isEmpty();
    }

    @Test
    void trainsAsFloatsDo() {
        List<DataSet> batches = Networks.batches(20, 32);
        MultiLayerNetwork floats = Networks.wide();
        MultiLayerNetwork rounded = floats.clone();
        MultiLayerNetwork again = floats.clone();
        accelerate(floats, "onednn");
        Acceleration report = accelerate(rounded, "bfloat16");
        INDArray images = Networks.batches(1, 40).get(0).getFeatures();
        INDArray expectedOutput = floats.output(images);
        INDArray output = rounded.output(images);
        double[] expected = Networks.losses(floats, batches);
        double[] losses = Networks.losses(rounded, batches);
        assertEquals(OneDnn.slowBfloat16(), report.reason());
        assertEquals(6, report.accelerated());
        if (report.reason().isPresent()) {
            assertEquals(Mode.ONEDNN, report.mode());
            assertArrayEquals(expected, losses);
            return;
        }
        assertEquals("oneDNN computes 6 of 6 layers, with products in bfloat16", report.toString());
        accelerate(again, "bfloat16");
        assertArrayEquals(losses, Networks.losses(again, batches));
        assertTrue(expectedOutput.squaredDistance(output) > 1e-10, "the products are rounded");
        Closeness.assertClose("output", expectedOutput, output, 0.05);
        assertTrue(losses[19] < 0.8 * losses[0], "the network learns: " + losses[0] + " to " + losses[19]);
        for (int i = 0; i < 5; i++) assertEquals(expected[i], losses[i], 0.05 * expected[i], "loss of step " + i);
    }

    /** Networks whose layers differ in what they can do with bfloat16. */
    enum Kind {
        WALKTHROUGH(new ConvolutionLayer.Builder(3, 3).nOut(16).activation(Activation.RELU).build(),
                new BatchNormalization.Builder().build(), pooling(PoolingType.MAX, 2, 2, 0),
                new DropoutLayer.Builder(0.75).build(),
                new DenseLayer.Builder().nOut(32).activation(Activation.RELU).build(),
                new BatchNormalization.Builder().build(), new DropoutLayer.Builder(0.5).build()),
        NO_FUSED_ACTIVATION(new ConvolutionLayer.Builder(3, 3).nOut(16).activation(Activation.IDENTITY).build(),
                new BatchNormalization.Builder().build(),
                new ActivationLayer.Builder().activation(Activation.RELU).build(), pooling(PoolingType.AVG, 3, 2, 0),
                new ConvolutionLayer.Builder(3, 3).nOut(16).activation(Activation.TANH).build(),
                new DenseLayer.Builder().nOut(16).activation(Activation.SIGMOID).build()),
        ODD_SIZES(new ConvolutionLayer.Builder(3, 3).nOut(5).activation(Activation.RELU).build(),
                new BatchNormalization.Builder().build(),
                new ConvolutionLayer.Builder(5, 3).stride(2, 1).nOut(18).convolutionMode(ConvolutionMode.Same)
                        .activation(Activation.RELU).build(),
                pooling(PoolingType.MAX, 3, 2, 1),
                new DenseLayer.Builder().nOut(7).activation(Activation.RELU).build()),
        NORMALIZATION_FIRST(new BatchNormalization.Builder().build(),
                new DenseLayer.Builder().nOut(16).activation(Activation.RELU).build()),
        POOLING_FIRST(pooling(PoolingType.MAX, 2, 2, 0), new DropoutLayer.Builder(0.9).build(),
                new ConvolutionLayer.Builder(3, 3).nOut(16).activation(Activation.RELU).build()),
        POOLING_ONE_DNN_REFUSES(new ConvolutionLayer.Builder(3, 3).nOut(16).activation(Activation.RELU).build(),
                pooling(PoolingType.MAX, 4, 2, 3),
                new ConvolutionLayer.Builder(3, 3).nOut(16).activation(Activation.RELU).build()),
        DROPS_INPUT(new ConvolutionLayer.Builder(3, 3).nOut(16).activation(Activation.RELU).build(),
                new ConvolutionLayer.Builder(3, 3).nOut(16).activation(Activation.RELU).dropOut(0.8).build()),
        NOT_ALL_ACCELERATED(new ConvolutionLayer.Builder(3, 3).nOut(16).activation(Activation.RELU).build(),
                new ActivationLayer.Builder().activation(Activation.ELU).build(),
                new ConvolutionLayer.Builder(3, 3).nOut(16).activation(Activation.RELU).build());

        final List<Layer> layers;

        Kind(Layer... layers) {
            this.layers = List.of(layers);
        }

        private static SubsamplingLayer pooling(PoolingType type, int kernel, int stride, int padding) {
            return new SubsamplingLayer.Builder(type).kernelSize(kernel, kernel).stride(stride, stride)
                    .padding(padding, padding).build();
        }

        private MultiLayerNetwork network() {
            List<Layer> all = new ArrayList<>();
            for (Layer layer : layers) all.add(layer.clone());
            all.add(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT).nOut(Networks.CLASSES)
                    .activation(Activation.SOFTMAX).build());
            return Networks.of(InputType.convolutional(Networks.SIZE, Networks.SIZE, 1), all);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void gradientsAreThoseOfFloats(Kind kind) {
        MultiLayerNetwork floats = kind.network();
        MultiLayerNetwork rounded = floats.clone();
        accelerate(floats, "onednn");
        accelerate(rounded, "bfloat16");
        DataSet batch = Networks.batches(1, 64).get(0);
        Pair<Gradient, INDArray> expected = gradients(floats, batch);
        Pair<Gradient, INDArray> actual = gradients(rounded, batch);
        assertEquals(floats.score(), rounded.score(), 0.02 * floats.score());
        assertEquals(DataType.FLOAT, actual.getSecond().dataType());
        assertArrayEquals(new long[] {64, 1, Networks.SIZE, Networks.SIZE}, actual.getSecond().shape());
        assertSimilar("gradient at the images", expected.getSecond(), actual.getSecond());
        expected.getFirst().gradientForVariable().forEach((name, array) -> {
            INDArray other = actual.getFirst().getGradientFor(name);
            assertEquals(DataType.FLOAT, other.dataType(), name);
            if (array.norm2Number().doubleValue() > 1e-4) assertSimilar(name, array, other);
        });
        List<DataSet> batches = Networks.batches(20, 32);
        double[] wanted = Networks.losses(floats, batches);
        double[] losses = Networks.losses(rounded, batches);
        for (int i = 0; i < 20; i++) assertEquals(wanted[i], losses[i], 0.1 * wanted[0], "loss of step " + i);
    }

    private static Pair<Gradient, INDArray> gradients(MultiLayerNetwork network, DataSet batch) {
        Nd4j.getRandom().setSeed(5);   // what is dropped
        return network.calculateGradients(batch.getFeatures(), batch.getLabels(), null, null);
    }

    private static void assertSimilar(String what, INDArray expected, INDArray actual) {
        double similarity = Transforms.cosineSim(expected.dup('c').reshape(-1), actual.dup('c').reshape(-1));
        assertTrue(similarity > 0.97, what + ": cosine of the angle between the gradients " + similarity);
        assertEquals(1, actual.norm2Number().doubleValue() / expected.norm2Number().doubleValue(), 0.1, what);
    }

    @Test
    void arraysBetweenLayersAreBfloat16InTrainingAlone() {
        MultiLayerNetwork network = Kind.WALKTHROUGH.network();
        Mode mode = accelerate(network, "bfloat16").mode();
        assertEquals(isUsed() ? Mode.BFLOAT16 : Mode.ONEDNN, mode);
        INDArray images = Networks.batches(1, 8).get(0).getFeatures();
        DataType between = isUsed() ? DataType.BFLOAT16 : DataType.FLOAT;
        List<DataType> inTraining = types(network.feedForward(images, true));
        assertEquals(DataType.FLOAT, inTraining.get(8), "the network's output");
        for (DataType type : inTraining.subList(1, 8)) assertEquals(between, type);
        assertEquals(9, types(network.feedForward(images, false)).stream().filter(DataType.FLOAT::equals).count());
    }

    @ParameterizedTest
    @EnumSource(value = Kind.class, names = {"DROPS_INPUT", "NOT_ALL_ACCELERATED"})
    void arraysRemainFloatsWhereDeeplearningReadsThem(Kind kind) {
        MultiLayerNetwork network = kind.network();
        accelerate(network, "bfloat16");
        List<DataType> types = types(network.feedForward(Networks.batches(1, 8).get(0).getFeatures(), true));
        assertEquals(List.of(DataType.FLOAT), types.stream().distinct().toList());
    }

    private static List<DataType> types(List<INDArray> arrays) {
        return arrays.stream().map(INDArray::dataType).collect(Collectors.toList());
    }

    /** It goes back through single layers, after a forward pass of prediction. */
    @ParameterizedTest
    @EnumSource(value = Kind.class, names = {"WALKTHROUGH", "NO_FUSED_ACTIVATION", "ODD_SIZES"})
    void saliencyIsOfFloats(Kind kind) {
        MultiLayerNetwork floats = kind.network();
        MultiLayerNetwork rounded = floats.clone();
        accelerate(floats, "onednn");
        accelerate(rounded, "bfloat16");
        rounded.fit(Networks.batches(1, 8).get(0));   // leaves arrays of bfloat16 in the layers
        rounded.setParameters(floats.params());
        INDArray images = Networks.batches(1, 4).get(0).getFeatures();
        INDArray actual = LossGradient.of(rounded, images, 0, 1, 2, 3);
        assertEquals(DataType.FLOAT, actual.dataType());
        assertSimilar("gradient at the images", LossGradient.of(floats, images, 0, 1, 2, 3), actual);
    }

    @Test
    void masksAreLeftToDeeplearning() {
        MultiLayerNetwork floats = Kind.WALKTHROUGH.network();
        MultiLayerNetwork rounded = floats.clone();
        accelerate(floats, "onednn");
        accelerate(rounded, "bfloat16");
        DataSet batch = Networks.batches(1, 16).get(0);
        INDArray mask = Nd4j.ones(16, 1);
        mask.putScalar(3, 0, 0);
        for (MultiLayerNetwork each : List.of(floats, rounded)) {
            Nd4j.getRandom().setSeed(5);
            each.fit(batch.getFeatures(), batch.getLabels(), null, mask);
        }
        assertEquals(floats.score(), rounded.score(), 0.05 * floats.score());
    }

    /** To the nearest, halves to even: 1 + 1/256 lies between 1 and 1 + 1/128. */
    @Test
    void conversionsRound() {
        if (OneDnn.missing().isPresent()) return;
        float[] numbers = {1f, 1 + 1 / 256f, 1 + 3 / 256f, 1 + 1 / 250f, -3.14159f, 0f};
        float[] expected = {1f, 1f, 1 + 4 / 256f, 1 + 2 / 256f, -3.140625f, 0f};
        try (var floats = new FloatPointer(numbers); var shorts = new ShortPointer(6); var back = new FloatPointer(6);
                var down = new OneDnnEngine(true, Numbers.BFLOAT16).copy(Numbers.FLOAT, 6);
                var up = new OneDnnEngine(true, Numbers.FLOAT).copy(Numbers.BFLOAT16, 6)) {
            Region half = new Region(shorts.address(), 12);
            Region result = new Region(back.address(), 24);
            if (!isUsed()) return;
            down.run(new Region(floats.address(), 24), half);
            up.run(half, result);
            assertArrayEquals(expected, result.read(6));
        }
    }
}
