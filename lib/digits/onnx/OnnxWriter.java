package digits.onnx;

import static digits.onnx.OnnxFileException.refused;

import digits.files.AtomicFile;
import digits.onnx.WrittenGraph.Value;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.StringStringEntryProto;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.shade.protobuf.ByteString;

/** Writes a network as an ONNX model. */
final class OnnxWriter {
    /** The operators and the file format of ONNX 1.10 (2021), which every runtime since then reads. */
    private static final int OPERATORS = 15;
    private static final int FORMAT = 8;
    private static final int MOST_METADATA = 1 << 20;   // letters

    private OnnxWriter() { }

    static void write(Model network, InputType input, Map<String, String> metadata, List<String> layers, Path file) {
        NetworkParts parts = NetworkParts.of(network);
        ModelProto model = ModelProto.newBuilder().setIrVersion(FORMAT).setProducerName("digits")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPERATORS))
                .addAllMetadataProps(entries(metadata))
                .setGraph(graph(parts, input != null ? input : parts.inputType(), layers)).build();
        if (model.getSerializedSize() > OnnxFiles.LARGEST) throw WrittenGraph.tooLarge();
        AtomicFile.write(file, temporary -> {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary))) {
                model.writeTo(out);
            }
        });
    }

    /** In the order of their keys, so that equal networks give equal bytes. */
    private static List<StringStringEntryProto> entries(Map<String, String> metadata) {
        List<StringStringEntryProto> entries = new ArrayList<>();
        long letters = 0;
        if (metadata.entrySet().stream().anyMatch(entry -> entry.getKey() == null)) {
            throw refused("the metadata has a value without a key");
        }
        for (Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) {
            if (entry.getValue() == null) {
                throw refused("the metadata \"" + OnnxReader.shortened(entry.getKey()) + "\" has no value");
            }
            letters += entry.getKey().length() + entry.getValue().length();
            entries.add(StringStringEntryProto.newBuilder()   // as bytes: half a surrogate pair becomes “?” in silence
                    .setKeyBytes(ByteString.copyFromUtf8(entry.getKey()))
                    .setValueBytes(ByteString.copyFromUtf8(entry.getValue())).build());
        }
        if (letters <= MOST_METADATA) return entries;
        throw refused("the metadata has " + letters + " letters; at most " + MOST_METADATA + " can be written");
    }

    private static GraphProto graph(NetworkParts parts, InputType input, List<String> layers) {
        WrittenGraph graph = new WrittenGraph(input);
        Map<String, Value> values = new HashMap<>(Map.of(parts.input(), graph.input()));
        for (NetworkParts.Part part : parts.list()) {
            List<Value> reads = part.reads().stream().map(values::get).toList();
            Value result = part.layer() == null
                    ? new VertexNodes(graph, part.place(), part.name(), part.vertex()).write(reads)
                    : new LayerNodes(graph, part.place(), part.name(), part.layer(), part.parameters(), reads.get(0))
                    .write(part.before());
            values.put(part.name(), reads.contains(result) ? result : graph.renamed(result, part.name()));
        }
        List<Value> more = new ArrayList<>();
        for (String layer : new LinkedHashSet<>(layers)) {
            Value value = values.get(layer);
            if (value == null || layer.equals(parts.input())) {
                throw refused("the network has no layer \"" + OnnxReader.shortened(layer) + "\"; its layers are "
                        + String.join(", ", parts.list().stream().map(NetworkParts.Part::name).toList()));
            }
            if (!layer.equals(parts.output())) more.add(graph.output(value, layer));
        }
        return graph.finish(values.get(parts.output()), more);
    }
}
