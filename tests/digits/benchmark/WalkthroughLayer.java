package digits.benchmark;

import digits.acceleration.Acceleration;
import digits.networks.WalkthroughNetwork;
import java.util.Locale;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One layer of the walkthrough's network at batch size 128, with the input and the output gradient that it gets within
 * the network, in the memory layout in which its neighbors pass them.
 */
public final class WalkthroughLayer {
    static final int BATCH = 128;
    private static final String WORKSPACE = "layer benchmark";
    private static final WorkspaceConfiguration ROOM = WorkspaceConfiguration.builder().initialSize(256L << 20).build();

    /** The layers to measure, by position in the network; the shapes are those of one image's output. */
    public enum Position {
        /** 1 → 32 channels, 26×26. Its backward pass also computes the gradient at the input, which training skips. */
        CONVOLUTION_1(0),
        /** 32 channels, 26×26. */
        NORMALIZATION_1(1),
        /** 32 → 32 channels, 24×24. */
        CONVOLUTION_2(2),
        /** 24×24 → 12×12, 32 channels. */
        POOLING_1(4),
        /** 12×12, 32 channels. */
        DROPOUT_1(5),
        /** 32 → 64 channels, 10×10. */
        CONVOLUTION_3(6),
        /** 64 channels, 10×10. */
        NORMALIZATION_3(7),
        /** 64 → 64 channels, 8×8. */
        CONVOLUTION_4(8),
        /** 8×8 → 4×4, 64 channels. */
        POOLING_2(10),
        /** 1,024 → 512. */
        DENSE(12),
        /** 512. */
        NORMALIZATION_5(13);

        private final int index;

        Position(int index) {
            this.index = index;
        }
    }

    private final Layer layer;
    private final INDArray input;
    private final INDArray outputGradient;
    private final LayerWorkspaceMgr workspaces = LayerWorkspaceMgr.builder().defaultWorkspace(WORKSPACE, ROOM).build();

    WalkthroughLayer(Acceleration.Mode mode, Position position) {
        MultiLayerNetwork network = network(mode);
        LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
        Layer[] layers = network.getLayers();
        INDArray[] inputs = new INDArray[layers.length];
        INDArray x = images();
        for (int i = 0; i < layers.length; i++) {
            InputPreProcessor between = network.getLayerWiseConfigurations().getInputPreProcess(i);
            inputs[i] = between == null ? x : between.preProcess(x, BATCH, none);
            layers[i].setInputMiniBatchSize(BATCH);
            layers[i].setInput(inputs[i], none);
            x = layers[i].activate(true, none);
        }
        ((OutputLayer) layers[layers.length - 1]).setLabels(labels());
        INDArray gradient = null;
        for (int i = layers.length - 1; i > position.index; i--) {
            gradient = layers[i].backpropGradient(gradient, none).getSecond();
            InputPreProcessor between = network.getLayerWiseConfigurations().getInputPreProcess(i);
            if (between != null) gradient = between.backprop(gradient, BATCH, none);
        }
        layer = layers[position.index];
        input = inputs[position.index];
        outputGradient = gradient;
    }

    /** The walkthrough's network, accelerated in exactly this mode. */
    static MultiLayerNetwork network(Acceleration.Mode mode) {
        System.setProperty(Acceleration.PROPERTY, mode.name().toLowerCase(Locale.ROOT));
        MultiLayerNetwork network = new MultiLayerNetwork(WalkthroughNetwork.configuration(42, 0.99));
        network.init();
        network.initGradientsView();
        Acceleration acceleration = Acceleration.of(network);
        if (acceleration.mode() != mode) throw new IllegalStateException(mode + " does not work here: " + acceleration);
        network.setInputMiniBatchSize(BATCH);
        return network;
    }

    /** One batch of uniform noise from 0 to 1. */
    static INDArray images() {
        return Nd4j.rand(DataType.FLOAT, BATCH, 1, 28, 28);
    }

    /** One-hot labels for one batch, the ten classes in turn. */
    static INDArray labels() {
        INDArray labels = Nd4j.zeros(DataType.FLOAT, BATCH, 10);
        for (int i = 0; i < BATCH; i++) labels.putScalar(i, i % 10, 1);
        return labels;
    }

    /** Opens the workspace of the passes; what they return stays valid until it is closed. */
    MemoryWorkspace open() {
        return Nd4j.getWorkspaceManager().getAndActivateWorkspace(ROOM, WORKSPACE);
    }

    INDArray forward() {
        layer.setInput(input, workspaces);
        return layer.activate(true, workspaces);
    }

    Object backward() {
        return layer.backpropGradient(outputGradient, workspaces);
    }
}
