package digits.keras;

import static digits.keras.KerasFileException.damaged;
import static digits.keras.KerasFileException.refused;
import static digits.keras.KerasFileException.shortened;
import static digits.keras.KerasFiles.CONFIG;
import static digits.keras.KerasFiles.WEIGHTS;

import com.google.gson.JsonObject;
import digits.files.BoundedZip;
import digits.keras.KerasModel.Outputs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.zip.ZipFile;

/**
 * An open Keras file of any kind: {@code .h5}, {@code .keras}, or a folder into which a {@code .keras} was unpacked.
 *
 * @param root    of the HDF5 file, or of the archive's
 * @param config  the archive's description of the model; null for {@code .h5}
 * @param version the archive's version of Keras; null if it does not say it, and for {@code .h5}
 */
record KerasSource(Hdf5Object root, String config, String version) {
    private static final String METADATA = "metadata.json";
    private static final byte[] ZIP = {'P', 'K', 3, 4};
    private static final Map<String, Long> ENTRIES =
            Map.of(CONFIG, 8L << 20, WEIGHTS, (long) KerasFiles.LARGEST, METADATA, 1L << 20);
    private static final int MOST_EXTRAS = 64;   // empty folders, and what macOS adds when it makes a zip
    private static final long LARGEST_EXTRA = 1 << 16;

    /** Opens a file or folder and makes something of it; every failure names the file. */
    static <T> T open(Path file, Function<KerasSource, T> use) {
        String fileName = shortened(String.valueOf(file.getFileName()));
        try {
            return use.apply(open(file));
        } catch (KerasFileException e) {
            throw new KerasFileException(fileName + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new KerasFileException(fileName + " cannot be read: " + shortened(e.getMessage()), e);
        } catch (OutOfMemoryError e) {
            throw new KerasFileException(fileName + " needs more memory than Java has; start it with a larger -Xmx", e);
        } catch (RuntimeException | StackOverflowError e) {
            throw new KerasFileException(fileName + ": " + damaged(shortened(e.toString())).getMessage(), e);
        }
    }

    private static KerasSource open(Path file) throws IOException {
        if (Files.isDirectory(file)) return ofEntries(unpacked(file));
        if (!Files.exists(file)) throw refused("there is no such file");
        if (!Files.isRegularFile(file)) throw refused("it is not a file");
        byte[] start = OtherFormats.start(file);
        if (Arrays.mismatch(start, ZIP) >= ZIP.length) {
            checkSize(file);
            return ofEntries(archive(file));
        }
        Optional<String> other = OtherFormats.reason(start, file);
        if (other.isPresent()) throw refused(other.get());
        checkSize(file);
        return new KerasSource(Hdf5File.open(Files.readAllBytes(file)), null, null);
    }

    private static void checkSize(Path file) throws IOException {
        int most = KerasFiles.LARGEST;
        if (Files.size(file) > most) throw refused("it is larger than " + (most >> 20) + " MB");
    }

    /** The entries of an archive; it may have been zipped again with the folder around it or by macOS. */
    private static Map<String, byte[]> archive(Path file) throws IOException {
        List<String> names;
        try (ZipFile zip = new ZipFile(file.toFile())) {
            Optional<String> other = OtherFormats.reason(zip);
            if (other.isPresent()) throw refused(other.get());
            names = zip.stream().limit(MOST_EXTRAS + 4L).map(entry -> entry.getName()).toList();
        }
        String folder = names.stream().filter(name -> name.matches("[^/]+/" + CONFIG)).findFirst()
                .filter(name -> !names.contains(CONFIG) && !name.startsWith("."))
                .map(name -> name.substring(0, name.length() - CONFIG.length())).orElse("");
        Map<String, Long> allowed = new HashMap<>();
        ENTRIES.forEach((name, most) -> allowed.put(folder + name, most));
        if (!folder.isEmpty()) allowed.put(folder, 0L);
        for (String name : names) {
            boolean ofSystem = name.startsWith("__MACOSX/") || name.matches("([^/]+/)?\\.DS_Store");
            if (ofSystem || name.equals(folder + "assets/")) allowed.put(name, LARGEST_EXTRA);
        }
        Map<String, byte[]> entries = new HashMap<>();
        BoundedZip.read(file, "Keras archive", allowed).forEach((name, content) -> {
            if (name.startsWith(folder)) entries.put(name.substring(folder.length()), content);
        });
        return entries;
    }

    private static Map<String, byte[]> unpacked(Path folder) throws IOException {
        Map<String, byte[]> entries = new HashMap<>();
        for (Map.Entry<String, Long> entry : ENTRIES.entrySet()) {
            Path file = folder.resolve(entry.getKey());
            if (!Files.isRegularFile(file)) continue;
            if (Files.size(file) > entry.getValue()) throw refused("its " + entry.getKey() + " is too large");
            entries.put(entry.getKey(), Files.readAllBytes(file));
        }
        if (entries.containsKey(CONFIG) && entries.containsKey(WEIGHTS)) return entries;
        throw refused(OtherFormats.reasonOfFolder(folder));
    }

    private static KerasSource ofEntries(Map<String, byte[]> entries) {
        for (String name : List.of(CONFIG, WEIGHTS)) {
            if (!entries.containsKey(name)) {
                throw refused("it has no " + name + ", so it is not a Keras archive; save the whole model with Keras:"
                        + " model.save(\"name.keras\")");
            }
        }
        String version = null;
        if (entries.containsKey(METADATA)) {
            JsonObject metadata = KerasModel.object(text(entries.get(METADATA)));
            if (KerasLayer.isText(metadata, "keras_version")) version = metadata.get("keras_version").getAsString();
        }
        return new KerasSource(Hdf5File.open(entries.get(WEIGHTS)), text(entries.get(CONFIG)), version);
    }

    private static String text(byte[] content) {
        return new String(content, StandardCharsets.UTF_8);
    }

    /** The network that the file describes, in the making. */
    NetworkBuilder network() {
        return config != null ? ofArchive() : ofH5();
    }

    private NetworkBuilder ofArchive() {
        JsonObject json = KerasModel.object(config);
        boolean keras3 = version != null ? version.startsWith("3") : config.contains("\"batch_shape\"");
        Optional<JsonObject> training =
                Optional.ofNullable(json.get("compile_config") instanceof JsonObject object ? object : null);
        return new NetworkBuilder(KerasModel.of(json, keras3), KerasWeights.ofArchive(root), false,
                KerasModel.outputs(training));
    }

    private NetworkBuilder ofH5() {
        String wrote = root.text("keras_version").orElse("");
        String json = root.text("model_config").orElseThrow(() -> refused(OtherFormats.reasonOfH5(root)));
        Hdf5Object groups = root.child("model_weights").orElseThrow(() -> refused(
                "it has no weights; save the whole model: model.save(\"name.h5\")"));
        JsonObject model = KerasModel.object(json);
        if (wrote.startsWith("1.") || json.contains("\"border_mode\"") || json.contains("\"output_dim\"")
                && !json.contains("\"Embedding\"")) {
            throw refused("it was written by Keras " + (wrote.isEmpty() ? "1" : shortened(wrote)) + ", whose layers are"
                    + " described differently; load it with Keras 2.0 to 2.3, which know Keras 1, and save it again");
        }
        Outputs outputs = KerasModel.outputs(root.text("training_config").map(KerasModel::object));
        boolean theano = root.text("backend").orElse("").equals("theano");
        return new NetworkBuilder(KerasModel.of(model, wrote.startsWith("3")), KerasWeights.ofH5(groups), theano,
                outputs);
    }
}
