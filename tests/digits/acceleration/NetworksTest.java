package digits.acceleration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.engine.Engine;
import digits.engine.NativeResource;
import digits.networks.ResNet;
import digits.onednn.OneDnnEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** Accelerated networks as a whole: they stay Deeplearning4j's networks. */
class NetworksTest {
    @AfterEach
    void forgetTheProperty() {
        System.clearProperty(Acceleration.PROPERTY);
    }

    private static MultiLayerNetwork accelerated(boolean dropout) {
        MultiLayerNetwork network = Networks.small(dropout);
        Acceleration report = Acceleration.of(network);
        assertEquals(Optional.empty(), report.reason());
        assertEquals(report.layers().size(), report.accelerated(), report.toString());
        return network;
    }

    @Test
    void savedNetworksArePlainDeeplearning4j(@TempDir Path folder) throws IOException {
        MultiLayerNetwork network = accelerated(false);
        Networks.losses(network, Networks.batches(3, 8));
        Path file = folder.resolve("network.zip");
        ModelSerializer.writeModel(network, file.toFile(), true);
        MultiLayerNetwork plain = ModelSerializer.restoreMultiLayerNetwork(file.toFile(), true);
        assertEquals(org.deeplearning4j.nn.layers.convolution.ConvolutionLayer.class, plain.getLayer(0).getClass());
        assertEquals(network.params(), plain.params());
        assertEquals(network.getUpdater().getStateViewArray(), plain.getUpdater().getStateViewArray());
        assertEquals(network.getLayerWiseConfigurations().toJson(), plain.getLayerWiseConfigurations().toJson());
        INDArray images = Networks.batches(1, 4).get(0).getFeatures();
        Closeness.assertClose("output", plain.output(images), network.output(images), 1e-4);
    }

    @Test
    void clonesArePlainAndIndependent() {
        MultiLayerNetwork network = accelerated(false);
        List<DataSet> batches = Networks.batches(2, 8);
        network.fit(batches.get(0));
        MultiLayerNetwork clone = network.clone();
        assertEquals(org.deeplearning4j.nn.layers.convolution.ConvolutionLayer.class, clone.getLayer(0).getClass());
        INDArray before = clone.params().dup();
        network.fit(batches.get(1));
        assertEquals(before, clone.params());
        Acceleration.of(clone);
        clone.fit(batches.get(1));
        assertEquals(network.params(), clone.params());
    }

    @Test
    void switchingInTheMiddleOfTrainingChangesNothing() {
        List<DataSet> batches = Networks.batches(6, 16);
        MultiLayerNetwork builtIn = Networks.small(false);
        MultiLayerNetwork switching = builtIn.clone();
        try {
            for (int i = 0; i < 6; i++) {
                System.setProperty(Acceleration.PROPERTY, List.of("onednn", "off", "helpers").get(i % 3));
                Acceleration.of(switching);
                builtIn.fit(batches.get(i));
                switching.fit(batches.get(i));
                assertEquals(builtIn.score(), switching.score(), 0.005 * builtIn.score(), "loss of step " + i);
                assertEquals(builtIn.getLayer(0).getIterationCount(), switching.getLayer(0).getIterationCount());
            }
        } finally {
            System.clearProperty(Acceleration.PROPERTY);
        }
    }

    @Test
    void switchedOffTheLayersAreDeeplearning4jsAgainWithTheSameParameters() {
        MultiLayerNetwork network = Networks.small(true);
        List<Class<?>> before = Arrays.stream(network.getLayers()).<Class<?>>map(Object::getClass).toList();
        INDArray images = Networks.batches(1, 4).get(0).getFeatures();
        INDArray expected = network.output(images);
        Acceleration.of(network);
        try {
            System.setProperty(Acceleration.PROPERTY, "off");
            Acceleration.of(network);
        } finally {
            System.clearProperty(Acceleration.PROPERTY);
        }
        assertEquals(before, Arrays.stream(network.getLayers()).<Class<?>>map(Object::getClass).toList());
        assertEquals(expected, network.output(images));
        network.params().assign(0);
        assertEquals(0, network.getLayer(0).getParam("W").sumNumber().doubleValue(), "a view of the network's");
    }

