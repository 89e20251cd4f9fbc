package digits.onnx;

import digits.data.DigitBatches;
import digits.data.LabeledImages;
import digits.data.Sample;
import digits.files.Pretrained;
import digits.keras.Fixtures;
import digits.keras.KerasFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Writes networks as ONNX into a folder, for other programs to run: {@code WriteForRuntimes FOLDER}. Beside each file,
 * {@code .f32} has its predictions for the 1,000 digits of {@code digits.f32}, and {@code .json} the shape of its
 * input. See tests/onnx/runtimes.py.
 */
final class WriteForRuntimes {
    private WriteForRuntimes() {
    }

    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        LabeledImages thousand = Sample.load().validation();
        DigitBatches batches = DigitBatches.inOrder(thousand, thousand.size());
        batches.setPreProcessor(new ImagePreProcessingScaler(0, 1));
        INDArray images = batches.next().getFeatures().dup('c');
        write(images, folder.resolve("digits.f32"));
        Map<String, Model> networks = WrittenNetworks.all();
        networks.put("pretrained", Pretrained.network());
        for (Map.Entry<String, Model> entry : networks.entrySet()) {
            boolean lists = entry.getKey().equals("lists");
            write(entry.getValue(), lists ? images.reshape(images.size(0), 784) : images,
                    folder.resolve(entry.getKey()));
        }
        try (Stream<Path> files = Files.walk(Fixtures.FOLDER)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".keras")).sorted().toList()) {
                String name = file.getFileName().toString().replace(".keras", "");
                write(KerasFiles.readGraph(file), images, folder.resolve("from_" + name));
            }
        }
    }

    private static void write(Model network, INDArray images, Path stem) throws IOException {
        OnnxFiles.write(network, Map.of("dataset", "MNIST"), List.of(), Path.of(stem + ".onnx"));
        long[] shape = images.shape();
        Files.writeString(Path.of(stem + ".json"), Arrays.toString(Arrays.copyOfRange(shape, 1, shape.length)));
        List<INDArray> predictions = new ArrayList<>();
        for (int i = 0; i < 1000; i += 100) {
            INDArray some = images.get(NDArrayIndex.interval(i, i + 100)).dup('c');
            predictions.add(network instanceof MultiLayerNetwork sequence ? sequence.output(some)
                    : ((ComputationGraph) network).outputSingle(some));
        }
        write(Nd4j.concat(0, predictions.toArray(INDArray[]::new)), Path.of(stem + ".f32"));
    }

    private static void write(INDArray values, Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * (int) values.length()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values.dup('c').data().asFloat());
        Files.write(file, bytes.array());
    }
}
