package digits.benchmark;

import digits.Settings;
import digits.data.Catalogue;
import digits.data.Dataset;
import digits.data.LabeledImages;
import digits.files.Pretrained;
import digits.onnx.OnnxFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Writes what all systems of the benchmark read. Argument: the folder to write to.
 * <ul>
 * <li>The images that the library loads, as four uncompressed IDX files.
 * <li>The library's pretrained network, for the systems that only predict: {@code network.onnx}, and its numbers alone
 *     in {@code network.f32}: little-endian floats in the order of PyTorch's {@code state_dict()}.
 * </ul>
 */
public final class BenchmarkFiles {
    private BenchmarkFiles() { }

    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        Dataset mnist = Catalogue.MNIST.load(Settings.fromEnvironment());
        write(mnist.train(), folder, "train");
        write(mnist.test(), folder, "t10k");
        MultiLayerNetwork network = Pretrained.network();
        OnnxFiles.write(network, Map.of(), folder.resolve("network.onnx"));
        Files.write(folder.resolve("network.f32"), numbers(network));
        System.out.println(mnist);
    }

    private static void write(LabeledImages images, Path folder, String stem) throws IOException {
        ByteBuffer pixels = ByteBuffer.allocate(16 + images.size() * images.rows() * images.columns());
        pixels.putInt(0x0803).putInt(images.size()).putInt(images.rows()).putInt(images.columns());
        ByteBuffer labels = ByteBuffer.allocate(8 + images.size());
        labels.putInt(0x0801).putInt(images.size());
        for (int i = 0; i < images.size(); i++) {
            for (int row = 0; row < images.rows(); row++) {
                for (int column = 0; column < images.columns(); column++) {
                    pixels.put((byte) images.pixel(i, row, column));
                }
            }
            labels.put((byte) images.label(i));
        }
        Files.write(folder.resolve(stem + "-images-idx3-ubyte"), pixels.array());
        Files.write(folder.resolve(stem + "-labels-idx1-ubyte"), labels.array());
    }

    private static byte[] numbers(MultiLayerNetwork network) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(4 * network.numParams()))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (Layer layer : network.getLayers()) {
            for (String name : List.of("W", "b", "gamma", "beta", "mean", "var")) {
                INDArray numbers = layer.paramTable().get(name);
                if (numbers == null) continue;
                boolean matrix = name.equals("W") && numbers.rank() == 2;   // PyTorch has a row per output
                for (float number : (matrix ? numbers.transpose() : numbers).dup('c').data().asFloat()) {
                    bytes.putFloat(number);
                }
            }
        }
        return bytes.array();
    }
}
