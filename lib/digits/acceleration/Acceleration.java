package digits.acceleration;

import digits.engine.Engine;
import digits.files.Versions;
import digits.networks.Network;
import digits.onednn.OneDnn;
import digits.onednn.OneDnnEngine;
import digits.portable.OpenBlas;
import digits.portable.PortableEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Speeds up a Deeplearning4j network on the CPU in one line: {@code Acceleration.of(network)}, after {@code init()},
 * after loading and after {@code clone()}. The network keeps its configuration, its parameters, its saved files and (up
 * to rounding) its results; only the code behind its layers and its updater changes. Layers without faster code keep
 * the built-in code.
 *
 * <p>The system property {@value #PROPERTY} chooses the mode: {@code bfloat16} (oneDNN with products of 16-bit numbers,
 * on processors that have instructions for them), {@code onednn} (default on x86), {@code portable} (OpenBLAS and Java,
 * on any processor; default on ARM), {@code helpers} (Deeplearning4j's own helpers, which it never switches on) or
 * {@code off}. If a mode cannot work, the next one in this order is used, and {@link #reason} says why.
 *
 * @param mode   the mode in use
 * @param layers one entry per layer, in the network's order
 * @param reason why the mode is not the one that was asked for; empty if it is
 */
public record Acceleration(Mode mode, List<AcceleratedLayer> layers, Optional<String> reason) {
    /** The system property that chooses the mode. */
    public static final String PROPERTY = "digits.acceleration";

    /**
     * What computes the layers, each mode followed by the one that replaces it where it cannot work: oneDNN, where
     * convolutions and dense layers of 16 channels or more read their inputs, weights and gradients rounded to bfloat16
     * (8 bits of precision instead of 24; sums and weights remain floats), and while a {@link MultiLayerNetwork} is
     * trained whose layers are all accelerated, the arrays between them are bfloat16, too, unless a layer has dropout
     * and is no dropout layer; oneDNN's primitives, compiled once per shape and kept; OpenBLAS's matrix products and
     * loops in Java; Deeplearning4j's helpers, which call oneDNN through ND4J; or Deeplearning4j's built-in code.
     */
    public enum Mode {
        BFLOAT16, ONEDNN, PORTABLE, HELPERS, OFF;

        boolean usesOneDnn() {
            return this == ONEDNN || this == BFLOAT16;
        }

        /** What the layers that replace Deeplearning4j's compute with; empty if none are replaced. */
        private Optional<Engine> engine() {
            return switch (this) {
                case BFLOAT16, ONEDNN -> Optional.of(new OneDnnEngine(this == BFLOAT16, Engine.Numbers.FLOAT));
                case PORTABLE -> Optional.of(new PortableEngine());
                case HELPERS, OFF -> Optional.empty();
            };
        }

        /** Why this mode cannot work here; empty if it can. */
        private Optional<String> missing() {
            return switch (this) {
                case BFLOAT16 -> OneDnn.slowBfloat16();
                case ONEDNN -> OneDnn.missing();
                case PORTABLE -> OpenBlas.missing();
                case HELPERS -> DeeplearningHelpers.missing();
                case OFF -> Optional.empty();
            };
        }
    }

    /**
     * What happened to one layer.
     *
     * @param name   its name in the network, or its position
     * @param kind   the configuration's class, for example {@code ConvolutionLayer}
     * @param reason why it keeps the built-in code; empty if it is accelerated
     */
    public record AcceleratedLayer(String name, String kind, Optional<String> reason) { }

    /**
     * Accelerates this network, as far as possible. Training and inference then work as before. Calling it again is
     * harmless, and switches over if the mode has changed.
     *
     * <p>Any thread may use the network, but it does one computation at a time: a second thread that calls {@code
     * output} or {@code fit} waits for the first, for as long as an epoch with {@code fit(iterator)}. Threads that
     * should predict at the same time need clones, each accelerated. (As in Deeplearning4j, calls that consist of two
     * passes, such as {@code calculateGradients}, are not one computation: hold the network's monitor around them.)
     *
     * @throws IllegalArgumentException if the property {@value #PROPERTY} names no mode
     * @throws IllegalStateException    if another version of Deeplearning4j is on the class path
     */
    public static Acceleration of(MultiLayerNetwork network) {
        Versions.check();
        synchronized (network) {
            return accelerated(network);
        }
    }

    private static Acceleration accelerated(MultiLayerNetwork network) {
        network.init();
        boolean plainInput = network.getLayerWiseConfigurations().getInputPreProcess(0) == null;
        int last = network.getLayers().length - 1;   // may be handed a gradient that belongs to the caller
        @SuppressWarnings("unchecked")
        Map<String, Layer> byName = (Map<String, Layer>) LayerSupport.privateField(MultiLayerNetwork.class, "layerMap")
                .get(network);   // where getLayer(name) looks
        Acceleration acceleration = of(network.getLayers(),
                (i, engine, training) -> new LayerPosition(network, plainInput && i == 0, i < last, engine, training),
                layer -> byName.put(layer.conf().getLayer().getLayerName(), layer));
        Updaters.install(network, acceleration.mode().engine().isPresent());
        return acceleration;
    }

    /**
     * Accelerates this graph, as far as possible: its layers, and its sums of two arrays, which are not layers and have
     * no entry in the report.
     *
     * @throws IllegalArgumentException if the property {@value #PROPERTY} names no mode
     * @throws IllegalStateException    if another version of Deeplearning4j is on the class path
     */
    public static Acceleration of(ComputationGraph graph) {
        Versions.check();
        synchronized (graph) {
            graph.init();
            // other layers may share the arrays, and vertices take floats only
            Acceleration acceleration = of(graph.getLayers(), (i, engine, training) ->
                    new LayerPosition(graph, false, false, engine, engine), layer ->
                    ((LayerVertex) graph.getVertex(layer.conf().getLayer().getLayerName())).setLayer(layer));
            Optional<Engine> engine = acceleration.mode().engine();
            ElementWiseVertex.replace(graph, engine);
            Updaters.install(graph, engine.isPresent());
            return acceleration;
        }
    }

    /**
     * An immutable copy of a network that only predicts, and faster; see {@link FrozenNetwork}. The network
     * itself need not be accelerated, and does not change.
     *
     * @throws IllegalArgumentException if the property {@value #PROPERTY} names no mode
     * @throws IllegalStateException    if another version of Deeplearning4j is on the class path
     */
    public static FrozenNetwork freeze(MultiLayerNetwork network) {
        Versions.check();
        synchronized (network) {
            network.init();
            return FrozenNetwork.of(network);
        }
    }

    /** The same for a graph. */
    public static FrozenNetwork freeze(ComputationGraph graph) {
        Versions.check();
        synchronized (graph) {
            graph.init();
            return FrozenNetwork.of(graph);
        }
    }

    /** The same for either kind of network. */
    public static FrozenNetwork freeze(Network network) {
        return network.model() instanceof MultiLayerNetwork sequence ? freeze(sequence)
                : freeze((ComputationGraph) network.model());
    }

    private interface Positions {
        LayerPosition of(int layer, Engine inference, Engine training);
    }

    /** @param put makes the network find a layer under its name; its place in the array is set here */
    private static Acceleration of(Layer[] layers, Positions positions, Consumer<Layer> put) {
        Mode wanted = wanted();
        Mode mode = Stream.of(Mode.values()).dropWhile(each -> each != wanted)
                .filter(each -> each.missing().isEmpty()).findFirst().orElse(Mode.OFF);
        Optional<Engine> engine = mode.engine();
        if (mode != Mode.PORTABLE) OpenBlas.restoreThreads();
        for (int i = 0; i < layers.length; i++) {
            if (layers[i] instanceof Replacement) replace(layers, i, LayerKinds.builtIn(layers[i]), put);
            DeeplearningHelpers.remove(layers[i]);
        }
        Optional<Engine> training = mode != Mode.BFLOAT16 || !Stream.of(layers).allMatch(LayerKinds::takesBfloat16)
                ? engine : Optional.of(new OneDnnEngine(true, Engine.Numbers.BFLOAT16));
        List<AcceleratedLayer> report = new ArrayList<>();
        for (int i = 0; i < layers.length; i++) {
            Optional<String> reason = switch (mode) {
                case OFF -> Optional.of("acceleration is off");
                case HELPERS -> DeeplearningHelpers.install(layers[i]);
                case BFLOAT16, ONEDNN, PORTABLE -> {
                    layers[i].allowInputModification(false);   // backpropagation may need the output before
                    Optional<String> unsupported = LayerKinds.unsupported(layers[i]);
                    Optional<Layer> faster = LayerKinds.replacement(layers[i],
                            positions.of(i, engine.orElseThrow(), training.orElseThrow()));
                    if (faster.isPresent()) replace(layers, i, faster.get(), put);
                    yield unsupported;
                }
            };
            String name = layers[i].conf().getLayer().getLayerName();
            report.add(new AcceleratedLayer(name == null ? "layer" + layers[i].getIndex() : name,
                    layers[i].conf().getLayer().getClass().getSimpleName(), reason));
        }
        return new Acceleration(mode, List.copyOf(report), wanted.missing());
    }

    /** The other layer gets the state: parameters and gradients (views of the network's), counters, listeners. */
    private static void replace(Layer[] layers, int i, Layer to, Consumer<Layer> put) {
        Layer from = layers[i];
        to.setIndex(from.getIndex());
        to.setListeners(from.getListeners());
        to.setIterationCount(from.getIterationCount());
        to.setEpochCount(from.getEpochCount());
        if (from.paramTable() != null) to.setParamTable(from.paramTable());
        if (from.params() != null) to.setParamsViewArray(from.params());
        if (from.getGradientsViewArray() != null) to.setBackpropGradientsViewArray(from.getGradientsViewArray());
        layers[i] = to;
        put.accept(to);
    }

    static Mode wanted() {
        String text = System.getProperty(PROPERTY, preferred(System.getProperty("os.arch")));
        try {
            return Mode.valueOf(text.strip().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            throw new IllegalArgumentException("The property " + PROPERTY + " is \"" + text
                    + "\"; it has to be bfloat16, onednn, portable, helpers or off");
        }
    }

    /** The mode for a processor. On ARM, oneDNN 2.5 is missing (macOS) or has no code compiled for it (Linux). */
    static String preferred(String architecture) {
        return architecture.equals("aarch64") ? "portable" : "onednn";
    }

    /** Number of layers with faster code. */
    public long accelerated() {
        return layers.stream().filter(layer -> layer.reason().isEmpty()).count();
    }

    /** One line, for example “oneDNN computes 15 of 16 layers; built in: layer3 PReLULayer (no faster code …)”. */
    @Override
    public String toString() {
        String what = switch (mode) {
            case ONEDNN -> "oneDNN computes %d of %d layers";
            case BFLOAT16 -> "oneDNN computes %d of %d layers, with products in bfloat16";
            case PORTABLE -> "OpenBLAS and Java compute %d of %d layers";
            case HELPERS -> "Deeplearning4j's oneDNN helpers compute %d of %d layers";
            case OFF -> "no acceleration: Deeplearning4j's built-in code computes all %2$d layers";
        };
        String rest = mode == Mode.OFF || accelerated() == layers.size() ? "" : "; built in: " + layers.stream()
                .filter(layer -> layer.reason().isPresent())
                .map(layer -> layer.name() + " " + layer.kind() + " (" + layer.reason().orElseThrow() + ")")
                .collect(Collectors.joining(", "));
        return what.formatted(accelerated(), layers.size()) + rest + reason.map(r -> ". Reason: " + r).orElse("");
    }
}
