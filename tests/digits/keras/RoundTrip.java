package digits.keras;

import com.google.gson.Gson;
import digits.evaluation.Predictions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Our side of the round trip with Keras itself: {@code write FOLDER} writes our networks with their predictions, loss
 * and accuracy; {@code read FOLDER …} reads Keras's models and compares predictions. See tests/keras/round_trip.py.
 */
final class RoundTrip {
    private RoundTrip() {
    }

    public static void main(String[] args) throws IOException {
        if (args[0].equals("write")) {
            for (Map.Entry<String, MultiLayerNetwork> entry : Networks.all().entrySet()) {
                write(Path.of(args[1]), entry.getKey(), entry.getValue());
            }
        } else {
            for (int i = 1; i < args.length; i++) read(Path.of(args[i]));
        }
    }

    private static void write(Path folder, String name, MultiLayerNetwork network) throws IOException {
        Path file = Files.createDirectories(folder).resolve(name + ".h5");
        KerasFiles.write(network, file);
        INDArray predictions = network.output(Fixtures.images());
        ByteBuffer bytes = ByteBuffer.allocate(4 * (int) predictions.length()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(predictions.dup('c').data().asFloat());
        Files.write(folder.resolve(name + ".f32"), bytes.array());
        Predictions judged = Predictions.of(predictions.toFloatMatrix(), Fixtures.labels());
        say(Map.of("file", name + ".h5", "parameters", network.numParams(), "loss", judged.loss(),
                "accuracy", judged.accuracy()));
    }

    private static void read(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> models = files.filter(file -> file.toString().matches(".*\\.(h5|keras)")).sorted().toList();
            for (Path file : models) {
                ComputationGraph network = KerasFiles.readGraph(file);   // reads sequences, too
                double difference =
                        Fixtures.difference(network.outputSingle(Fixtures.images()), Fixtures.predictions(file));
                say(Map.of("file", file.getFileName().toString(), "parameters", network.numParams(),
                        "difference", difference));
            }
        }
    }

    private static void say(Map<String, ?> result) {
        System.out.println(new Gson().toJson(result));
    }
}
