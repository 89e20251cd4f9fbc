package digits.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import digits.Progress;
import digits.data.Provenance.Source;
import digits.fetch.Download;
import digits.fetch.FileServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Downloads from mirrors on this machine, good and bad ones, of a stand-in for MNIST with 200 and 50 images. */
@Timeout(30)
public class DownloadTest {
    private static final int TRAIN = 200;
    private static final int TEST = 50;
    private static final DatasetFiles SET = IdxBytes.set(TRAIN, TEST);
    private static final List<String> NAMES = SET.all().stream().map(DatasetFiles.Item::gzipName).toList();
    private static final String IMAGES = "train-images-idx3-ubyte.gz";
    private static final Download.Patience LONG =
            new Download.Patience(Duration.ofSeconds(5), Duration.ofSeconds(20), 1, Duration.ofSeconds(20));
    private static final Download.Patience SHORT =
            new Download.Patience(Duration.ofSeconds(1), Duration.ofMillis(600), 1, Duration.ofSeconds(20));

    @TempDir
    Path temporary;

    private Path cache() {
        return temporary.resolve("cache").resolve("mnist");
    }

    @Test
    void downloadsOnceThenReadsTheCache() throws IOException {
        try (FileServer mirror = IdxBytes.server(TRAIN, TEST)) {
            Dataset first = load(mirror);
            assertEquals(Source.MIRROR, first.provenance().source());
            assertIsTheSet(first);
            assertEquals(NAMES, mirror.requests);
            assertSays(first, "downloaded just now");

            Dataset second = load(mirror);
            assertEquals(Source.CACHE, second.provenance().source());
            assertIsTheSet(second);
            assertSays(second, "cache");
            assertEquals(4, mirror.requests.size());
            assertCacheIsClean();
        }
    }

    @Test
    void theSecondMirrorStepsInForAMissingFile() throws IOException {
        try (FileServer without = IdxBytes.server(TRAIN, TEST).always(FileServer::notFound);
             FileServer good = IdxBytes.server(TRAIN, TEST)) {
            Dataset loaded = load(without, good);
            assertEquals(Source.MIRROR, loaded.provenance().source());
            assertIsTheSet(loaded);
            assertEquals(List.of(IMAGES), without.requests, "a mirror that failed is not asked for the other files");
            assertEquals(NAMES, good.requests);
            assertCacheIsClean();
        }
    }

    @Test
    void theSecondMirrorStepsInForAWrongChecksum() throws IOException {
        byte[] other = IdxBytes.images(TRAIN);
        other[500] ^= 1;
        try (FileServer wrong = IdxBytes.server(TRAIN, TEST).file(IMAGES, IdxBytes.gzip(other));
             FileServer good = IdxBytes.server(TRAIN, TEST)) {
            assertIsTheSet(load(wrong, good));
            assertEquals(NAMES, good.requests);
            assertCacheIsClean();
        }
    }

    @Test
    void nothingWrongGetsIntoTheCache() {
        byte[] other = IdxBytes.images(TRAIN);
        other[500] ^= 1;
        try (FileServer wrong = IdxBytes.server(TRAIN, TEST).file(IMAGES, IdxBytes.gzip(other));
             FileServer page = IdxBytes.server(TRAIN, TEST).file(IMAGES,
                     "<html>Please sign in</html>".getBytes(UTF_8))) {
            Dataset loaded = load(wrong, page);
            assertEquals(Source.SAMPLE, loaded.provenance().source());
            assertSays(loaded, "wrong checksum of " + IMAGES);
            assertSays(loaded, "damaged " + IMAGES);
            assertEquals(Set.of("lock"), namesInCache());
        }
    }

    @Test
    void aCutConnectionIsResumedWhereItBrokeOff() throws IOException {
        try (FileServer mirror = IdxBytes.server(TRAIN, TEST).first(FileServer::cut)) {
            assertIsTheSet(load(mirror));
            int half = mirror.content(IMAGES).length / 2;
            assertEquals(IMAGES, mirror.requests.get(0));
            assertEquals(IMAGES + " from " + half, mirror.requests.get(1));
            assertEquals(8, mirror.requests.size());
            assertCacheIsClean();
        }
    }

