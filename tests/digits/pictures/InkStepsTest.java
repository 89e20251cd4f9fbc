package digits.pictures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import digits.data.LabeledImages;
import digits.image.Ink;
import digits.image.PaperPhoto;
import digits.image.Photo;
import digits.image.PictureException;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

class InkStepsTest {
    private static final LabeledImages BARS = Examples.bars(10, 1);

    @Test
    void aPanelForEachStep() {
        BufferedImage four = Pictures.page(InkSteps.of(Ink.of(BARS.grid(3)).enlargedTo(200)));
        assertTrue(four.getWidth() <= Style.WIDTH && four.getWidth() > Style.WIDTH - 30);
        assertTrue(isColored(four), "the center of mass is marked");
        BufferedImage photo = PaperPhoto.of(BARS.grid(3), 1);
        BufferedImage five = Pictures.page(InkSteps.of(photo, Photo.ink(photo)));
        assertTrue(five.getHeight() < four.getHeight(), "five panels are smaller than four");
    }

    @Test
    void withoutInkThereIsNothingToShow() {
        assertThrows(PictureException.class, () -> InkSteps.of(Ink.of(28, 28, new byte[784])));
    }

    @Test
    void photographsComeFromTheirSeed() {
        BufferedImage one = PaperPhoto.onBlackboard(BARS.grid(2), 5);
        assertEquals(one.getRGB(300, 200), PaperPhoto.onBlackboard(BARS.grid(2), 5).getRGB(300, 200));
        int different = 0;
        BufferedImage other = PaperPhoto.onBlackboard(BARS.grid(2), 6);
        for (int x = 0; x < one.getWidth(); x++) if (one.getRGB(x, 200) != other.getRGB(x, 200)) different++;
        assertTrue(different > 500);
    }

    /** Whether something in it is red: everything else is gray. */
    private static boolean isColored(BufferedImage picture) {
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                int color = picture.getRGB(x, y);
                if ((color >> 16 & 0xff) - (color & 0xff) > 100) return true;
            }
        }
        return false;
    }
}
