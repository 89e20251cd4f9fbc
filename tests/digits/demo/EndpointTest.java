package digits.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EndpointTest {
    @Test
    void theHubsPrefixIsTheDefault() {
        assertEquals(new Endpoint(0, Optional.empty()), Endpoint.from(Map.of()));
        assertEquals(new Endpoint(0, Optional.empty()), Endpoint.from(Map.of(Endpoint.HUB, " ", Endpoint.PORT, "")));
        assertEquals(Optional.of("/user/ann/"), Endpoint.from(Map.of(Endpoint.HUB, "/user/ann/")).prefix());
        assertEquals(Optional.of("/lab/"),
                Endpoint.from(Map.of(Endpoint.HUB, "/user/ann/", Endpoint.PREFIX, "/lab")).prefix());
        assertEquals(Optional.of("/user/ann%40uni.example/"),
                Endpoint.from(Map.of(Endpoint.HUB, "/user/ann%40uni.example/")).prefix());
        assertEquals(8765, Endpoint.from(Map.of(Endpoint.PORT, "8765")).port());
    }

    @Test
    void invalidValuesAreNamed() {
        for (String port : new String[] {"-1", "many", "65536", "123456"}) {
            String said = assertThrows(IllegalArgumentException.class, () -> Endpoint.from(Map.of(Endpoint.PORT, port)))
                    .getMessage();
            assertTrue(said.contains(port), said);
        }
        for (String prefix : new String[] {"user/", "http://evil.example/", "/\"><script>/", "//evil.example/"}) {
            assertThrows(IllegalArgumentException.class, () -> Endpoint.from(Map.of(Endpoint.PREFIX, prefix)), prefix);
        }
    }
}
