package digits.onnx;

import static digits.onnx.OnnxReader.damaged;
import static digits.onnx.OnnxReader.refused;
import static digits.onnx.OnnxReader.shortened;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipFile;
import onnx.Onnx;
import org.nd4j.shade.protobuf.CodedInputStream;
import org.nd4j.shade.protobuf.Descriptors.Descriptor;
import org.nd4j.shade.protobuf.Descriptors.FieldDescriptor;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;
import org.nd4j.shade.protobuf.WireFormat;

/**
 * Opens ONNX files, which are not trusted. ONNX is a protobuf message; a reader of protobuf makes a hundred bytes of
 * objects out of two bytes of the file, and it descends as deep as the messages are nested. So the fields are counted
 * first. Other kinds of files are recognized by their first bytes.
 */
final class OnnxSource {
    /** Largest file, in bytes; as for Keras files. */
    static final int LARGEST = 128 << 20;
    private static final int MOST_FIELDS = 1 << 18;   // a network of a thousand nodes has fewer than a hundred thousand
    private static final int DEEPEST = 12;            // messages in messages; weights in a node are four deep
    private static final int START = 1024;
    private static final String EXPORT = "export the model to ONNX";
    private static final String SAVED_MODEL = "it is a TensorFlow SavedModel; " + EXPORT
            + ": python -m tf2onnx.convert --saved-model folder --output name.onnx";
    private static final String TORCH = "it was saved by PyTorch; load it there and export it: torch.onnx.export(model,"
            + " images, \"name.onnx\", external_data=False)";

    /** How a file begins, one character per byte, as a regular expression; what it is, and what to do. */
    private static final Map<String, String> SIGNS = Map.ofEntries(
            Map.entry("version https://git-lfs.*", "it is a pointer of Git LFS, not the file itself; fetch it: git lfs"
                    + " pull"),
            Map.entry("\\s*<\\?xml.*", "it is XML (OpenVINO describes models so), not an ONNX model; " + EXPORT),
            Map.entry("\\s*<(?!\\?xml).*", "it is a web page, not the file itself; on GitHub, use “Download raw file”"),
            Map.entry("\\s*\\{.*", "it is JSON, not an ONNX model; " + EXPORT),
            Map.entry("\u0089HDF.*", "it is an HDF5 file; if Keras saved it, read it with KerasFiles.read(file)"),
            Map.entry(".{4}TFL3.*", "it is a TensorFlow Lite model; " + EXPORT + " with tf2onnx"),
            Map.entry(".{4}ORTM.*", "it is in ONNX Runtime's own format; use the .onnx file that it was made from"),
            Map.entry("\u0080[\u0002-\u0005].*", TORCH + "; if scikit-learn or joblib saved it, use skl2onnx"),
            Map.entry("\u0093NUMPY.*", "it is a NumPy array, not a model; " + EXPORT),
            Map.entry(".{6}\u0000\u0000\\{\".*", "it is safetensors, weights only; load them in Python and " + EXPORT),
            Map.entry("(\u001f\u008b|7z\u00bc\u00af|Rar!|BZh|\u00fd7zXZ|\\(\u00b5/\u00fd).*",
                    "it is a compressed archive; unpack it first"),
            Map.entry("\u0089PNG.*", "it is a picture, not a model"));

    private OnnxSource() { }

