package digits.demo;

import digits.Settings;
import digits.files.AtomicFile;
import digits.files.Json;
import digits.onnx.OnnxFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * Writes the network for the page without a server, which {@code make page} builds: {@code model.onnx}, whose outputs
 * are the probabilities and the layers that the page shows, and {@code model.json}, which describes them as the
 * {@link Server}'s {@code model} does.
 */
public final class PageModel {
    private PageModel() { }

    /** Writes the newest network, see {@link LiveModel#newest}, into the folder that the first argument names. */
    public static void main(String[] arguments) {
        try {
            LiveModel model = LiveModel.newest(Settings.fromEnvironment());
            write(model, Path.of(arguments[0]));
            System.out.println(model.description());
        } catch (RuntimeException problem) {
            System.err.println(problem.getMessage());
            System.exit(1);
        }
    }

    /**
     * Writes both files.
     *
     * @throws IllegalArgumentException       if the network does not recognize digits of 28×28
     * @throws java.io.UncheckedIOException   if a file cannot be written
     */
    static void write(LiveModel model, Path folder) {
        try (Recognizer checked = new Recognizer(model.network())) {
            if (checked.classes() != 10) {
                throw new IllegalArgumentException("this network distinguishes " + checked.classes()
                        + " classes; the page without a server is for the ten digits");
            }
        }
        List<NetworkView.Layer> layers = NetworkView.of(model.network()).layers();
        OnnxFiles.write(model.network(), Map.of("description", model.description()),
                layers.stream().map(layer -> name(model.network(), layer.index())).toList(),
                folder.resolve("model.onnx"));
        byte[] json = Json.write(Map.of("description", model.description(), "layers", layers))
                .getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(folder.resolve("model.json"), temporary -> Files.write(temporary, json));
    }

    /** The name by which {@link OnnxFiles} knows a layer. */
    private static String name(MultiLayerNetwork network, int index) {
        Layer layer = network.getLayerWiseConfigurations().getConf(index).getLayer();
        String name = layer.getLayerName();
        return name == null || name.isBlank() ? "layer" + index : name;
    }
}
