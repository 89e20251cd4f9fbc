package digits.files;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The versions of the libraries: those that this one was built with, and those on the class path. */
public final class Versions {
    private static final Properties BUILT_WITH = load(Versions.class.getResource("/digits/versions.properties"));
    private static boolean checked;

    private Versions() { }

    /** Versions of Java, this library, Deeplearning4j and ND4J's native binary. */
    public static Map<String, String> ofThisRun() {
        Map<String, String> versions = new TreeMap<>(Map.of("java", System.getProperty("java.version")));
        BUILT_WITH.forEach((name, version) -> versions.put(name.toString(), version.toString()));
        return versions;
    }

    /**
     * Stops unless Deeplearning4j and ND4J have the version that this library was built with: it extends their classes
     * and reads fields that are not public, so with another version it would fail somewhere inside, or compute
     * something else. Classes that do not tell their version, such as those of a folder, are trusted.
     *
     * @throws IllegalStateException if one of them has another version: it says which, where, and what to do
     */
    public static synchronized void check() {
        if (checked) return;
        String wanted = BUILT_WITH.getProperty("deeplearning4j", "");
        Optional<String> problem = problem(wanted, "org.deeplearning4j", "deeplearning4j-nn", MultiLayerNetwork.class)
                .or(() -> problem(wanted, "org.nd4j", "nd4j-api", INDArray.class));
        if (problem.isPresent()) throw new IllegalStateException(problem.get());
        checked = true;
    }

    /** What is wrong with the artifact that a class comes from; empty if it is the wanted version, or does not tell. */
    static Optional<String> problem(String wanted, String group, String artifact, Class<?> type) {
        String inside = "/" + type.getName().replace('.', '/') + ".class";
        String place = String.valueOf(type.getResource(inside));   // jar:file:/…/name.jar!/org/…/Type.class
        if (wanted.isEmpty() || !place.endsWith(inside)) return Optional.empty();
        String root = place.substring(0, place.length() - inside.length());
        try {
            String found = load(new URL(root + "/META-INF/maven/" + group + "/" + artifact + "/pom.properties"))
                    .getProperty("version", wanted);
            return found.equals(wanted) ? Optional.empty() : Optional.of("""
                    This library works with Deeplearning4j %s only, but %s %s is on the class path (%s): give all \
                    artifacts of org.deeplearning4j and org.nd4j the version %1$s."""
                    .formatted(wanted, artifact, found, URI.create(root.replaceFirst("^jar:", "")).getPath()
                            .replaceFirst("!$", "")));
        } catch (IOException | IllegalArgumentException unknownKindOfPlace) {
            return Optional.empty();
        }
    }

    /** The properties in a file; none if there is no such file. */
    private static Properties load(URL file) {
        Properties properties = new Properties();
        try {
            if (file == null) return properties;
            URLConnection connection = file.openConnection();
            connection.setUseCaches(false);   // closes the jar again
            try (InputStream in = connection.getInputStream()) {
                properties.load(in);
            }
        } catch (IOException unreadable) {
            properties.clear();
        }
        return properties;
    }
}
