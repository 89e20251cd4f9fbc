package digits.benchmark;

import digits.Settings;
import digits.data.Catalogue;
import digits.data.Dataset;
import digits.data.LabeledImages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes the images that the library loads as four uncompressed IDX files, so that every system of the benchmark reads
 * the same bytes. Argument: the folder to write to.
 */
public final class ExportImages {
    private ExportImages() { }

    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        Dataset mnist = Catalogue.MNIST.load(Settings.fromEnvironment());
        write(mnist.train(), folder, "train");
        write(mnist.test(), folder, "t10k");
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
}