    /**
     * Reads a file.
     *
     * @throws OnnxFileException if it is another kind of file, too large or damaged
     */
    static Onnx.ModelProto open(Path file) throws IOException {
        if (Files.isDirectory(file)) throw refused(ofFolder(file));
        if (!Files.exists(file)) throw refused("there is no such file");
        if (!Files.isRegularFile(file)) throw refused("it is not a file");
        checkKind(file);
        if (Files.size(file) > LARGEST) throw refused("it is larger than " + (LARGEST >> 20) + " MB");
        byte[] content = Files.readAllBytes(file);
        try {
            int[] left = {MOST_FIELDS};
            count(CodedInputStream.newInstance(content), Onnx.ModelProto.getDescriptor(), DEEPEST, left);
            CodedInputStream in = CodedInputStream.newInstance(content);
            in.setRecursionLimit(2 * DEEPEST);
            Onnx.ModelProto model = Onnx.ModelProto.parseFrom(in);
            if (model.hasGraph()) return model;
        } catch (InvalidProtocolBufferException e) {
            String beginning = content.length > 0 && content[0] == 8 ? "its end is missing, or it is damaged; copy or"
                    + " export it again" : EXPORT;
            throw new OnnxFileException("it is not a whole ONNX model: " + beginning, e);
        }
        throw refused("it has no graph, so it is not an ONNX model; " + EXPORT);
    }

    /** Counts the fields of a message and of those inside it. */
    private static void count(CodedInputStream in, Descriptor message, int deepest, int[] left) throws IOException {
        if (deepest == 0) throw damaged("it has messages within messages, too deep to read");
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            FieldDescriptor field = message.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
            if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                int length = in.readRawVarint32();
                int limit = in.pushLimit(length);
                if (field != null && field.getType() == FieldDescriptor.Type.MESSAGE) {
                    count(in, field.getMessageType(), deepest - 1, left);
                } else {
                    boolean whole = field != null && field.isRepeated() && field.isPackable()
                            && field.getJavaType() != FieldDescriptor.JavaType.FLOAT
                            && field.getJavaType() != FieldDescriptor.JavaType.DOUBLE;
                    if (whole) left[0] -= length >> 3;   // a byte may become eight
                    in.skipRawBytes(length);
                }
                in.popLimit(limit);
            } else {
                boolean group = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_START_GROUP;
                if (group || !in.skipField(tag)) {
                    throw refused("it is not an ONNX model, or it is damaged; copy it again, or " + EXPORT);
                }
            }
            if (--left[0] < 0) throw refused("it has more than " + MOST_FIELDS + " parts, too many for a network here");
        }
    }

    private static void checkKind(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(START);
        }
        if (bytes.length == 0) throw refused("it is empty; copy or export it again");
        String start = new String(bytes, StandardCharsets.ISO_8859_1);
        if (start.startsWith("PK\u0003\u0004")) throw refused(ofZip(file));
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (name.equals("saved_model.pb")) throw refused(SAVED_MODEL);
        String text = start.startsWith("\u00ef\u00bb\u00bf") ? start.substring(3) : start;   // a byte order mark
        for (Map.Entry<String, String> sign : SIGNS.entrySet()) {
            if (text.matches("(?s)" + sign.getKey())) throw refused(sign.getValue());
        }
    }

    private static String ofFolder(Path folder) {
        return Files.exists(folder.resolve("saved_model.pb")) ? SAVED_MODEL
                : "it is a folder; name the .onnx file in it";
    }

    private static String ofZip(Path file) throws IOException {
        if (Files.size(file) > LARGEST) return "it is a zip, as PyTorch saves models, not an ONNX model; " + EXPORT;
        List<String> names;
        try (ZipFile zip = new ZipFile(file.toFile())) {
            names = zip.stream().limit(1000).map(entry -> entry.getName()).toList();
        } catch (IOException e) {
            return "it is a damaged zip, not an ONNX model; " + EXPORT;
        }
        if (names.contains("coefficients.bin")) {
            return "it is a network of Deeplearning4j; read it with ModelFiles.load(file)";
        }
        if (names.stream().anyMatch(name -> name.matches("([^/]+/)?config\\.json"))) {
            return "it is a Keras model; read it with KerasFiles.read(file)";
        }
        if (names.stream().anyMatch(name -> name.matches("(.*/)?(data\\.pkl|byteorder|archive_format)"))) return TORCH;
        return names.stream().filter(name -> name.endsWith(".onnx")).findFirst()
                .map(name -> "it is a zip with " + shortened(name) + " in it; unpack it first")
                .orElse("it is a zip, not an ONNX model; " + EXPORT);
    }
}
