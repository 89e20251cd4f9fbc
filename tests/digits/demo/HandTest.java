package digits.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import digits.Examples;
import digits.Settings;
import digits.data.Catalogue;
import digits.data.OwnDrawings;
import digits.files.ModelFiles;
import digits.image.Ink;
import digits.image.Strokes;
import digits.networks.LeNet;
import digits.training.TrainingRecord;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page's part where readers teach the network their own hand. */
class HandTest {
    private static final String BYTES = "application/octet-stream";
    private static final byte[] NOTHING = {};
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    Path output;
    private Demo demo;

    @AfterEach
    void stop() {
        if (demo != null) demo.close();
    }

    @Test
    void theNetworkLearnsAndTheOriginalComesBack() throws Exception {
        MultiLayerNetwork network = Examples.smallNetwork(7);
        start(network, "MNIST", Map.of());
        JsonObject empty = state();
        assertEquals("[]", empty.get("labels").toString());
        assertFalse(empty.get("saved").getAsBoolean());
        for (int digit = 0; digit < 10; digit++) said("hand/add/" + digit, canvas(digit));
        assertEquals(10, labels(said("hand/add/7", canvas(7))).size() - 1);
        JsonObject ten = said("hand/undo", NOTHING);
        assertEquals("[0,1,2,3,4,5,6,7,8,9]", ten.get("labels").toString());
        int[][] drawings = new Gson().fromJson(post("hand/drawings", NOTHING).body(), int[][].class);
        byte[] third = Ink.of(200, 200, canvas(3)).asInMnist().bytes();
        for (int i = 0; i < 784; i++) assertEquals(third[i] & 0xff, drawings[3][i]);

        double[] before = probabilities();
        assertEquals("original", used(network), "before");
        said("hand/train", NOTHING);
        JsonObject trained = finished();
        assertEquals("", trained.get("problem").getAsString());
        assertTrue(trained.get("tuned").getAsBoolean() && trained.get("saved").getAsBoolean());
        assertTrue(trained.get("description").getAsString().startsWith("A network that was fine-tuned"));
        JsonObject result = trained.getAsJsonObject("result");
        assertEquals(4, result.get("heldBack").getAsInt());
        assertEquals(6, result.get("trained").getAsInt());
        assertEquals(4, result.getAsJsonArray("drawings").size());
        assertEquals("MNIST", result.get("dataset").getAsString());
        Path file = output.resolve("hand/mnist/fine-tuned.zip");
        assertEquals("fine-tuned", used(ModelFiles.load(file)), "after");
        assertTrue(TrainingRecord.load(file, "none").source().contains("6 own drawings"));
        assertFalse(Files.exists(output.resolve("models")), "the trained network's folder");

        assertFalse(said("hand/original", NOTHING).get("tuned").getAsBoolean());
        assertArrayEquals(before, probabilities());
        JsonObject again = said("hand/tuned", NOTHING);
        assertTrue(again.get("tuned").getAsBoolean());
        assertEquals("fine-tuned", used(ModelFiles.load(file)), "again");

        start(network, "MNIST", Map.of());   // another process finds the drawings and the fine-tuned network
        assertEquals(10, labels(state()).size());
        assertTrue(state().get("saved").getAsBoolean() && !state().get("tuned").getAsBoolean());
        assertArrayEquals(before, probabilities());
    }

    @Test
    void oneTrainingAtATimeAndItCanBeStopped() throws Exception {
        start(Examples.smallNetwork(7), "MNIST", Map.of());
        refused(409, "There are 0 drawings: draw 5 or more", "hand/train", NOTHING);
        refused(409, "train one first", "hand/tuned", NOTHING);
        for (int digit = 0; digit < 5; digit++) said("hand/add/" + digit, canvas(digit));
        double[] before = probabilities();
        JsonObject running = said("hand/train", NOTHING);
        assertFalse(running.get("training").isJsonNull());
        refused(409, "A training is running", "hand/train", NOTHING);
        said("hand/add/5", canvas(5));   // drawing and recognizing continue meanwhile
        said("drawing", canvas(1));
        said("hand/stop", NOTHING);
        JsonObject stopped = finished();
        assertEquals("The training was stopped; nothing has changed.", stopped.get("problem").getAsString());
        assertFalse(stopped.get("tuned").getAsBoolean() || stopped.get("saved").getAsBoolean());
        assertArrayEquals(before, probabilities());
        said("hand/stop", NOTHING);      // there is nothing to stop
        said("hand/train", NOTHING);
        assertEquals("", finished().get("problem").getAsString());
        assertEquals(6, labels(state()).size());
    }