    @Test
    void summaryPrintsTheSameLayers() {
        MultiLayerNetwork network = Networks.small(true);
        String before = network.summary();
        Acceleration.of(network);
        assertEquals(before, network.summary());
    }

    @Test
    void feedForwardAndListenersSeeTheRightNumbers() {
        MultiLayerNetwork builtIn = Networks.small(false);
        MultiLayerNetwork network = builtIn.clone();
        Acceleration.of(network);
        DataSet batch = Networks.batches(1, 4).get(0);
        for (boolean training : new boolean[] {false, true}) {
            List<INDArray> expected = builtIn.feedForward(batch.getFeatures(), training);
            List<INDArray> actual = network.feedForward(batch.getFeatures(), training);
            for (int i = 0; i < expected.size(); i++) {
                Closeness.assertClose("activations " + i, expected.get(i), actual.get(i), 5e-4);
            }
        }
        List<List<INDArray>> seen = new ArrayList<>();
        var listener = new BaseTrainingListener() {
            @Override
            public void onForwardPass(Model model, List<INDArray> activations) {
                seen.add(activations.stream().map(INDArray::detach).toList());
            }
        };
        builtIn.setListeners(listener);
        network.setListeners(listener);
        builtIn.fit(batch);
        network.fit(batch);
        for (int i = 0; i < seen.get(0).size(); i++) {
            Closeness.assertClose("activations " + i, seen.get(0).get(i), seen.get(1).get(i), 5e-4);
        }
    }

    @Test
    void gradientsOfTheWholeNetworkCompareDownToTheImages() {
        MultiLayerNetwork builtIn = Networks.small(false);
        MultiLayerNetwork network = builtIn.clone();
        Acceleration.of(network);
        DataSet batch = Networks.batches(1, 8).get(0);
        Pair<Gradient, INDArray> expected = builtIn.calculateGradients(batch.getFeatures(), batch.getLabels(), null,
                null);
        Pair<Gradient, INDArray> actual = network.calculateGradients(batch.getFeatures(), batch.getLabels(), null,
                null);
        assertNotNull(actual.getSecond());
        Closeness.assertClose("at the images", expected.getSecond(), actual.getSecond(), 2e-3);
        Closeness.assertClose("of all parameters", expected.getFirst().gradient(), actual.getFirst().gradient(), 2e-3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"onednn", "portable"})
    void theSameSeedGivesIdenticalWeights(String mode) {
        System.setProperty(Acceleration.PROPERTY, mode);
        List<DataSet> batches = Networks.batches(10, 16);
        MultiLayerNetwork first = accelerated(true);
        MultiLayerNetwork second = accelerated(true);
        Networks.losses(first, batches);
        Networks.losses(second, batches);
        assertEquals(first.params(), second.params());
    }

