package digits.pictures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PictureTest {
    /** All public methods of public classes in this package that give an image. */
    static Stream<Method> methods() {
        return new ClassFileImporter().importPackages("digits.pictures").stream().map(c -> c.reflect())
                .filter(c -> c.getProtectionDomain().equals(Picture.class.getProtectionDomain()))
                .filter(c -> Modifier.isPublic(c.getModifiers()) && c != Picture.class)
                .flatMap(c -> Arrays.stream(c.getDeclaredMethods()))
                .filter(m -> Modifier.isPublic(m.getModifiers()))
                .filter(m -> BufferedImage.class.isAssignableFrom(m.getReturnType()));
    }

    @Test
    void everyMethodGivesAPictureWithASentence() {
        assertTrue(methods().count() > 30, methods().count() + " methods");
        assertEquals(List.of(), methods().filter(m -> m.getReturnType() != Picture.class).toList());
    }

    @Test
    void aPictureHasTwiceThePixelsOfItsPlaceOnThePage() {
        Picture picture = Style.picture(30, 20, "A red square.", g -> {
            g.setColor(Color.RED);
            g.fillRect(10, 5, 10, 10);
        });
        assertEquals(List.of(30, 20, 60, 40),
                List.of(picture.width(), picture.height(), picture.getWidth(), picture.getHeight()));
        assertEquals(400, Pictures.count(picture.getSubimage(0, 0, 60, 40), Color.RED));
        assertEquals(Color.RED.getRGB(), picture.getRGB(20, 10));
        assertEquals("A red square.", picture.toString());
    }

    @Test
    void aSentenceSaysMoreThanThatThereIsAPicture() {
        for (String text : List.of("", "Learning curves", "A picture", "Learning curves of 3 epochs")) {
            assertThrows(IllegalArgumentException.class, () -> new Picture(1, 1, text), text);
        }
    }

    @Test
    void aLongListIsCutShort() {
        assertEquals("a, b", Picture.list(List.of("a", "b")));
        List<String> many = Stream.iterate(0, i -> i + 1).limit(23).map(String::valueOf).toList();
        assertTrue(Picture.list(many, "; ").endsWith("; 18; 19; and 3 more"), Picture.list(many));
    }

    /** The file holds every pixel unchanged, whether it needs a palette or not, and is small. */
    @Test
    void nothingIsLostInAPng() throws IOException {
        Picture few = Digit.of(Pictures.striped(1), 0).enlarged(10);
        Picture many = Style.picture(100, 100, "All shades of two colors.", g -> {
            for (int i = 0; i < 10_000; i++) {
                g.setColor(new Color(i % 100 * 2, i / 100 * 2, 0));
                g.fillRect(i % 100, i / 100, 1, 1);
            }
        });
        for (Picture picture : List.of(few, many)) {
            BufferedImage read = ImageIO.read(new ByteArrayInputStream(picture.png()));
            assertEquals(picture == few, read.getColorModel() instanceof IndexColorModel);
            assertTrue(Arrays.equals(pixels(picture), pixels(read)));
        }
        assertTrue(few.png().length < 3_000, few.png().length + " bytes");
        assertFalse(Arrays.equals(few.png(), many.png()));
    }

    private static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }
}