    @Test
    void wrongRequestsGetOneSentenceAndChangeNothing() throws Exception {
        start(Examples.smallNetwork(7), "MNIST", Map.of());
        said("hand/add/3", canvas(3));
        refused(404, "no class 10: there are 10", "hand/add/10", canvas(3));
        for (String path : List.of("hand/add", "hand/add/", "hand/add/-1", "hand/add/1000", "hand/add/3x",
                "hand/add/+3", "hand/add/3/", "hand/", "hand/fine-tuned.zip", "hand/../page.html", "hand/original/..",
                "handy", "hand.", "hand/add/%33", "hand/add/٣")) {
            assertEquals(404, post(path, canvas(3)).statusCode(), path);
        }
        refused(400, "no ink", "hand/add/3", new byte[40_000]);
        refused(400, "I see 2 shapes", "hand/add/3", two());
        refused(400, "40,000 bytes", "hand/add/3", new byte[39_999]);
        refused(413, "at most 40,000", "hand/add/3", new byte[40_001]);
        refused(413, "too large", "hand/undo", new byte[1]);
        refused(413, "too large", "hand/train", new byte[3_000_000]);
        assertEquals(405, get("hand/undo").statusCode());
        assertEquals(405, get("hand/add/3").statusCode());
        assertEquals(405, post("hand", NOTHING).statusCode());
        assertEquals(415, CLIENT.send(HttpRequest.newBuilder(URI.create(demo.address() + "hand/train"))
                .header("Content-Type", "text/plain").POST(BodyPublishers.noBody()).build(), BodyHandlers.ofString())
                .statusCode());
        String elsewhere = demo.address().toString().replaceFirst("/[0-9a-f]{32}/", "/" + "0".repeat(32) + "/");
        assertEquals(403, CLIENT.send(HttpRequest.newBuilder(URI.create(elsewhere + "hand")).build(),
                BodyHandlers.ofString()).statusCode());
        assertEquals("[3]", state().get("labels").toString());

        Path labels = output.resolve("hand/mnist/own-labels-idx1-ubyte");
        byte[] whole = Files.readAllBytes(labels);
        Files.write(labels, new byte[] {1, 2, 3});
        for (String path : List.of("hand/add/3", "hand/undo", "hand/train", "hand/drawings")) {
            refused(500, "own-labels-idx1-ubyte", path, path.contains("add") ? canvas(3) : NOTHING);
        }
        assertEquals(500, get("hand").statusCode());
        Files.write(labels, whole);
        Files.write(output.resolve("hand/mnist/fine-tuned.zip"), new byte[100]);
        refused(500, "fine-tuned.zip", "hand/tuned", NOTHING);
        ModelFiles.save(distinguishing(26), output.resolve("hand/mnist/fine-tuned.zip"));
        refused(409, "distinguishes 26 classes", "hand/tuned", NOTHING);
        assertFalse(state().get("tuned").getAsBoolean());
        said("drawing", canvas(1));
    }

    /** As after a training of another network, which may have left the file. */
    @Test
    void aFineTunedNetworkWithOtherLayersIsNotUsed() throws Exception {
        start(Examples.smallNetwork(7), "MNIST", Map.of());
        said("hand/add/3", canvas(3));
        ModelFiles.save(distinguishing(10), output.resolve("hand/mnist/fine-tuned.zip"));
        byte[] seen = Ink.of(200, 200, canvas(4)).asInMnist().bytes();
        String layers = post("layers", seen).body();
        refused(409, "has other layers", "hand/tuned", NOTHING);
        assertEquals(layers, post("layers", seen).body());
        ModelFiles.save(Examples.smallNetwork(8), output.resolve("hand/mnist/fine-tuned.zip"));
        said("hand/tuned", NOTHING);
        assertNotEquals(layers, post("layers", seen).body());
    }

