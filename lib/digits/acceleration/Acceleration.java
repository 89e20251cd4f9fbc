package digits.acceleration;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Speeds up a Deeplearning4j network on the CPU in one line: {@code Acceleration.of(network)}, after {@code init()}, after
 * loading and after {@code clone()}. The network stays what it is: the same configuration, parameters, saved files and
 * results (up to rounding); only the code behind its layers and its updater changes. What has no faster code keeps the built-in path.
 *
 * <p>The system property {@code digits.acceleration} chooses the way: {@code onednn} (default), {@code helpers}
 * (Deeplearning4j's own helpers, which it never switches on) or {@code off}. Where one cannot work, the next is taken, and
 * {@link #reason} says so once for the network.
 *
 * @param mode   what is at work now
 * @param layers one entry for each layer, in the network's order
 * @param reason why it is not the mode that was asked for, if so
 */
public record Acceleration(Mode mode, List<AcceleratedLayer> layers, Optional<String> reason) {
    /** The system property that chooses the mode. */
    public static final String PROPERTY = "digits.acceleration";

    /** Who computes the layers. */
    public enum Mode {
        /** oneDNN's primitives, made once for each shape and kept. */
        ONEDNN,
        /** Deeplearning4j's helpers, which call oneDNN through ND4J. */
        HELPERS,
        /** Deeplearning4j as it comes. */
        OFF
    }

    /**
     * One layer.
     *
     * @param name   its name in the network, or its position
     * @param kind   the configuration's class, for example {@code ConvolutionLayer}
     * @param reason why it keeps the built-in path; empty if it is accelerated
     */
    public record AcceleratedLayer(String name, String kind, Optional<String> reason) {
        /** Whether it leaves the built-in path. */
        public boolean accelerated() {
            return reason.isEmpty();
        }
    }

    public Acceleration {
        layers = List.copyOf(layers);
    }

    /**
     * Accelerates this network, as far as it can. Training, predictions and everything else then go on as before; not to be
     * called while another thread uses the network. Calling it again is harmless, and with another mode switches over.
     *
     * @throws IllegalArgumentException if the property {@value #PROPERTY} has a value that is none of the modes
     */
    public static Acceleration of(MultiLayerNetwork network) {
        network.init();
        boolean plainInput = network.getLayerWiseConfigurations().getInputPreProcess(0) == null;
        int last = network.getLayers().length - 1;   // may be handed a gradient that is the user's
        Acceleration acceleration = of(network.getLayers(), i -> new Place(plainInput && i == 0, i < last), layer -> put(network, layer));
        Updaters.install(network, acceleration.mode() == Mode.ONEDNN);
        return acceleration;
    }

    /**
     * Accelerates this graph, as far as it can: its layers, and the sums of two, which are none and have no entry in the report.
     *
     * @throws IllegalArgumentException if the property {@value #PROPERTY} has a value that is none of the modes
     */
    public static Acceleration of(ComputationGraph graph) {
        graph.init();
        Acceleration acceleration = of(graph.getLayers(), i -> Place.ANYWHERE, layer -> {
            String name = layer.conf().getLayer().getLayerName();
            ((LayerVertex) graph.getVertex(name)).setLayer(layer);
        });
        ElementWiseVertex.replace(graph, acceleration.mode() == Mode.ONEDNN);
        Updaters.install(graph, acceleration.mode() == Mode.ONEDNN);
        return acceleration;
    }

    /** @param put makes the network use a layer under its name (its place in the array is taken care of here) */
    private static Acceleration of(Layer[] layers, IntFunction<Place> place, Consumer<Layer> put) {
        Mode wanted = wanted();
        Optional<String> missing = missing(wanted);
        Mode mode = missing.isEmpty() ? wanted
                : wanted == Mode.ONEDNN && DeeplearningHelpers.missing().isEmpty() ? Mode.HELPERS : Mode.OFF;
        List<AcceleratedLayer> report = new ArrayList<>();
        for (int i = 0; i < layers.length; i++) {
            restore(layers, i, put);
            Optional<String> reason = switch (mode) {
                case OFF -> Optional.of("acceleration is off");
                case HELPERS -> DeeplearningHelpers.install(layers[i]);
                case ONEDNN -> replace(layers, i, place.apply(i), put);
            };
            report.add(describe(layers[i], reason));
        }
        return new Acceleration(mode, report, missing);
    }

    private static Optional<String> missing(Mode mode) {
        return switch (mode) {
            case OFF -> Optional.empty();
            case HELPERS -> DeeplearningHelpers.missing();
            case ONEDNN -> OneDnn.missing();
        };
    }

    /** Takes back what an earlier call did to the layer. */
    private static void restore(Layer[] layers, int i, Consumer<Layer> put) {
        if (layers[i] instanceof Replacement replacement) {
            Replacement.hand(layers[i], replacement.original());
            layers[i] = replacement.original();
            put.accept(layers[i]);
        }
        DeeplearningHelpers.remove(layers[i]);
    }

    private static Optional<String> replace(Layer[] layers, int i, Place place, Consumer<Layer> put) {
        // the layer before may need its output again in backpropagation
        layers[i].allowInputModification(false);
        Optional<String> unsupported = Replacement.unsupported(layers[i]);
        if (unsupported.isEmpty() || Replacement.mends(layers[i])) {
            layers[i] = Replacement.of(layers[i], place);
            put.accept(layers[i]);
        }
        return unsupported;
    }

    /** {@code getLayer(name)} looks into a map of its own. */
    private static void put(MultiLayerNetwork network, Layer layer) {
        try {
            Field field = MultiLayerNetwork.class.getDeclaredField("layerMap");
            field.setAccessible(true);
            @SuppressWarnings("unchecked")
            Map<String, Layer> byName = (Map<String, Layer>) field.get(network);
            byName.put(layer.conf().getLayer().getLayerName(), layer);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("MultiLayerNetwork has no map \"layerMap\": another version of Deeplearning4j"
                    + " than 1.0.0-M2.1 is on the classpath", e);
        }
    }

    private static AcceleratedLayer describe(Layer layer, Optional<String> reason) {
        var configuration = layer.conf().getLayer();
        String name = configuration.getLayerName() == null ? "layer" + layer.getIndex() : configuration.getLayerName();
        return new AcceleratedLayer(name, configuration.getClass().getSimpleName(), reason);
    }

    private static Mode wanted() {
        String text = System.getProperty(PROPERTY, "onednn");
        try {
            return Mode.valueOf(text.strip().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            throw new IllegalArgumentException("The property " + PROPERTY + " is \"" + text
                    + "\"; it has to be onednn, helpers or off");
        }
    }

    /** How many layers leave the built-in path. */
    public long accelerated() {
        return layers.stream().filter(AcceleratedLayer::accelerated).count();
    }

    /** One line, for example «oneDNN computes 15 of 16 layers; built in: layer3 PReLULayer (no faster code …)». */
    @Override
    public String toString() {
        String who = switch (mode) {
            case ONEDNN -> "oneDNN computes";
            case HELPERS -> "Deeplearning4j's oneDNN helpers compute";
            case OFF -> "no acceleration: Deeplearning4j's built-in code computes";
        };
        String what = mode == Mode.OFF ? " all " + layers.size() + " layers"
                : " %d of %d layers".formatted(accelerated(), layers.size());
        String rest = mode == Mode.OFF || accelerated() == layers.size() ? "" : "; built in: " + layers.stream()
                .filter(layer -> !layer.accelerated())
                .map(layer -> layer.name() + " " + layer.kind() + " (" + layer.reason().orElseThrow() + ")")
                .collect(Collectors.joining(", "));
        return who + what + rest + reason.map(r -> ". Reason: " + r).orElse("");
    }
}
