package digits.training;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import digits.acceleration.Acceleration;
import digits.onednn.OneDnn;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.nativeblas.NativeOpsHolder;

class FingerprintTest {
    @Test
    void anEnvironmentHasAllThatDecidesTheLastBit() {
        Map<String, String> versions = Map.of("deeplearning4j", "1.0.0-M2.1", "nd4j-native",
                "linux-x86_64-onednn-avx2");
        Map<String, String> otherBinary = Map.of("deeplearning4j", "1.0.0-M2.1", "nd4j-native",
                "linux-x86_64-onednn-avx512");
        Map<String, String> otherLibrary = Map.of("deeplearning4j", "1.0.0-M3", "nd4j-native",
                "linux-x86_64-onednn-avx2");
        Map<String, String> here = Fingerprint.environment(versions, "code", "ONEDNN", 2, "7");
        assertEquals(here, Fingerprint.environment(versions, "code", "ONEDNN", 2, "7"));
        assertEquals(7, Set.of(here, Fingerprint.environment(otherBinary, "code", "ONEDNN", 2, "7"),
                Fingerprint.environment(otherLibrary, "code", "ONEDNN", 2, "7"),
                Fingerprint.environment(versions, "newer code", "ONEDNN", 2, "7"),
                Fingerprint.environment(versions, "code", "HELPERS", 2, "7"),
                Fingerprint.environment(versions, "code", "ONEDNN", 1, "7"),
                Fingerprint.environment(versions, "code", "ONEDNN", 2, "15")).size());
    }

    @Test
    void theEnvironmentOfThisProcessIsRead() {
        Set<String> sums = new HashSet<>(Set.of(Fingerprint.ofEnvironment()));
        assertEquals(Set.of(Fingerprint.ofEnvironment()), sums);
        for (String mode : List.of("helpers", "off")) {
            System.setProperty(Acceleration.PROPERTY, mode);
            try {
                sums.add(Fingerprint.ofEnvironment());
            } finally {
                System.clearProperty(Acceleration.PROPERTY);
            }
        }
        assertEquals(3, sums.size(), "each engine");
        int threads = RunEnvironment.threads();
        try {
            NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads + 1);
            sums.add(Fingerprint.ofEnvironment());
        } finally {
            NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
        }
        assertEquals(4, sums.size(), "the threads");
    }

    /** The CPU's instruction set counts, not only the variable that limits it. */
    @Test
    void theInstructionSetIsPartOfIt() throws Exception {
        ProcessBuilder other = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), Printed.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        other.environment().put("DNNL_MAX_CPU_ISA", "SSE41");
        Process process = other.start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        assertEquals(0, process.waitFor(), said);
        assertNotEquals(OneDnn.instructionSet(), Integer.parseInt(said.split(" ")[0]), "on any CPU of the last decade");
        assertNotEquals(Fingerprint.ofEnvironment(), said.split(" ")[1]);
    }

    @Test
    void theInstructionSetHasAName() {
        assertEquals(List.of("SSE41", "AVX2", "AVX512_CORE", "unknown", "77"),
                IntStream.of(1, 7, 39, 0, 77).mapToObj(OneDnn::nameOf).toList());
        assertEquals("AVX2", Fingerprint.instructionSet("AVX2", Map.of("PATH", "/bin")));
        assertEquals("SSE41 (DNNL_MAX_CPU_ISA SSE41, OPENBLAS_CORETYPE Haswell)", Fingerprint.instructionSet("SSE41",
                Map.of("OPENBLAS_CORETYPE", "Haswell", "DNNL_MAX_CPU_ISA", "SSE41")));
    }

    static final class Printed {
        private Printed() {
        }

        public static void main(String[] args) {
            System.out.println(OneDnn.instructionSet() + " " + Fingerprint.ofEnvironment());
        }
    }

    /** Arabic, Persian and Bengali write other digits than 0 to 9. */
    @Test
    void theLocaleIsNot() {
        String sum = Fingerprint.ofEnvironment();
        Locale before = Locale.getDefault();
        for (String tag : List.of("ar-EG-u-nu-arab", "fa-IR-u-nu-arabext", "bn-BD-u-nu-beng", "tr-TR")) {
            Locale.setDefault(Locale.forLanguageTag(tag));
            try {
                assertEquals(sum, Fingerprint.ofEnvironment(), tag);
            } finally {
                Locale.setDefault(before);
            }
        }
    }
}
