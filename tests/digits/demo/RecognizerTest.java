package digits.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.demo.Guard.HttpError;
import digits.demo.Recognizer.Prediction;
import digits.image.PictureFileTest;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecognizerTest {
    @Test
    void aNumberGetsAPredictionForEachDigit() {
        try (Recognizer recognizer = new Recognizer(Examples.smallNetwork(7))) {
            Prediction both = recognizer.drawing(bars(40, 150));
            assertEquals(1, both.next().size());
            Prediction left = recognizer.drawing(bars(40));
            assertArrayEquals(left.pixels(), both.pixels());
            assertArrayEquals(left.probabilities(), both.probabilities(), 1e-6);
            assertEquals(List.of(), left.next());
            assertArrayEquals(recognizer.drawing(bars(150)).pixels(), both.next().get(0).pixels());
            assertEquals(4, recognizer.drawing(bars(20, 60, 100, 140, 180)).next().size());
        }
    }

    /** Upright bars at these columns. */
    private static byte[] bars(int... columns) {
        byte[] canvas = new byte[Guard.CANVAS * Guard.CANVAS];
        for (int column : columns) {
            for (int r = 40; r < 160; r++) {
                for (int c = column; c < column + 9; c++) canvas[r * Guard.CANVAS + c] = (byte) 255;
            }
        }
        return canvas;
    }

    /** Large pictures that come at once are read, or refused because the machine is busy, but never called damaged. */
    @Test
    void twelveLargePicturesAtOnce() throws Exception {
        byte[] file = largePicture();
        assertTrue(file.length < 200_000);
        ExecutorService clients = Executors.newFixedThreadPool(12);
        try (Recognizer recognizer = new Recognizer(Examples.smallNetwork(7))) {
            Callable<String> client = () -> {
                try {
                    return recognizer.picture(file).next().isEmpty() ? "read" : "several digits";
                } catch (HttpError busy) {
                    return busy.status == 503 && busy.getMessage().contains("try again") ? "busy" : busy.getMessage();
                }
            };
            var said = clients.invokeAll(IntStream.range(0, 12).mapToObj(i -> client).toList());
            for (var one : said) assertTrue(List.of("read", "busy").contains(one.get()), one.get());
            assertEquals("read", client.call());
        } finally {
            clients.shutdownNow();
        }
    }

    private static byte[] largePicture() throws IOException {
        BufferedImage picture = new BufferedImage(3_000, 3_000, BufferedImage.TYPE_BYTE_GRAY);
        Graphics2D g = picture.createGraphics();
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, 3_000, 3_000);
        g.setColor(Color.BLACK);
        g.fillRect(1_400, 800, 200, 1_400);
        g.dispose();
        return PictureFileTest.encoded(picture, "png");
    }
}
