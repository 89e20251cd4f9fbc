package digits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    @Test
    void fullProfileHasItsNumbers() {
        Settings s = Settings.from(Map.of());
        assertEquals("full", s.profile());
        assertEquals(Optional.empty(), s.dataFolder());
        assertEquals(Path.of("build"), s.outputFolder());
        assertEquals(10, s.epochs());
        assertEquals(128, s.batch());
        assertEquals(Integer.MAX_VALUE, s.limit());
        assertEquals(0.99, s.batchNormDecay());
        assertEquals(42, s.seed());
        assertEquals(Runtime.getRuntime().availableProcessors(), s.threads());
        assertEquals(Optional.empty(), s.cluster());
        assertTrue(assertThrows(IllegalStateException.class, s::requiredCluster).getMessage().contains("make cluster"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"spark://127.0.0.1:7077", "spark://head.example.org:17077", "local[2]", "local[16]"})
    void aClusterIsAnAddress(String address) {
        Settings s = Settings.from(Map.of("DIGITS_CLUSTER", " " + address + " ", "DIGITS_CLUSTER_SECRET", "a/secret"));
        assertEquals(Optional.of(address), s.cluster());
        assertEquals(Optional.of(Path.of("a/secret")), s.clusterSecret());
        assertEquals(Optional.of(address), s.limited(300).cluster());
        assertEquals(300, s.limited(300).limit());
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:7077", "spark://head", "spark://:7077", "spark://a b:1", "local", "local[0]",
        "local[*]", "http://head:8080", "yarn"})
    void anotherClusterIsRefused(String address) {
        assertEquals("DIGITS_CLUSTER is \"" + address + "\"; it has to be spark://host:port, such as "
                + "spark://127.0.0.1:7077, or local[n], such as local[2]", refused("DIGITS_CLUSTER", address));
    }

    @Test
    void quickProfileIsShorterAndOtherwiseTheSame() {
        Settings s = Settings.from(Map.of("DIGITS_PROFILE", " Quick "));
        assertEquals("quick", s.profile());
        assertEquals(3, s.epochs());
        assertEquals(6_000, s.limit());
        assertEquals(0.9, s.batchNormDecay());
        assertEquals(128, s.batch());
        assertEquals(42, s.seed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"full", "quick"})
    void eachVariableOverridesItsNumberInBothProfiles(String profile) {
        Settings s = Settings.from(Map.of("DIGITS_PROFILE", profile, "DIGITS_DATA", "some/data", "DIGITS_EPOCHS", "7",
                "DIGITS_LIMIT", " 1234 ", "DIGITS_SEED", "-5", "DIGITS_THREADS", "3", "DIGITS_OUTPUT", "elsewhere"));
        assertEquals(profile, s.profile());
        assertEquals(Optional.of(Path.of("some/data")), s.dataFolder());
        assertEquals(7, s.epochs());
        assertEquals(1_234, s.limit());
        assertEquals(-5, s.seed());
        assertEquals(3, s.threads());
        assertEquals(Path.of("elsewhere"), s.outputFolder());
    }

    @Test
    void blankVariablesCountAsUnset() {
        Map<String, String> blank = Map.of("DIGITS_PROFILE", "", "DIGITS_DATA", " ", "DIGITS_EPOCHS", "",
                "DIGITS_LIMIT", "\t", "DIGITS_SEED", "", "DIGITS_THREADS", "", "DIGITS_OUTPUT", "",
                "OMP_NUM_THREADS", "");
        assertEquals(Settings.from(Map.of()), Settings.from(blank));
    }

    @Test
    void anotherProfileIsRefused() {
        assertEquals("DIGITS_PROFILE is \"fast\"; it has to be \"full\" or \"quick\"",
                refused("DIGITS_PROFILE", "fast"));
    }

    @ParameterizedTest
    @CsvSource({"DIGITS_EPOCHS, 1, 10000", "DIGITS_LIMIT, 200, 2147483647", "DIGITS_THREADS, 1, 1024",
        "OMP_NUM_THREADS, 1, 1024", "DIGITS_SEED, -9223372036854775808, 9223372036854775807"})
    void bothBoundsAreAllowed(String variable, long least, long most) {
        assertEquals(least, number(variable, least));
        assertEquals(most, number(variable, most));
    }

    private static long number(String variable, long value) {
        Settings s = Settings.from(Map.of(variable, String.valueOf(value)));
        return switch (variable) {
            case "DIGITS_EPOCHS" -> s.epochs();
            case "DIGITS_LIMIT" -> s.limit();
            case "DIGITS_SEED" -> s.seed();
            default -> s.threads();
        };
    }

    @ParameterizedTest
    @CsvSource({"DIGITS_EPOCHS, 0, '1 to 10000'", "DIGITS_EPOCHS, 10001, '1 to 10000'", "DIGITS_EPOCHS, 2.5, '1 to "
            + "10000'",
        "DIGITS_LIMIT, 199, '200 or more'", "DIGITS_LIMIT, 2147483648, '200 or more'", "DIGITS_LIMIT, all, '200 or "
                + "more'",
        "DIGITS_THREADS, 0, '1 to 1024'", "DIGITS_THREADS, 1025, '1 to 1024'", "OMP_NUM_THREADS, -1, '1 to 1024'"})
    void numbersBeyondTheBoundsAreRefused(String variable, String value, String allowed) {
        assertEquals(variable + " is \"" + value + "\"; it has to be a whole number, " + allowed,
                refused(variable, value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"forty-two", "4.2", "9223372036854775808"})
    void aSeedIsAnyWholeNumber(String value) {
        assertEquals("DIGITS_SEED is \"" + value + "\"; it has to be a whole number", refused("DIGITS_SEED", value));
    }

    @Test
    void threadsAreThoseOfOpenMpUnlessNamed() {
        assertEquals(5, Settings.from(Map.of("OMP_NUM_THREADS", "5")).threads());
        assertEquals(5, Settings.from(Map.of("OMP_NUM_THREADS", "5", "DIGITS_THREADS", "2")).threads());
    }

    @Test
    void eachProfileHasItsModelFolder() {
        assertEquals(Path.of("build", "models", "full"), Settings.from(Map.of()).modelFolder());
        assertEquals(Path.of("out", "models", "quick"),
                Settings.from(Map.of("DIGITS_OUTPUT", "out", "DIGITS_PROFILE", "quick")).modelFolder());
    }

    @ParameterizedTest
    @CsvSource({"~/mnist, /home/ann/mnist", "~, /home/ann", "~/, /home/ann", "' ~/a b ', /home/ann/a b", "~bob, ~bob",
        "./~/x, ./~/x", "a~/x, a~/x", "$HOME/x, $HOME/x", "'a:b;c', 'a:b;c'"})
    void aTildeThatTheShellLeftAloneIsTheHomeFolder(String value, String folder) {
        for (String name : List.of("DIGITS_DATA", "DIGITS_OUTPUT")) {
            Settings s = Settings.from(Map.of(name, value, "HOME", "/home/ann"));
            assertEquals(Path.of(folder), name.equals("DIGITS_DATA") ? s.dataFolder().get() : s.outputFolder());
        }
    }

    @Test
    void withoutAHomeFolderThereIsNoneToName() {
        assertEquals(Optional.of(Path.of("/home/ann")), Settings.home(Map.of("HOME", "/home/ann"), "Linux", "/root"));
        for (String unusable : List.of("", " ", "relative", "a\0b")) {
            assertEquals(Optional.of(Path.of("/root")), Settings.home(Map.of("HOME", unusable), "Mac OS X", "/root"));
            assertEquals(Optional.empty(), Settings.home(Map.of("HOME", unusable), "Linux", "?"));
        }
        assertEquals(Optional.of(Path.of("/root")), Settings.home(Map.of("HOME", "/c/ann"), "Windows 11", "/root"));
    }

    @Test
    void whatIsNotAPathIsRefusedWithTheEncodingOfNames() {
        String message = refused("DIGITS_OUTPUT", "a\0b");
        assertTrue(message.startsWith("DIGITS_OUTPUT is \"a") && message.contains("LC_ALL=C.UTF-8"), message);
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
        for (String bad : List.of("file:///etc/", "ftp://one/", "one/mnist", "http://", "http://a b/",
                "http://one/,,http://two/")) {
            String message = refused("DIGITS_MIRRORS", bad);
            assertTrue(message.contains("DIGITS_MIRRORS") && message.contains("http://"), message);
        }
    }

    @Test
    void oneLineSaysTheNumbers() {
        assertEquals("profile quick: 1 epoch, batch 128, seed 42, 2 threads, at most 6,000 images", Settings.from(
                Map.of("DIGITS_PROFILE", "quick", "DIGITS_EPOCHS", "1", "DIGITS_THREADS", "2")).toString());
        assertEquals("profile full: 10 epochs, batch 128, seed 42, 1 thread",
                Settings.from(Map.of("DIGITS_THREADS", "1")).toString());
        assertEquals("profile full: 10 epochs, batch 128, seed 42, 1 thread\nA small machine.",
                Settings.from(Map.of("DIGITS_THREADS", "1", "DIGITS_NOTE", " A small machine. ")).toString());
    }

    private static String refused(String variable, String value) {
        return assertThrows(IllegalArgumentException.class, () -> Settings.from(Map.of(variable, value)), value)
                .getMessage();
    }
}
