package digits;

import static org.junit.jupiter.api.Assertions.*;

import java.net.URI;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

class SettingsTest {
    @Test
    void fullProfileHasTheSeedsNumbers() {
        Settings s = Settings.from(Map.of());
        assertEquals("full", s.profile());
        assertEquals(10, s.epochs());
        assertEquals(128, s.batch());
        assertEquals(Integer.MAX_VALUE, s.limit());
        assertEquals(0.99, s.batchNormDecay());
    }

    @Test
    void mirrorsAreTheTwoPublicOnesUnlessNamed() {
        assertEquals(List.of("ossci-datasets.s3.amazonaws.com", "storage.googleapis.com"),
                Settings.from(Map.of("DIGITS_MIRRORS", " ")).mirrors().stream().map(URI::getHost).toList());
        assertEquals(List.of(URI.create("http://one/mnist/"), URI.create("https://two:8443/")),
                Settings.from(Map.of("DIGITS_MIRRORS", "http://one/mnist, https://two:8443/")).mirrors());
        assertEquals(List.of(), Settings.from(Map.of("DIGITS_MIRRORS", "None")).mirrors());
    }

    @Test
    void onlyWebAddressesAreMirrors() {
        for (String bad : List.of("file:///etc/", "ftp://one/", "one/mnist", "http://", "http://a b/", "http://one/,,http://two/")) {
            String message = assertThrows(IllegalArgumentException.class,
                    () -> Settings.from(Map.of("DIGITS_MIRRORS", bad)), bad).getMessage();
            assertTrue(message.contains("DIGITS_MIRRORS") && message.contains("http://"), message);
        }
    }
}
