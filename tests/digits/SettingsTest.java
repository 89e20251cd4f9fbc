package digits;

import static org.junit.jupiter.api.Assertions.*;

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
}
