package digits.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonTest {
    private record Losses(String name, List<Double> each, double best) {
    }

    @Test
    void whatJsonDoesNotHaveIsNull() throws IOException {
        Losses losses = new Losses(null, List.of(0.1, Double.NaN, Double.POSITIVE_INFINITY), Double.NaN);
        assertEquals("{\"name\":null,\"each\":[0.1,null,null],\"best\":null}", Json.line(losses));
        assertTrue(Json.write(losses).startsWith("{\n  \"name\": null,"), Json.write(losses));
        assertTrue(Json.write(losses).endsWith("}\n"), Json.write(losses));
        Losses read = Json.read(Json.write(losses), Losses.class);
        assertEquals(List.of(0.1, Double.NaN, Double.NaN), read.each());
        assertTrue(Double.isNaN(read.best()));
    }

    @Test
    void whatCannotBeReadIsAnIoException() {
        for (String bad : List.of("", "{", "[1]", "{\"best\": \"high\"}", "{\"each\":".repeat(20_000),
                "[".repeat(200_000))) {
            assertThrows(IOException.class, () -> Json.read(bad, Losses.class), bad);
        }
        assertThrows(IOException.class, () -> Json.read("[".repeat(200_000), JsonElement.class));
    }

    @Test
    void checksumsAreThoseThatEverybodyComputes(@TempDir Path folder) throws IOException {
        String abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assertEquals(abc, Sha256.of("abc".getBytes(UTF_8)));
        assertEquals(abc, Sha256.of(Files.writeString(folder.resolve("abc"), "abc")));
        assertEquals(abc, new Sha256().add("a".getBytes(UTF_8)).add("bc".getBytes(UTF_8)).hex());
    }
}