    @Test
    void ofSeveralRequestsToTrainOneStarts() throws Exception {
        start(Examples.smallNetwork(7), "MNIST", Map.of());
        for (int digit = 0; digit < 5; digit++) said("hand/add/" + digit, canvas(digit));
        List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            sent.add(CLIENT.sendAsync(request("hand/train").POST(BodyPublishers.noBody()).build(),
                    BodyHandlers.ofString()));
        }
        List<Integer> statuses = sent.stream().map(each -> each.join().statusCode()).sorted().toList();
        assertEquals(List.of(200, 409, 409, 409, 409, 409, 409, 409), statuses);
        said("hand/stop", NOTHING);
        finished();
    }

    @Test
    void pagesOfOtherSitesChangeNothing() throws Exception {
        start(Examples.smallNetwork(7), "MNIST", Map.of());
        said("hand/add/3", canvas(3));
        for (String path : List.of("hand/add/4", "hand/undo", "hand/train", "hand/drawings", "layers")) {
            for (String origin : List.of("https://evil.example", "null", "http://127.0.0.1:1")) {
                assertEquals(403, CLIENT.send(request(path).header("Origin", origin).POST(
                        BodyPublishers.ofByteArray(canvas(4))).build(), BodyHandlers.ofString()).statusCode(), path);
            }
        }
        assertEquals("[3]", state().get("labels").toString());
    }

    /** The folder where the files belong cannot be written, or something else is in their place. */
    @Test
    void whatCannotBeKeptIsSaidInASentence() throws Exception {
        start(Examples.smallNetwork(7), "MNIST", Map.of());
        Files.writeString(output.resolve("hand"), "not a folder");
        refused(500, "own-images-idx3-ubyte could not be written", "hand/add/3", canvas(3));
        assertEquals("[]", state().get("labels").toString());
        Files.delete(output.resolve("hand"));
        for (int digit = 0; digit < 5; digit++) said("hand/add/" + digit, canvas(digit));
        Files.createDirectories(output.resolve("hand/mnist/fine-tuned.zip/full"));
        double[] before = probabilities();
        said("hand/train", NOTHING);
        JsonObject failed = finished();
        assertTrue(failed.get("problem").getAsString().startsWith("fine-tuned.zip could not be written"),
                failed.toString());
        assertFalse(failed.get("tuned").getAsBoolean() || failed.get("saved").getAsBoolean());
        assertArrayEquals(before, probabilities());
        for (String name : List.of("own-images-idx3-ubyte", "own-labels-idx1-ubyte")) {
            Path file = output.resolve("hand/mnist").resolve(name);
            byte[] whole = Files.readAllBytes(file);
            Files.delete(file);
            Files.createDirectories(file.resolve("full"));
            HttpResponse<String> said = get("hand");
            assertEquals(500, said.statusCode(), said.body());
            assertTrue(said.body().contains(name), said.body());
            refused(500, name, "hand/add/3", canvas(3));
            refused(500, name, "hand/undo", NOTHING);
            Files.delete(file.resolve("full"));
            Files.delete(file);
            Files.write(file, whole);
        }
        assertEquals("[0,1,2,3,4]", state().get("labels").toString());
    }

    @Test
    void lettersAreDrawnAndLearnedAsDigitsAre() throws Exception {
        Path emnist = Files.createDirectories(output.resolve("emnist"));
        for (String part : List.of("train", "test")) {
            int n = part.equals("train") ? 260 : 52;
            byte[] pixels = new byte[n * 784];
            new Random(n).nextBytes(pixels);
            ByteBuffer labels = ByteBuffer.allocate(8 + n).putInt(0x801).putInt(n);
            for (int i = 0; i < n; i++) labels.put((byte) (1 + i % 26));
            Files.write(emnist.resolve("emnist-letters-" + part + "-labels-idx1-ubyte"), labels.array());
            Files.write(emnist.resolve("emnist-letters-" + part + "-images-idx3-ubyte"), ByteBuffer.allocate(16
                    + pixels.length).putInt(0x803).putInt(n).putInt(28).putInt(28).put(pixels).array());
        }
        start(distinguishing(26), "EMNIST letters", Map.of("DIGITS_DATA", emnist.toString()));
        JsonObject model = new Gson().fromJson(get("model").body(), JsonObject.class);
        assertEquals(new Gson().toJson(Catalogue.EMNIST_LETTERS.names()), model.get("names").toString());
        JsonObject read = said("drawing", canvas(2));
        assertEquals(26, read.getAsJsonArray("probabilities").size());
        byte[] seen = Ink.of(200, 200, canvas(2)).asInMnist().bytes();
        assertEquals(200, post("saliency/25", seen).statusCode());
        assertEquals(404, post("saliency/26", seen).statusCode());
        for (int letter = 20; letter < 26; letter++) said("hand/add/" + letter, canvas(letter - 20));
        refused(404, "there are 26", "hand/add/26", canvas(1));
        said("hand/train", NOTHING);
        JsonObject trained = finished();
        assertEquals("", trained.get("problem").getAsString());
        assertEquals("EMNIST letters-like", trained.getAsJsonObject("result").get("dataset").getAsString());
        assertTrue(Files.isRegularFile(output.resolve("hand/emnist-letters/fine-tuned.zip")));
        assertEquals(0, OwnDrawings.of(settings(Map.of()), "MNIST", Catalogue.MNIST.names()).load().size());
    }

    @Test
    void withoutItsImagesANetworkIsNotFineTuned() throws Exception {
        for (String dataset : List.of("EMNIST letters", "Arabic digits")) {
            start(distinguishing(26), dataset, Map.of());
            for (int i = 0; i < 5; i++) said("hand/add/" + i, canvas(i));
            said("hand/train", NOTHING);
            JsonObject failed = finished();
            String problem = failed.get("problem").getAsString();
            assertTrue(problem.contains(dataset) && problem.contains("forget"), problem);
            assertFalse(failed.get("tuned").getAsBoolean());
        }
    }

    @Test
    void aDemoOfANetworkAloneHasNoSuchPart() throws Exception {
        demo = Demo.start(Examples.smallNetwork(7), "alone", new Endpoint(0, Optional.empty()));
        assertEquals(404, get("hand").statusCode());
        refused(404, "nothing at this address", "hand/add/3", canvas(3));
        JsonObject model = new Gson().fromJson(get("model").body(), JsonObject.class);
        assertFalse(model.get("hand").getAsBoolean());
        assertEquals("9", model.getAsJsonArray("names").get(9).getAsString());
    }

    /** A network for this many classes. */
    private static MultiLayerNetwork distinguishing(int classes) {
        MultiLayerNetwork network = new MultiLayerNetwork(LeNet.modern(1, classes));
        network.init();
        return network;
    }

    private void start(MultiLayerNetwork network, String dataset, Map<String, String> variables) {
        TrainingRecord r = TrainingRecord.pretrained();
        TrainingRecord record = new TrainingRecord(dataset, r.source(), 800, 200, r.parameters(), r.profile(),
                r.batch(), r.seed(), r.threads(), r.epochs(), r.bestEpoch(), r.trainSeconds(), r.imagesPerSecond(),
                r.peakResidentMb(), r.versions(), r.test(), r.random(), r.sha256());
        demo = Demo.start(new LiveModel(network, "a small network", record), settings(variables),
                new Endpoint(0, Optional.empty()), 10);
    }

    private Settings settings(Map<String, String> more) {
        Map<String, String> variables = new HashMap<>(more);
        variables.put("DIGITS_OUTPUT", output.toString());
        variables.put("DIGITS_MIRRORS", "none");
        return Settings.from(variables);
    }

    /** Whether the server predicts as this network does. */
    private String used(MultiLayerNetwork network) throws Exception {
        double[] expected = network.output(Ink.of(200, 200, canvas(4)).asInMnist().toArray(), false).toDoubleVector();
        double[] found = probabilities();
        double largest = 0;
        for (int i = 0; i < found.length; i++) largest = Math.max(largest, Math.abs(found[i] - expected[i]));
        boolean tuned = state().get("tuned").getAsBoolean();
        return largest > 1e-5 ? "another network: " + largest : tuned ? "fine-tuned" : "original";
    }

    private double[] probabilities() throws Exception {
        return new Gson().fromJson(said("drawing", canvas(4)).get("probabilities"), double[].class);
    }

    private JsonObject finished() throws Exception {
        for (int n = 0; n < 6_000; n++) {
            JsonObject state = state();
            if (state.get("training").isJsonNull()) return state;
            double share = state.getAsJsonObject("training").get("share").getAsDouble();
            assertTrue(share >= 0 && share <= 1);
            assertNotEquals("", state.getAsJsonObject("training").get("line").getAsString());
            Thread.sleep(20);
        }
        throw new AssertionError("the training does not end");
    }

    private JsonObject state() throws Exception {
        HttpResponse<String> response = get("hand");
        assertEquals(200, response.statusCode(), response.body());
        return new Gson().fromJson(response.body(), JsonObject.class);
    }

    private static JsonArray labels(JsonObject state) {
        return state.getAsJsonArray("labels");
    }

    private static byte[] canvas(int digit) {
        return Strokes.recorded("upright").get(digit).ink().bytes();
    }

    /** Two ones side by side. */
    private static byte[] two() {
        List<double[]> left = List.of(new double[] {30, 20}, new double[] {30, 80});
        List<double[]> right = List.of(new double[] {70, 20}, new double[] {70, 80});
        return new Strokes(List.of(left, right)).ink().bytes();
    }

    private JsonObject said(String path, byte[] body) throws Exception {
        HttpResponse<String> response = post(path, body);
        assertEquals(200, response.statusCode(), response.body());
        return new Gson().fromJson(response.body(), JsonObject.class);
    }

    private void refused(int status, String words, String path, byte[] body) throws Exception {
        HttpResponse<String> response = post(path, body);
        assertEquals(status, response.statusCode(), response.body());
        String error = new Gson().fromJson(response.body(), JsonObject.class).get("error").getAsString();
        assertTrue(error.contains(words), error);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return CLIENT.send(HttpRequest.newBuilder(URI.create(demo.address() + path)).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, byte[] body) throws IOException, InterruptedException {
        return CLIENT.send(request(path).POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(demo.address() + path)).header("Content-Type", BYTES);
    }
}