    @Test
    void aServerWithoutRangesBeginsAnew() throws IOException {
        try (FileServer mirror = IdxBytes.server(TRAIN, TEST).always(FileServer::withoutRanges)) {
            Files.createDirectories(cache());
            Files.write(part(IMAGES), Arrays.copyOf(mirror.content(IMAGES), 1_000));
            assertIsTheSet(load(mirror));
            assertEquals(IMAGES + " from 1000", mirror.requests.get(0));
            assertEquals(4, mirror.requests.size());
            assertCacheIsClean();
        }
    }

    @Test
    void whatAnEarlierRunLeftIsUsed() throws IOException {
        try (FileServer mirror = IdxBytes.server(TRAIN, TEST)) {
            Files.createDirectories(cache());
            Files.write(part(IMAGES), Arrays.copyOf(mirror.content(IMAGES), 1_000));
            assertIsTheSet(load(mirror));
            assertEquals(List.of(IMAGES + " from 1000"), mirror.requests.subList(0, 1));
            assertEquals(4, mirror.requests.size());
        }
    }

    /** Killed between the last byte and the rename: nothing is fetched again. */
    @Test
    void aFinishedPartIsUsed() throws IOException {
        try (FileServer mirror = IdxBytes.server(TRAIN, TEST)) {
            Files.createDirectories(cache());
            for (String name : NAMES) Files.write(part(name), mirror.content(name));
            assertIsTheSet(load(mirror));
            assertEquals(List.of(), mirror.requests);
            assertCacheIsClean();
        }
    }

    @Test
    void aBeginningOfSomethingElseIsThrownAway() throws IOException {
        // the second is longer than the file: the server replies 416
        for (int length : new int[] {1_000, 1_000_000}) {
            try (FileServer mirror = IdxBytes.server(TRAIN, TEST)) {
                Files.createDirectories(cache());
                Files.write(part(IMAGES), new byte[length]);
                Files.deleteIfExists(cache().resolve(IMAGES));
                assertIsTheSet(load(mirror));
                assertEquals(List.of(IMAGES + " from " + length, IMAGES), mirror.requests.subList(0, 2));
                assertCacheIsClean();
            }
        }
    }

    @Test
    void theSecondMirrorGoesOnWithWhatTheFirstSent() throws IOException {
        try (FileServer dying = IdxBytes.server(TRAIN, TEST).always(FileServer::notFound).first(FileServer::cut);
             FileServer good = IdxBytes.server(TRAIN, TEST)) {
            assertIsTheSet(load(new DatasetLoader(SET, Optional.empty(), cache(),
                    List.of(dying.address(), refusing(), good.address()), LONG, Integer.MAX_VALUE)));
            int half = good.content(IMAGES).length / 2;
            assertEquals(List.of(IMAGES, IMAGES + " from " + half), dying.requests);
            assertEquals(IMAGES + " from " + half, good.requests.get(0));
            assertCacheIsClean();
        }
    }

    @Test
    void aStallingServerIsLeftAlone() throws IOException {
        try (FileServer stalling = IdxBytes.server(TRAIN, TEST); FileServer silent = IdxBytes.server(TRAIN, TEST)) {
            stalling.always(stalling::stall);
            silent.always(silent::silence);
            Dataset loaded = load(new DatasetLoader(SET, Optional.empty(), cache(),
                    List.of(stalling.address(), silent.address()), SHORT, Integer.MAX_VALUE));
            assertEquals(Source.SAMPLE, loaded.provenance().source());
            assertSays(loaded, stalling.address().getAuthority() + ": no data for 600 ms");
            assertSays(loaded, silent.address().getAuthority() + ": no response for 1600 ms");
            assertEquals(Set.of("lock", IMAGES + ".part"), namesInCache());
        }
    }