    @Test
    void twoNetworksTrainAtOnceAsOneAfterTheOther() throws Exception {
        List<DataSet> batches = Networks.batches(20, 16);
        double[] alone = Networks.losses(accelerated(false), batches);
        List<MultiLayerNetwork> networks = List.of(accelerated(false), accelerated(false));
        List<double[]> together = Collections.synchronizedList(new ArrayList<>());
        inParallel(networks.stream().map(network -> (Callable<Object>) () ->
                together.add(Networks.losses(network, batches))).toList());
        assertEquals(2, together.size());
        // not to the last bit: ND4J shares its threads between the two, so that its sums are split differently
        for (double[] losses : together) {
            for (int step = 0; step < alone.length; step++) {
                assertEquals(alone[step], losses[step], 5e-3 * alone[step], "step " + step);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"onednn", "portable"})
    void twoThreadsPredictAtOnceOnOneNetwork(String mode) throws Exception {
        System.setProperty(Acceleration.PROPERTY, mode);
        MultiLayerNetwork network = accelerated(true);
        List<INDArray> images = List.of(Networks.batches(1, 5).get(0).getFeatures(), Networks.batches(1, 9).get(0)
                .getFeatures());
        List<INDArray> expected = images.stream().map(network::output).toList();
        List<Callable<Object>> tasks = new ArrayList<>();
        for (int thread = 0; thread < 2; thread++) {
            int mine = thread;
            tasks.add(() -> {
                for (int i = 0; i < 50; i++) assertEquals(expected.get(mine), network.output(images.get(mine)));
                return null;
            });
        }
        inParallel(tasks);
    }

    private static void inParallel(List<Callable<Object>> tasks) throws Exception {
        var threads = Executors.newFixedThreadPool(tasks.size());
        try {
            for (Future<Object> result : threads.invokeAll(tasks)) result.get();
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void manyShapesKeepNoMoreThanTheLastFew() {
        MultiLayerNetwork network = accelerated(false);
        INDArray images = Networks.batches(1, 12).get(0).getFeatures();
        MultiLayerNetwork builtIn = Networks.small(false);
        for (int n = 1; n <= 12; n++) {
            INDArray some = images.get(org.nd4j.linalg.indexing.NDArrayIndex.interval(0, n));
            Closeness.assertClose("output of " + n, builtIn.output(some), network.output(some), 1e-4);
        }
        ShapeCache<NativeResource> kept = new ShapeCache<>();
        for (int n = 1; n <= 40; n++) {
            long size = n;
            kept.get(n, () -> new OneDnnEngine(false, Engine.Numbers.FLOAT).copy(Engine.Numbers.FLOAT, size));
        }
        assertEquals(8, kept.byShape.size());
    }

    @Test
    void layersWithoutFasterCodeMixWithTheOthers() {
        var layers = List.of(
                new ConvolutionLayer.Builder(3, 3).nOut(6).activation(Activation.IDENTITY).build(),
                new BatchNormalization.Builder().build(),
                new ActivationLayer.Builder().activation(Activation.RELU).build(),
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.PNORM).pnorm(2).kernelSize(2, 2).stride(2, 2)
                        .build(),
                new ConvolutionLayer.Builder(3, 3).nOut(5).activation(Activation.ELU).dropOut(1.0).build(),
                new GlobalPoolingLayer.Builder().build(),
                new DenseLayer.Builder().nOut(7).activation(Activation.TANH).hasBias(false).build(),
                new OutputLayer.Builder().nOut(Networks.CLASSES).activation(Activation.SOFTMAX).build());
        MultiLayerNetwork builtIn = Networks.of(InputType.convolutional(Networks.SIZE, Networks.SIZE, 1), layers);
        MultiLayerNetwork network = builtIn.clone();
        Acceleration report = Acceleration.of(network);
        assertEquals(5, report.accelerated(), report.toString());
        List<DataSet> batches = Networks.batches(5, 16);
        double[] expected = Networks.losses(builtIn, batches);
        double[] actual = Networks.losses(network, batches);
        for (int i = 0; i < 5; i++) assertEquals(expected[i], actual[i], 0.005 * expected[i], "loss of step " + i);
    }

    @Test
    void doublePrecisionStaysBuiltIn() {
        MultiLayerNetwork network = Networks.small(false).convertDataType(DataType.DOUBLE);
        Acceleration report = Acceleration.of(network);
        assertEquals(0, report.accelerated());
        assertTrue(report.toString().contains("it computes in DOUBLE"), report.toString());
    }

    @Test
    void graphsAreAcceleratedToo() {
        var configuration = new NeuralNetConfiguration.Builder().seed(3).updater(new Adam(1e-3)).graphBuilder()
                .addInputs("image")
                .addLayer("first", new ConvolutionLayer.Builder(3, 3).nOut(8).activation(Activation.RELU).build(),
                        "image")
                .addLayer("left", new ConvolutionLayer.Builder(1, 1).nOut(8).activation(Activation.RELU).build(),
                        "first")
                .addLayer("right", new BatchNormalization.Builder().build(), "first")
                .addVertex("sum", new org.deeplearning4j.nn.conf.graph.ElementWiseVertex(
                        org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op.Add), "left", "right")
                .addLayer("pool", new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG).kernelSize(2, 2)
                        .stride(2, 2).build(), "sum")
                .addLayer("dense", new DenseLayer.Builder().nOut(9).activation(Activation.RELU).build(), "pool")
                .addLayer("digit", new OutputLayer.Builder().nOut(Networks.CLASSES).activation(Activation.SOFTMAX)
                        .build(), "dense")
                .setOutputs("digit").setInputTypes(InputType.convolutional(Networks.SIZE, Networks.SIZE, 1)).build();
        var builtIn = new ComputationGraph(configuration);
        builtIn.init();
        ComputationGraph graph = builtIn.clone();
        Acceleration report = Acceleration.of(graph);
        assertEquals(6, report.accelerated(), report.toString());
        assertNotSame(builtIn.getLayer("first").getClass(), graph.getLayer("first").getClass());
        for (DataSet batch : Networks.batches(10, 16)) {
            builtIn.fit(batch);
            graph.fit(batch);
            assertEquals(builtIn.score(), graph.score(), 0.005 * builtIn.score());
        }
        assertFalse(Double.isNaN(graph.score()));
    }

    /** Images of 28×28, labels of two classes, for the residual network. */
    private static List<DataSet> digits(int batches, int size) {
        Nd4j.getRandom().setSeed(8);
        List<DataSet> all = new ArrayList<>();
        for (int b = 0; b < batches; b++) {
            INDArray labels = Nd4j.zeros(size, 2);
            INDArray images = Nd4j.rand(DataType.FLOAT, size, 1, 28, 28);
            for (int i = 0; i < size; i++) {
                labels.putScalar(i, i % 2, 1);
                images.slice(i).muli(i % 2 == 0 ? 1 : 0.5);
            }
            all.add(new DataSet(images, labels));
        }
        return all;
    }

    private static ComputationGraph residual() {
        var graph = new ComputationGraph(ResNet.configuration(4, 2, 1));
        graph.init();
        return graph;
    }

    @ParameterizedTest
    @ValueSource(strings = {"onednn", "portable"})
    void residualNetworksCompareInOutputsAndGradients(String mode) {
        System.setProperty(Acceleration.PROPERTY, mode);
        ComputationGraph builtIn = residual();
        ComputationGraph graph = builtIn.clone();
        Acceleration report = Acceleration.of(graph);
        assertEquals(report.layers().size() - 1, report.accelerated(), "all but the mean of each channel: " + report);
        DataSet batch = digits(1, 6).get(0);
        Map<String, INDArray> expected = builtIn.feedForward(batch.getFeatures(), true);
        Map<String, INDArray> actual = graph.feedForward(batch.getFeatures(), true);
        expected.forEach((name, activations) -> Closeness.assertClose(name, activations, actual.get(name), 1e-3));
        for (ComputationGraph each : List.of(builtIn, graph)) {
            each.setInputs(batch.getFeatures());
            each.setLabels(batch.getLabels());
            each.computeGradientAndScore();
        }
        // before a batch normalization the gradients nearly cancel out: compare with the largest of all
        builtIn.gradient().gradientForVariable().forEach((name, gradient) ->
                Closeness.assertClose(name, gradient, graph.gradient().getGradientFor(name), 5e-3));
        assertEquals(builtIn.score(), graph.score(), 1e-4 * builtIn.score());
        Closeness.assertClose("output", builtIn.outputSingle(batch.getFeatures()),
                graph.outputSingle(batch.getFeatures()), 1e-3);
    }

    @Test
    void residualNetworksTrainAlike() {
        ComputationGraph builtIn = residual();
        ComputationGraph graph = builtIn.clone();
        Acceleration.of(graph);
        for (DataSet batch : digits(6, 8)) {
            builtIn.fit(batch);
            graph.fit(batch);
            assertEquals(builtIn.score(), graph.score(), 0.01 * Math.max(builtIn.score(), 0.1));
        }
    }

    @Test
    void sumsOfAGraphAreReplacedAndTakenBack() {
        ComputationGraph graph = residual();
        String before = graph.summary();
        INDArray images = digits(1, 3).get(0).getFeatures();
        INDArray expected = graph.outputSingle(images);
        Class<?> builtIn = graph.getVertex("block 1.1 sum").getClass();
        Acceleration.of(graph);
        assertEquals(ElementWiseVertex.class, graph.getVertex("block 1.1 sum").getClass());
        assertEquals(before, graph.summary());
        assertEquals(builtIn, graph.clone().getVertex("block 1.1 sum").getClass());
        Closeness.assertClose("output", expected, graph.outputSingle(images), 1e-3);
        Acceleration.of(graph);
        Closeness.assertClose("output after the second call", expected, graph.outputSingle(images), 1e-3);
        try {
            System.setProperty(Acceleration.PROPERTY, "off");
            Acceleration.of(graph);
        } finally {
            System.clearProperty(Acceleration.PROPERTY);
        }
        assertEquals(builtIn, graph.getVertex("block 1.1 sum").getClass());
        assertEquals(expected, graph.outputSingle(images));
    }

    /** One way goes twice into sums, arrays are of several shapes, and there are sums of three and other operations. */
    @ParameterizedTest
    @ValueSource(strings = {"onednn", "portable"})
    void whereArraysAreSharedNothingIsWrittenOver(String mode) {
        System.setProperty(Acceleration.PROPERTY, mode);
        var configuration = new NeuralNetConfiguration.Builder().seed(3).updater(new Adam(1e-3))
                .convolutionMode(ConvolutionMode.Same).graphBuilder()
                .addInputs("image")
                .addLayer("first", new ConvolutionLayer.Builder(3, 3).nOut(4).activation(Activation.IDENTITY).build(),
                        "image")
                .addLayer("relu", new ActivationLayer(Activation.RELU), "first")
                .addLayer("again", new ActivationLayer(Activation.RELU), "first")
                .addLayer("second", new ConvolutionLayer.Builder(3, 3).nOut(4).activation(Activation.TANH).build(),
                        "relu")
                .addVertex("sum", new org.deeplearning4j.nn.conf.graph.ElementWiseVertex(Op.Add), "first", "second")
                .addVertex("more", new org.deeplearning4j.nn.conf.graph.ElementWiseVertex(Op.Add), "sum", "relu")
                .addVertex("three", new org.deeplearning4j.nn.conf.graph.ElementWiseVertex(Op.Add), "sum", "more",
                        "again")
                .addVertex("product", new org.deeplearning4j.nn.conf.graph.ElementWiseVertex(Op.Product), "three",
                        "relu")
                .addLayer("last", new ActivationLayer(Activation.RELU), "product")
                .addLayer("dense", new DenseLayer.Builder().nOut(9).activation(Activation.IDENTITY).build(), "last")
                .addLayer("left", new ActivationLayer(Activation.RELU), "dense")
                .addVertex("vectors", new org.deeplearning4j.nn.conf.graph.ElementWiseVertex(Op.Add), "left", "dense")
                .addLayer("digit", new OutputLayer.Builder().nOut(Networks.CLASSES).activation(Activation.SOFTMAX)
                        .build(), "vectors")
                .setOutputs("digit").setInputTypes(InputType.convolutional(Networks.SIZE, Networks.SIZE, 1)).build();
        var builtIn = new ComputationGraph(configuration);
        builtIn.init();
        ComputationGraph graph = builtIn.clone();
        Acceleration.of(graph);
        for (DataSet batch : Networks.batches(8, 16)) {
            builtIn.fit(batch);
            graph.fit(batch);
            assertEquals(builtIn.score(), graph.score(), 0.002 * builtIn.score());
            builtIn.gradient().gradientForVariable().forEach((name, gradient) ->
                    Closeness.assertClose(name, gradient, graph.gradient().getGradientFor(name), 0.02));
        }
        INDArray images = Networks.batches(1, 3).get(0).getFeatures();
        Closeness.assertClose("output", builtIn.outputSingle(images), graph.outputSingle(images), 0.01);
    }
}
