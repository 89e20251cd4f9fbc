package digits.fetch;

import digits.Progress;
import digits.Settings;
import digits.files.Sha256;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A jar that only one notebook needs and that is too large for the set-up. It lies in the folder in which Maven keeps
 * this library's own jars, and Maven fetches it, from where its settings say.
 *
 * @param group   Maven's groupId
 * @param name    Maven's artifactId; there must be nothing that the artifact depends on
 * @param version Maven's version
 * @param sha256  the checksum of the jar; no other content is ever loaded
 */
public record MavenJar(String group, String name, String version, String sha256) {
    /** ONNX Runtime by Microsoft (MIT license), 43 MB, as in the tests: for Linux, Windows and Apple silicon. */
    public static final MavenJar ONNX_RUNTIME = new MavenJar("com.microsoft.onnxruntime", "onnxruntime", "1.28.0",
            "3a9dc00bed7ee467ded8a257f99fc216570d385f8b06053570d33e9b5d7c7a37");

    private static final String GET = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get";   // as in pom.xml

    /**
     * The jar's file; fetches it if it is not there yet, unless the settings forbid downloads.
     *
     * @throws DownloadException if it is not there and cannot be fetched: the message says what to do
     */
    public Path fetch(Settings settings, Consumer<? super Progress> viewer) throws IOException, InterruptedException {
        Path repository = repository().orElseThrow(() -> new DownloadException(
                "This library was not started from a Maven repository; add " + file() + " to the class path yourself"));
        return fetch(repository, settings.mirrors().isEmpty() ? List.of("-o") : List.of(), viewer);
    }

    Path fetch(Path repository, List<String> options, Consumer<? super Progress> viewer)
            throws IOException, InterruptedException {
        Path jar = repository.resolve(group.replace('.', '/')).resolve(name).resolve(version).resolve(file());
        String problem = "";
        if (!Files.exists(jar)) {
            viewer.accept(Progress.of(Double.NaN, "Maven fetches " + file() + ", once"));
            problem = maven(repository, options);
            viewer.accept(Progress.of(1, "Maven fetches " + file() + " · done"));
        }
        if (!Files.exists(jar)) {
            throw new DownloadException(file() + " is not on this computer, and Maven could not fetch it (" + problem
                    + "): run this cell once with internet access, or copy the file from another computer to " + jar);
        }
        if (!Files.isRegularFile(jar)) {   // a named pipe would block
            throw new DownloadException(jar + " is not a file: delete it and run this again to fetch it anew");
        }
        if (Sha256.of(jar).equals(sha256)) return jar;
        throw new DownloadException(jar + " is not the file that it should be (its SHA-256 is another), so it was not "
                + "loaded: delete it and run this again to fetch it anew");
    }

    private String file() {
        return name + "-" + version + ".jar";
    }

    /** The folder that this library's Maven keeps its jars in, told by the place of one of them. */
    static Optional<Path> repository() {
        try {
            Path jar = Path.of(INDArray.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            Path artifact = jar.getNameCount() < 5 ? jar : jar.getParent().getParent();
            return artifact.endsWith("org/nd4j/nd4j-api")
                    ? Optional.of(artifact.getParent().getParent().getParent()) : Optional.empty();
        } catch (URISyntaxException | IllegalArgumentException | FileSystemNotFoundException notAFile) {
            return Optional.empty();
        }
    }

    /** Runs Maven; returns the first error that it printed, or what kept it from running. */
    private String maven(Path repository, List<String> options) throws InterruptedException, IOException {
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        List<String> command = new ArrayList<>(windows ? List.of("cmd", "/c", "mvn") : List.of("mvn"));
        command.addAll(List.of("-B", "-ntp", "-q", "-U",   // -U: even if it could not be fetched earlier today
                "-Dmaven.repo.local=" + repository, GET, "-Dtransitive=false",
                "-Dartifact=" + group + ":" + name + ":" + version));
        command.addAll(options);
        Path folder = Files.createTempDirectory("maven");   // free of other projects' settings
        Path said = folder.resolve("said.txt");
        try {
            ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile())
                    .redirectErrorStream(true).redirectOutput(said.toFile());
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            String home = System.getProperty("user.home");   // the kernel's; containers may have another
            if (!home.matches(".*\\s.*")) builder.environment().merge("MAVEN_OPTS", "-Duser.home=" + home,
                    (given, added) -> given + " " + added);
            Process process = builder.start();
            try {
                process.waitFor();
            } finally {
                process.descendants().forEach(ProcessHandle::destroy);   // if this thread was interrupted
                process.destroy();
            }
            return firstError(new String(Files.readAllBytes(said), StandardCharsets.UTF_8));
        } catch (IOException notFound) {
            return "mvn does not start; is it on the PATH?";
        } finally {
            Files.deleteIfExists(said);
            Files.deleteIfExists(folder);
        }
    }

    /** The first line that says what went wrong, without Maven's colors, goals and references. */
    private static String firstError(String said) {
        return said.replaceAll("\\x1b\\[[\\d;]*m", "").lines().filter(line -> line.matches("\\[ERROR] .*\\S.*"))
                .map(line -> line.replaceAll("^\\[ERROR] (Failed to execute .*?\\): )?|\\.? -> \\[Help.*|: $", ""))
                .findFirst().orElse("it said nothing");
    }
}
