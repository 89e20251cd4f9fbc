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
import org.deeplearning4j.nn.api.Model;
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
            for (Map.Entry<String, Model> entry : Networks.all().entrySet()) {
                write(Path.of(args[1]), entry.getKey(), entry.getValue());
            }
        } else {
            for (int i = 1; i < args.length; i++) read(Path.of(args[i]));
        }
    }

    private static void write(Path folder, String name, Model network) throws IOException {
        Files.createDirectories(folder);
        INDArray predictions = Networks.output(network);
        ByteBuffer bytes = ByteBuffer.allocate(4 * (int) predictions.length()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(predictions.dup('c').data().asFloat());
        Files.write(folder.resolve(name + ".f32"), bytes.array());
        Predictions judged = Predictions.of(predictions.toFloatMatrix(), Fixtures.labels());
        for (String file : List.of(name + ".h5", name + ".keras")) {
            Networks.write(network, folder.resolve(file));
            say(Map.of("file", file, "parameters", parameters(network), "loss", judged.loss(),
                    "accuracy", judged.accuracy()));
        }
    }

    /** The arrays that are written: without layers that do not lead to the output, with a locked gamma and beta. */
    private static long parameters(Model network) {
        WrittenModel model = network instanceof MultiLayerNetwork sequence ? NetworkWriter.model(sequence, null)
                : NetworkWriter.model((ComputationGraph) network, null);
        return model.layers().stream().flatMap(layer -> layer.weights().values().stream())
                .mapToLong(INDArray::length).sum();
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
