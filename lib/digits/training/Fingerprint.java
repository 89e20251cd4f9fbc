package digits.training;

import digits.acceleration.Acceleration;
import digits.files.Json;
import digits.files.Sha256;
import digits.files.Versions;
import digits.onednn.OneDnn;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;

/** SHA-256 checksums of what the result of a training depends on. */
public final class Fingerprint {
    /** The packages whose code takes part in a training; digits.html or digits.pictures may change. */
    private static final String COMPUTING =
            ".*/digits/(acceleration|data|engine|evaluation|experiments|networks|onednn|portable|training)/"
                    + "[^/]+\\.class";

    private Fingerprint() { }

    /** The checksum of these texts, in this order; as JSON "ab", "c" differs from "a", "bc". */
    public static String of(String... texts) {
        return Sha256.of(Json.line(texts).getBytes(StandardCharsets.UTF_8));
    }

    /** The checksum of everything in this process and on this machine that decides the last bit of a result. */
    public static String ofEnvironment() {
        return of(environment().values().toArray(String[]::new));
    }

    /** The same by name, to say what differs between two processes. */
    public static Map<String, String> environment() {
        return environment(Versions.ofThisRun(), code(), engine(), RunEnvironment.threads(),
                instructionSet(OneDnn.nameOf(OneDnn.instructionSet()), System.getenv()));
    }

    /** The instruction set and, where they are set, the variables that limit oneDNN and OpenBLAS. */
    static String instructionSet(String name, Map<String, String> variables) {
        String limits = Stream.of("DNNL_MAX_CPU_ISA", "OPENBLAS_CORETYPE").filter(variables::containsKey)
                .map(variable -> variable + " " + variables.get(variable)).collect(Collectors.joining(", "));
        return limits.isEmpty() ? name : name + " (" + limits + ")";
    }

    static Map<String, String> environment(Map<String, String> versions, String code, String engine, int threads,
                                           String instructionSet) {
        Map<String, String> parts = new LinkedHashMap<>();
        for (String name : List.of("deeplearning4j", "nd4j-native")) parts.put(name, versions.get(name));
        parts.put("library", code);
        parts.put("engine", engine);
        parts.put("threads", "threads " + threads);
        parts.put("instruction set", "instruction set " + instructionSet);
        return parts;
    }

    /** What computes the layers here: the mode of the acceleration that a network gets. */
    private static String engine() {
        var random = TrainingRecord.RandomState.now();   // a new configuration sets the seed
        try {
            MultiLayerNetwork probe = new MultiLayerNetwork(new NeuralNetConfiguration.Builder().list()
                    .layer(new OutputLayer.Builder().nIn(1).nOut(2).activation(Activation.SOFTMAX).build()).build());
            return Acceleration.of(probe).mode().name();
        } finally {
            random.restore();
        }
    }

    private static String code() {
        try {
            Path place = Path.of(Fingerprint.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (Files.isDirectory(place)) return code(place);
            try (FileSystem jar = FileSystems.newFileSystem(place)) {
                return code(jar.getPath("/"));
            }
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException("the library's own code cannot be read: " + e.getMessage(), e);
        }
    }

    private static String code(Path root) throws IOException {
        Sha256 sum = new Sha256();
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> computing = files.filter(file -> file.toString().replace('\\', '/').matches(COMPUTING)).toList();
            for (Path file : computing.stream().sorted().toList()) sum.add(Files.readAllBytes(file));
        }
        return sum.hex();
    }
}