    @Test
    void aServerThatTricklesIsLeftForTheNextWhichGoesOn() throws IOException {
        Download.Patience brisk =
                new Download.Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 100_000, Duration.ofSeconds(1));
        try (FileServer trickling = IdxBytes.server(TRAIN, TEST).always(FileServer.within(5_000));
             FileServer good = IdxBytes.server(TRAIN, TEST)) {
            List<URI> both = List.of(trickling.address(), good.address());
            assertIsTheSet(load(new DatasetLoader(SET, Optional.empty(), cache(), both, brisk, Integer.MAX_VALUE)));
            assertEquals(List.of(IMAGES), trickling.requests, "it is asked once");
            assertTrue(good.requests.get(0).startsWith(IMAGES + " from "), good.requests.get(0));
            assertCacheIsClean();

            Dataset loaded =
                    load(new DatasetLoader(SET, Optional.empty(), temporary.resolve("other"), both.subList(0, 1), brisk,
                    Integer.MAX_VALUE));
            assertEquals(Source.SAMPLE, loaded.provenance().source());
            assertTrue(loaded.provenance().line().matches("(?s).*: too slow, only \\d+ bytes in 1 s.*"),
                    loaded.provenance().line());
        }
    }

    @Test
    void anAnswerThatDoesNotFitIsClosedBeforeTheNextRequest() throws IOException {
        CountDownLatch hungUp = new CountDownLatch(1);
        try (FileServer mirror = IdxBytes.server(TRAIN, TEST)) {
            mirror.first((exchange, content) -> {
                if (exchange.getRequestHeaders().getFirst("Range") == null) {
                    FileServer.properly(exchange, content);
                    return;
                }
                mirror.first((next, whole) -> {
                    if (await(hungUp)) FileServer.properly(next, whole);
                    else FileServer.notFound(next, whole);
                });
                exchange.getResponseHeaders().set("Content-Range", "bytes 7-8/9");
                exchange.sendResponseHeaders(206, 0);
                try {
                    while (true) exchange.getResponseBody().write(content);
                } catch (IOException closed) {
                    hungUp.countDown();
                }
            });
            Files.createDirectories(cache());
            Files.write(part(IMAGES), Arrays.copyOf(mirror.content(IMAGES), 1_000));
            assertIsTheSet(load(mirror));
            assertEquals(List.of(IMAGES + " from 1000", IMAGES), mirror.requests.subList(0, 2));
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(5, TimeUnit.SECONDS);
        } catch (InterruptedException closing) {
            return false;
        }
    }

    @Test
    void aSlowServerIsWaitedFor() throws IOException {
        try (FileServer slow = IdxBytes.server(TRAIN, TEST).always(FileServer.within(600))) {
            List<Progress> shown = new ArrayList<>();
            long start = System.nanoTime();
            assertIsTheSet(loader(slow).load(shown::add));
            // four files of 0.6 s each; two messages a second at most, the first at once, and the one at the end
            double most = 2 * (System.nanoTime() - start) / 1e9 + 2;
            assertTrue(shown.size() >= 4 && shown.size() <= most, most + ": " + shown);
            Progress first = shown.get(0);
            assertTrue(first.line().matches("MNIST · train-images-idx3-ubyte.gz · \\d+ % · 0.\\d of 0.2 MB"),
                    first.line());
            assertTrue(first.share() > 0 && first.share() <= 1, "share " + first.share());
            Progress last = shown.get(shown.size() - 1);
            assertTrue(last instanceof Provenance && last.line().contains("downloaded just now"), last.line());
        }
    }

    @Test
    void withoutNetworkTheSampleComesQuickly() {
        long start = System.nanoTime();
        Dataset loaded = load(new DatasetLoader(SET, Optional.empty(), cache(),
                List.of(URI.create("http://mnist.invalid/mnist/"), refusing()), LONG, Integer.MAX_VALUE));
        assertEquals(Source.SAMPLE, loaded.provenance().source());
        assertSays(loaded, "mnist.invalid: ");
        assertSays(loaded, "127.0.0.1:" + refusing().getPort() + ": no connection");
        assertTrue(System.nanoTime() - start < 8e9, "seconds: " + (System.nanoTime() - start) / 1e9);
    }

    @Test
    void noMirrorAllowedMeansNoFolderMade() {
        Dataset loaded = load(new DatasetLoader(SET, Optional.empty(), cache(), List.of(), LONG, Integer.MAX_VALUE));
        assertEquals(Source.SAMPLE, loaded.provenance().source());
        assertSays(loaded, "downloads are switched off (DIGITS_MIRRORS is \"none\")");
        assertFalse(Files.exists(cache()));
    }

    @Test
    void aDamagedCacheFileIsFetchedAgain() throws IOException {
        try (FileServer mirror = IdxBytes.server(TRAIN, TEST)) {
            load(mirror);
            byte[] content = Files.readAllBytes(cache().resolve(IMAGES));
            Files.write(cache().resolve(IMAGES), Arrays.copyOf(content, content.length / 2));
            byte[] flipped = IdxBytes.labels(TEST);
            flipped[20] ^= 1;
            Files.write(cache().resolve(NAMES.get(3)), flipped);
            mirror.requests.clear();
            Dataset loaded = load(mirror);
            assertEquals(Source.MIRROR, loaded.provenance().source());
            assertIsTheSet(loaded);
            assertEquals(List.of(IMAGES, NAMES.get(3)), mirror.requests);
            assertCacheIsClean();
        }
    }

    @Test
    void aCacheFolderThatCannotBeMadeMeansTheSample() throws IOException {
        Files.writeString(temporary.resolve("cache"), "a file where the folder should be");
        try (FileServer mirror = IdxBytes.server(TRAIN, TEST)) {
            Dataset loaded = load(mirror);
            assertEquals(Source.SAMPLE, loaded.provenance().source());
            assertSays(loaded, "the cache folder cannot be used");
            assertFalse(loaded.provenance().line().contains(temporary.toString()), "no machine's path in a notebook");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)   // which has a file that is always full
    void aFullDiskIsSaid() throws IOException {
        Files.createDirectories(cache());
        Files.createSymbolicLink(part(IMAGES), Path.of("/dev/full"));
        try (FileServer mirror = IdxBytes.server(TRAIN, TEST)) {
            Dataset loaded = load(mirror);
            assertEquals(Source.SAMPLE, loaded.provenance().source());
            assertSays(loaded, "the cache folder cannot be used (No space left on device)");
        }
    }

    @Test
    void theReasonIsSaidWithoutThePath() {
        String full = "No space left on device";
        assertEquals(full, DatasetLoader.reason(new FileSystemException("/home/a", null, full)));
        assertEquals(full, DatasetLoader.reason(new IOException(full)));
        assertEquals("AccessDeniedException", DatasetLoader.reason(new AccessDeniedException("/home/a")));
    }

    @Test
    void anInterruptStopsAndKeepsWhatCame() throws Exception {
        try (FileServer stalling = IdxBytes.server(TRAIN, TEST)) {
            stalling.always(stalling::stall);
            DatasetLoader patient = new DatasetLoader(SET, Optional.empty(), cache(), List.of(stalling.address()),
                    LONG, Integer.MAX_VALUE);
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            AtomicReference<Boolean> flag = new AtomicReference<>();
            Thread loading = new Thread(() -> {
                try {
                    load(patient);
                } catch (DataException stopped) {
                    thrown.set(stopped);
                    flag.set(Thread.currentThread().isInterrupted());
                }
            });
            loading.start();
            int half = stalling.content(IMAGES).length / 2;
            waitFor(part(IMAGES), half);
            loading.interrupt();
            loading.join(5_000);
            assertInstanceOf(DataException.class, thrown.get());
            assertTrue(thrown.get().getMessage().contains("interrupted"), thrown.get().getMessage());
            assertTrue(flag.get());
            assertEquals(half, Files.size(part(IMAGES)));
        }
    }

    @Test
    void twoThreadsAtOnceDownloadOnce() throws Exception {
        try (FileServer slow = IdxBytes.server(TRAIN, TEST).always(FileServer.within(200))) {
            // a separate thread: from Java 25 on, the common pool's only worker on two cores is the client's as well
            CompletableFuture<Dataset> other =
                    CompletableFuture.supplyAsync(() -> load(slow), task -> new Thread(task).start());
            Dataset here = load(slow);
            assertEquals(Set.of(Source.MIRROR, Source.CACHE),
                    Set.of(here.provenance().source(), other.get(20, TimeUnit.SECONDS).provenance().source()));
            assertIsTheSet(here);
            assertIsTheSet(other.get());
            assertEquals(NAMES, slow.requests);
        }
    }

    @Test
    void twoProcessesAtOnceDownloadOnce() throws Exception {
        try (FileServer slow = IdxBytes.server(TRAIN, TEST).always(FileServer.within(300))) {
            Process one = startAnother(slow);
            Process two = startAnother(slow);
            List<String> said = List.of(end(one), end(two));
            assertEquals(Set.of("mirror 200 50", "cache 200 50"), Set.copyOf(said));
            assertEquals(NAMES, slow.requests, "each file was fetched once");
            assertCacheIsClean();
        }
    }

    @Test
    void waitingForAnotherProcessIsSaid() throws Exception {
        try (FileServer slow = IdxBytes.server(TRAIN, TEST).always(FileServer.within(300))) {
            Process other = startAnother(slow);
            waitFor(part(IMAGES), 1);
            List<Progress> shown = new ArrayList<>();
            Dataset here = loader(slow).load(shown::add);
            assertEquals(Source.CACHE, here.provenance().source());
            assertEquals(2, shown.size());
            assertTrue(shown.get(0).line().contains("waiting for another notebook"), shown.get(0).line());
            assertEquals(here.provenance(), shown.get(1));
            assertEquals("mirror 200 50", end(other));
        }
    }

    @Test
    void aKilledProcessLeavesAUsableFolder() throws Exception {
        try (FileServer mirror = IdxBytes.server(TRAIN, TEST)) {
            mirror.first(mirror::stall);
            int half = mirror.content(IMAGES).length / 2;
            Process killed = startAnother(mirror);
            waitFor(part(IMAGES), half);
            killed.destroyForcibly().waitFor();
            assertFalse(Files.exists(cache().resolve(IMAGES)));
            mirror.always(FileServer::properly);
            assertIsTheSet(load(mirror));
            assertEquals(IMAGES + " from " + half, mirror.requests.get(1));
            assertCacheIsClean();
        }
    }

    @Test
    void cachesAreWhereTheSystemKeepsThem() {
        Path home = temporary;
        assertEquals(home.resolve(".cache/digits-jvm/mnist"), DatasetFolders.cache(Map.of(), "Linux", home, "mnist"));
        assertEquals(home.resolve("x/digits-jvm/mnist"),
                DatasetFolders.cache(Map.of("XDG_CACHE_HOME", home.resolve("x").toString()), "Linux", home, "mnist"));
        assertEquals(home.resolve(".cache/digits-jvm/mnist"),
                DatasetFolders.cache(Map.of("XDG_CACHE_HOME", "x"), "Linux", home, "mnist"));
        assertEquals(home.resolve("Library/Caches/digits-jvm/mnist"),
                DatasetFolders.cache(Map.of(), "Mac OS X", home, "mnist"));
        assertEquals(home.resolve("local/digits-jvm/mnist"),
                DatasetFolders.cache(Map.of("LOCALAPPDATA", home.resolve("local").toString()), "Windows 11", home,
                "mnist"));
    }

    @Test
    void theHomeThatTheEnvironmentNamesGoesBeforeTheUsers() {
        Path home = temporary.resolve("user");
        Path named = temporary.resolve("named");
        Map<String, String> environment = Map.of("HOME", named.toString());
        assertEquals(named.resolve(".cache/digits-jvm/mnist"),
                DatasetFolders.cache(environment, "Linux", home, "mnist"));
        assertEquals(named.resolve("Library/Caches/digits-jvm/mnist"),
                DatasetFolders.cache(environment, "Mac OS X", home, "mnist"));
        assertEquals(home.resolve(".cache/digits-jvm/mnist"),
                DatasetFolders.cache(environment, "Windows 11", home, "mnist"));
        assertEquals(home.resolve(".cache/digits-jvm/mnist"),
                DatasetFolders.cache(Map.of("HOME", " "), "Linux", home, "mnist"));
        assertEquals(home.resolve(".cache/digits-jvm/mnist"),
                DatasetFolders.cache(Map.of("HOME", "relative"), "Linux", home, "mnist"));
        assertEquals(temporary.resolve("x/digits-jvm/mnist"), DatasetFolders.cache(
                Map.of("HOME", named.toString(), "XDG_CACHE_HOME", temporary.resolve("x").toString()), "Linux", home,
                "mnist"));
    }

    private DatasetLoader loader(FileServer... mirrors) {
        return new DatasetLoader(SET, Optional.empty(), cache(), Stream.of(mirrors).map(FileServer::address).toList(),
                LONG,
                Integer.MAX_VALUE);
    }

    private Dataset load(FileServer... mirrors) {
        return load(loader(mirrors));
    }

    private static Dataset load(DatasetLoader loader) {
        return loader.load(progress -> { });
    }

    private Path part(String name) {
        return cache().resolve(name + ".part");
    }

    private static void assertIsTheSet(Dataset loaded) {
        assertEquals("MNIST", loaded.name());
        assertEquals("(" + TRAIN + ", 28, 28)", loaded.train().shapeText());
        assertEquals("(" + TEST + ", 28, 28)", loaded.test().shapeText());
        byte[] images = IdxBytes.images(TRAIN);
        for (int i = 0; i < TRAIN; i++) {
            assertEquals(i % 10, loaded.train().label(i));
            assertEquals(images[16 + i * 784 + 783] & 0xff, loaded.train().pixel(i, 27, 27));
        }
    }

    /** Just the four files and the lock, and each file whole. */
    private void assertCacheIsClean() throws IOException {
        assertEquals(Stream.concat(NAMES.stream(), Stream.of("lock")).collect(Collectors.toSet()), namesInCache());
        for (DatasetFiles.Item item : SET.all()) {
            assertNotNull(SET.readDownloaded(item, cache().resolve(item.gzipName()), 30));
        }
    }

    private Set<String> namesInCache() {
        try (Stream<Path> files = Files.list(cache())) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        } catch (IOException unreadable) {
            return fail(unreadable);
        }
    }

    /** An address on this machine without a server. */
    private URI refusing() {
        if (refusing == null) {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                refusing = URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/mnist/");
            } catch (IOException noPort) {
                return fail(noPort);
            }
        }
        return refusing;
    }

    private URI refusing;

    private static void waitFor(Path file, long size) throws Exception {
        for (int i = 0; i < 1_000 && !(Files.exists(file) && Files.size(file) >= size); i++) Thread.sleep(10);
        assertTrue(Files.exists(file) && Files.size(file) >= size, file + " did not grow to " + size);
    }

    private Process startAnother(FileServer mirror) throws IOException {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m",
                "-cp", System.getProperty("java.class.path"), LoadInAnotherProcess.class.getName(),
                cache().toString(), mirror.address().toString(), String.valueOf(TRAIN), String.valueOf(TEST))
                .redirectErrorStream(true).start();
    }

    private static String end(Process process) throws Exception {
        String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        assertEquals(0, process.waitFor(), said);
        return said;
    }

    private static void assertSays(Dataset loaded, String words) {
        assertTrue(loaded.provenance().line().contains(words), loaded.provenance().line());
    }
}
