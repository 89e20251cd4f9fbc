package digits.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Limits of a single download; whole data sets are downloaded in {@code digits.data.DownloadTest}. */
@Timeout(30)
class LimitsTest {
    private static final String FILE = "file.gz";

    @TempDir
    Path temporary;

    private static FileServer server() {
        return new FileServer().file(FILE, new byte[150_000]);
    }

    private static Download download(Download.Patience patience) {
        return new Download(patience, new DownloadProgress("a file", progress -> { }));
    }

    @Test
    void theRateIsThatOfEachStretchNotOfAll() throws IOException {
        Download.Patience brisk =
                new Download.Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 2_000, Duration.ofMillis(300));
        try (FileServer tiring = server().always(FileServer::halfAtOnceThenTrickling)) {
            Path part = temporary.resolve("part");
            DownloadException slow = assertThrows(DownloadException.class, () -> download(brisk)
                    .fetch(tiring.address().resolve(FILE), 1 << 20, part));
            assertEquals(DownloadException.Kind.TOO_SLOW, slow.kind);
            assertTrue(slow.getMessage().matches("too slow, only \\d{1,4} bytes in 300 ms"), slow.getMessage());
            assertTrue(Files.size(part) >= tiring.content(FILE).length / 2, "what came is kept");
        }
    }

    @Test
    void aFileBeyondTheLimitIsNotKept() throws Exception {
        try (FileServer mirror = server()) {
            Path part = temporary.resolve("part");
            IOException refused = assertThrows(IOException.class, () -> download(Download.Patience.USUAL)
                    .fetch(mirror.address().resolve(FILE), 10_000, part));
            assertEquals("more than 10000 bytes", refused.getMessage());
            assertFalse(Files.exists(part));
        }
    }
}
