package digits.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import digits.Examples;
import digits.files.Json;
import digits.files.Pretrained;
import digits.networks.DenseNetwork;
import digits.networks.LeNet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import onnx.Onnx.ModelProto;
import onnx.Onnx.ValueInfoProto;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageModelTest {
    /** The page takes the outputs in this order. */
    @Test
    void theModelReturnsTheProbabilitiesAndEachLayerThatIsDescribed(@TempDir Path folder) throws IOException {
        for (MultiLayerNetwork network : networks()) {
            PageModel.write(new LiveModel(network, "a network “of mine”"), folder);
            JsonObject described = Json.read(Files.readString(folder.resolve("model.json")), JsonObject.class);
            assertEquals("a network “of mine”", described.get("description").getAsString());
            JsonArray layers = described.getAsJsonArray("layers");
            ModelProto model = ModelProto.parseFrom(Files.readAllBytes(folder.resolve("model.onnx")));
            List<ValueInfoProto> outputs = model.getGraph().getOutputList();
            assertTrue(layers.size() > 1, layers.toString());
            assertEquals(layers.size() + 1, outputs.size());
            assertEquals(List.of(10L), shape(outputs.get(0)));
            for (int i = 0; i < layers.size(); i++) {
                List<Long> said = new ArrayList<>();
                layers.get(i).getAsJsonObject().getAsJsonArray("shape").forEach(n -> said.add(n.getAsLong()));
                if (said.size() == 3) said.add(0, said.remove(2));   // ONNX has the channels first
                assertEquals(said, shape(outputs.get(i + 1)), layers.get(i).toString());
            }
        }
    }

    private static List<MultiLayerNetwork> networks() {
        return List.of(Examples.smallNetwork(7), Pretrained.network(), network(LeNet.modern(1, 10)),
                network(DenseNetwork.configuration(1, 10)));
    }

    private static MultiLayerNetwork network(MultiLayerConfiguration configuration) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        return network;
    }

    /** The lengths of an output for one image. */
    private static List<Long> shape(ValueInfoProto output) {
        List<Long> lengths = new ArrayList<>();
        output.getType().getTensorType().getShape().getDimList().stream().skip(1)
                .forEach(length -> lengths.add(length.getDimValue()));
        return lengths;
    }

    @Test
    void aNetworkForOtherImagesIsRefusedBeforeAnythingIsWritten(@TempDir Path folder) throws IOException {
        LiveModel model = new LiveModel(network(LeNet.modern(1, 26)), "letters");
        assertThrows(IllegalArgumentException.class, () -> PageModel.write(model, folder));
        try (var files = Files.list(folder)) {
            assertEquals(0, files.count());
        }
    }
}
