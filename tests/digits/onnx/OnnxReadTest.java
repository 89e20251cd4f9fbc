package digits.onnx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OnnxReadTest {
    @Test
    void all() throws IOException {
        Path folder = Path.of(System.getProperty("fix", "tests/digits/onnx/fixtures"));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".onnx")).sorted().toList()) {
                String result;
                try {
                    double d = ReadFixtures.difference(OnnxFiles.readGraph(file).outputSingle(false, ReadFixtures.images()),
                            ReadFixtures.predictions(file));
                    result = "graph " + d;
                    try {
                        var n = OnnxFiles.read(file);
                        result += " line " + ReadFixtures.difference(n.output(ReadFixtures.images()),
                            ReadFixtures.predictions(file)) + " " + java.util.Arrays.stream(n.getLayers()).map(l -> l.conf().getLayer().getClass().getSimpleName()).toList();
                    } catch (OnnxFileException e) { result += " " + e.getMessage(); }
                    result += OnnxReader.notes(file);
                } catch (Exception e) { result = e + "\n" + (e.getCause() == null ? "" : java.util.Arrays.asList(e.getCause().getStackTrace()).subList(0, Math.min(8, e.getCause().getStackTrace().length))); }
                System.out.println(file.getFileName() + ": " + result);
            }
        }
    }
}
