package digits.training;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import digits.Examples;
import digits.Progress;
import digits.Settings;
import digits.data.Augmentation;
import digits.data.IdxBytes;
import digits.data.LoadInAnotherProcess;
import digits.experiments.Experiment;
import digits.experiments.Runs;
import digits.fetch.FileServer;
import digits.files.AtomicFile;
import digits.files.ModelFiles;
import digits.networks.Network;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;

/**
 * Processes that are killed (SIGKILL) at random moments while they save, download, run an experiment and train, and
 * then begin again: no file is torn, nothing that was finished is lost, and what is resumed ends as without the kills,
 * to the last bit. {@code -Ddigits.kills=50} kills that often in each test.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class KillTest {
    private static final int KILLS = Integer.getInteger("digits.kills", 2);
    private static final int EPOCHS = 5;

    @TempDir
    Path folder;
    private final Random random = new Random(42);
    private int kills;
    private int completed;

    /** What a child said, and whether it was killed. */
    private record End(List<String> said, boolean killed) {
        /** The last number that follows this word; 0 if it never said it. */
        int last(String word) {
            return said.stream().filter(line -> line.startsWith(word + " "))
                    .mapToInt(line -> Integer.parseInt(line.substring(word.length() + 1))).reduce(0, (a, b) -> b);
        }
    }

    /** Runs a child, which says “ready” first, and kills it within this many milliseconds. */
    private End kill(int within, Class<?> program, Object... arguments) throws Exception {
        Path said = folder.resolve("said");
        return kill(within, () -> Files.readString(said).contains("ready"), program, arguments);
    }

    private interface Ready {
        boolean now() throws IOException;
    }

    private End kill(int within, Ready ready, Class<?> program, Object... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "-Xmx400m", "-cp", System.getProperty("java.class.path"), program.getName()));
        Stream.of(arguments).map(Object::toString).forEach(command::add);
        Path file = folder.resolve("said");   // not a pipe, which is closed with the process
        Process child = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(file.toFile()).start();
        while (child.isAlive() && !ready.now()) Thread.sleep(3);
        boolean ended = child.waitFor(random.nextInt(within), TimeUnit.MILLISECONDS);
        int status = child.destroyForcibly().waitFor();
        String said = Files.readString(file);
        assertTrue(!ended || status == 0, said);
        if (status == 0) completed++;
        else kills++;
        // a line that was cut off says nothing
        List<String> lines = said.substring(0, said.lastIndexOf('\n') + 1).lines().toList();
        return new End(lines, status != 0);
    }

    private void report(String what) {
        if (KILLS > 2) System.out.println(what + ": " + kills + " kills, " + completed + " undisturbed ends");
    }

    /** What the child processes do. */
    static final class Child {
        private Child() {
        }

        public static void main(String[] arguments) {
            Path folder = Path.of(arguments[1]);
            switch (arguments[0]) {
                case "save" -> save(folder.resolve("trained.zip"), Integer.parseInt(arguments[2]));
                case "experiment" -> AtomicFile.writeText(folder.resolve("figures"), experiment(folder,
                        progress -> say("ready")));
                default -> train(CheckpointTest.Kind.valueOf(arguments[2]), folder);
            }
            System.exit(0);
        }

        /** Networks whose weights all have one value, with a record whose seed is that value. */
        static void save(Path file, int first) {
            MultiLayerNetwork network = Examples.smallNetwork(1);
            say("ready");
            for (int number = first; ; number++) {
                network.params().assign(number);
                Settings settings = Settings.from(Map.of("DIGITS_SEED", String.valueOf(number)));
                TrainingRecord.of(new History(List.of()), 1, "bars", "folder", 1, 1, settings)
                        .save(network, new ImagePreProcessingScaler(0, 1), file);
                say("saved " + number);
                TrainingRecord.load(file, "").tested(new TestScore(number, 0, 1)).save(file);
                say("tested " + number);
            }
        }

        static String experiment(Path folder, Consumer<Progress> progress) {
            Runs runs = Experiment.on(Examples.bars(50, 1), Examples.bars(40, 2)).batch(25).epochs(2).seeds(1, 2)
                    .augmented(Augmentation.NONE.shifted(1)).keptIn(folder.resolve("runs"))
                    .with("fast", seed -> Examples.smallNetwork(seed).getLayerWiseConfigurations())
                    .withGraph("graph", seed -> Examples.smallGraph(seed).getConfiguration())
                    .onProgress(progress).run();
            StringBuilder figures = new StringBuilder();
            runs.runs().forEach(run -> figures.append(run.label()).append(CheckpointTest.figures(
                    new History(run.epochs()))).append(run.failure()));
            return figures.toString();
        }

        static void train(CheckpointTest.Kind kind, Path folder) {
            Network network = kind.network();
            Trainer trainer = CheckpointTest.trainer(network).keptIn(folder).onProgress(progress -> {
                if (progress.done() == 0 && !progress.validating()) say("begins " + progress.epoch());
                if (progress.betweenEpochs()) say("ended " + progress.epoch());
            });
            say("ready");
            History history = trainer.fit(CheckpointTest.training(), CheckpointTest.validation(), EPOCHS);
            AtomicFile.write(folder.resolve("result"), temporary -> Files.write(temporary,
                    CheckpointTest.Result.of(network, history).bytes()));
        }

        private static void say(String line) {
            System.out.println(line);
            System.out.flush();
        }
    }

    @Test
    void saving() throws Exception {
        Path file = folder.resolve("trained.zip");
        int number = 1;
        while (kills < KILLS) {
            End end = kill(120, Child.class, "save", folder, number);
            if (!Files.exists(file)) {
                assertEquals(0, end.last("saved"));
                continue;
            }
            TrainingRecord record = TrainingRecord.load(file, "none");
            int there = (int) record.seed();
            float[] weights = ModelFiles.load(file).params().toFloatVector();
            float[] expected = new float[weights.length];
            Arrays.fill(expected, there);
            assertArrayEquals(expected, weights, "the record is that of the network");
            assertTrue(there >= end.last("saved"), there + " after " + end.said);
            assertTrue(record.test() == null || record.test().images() == there);
            assertTrue(record.test() != null || end.last("tested") < there, "what was tested stays tested");
            ModelFiles.loadScaler(file);
            number = there + 1;
        }
        report("saving");
    }

    /** In small pieces, with ranges. */
    private static void slowly(HttpExchange exchange, byte[] content) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        if (from >= content.length) {
            exchange.sendResponseHeaders(416, -1);
            return;
        }
        if (range != null) {
            exchange.getResponseHeaders().set("Content-Range",
                    "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        exchange.sendResponseHeaders(range == null ? 200 : 206, content.length - from);
        OutputStream out = exchange.getResponseBody();
        for (int piece = (content.length + 7) / 8; from < content.length; from += piece) {
            out.write(content, from, Math.min(piece, content.length - from));
            out.flush();
            try {
                Thread.sleep(10);
            } catch (InterruptedException closing) {
                return;
            }
        }
    }

    @Test
    void downloading() throws Exception {
        Path cache = folder.resolve("mnist");
        try (FileServer mirror = IdxBytes.server(200, 50).always(KillTest::slowly)) {
            Map<String, Long> before = new HashMap<>();
            while (kills < KILLS) {
                int requests = mirror.requests.size();
                End end = kill(500, () -> mirror.requests.size() > requests, LoadInAnotherProcess.class, cache,
                        mirror.address(), 200, 50);
                Map<String, Long> now = new HashMap<>();
                for (Path each : list(cache)) {
                    String name = each.getFileName().toString();
                    byte[] bytes = Files.readAllBytes(each);
                    if (name.endsWith(".part")) now.put(name.replaceFirst("\\.part$", ""), (long) bytes.length);
                    else if (!name.equals("lock")) {
                        assertArrayEquals(mirror.content(name), bytes, name);
                        now.put(name, Long.MAX_VALUE);
                    }
                }
                before.forEach((name, size) -> assertTrue(now.getOrDefault(name, 0L) >= size, name + " lost bytes"));
                before.putAll(now);
                if (end.killed) continue;
                assertTrue(end.said.get(end.said.size() - 1).matches("(mirror|cache) 200 50"), end.said.toString());
                assertEquals(5, list(cache).size(), "four files and the lock");
                for (Path each : list(cache)) Files.delete(each);
                before.clear();
            }
        }
        report("downloading");
    }

    private static List<Path> list(Path folder) throws IOException {
        if (!Files.exists(folder)) return List.of();
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static void empty(Path folder) throws IOException {
        for (Path each : list(folder)) Files.delete(each);
    }

    @Test
    void experiments() throws Exception {
        String expected = Child.experiment(folder.resolve("here"), progress -> { });
        Path runs = folder.resolve("runs");
        Map<Path, String> finished = new HashMap<>();
        for (boolean whole = false; kills < KILLS || !whole; ) {
            whole = !kill(kills < KILLS ? 1_500 : 60_000, Child.class, "experiment", folder).killed;
            for (Path each : finished.keySet()) assertEquals(finished.get(each), Files.readString(each));
            for (Path each : list(runs)) {
                if (each.toString().endsWith(".json")) finished.put(each, Files.readString(each));
            }
            if (!whole) continue;
            assertEquals(expected, Files.readString(folder.resolve("figures")));
            assertEquals(4, finished.size());
            assertTrue(list(runs).stream().noneMatch(each -> each.toString().endsWith(".checkpoint")));
            finished.clear();
            empty(runs);
        }
        report("experiments");
    }

    @Test
    void training() throws Exception {
        CheckpointTest.Kind[] kinds = CheckpointTest.Kind.values();
        Map<CheckpointTest.Kind, byte[]> expected = new HashMap<>();
        int ended = 0;
        for (boolean whole = false; kills < KILLS || !whole; ) {
            CheckpointTest.Kind kind = kinds[(completed + 1) % kinds.length];
            End end = kill(kills < KILLS ? 1_200 : 60_000, Child.class, "train", folder, kind);
            whole = !end.killed;
            int first = end.said.stream().filter(line -> line.startsWith("begins ")).findFirst()
                    .map(line -> Integer.parseInt(line.substring(7))).orElse(EPOCHS + 1);
            assertTrue(first > ended || ended == EPOCHS, "epoch " + ended + " was lost: " + end.said);
            ended = Math.max(ended, end.last("ended"));
            if (!whole) continue;
            Network network = kind.network();
            if (!expected.containsKey(kind)) {
                expected.put(kind, CheckpointTest.Result.of(network, CheckpointTest.trainer(network)
                        .fit(CheckpointTest.training(), CheckpointTest.validation(), EPOCHS)).bytes());
            }
            assertEquals(new String(expected.get(kind), UTF_8), Files.readString(folder.resolve("result")),
                    kind.name());
            assertTrue(list(folder).stream().noneMatch(each -> each.toString().endsWith(".checkpoint")));
            empty(folder);
            ended = 0;
        }
        report("training");
    }
}
