package digits.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.acceleration.Acceleration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tech.tablesaw.api.Table;

class KerasFilesTest {
    private static final double CLOSE = 1e-5;

    @TempDir
    Path folder;

    static List<Path> models() throws IOException {
        try (Stream<Path> files = Files.list(Fixtures.FOLDER)) {
            return files.filter(file -> file.toString().matches(".*\\.(h5|keras)")).sorted().toList();
        }
    }

    @Test
    void thereAreModelsOfBothVersionsInBothFormats() throws IOException {
        assertEquals(12, models().size());
    }

    @ParameterizedTest
    @MethodSource("models")
    void readsWhatKerasWroteAndPredictsTheSame(Path file) {
        MultiLayerNetwork network = KerasFiles.read(file);
        double plain = Fixtures.difference(network.output(Fixtures.images()), Fixtures.predictions(file));
        assertTrue(plain < CLOSE, file + ": " + plain);
        Acceleration.of(network);
        double accelerated = Fixtures.difference(network.output(Fixtures.images()), Fixtures.predictions(file));
        assertTrue(accelerated < CLOSE, file + ", accelerated: " + accelerated);
    }

    @ParameterizedTest
    @MethodSource("models")
    void whatItWritesIsReadBackAsTheSameNetwork(Path file) {
        MultiLayerNetwork network = KerasFiles.read(file);
        Path copy = folder.resolve("copy.h5");
        KerasFiles.write(network, copy);
        MultiLayerNetwork again = KerasFiles.read(copy);
        assertEquals(network.params(), again.params());
        assertEquals(network.output(Fixtures.images()), again.output(Fixtures.images()));
    }

    @ParameterizedTest
    @MethodSource("models")
    void listsWhatIsInAFile(Path file) {
        Table contents = KerasFiles.contents(file);
        List<String> places = contents.stringColumn("place").asList();
        String description = file.toString().endsWith(".keras") ? "config.json" : "model_config";
        assertTrue(places.contains(description), places.toString());
        long numbers = 0;
        for (int i = 0; i < contents.rowCount(); i++) {
            String place = places.get(i);
            boolean ofALayer = place.startsWith("model_weights/") || place.startsWith("model.weights.h5/layers/");
            boolean weights = contents.stringColumn("what").get(i).startsWith("weights ");
            if (ofALayer && weights) numbers += contents.longColumn("count").get(i);
        }
        // Keras 3 also keeps the two words of the random generator for dropout there
        long others = places.stream().filter(place -> place.contains("seed_generator")).count() * 2;
        assertEquals(KerasFiles.read(file).numParams(), numbers - others, contents.printAll());
    }

    @Test
    void listsAsAPersonSorts() {
        assertEquals(List.of("a", "layer", "layer2", "layer9", "layer10", "layer10/b"),
                KerasContents.inOrder(List.of("layer10/b", "layer10", "layer", "layer9", "a", "layer2")));
    }
}
