package digits.acceleration;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Speeds up a Deeplearning4j network on the CPU in one line: {@code Acceleration.of(network)}, after {@code init()}, after
 * loading and after {@code clone()}. The network stays what it is: the same configuration, parameters, saved files and
 * results (up to rounding); only the code behind its layers changes. What has no faster code keeps the built-in path.
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
     * Accelerates this network, as far as it can.
     *
     * @throws IllegalArgumentException if the property {@value #PROPERTY} has a value that is none of the modes
     */
    public static Acceleration of(MultiLayerNetwork network) {
        network.init();
        return of(network.getLayers());
    }

    /**
     * Accelerates this graph, as far as it can.
     *
     * @throws IllegalArgumentException if the property {@value #PROPERTY} has a value that is none of the modes
     */
    public static Acceleration of(ComputationGraph graph) {
        graph.init();
        return of(graph.getLayers());
    }

    private static Acceleration of(Layer[] layers) {
        Mode wanted = wanted();
        Optional<String> missing = wanted == Mode.OFF ? Optional.empty() : DeeplearningHelpers.missing();
        Mode mode = missing.isPresent() || wanted == Mode.OFF ? Mode.OFF : Mode.HELPERS;
        List<AcceleratedLayer> report = new ArrayList<>();
        for (Layer layer : layers) {
            DeeplearningHelpers.remove(layer);
            Optional<String> reason = mode == Mode.OFF ? Optional.of("acceleration is off") : DeeplearningHelpers.install(layer);
            report.add(describe(layer, reason));
        }
        return new Acceleration(mode, report, missing);
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

    /** One line, for example «oneDNN computes 15 of 16 layers; built in: layer15 OutputLayer (no helper …)». */
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
