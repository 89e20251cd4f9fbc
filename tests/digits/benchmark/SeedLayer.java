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
 * One layer of the seed's network at batch 128 with the input and the output's gradient that it gets within the network,
 * in the memory layout in which its neighbours hand them over.
 */
public final class SeedLayer {
    static final int BATCH = 128;
    private static final String WORKSPACE = "layer benchmark";
    private static final WorkspaceConfiguration ROOM = WorkspaceConfiguration.builder().initialSize(256L << 20).build();

    /** The layers worth a look, by the place in the network; the shapes are those of one image's output. */
    public enum Place {
        /** 1 → 32 channels, 26×26. Its backward pass computes the input's gradient here, which training leaves out. */
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

        Place(int index) {
            this.index = index;
        }
    }

    private final Layer layer;
    private final INDArray input;
    private final INDArray outputGradient;
    private final LayerWorkspaceMgr workspaces = LayerWorkspaceMgr.builder().defaultWorkspace(WORKSPACE, ROOM).build();

    SeedLayer(Acceleration.Mode mode, Place place) {
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
        for (int i = layers.length - 1; i > place.index; i--) {
            gradient = layers[i].backpropGradient(gradient, none).getSecond();
            InputPreProcessor between = network.getLayerWiseConfigurations().getInputPreProcess(i);
            if (between != null) gradient = between.backprop(gradient, BATCH, none);
        }
        layer = layers[place.index];
        input = inputs[place.index];
        outputGradient = gradient;
    }

    /** The seed's network, accelerated in exactly this way. */
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

    /** Noise from 0 to 1, one batch. */
    static INDArray images() {
        return Nd4j.rand(DataType.FLOAT, BATCH, 1, 28, 28);
    }

    /** One-hot labels, all ten alike. */
    static INDArray labels() {
        INDArray labels = Nd4j.zeros(DataType.FLOAT, BATCH, 10);
        for (int i = 0; i < BATCH; i++) labels.putScalar(i, i % 10, 1);
        return labels;
    }

    /** Opens the memory that passes work in; what they return lives as long as it is open. */
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
