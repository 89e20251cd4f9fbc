package digits.live;

import static org.junit.jupiter.api.Assertions.*;

import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;

class PlaceTest {
    @Test
    void aHubsPrefixIsFoundAndTheOwnOneWins() {
        assertEquals(Place.here(), Place.from(Map.of()));
        assertEquals(Place.here(), Place.from(Map.of(Place.HUB, " ", Place.PORT, "")));
        assertEquals(Optional.of("/user/ann/"), Place.from(Map.of(Place.HUB, "/user/ann/")).prefix());
        assertEquals(Optional.of("/lab/"), Place.from(Map.of(Place.HUB, "/user/ann/", Place.PREFIX, "/lab")).prefix());
        assertEquals(Optional.of("/user/ann%40uni.example/"), Place.from(Map.of(Place.HUB, "/user/ann%40uni.example/")).prefix());
        assertEquals(8765, Place.from(Map.of(Place.PORT, "8765")).port());
    }

    @Test
    void whatCannotBeIsNamed() {
        for (String port : new String[] {"-1", "many", "65536", "123456"}) {
            String said = assertThrows(IllegalArgumentException.class, () -> Place.from(Map.of(Place.PORT, port))).getMessage();
            assertTrue(said.contains(port), said);
        }
        for (String prefix : new String[] {"user/", "http://evil.example/", "/\"><script>/", "//evil.example/"}) {
            assertThrows(IllegalArgumentException.class, () -> Place.from(Map.of(Place.PREFIX, prefix)), prefix);
        }
    }
}
