package digits.keras;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipFile;

/** Recognizes files that are not Keras models, by their first bytes or their entries, and says what to do with each. */
final class OtherFormats {
    private static final int START = 1024;
    private static final String SAVE = "save the whole model with Keras: model.save(\"name.keras\")";
    private static final String SAVED_MODEL = "it is a TensorFlow SavedModel, a program and not a list of layers; if"
            + " Keras saved it, convert it with TensorFlow 2.15 or older:"
            + " tf.keras.models.load_model(\"folder\").save(\"name.h5\")";
    private static final String CONVERT =
            ", which has no Keras layers; go back to the Keras model that it was made from, and " + SAVE;
    private static final String PYTORCH = "it was saved by PyTorch; export the model there, torch.onnx.export(model,"
            + " images, \"name.onnx\", external_data=False), and read it with OnnxFiles.read(file)";
    private static final String WEIGHTS_ONLY = "it has no model description, only weights; load them into the model"
            + " that they belong to, model.load_weights(\"name.weights.h5\"), and " + SAVE;

    /** How a text begins, in lower case, and what it is. */
    private static final Map<String, String> TEXTS = Map.of(
            "[\\[{]", "it is JSON, which describes a model without its weights; load both with Keras"
                    + " (model_from_json, load_weights), and " + SAVE,
            "backend:|class_name:", "it is YAML, which describes a model without its weights; load both with Keras"
                    + " (model_from_yaml, load_weights), and " + SAVE,
            "version https://git-lfs", "it is a pointer of Git LFS, not the file itself; fetch it: git lfs pull",
            "<!doctype html|<html", "it is a web page, not the file itself; on GitHub, use “Download raw file”",
            "model_checkpoint_path", "it only names a TensorFlow checkpoint; load that with Keras into the model that"
                    + " it belongs to, and " + SAVE);

    private OtherFormats() { }

    /** The first bytes of a file, fewer if it is shorter. */
    static byte[] start(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(START);
        }
    }

    /** What a file is that is neither HDF5 nor a zip; empty if it is not recognized. */
    static Optional<String> reason(byte[] start, Path file) {
        String text = new String(start, StandardCharsets.ISO_8859_1);
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (text.startsWith("\u0089HDF")) return Optional.empty();
        return ofText(text.strip()).or(() -> Optional.ofNullable(ofBytes(text, name)));
    }

    private static Optional<String> ofText(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        for (Map.Entry<String, String> known : TEXTS.entrySet()) {
            if (lower.matches("(?s)(" + known.getKey() + ").*")) return Optional.of(known.getValue());
        }
        return Optional.empty();
    }

    private static String ofBytes(String start, String name) {
        if (start.startsWith("TFL3", 4)) return "it is a TensorFlow Lite model" + CONVERT;
        if (start.matches("(?s)\u0080[\u0002-\u0005].*")) {
            boolean torch = name.matches(".*\\.(pt|pth|ckpt)") || start.matches("(?s).*(torch|l\u00fc\u009cF\u00f9).*");
            return torch ? PYTORCH : "it is a Python pickle (joblib writes these too), which only Python can read, by"
                    + " running what is in it; load it there, and if it is a Keras model, " + SAVE;
        }
        if (start.startsWith("\u0093NUMPY")) return "it is a NumPy array, not a model; " + SAVE;
        if (start.matches("(?s)\\A\u0008\u0001\u0012.*") || name.equals("saved_model.pb")) return SAVED_MODEL;
        if (name.endsWith(".onnx") || start.matches("(?s)\\A\u0008[\u0002-\u0014][\u0012\u001a:B].*")) {
            return "it is an ONNX model; read it with OnnxFiles.read(file)";
        }
        if (name.endsWith(".pb") || start.startsWith("\n") && start.contains("Placeholder")) {
            return "it is a TensorFlow graph" + CONVERT;
        }
        if (start.matches("(?s)\\A.{6}\u0000\u0000\\{\".*")) return "it is safetensors, weights only; " + SAVE;
        if (name.matches(".*\\.(index|data-[0-9]+-of-[0-9]+)")) {
            return "it is part of a TensorFlow checkpoint; load that with Keras into the model that it belongs to, and "
                    + SAVE;
        }
        if (start.startsWith("MATLAB 5.0")) return "it is a MATLAB file; " + SAVE;
        boolean packed = List.of("\u001f\u008b", "7z\u00bc\u00af", "Rar!", "BZh", "\u00fd7zXZ").stream()
                .anyMatch(start::startsWith);
        if (packed || start.startsWith("ustar", 257)) return "it is a compressed archive; unpack it first";
        boolean zlib = start.matches("(?s)\\Ax[\u0001^\u009c\u00da].*");
        return zlib ? "it is compressed as joblib does it; load it in Python, and if it is a Keras model, " + SAVE
                : null;
    }

    /** What a zip is that is not a Keras archive; empty if it may be one. */
    static Optional<String> reason(ZipFile zip) {
        List<String> names = zip.stream().limit(10_000).map(entry -> entry.getName()).toList();
        if (names.stream().anyMatch(name -> name.matches("([^/]+/)?config\\.json"))) return Optional.empty();
        if (has(names, "data\\.pkl")) return Optional.of(PYTORCH);
        if (has(names, "saved_model\\.pb")) return Optional.of("unpack it first; then: " + SAVED_MODEL);
        if (names.contains("coefficients.bin")) {
            return Optional.of("it is a network of Deeplearning4j; read it with ModelFiles.load(file)");
        }
        if (names.stream().anyMatch(name -> name.endsWith(".npy"))) {
            return Optional.of("it has NumPy arrays, not a model; " + SAVE);
        }
        Optional<String> inside = names.stream().filter(name -> !name.startsWith("__MACOSX/")
                && name.matches("(?i).*(?<!weights)\\.(h5|hdf5|keras|tflite|onnx|pt|pth)")).findFirst();
        return inside.map(name -> "it is a zip with " + KerasFileException.shortened(name) + " in it; unpack it first");
    }

    private static boolean has(List<String> names, String pattern) {
        return names.stream().anyMatch(name -> name.matches("([^/]+/)*" + pattern));
    }

    /** What a folder is that is not an unpacked Keras archive. */
    static String reasonOfFolder(Path folder) {
        if (Files.exists(folder.resolve("saved_model.pb")) || Files.exists(folder.resolve("keras_metadata.pb"))) {
            return SAVED_MODEL;
        }
        return Files.exists(folder.resolve("model.json")) ? "it is a model for TensorFlow.js" + CONVERT
                : "it is a folder without a Keras model in it; name the model's file";
    }

    /** What an HDF5 file is that has no model description. */
    static String reasonOfH5(Hdf5Object root) {
        boolean weights = root.attributeNames().contains("layer_names") || root.names().stream()
                .anyMatch(name -> name.matches("(layers|_layer_checkpoint|vars).*"));
        return weights ? WEIGHTS_ONLY : "it is an HDF5 file without a Keras model; " + SAVE;
    }
}
