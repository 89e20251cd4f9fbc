package digits.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading picture files; other tests encode pictures as this one does. */
public class PictureFileTest {
    @Test
    void pngAndJpegAreRead(@TempDir Path folder) throws IOException {
        for (String format : new String[] {"png", "jpg"}) {
            byte[] file = encoded(new BufferedImage(30, 20, BufferedImage.TYPE_INT_RGB), format);
            BufferedImage read = PictureFile.read(Files.write(folder.resolve("digit." + format), file));
            assertEquals(30, read.getWidth());
            assertEquals(20, read.getHeight());
        }
    }

    @Test
    void aHeaderWithTooManyPixelsIsRefused() {
        for (int[] size : new int[][] {{100_000, 100_000}, {Integer.MAX_VALUE, Integer.MAX_VALUE}, {5_001, 5_000}}) {
            InkTest.assertSays("at most 25 million", () -> PictureFile.read(pngOf(size[0], size[1])));
        }
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        InkTest.assertSays("not a picture", () -> PictureFile.read(new byte[0]));
        InkTest.assertSays("not a picture",
                () -> PictureFile.read("<svg xmlns='http://www.w3.org/2000/svg'/>".getBytes(StandardCharsets.UTF_8)));
        InkTest.assertSays("not a picture",
                () -> PictureFile.read(new byte[2000]));   // would pass as a wireless bitmap
        byte[] bmp = encoded(new BufferedImage(3, 3, BufferedImage.TYPE_INT_RGB), "bmp");
        InkTest.assertSays("not a picture", () -> PictureFile.read(bmp));
    }

    @Test
    void damageIsReported() throws IOException {
        Random random = new Random(1);
        for (String format : new String[] {"png", "jpg"}) {
            byte[] whole = encoded(noise(random), format);
            for (int n = 0; n < 200; n++) {
                byte[] damaged = n < 100 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
                for (int k = 0; n >= 100 && k < 20; k++) {
                    damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
                }
                try {
                    PictureFile.read(damaged);   // some damage only changes colors
                } catch (PictureException said) {
                    assertNotNull(said.getMessage());
                }
            }
        }
        InkTest.assertSays("damaged", () -> PictureFile.read(Arrays.copyOf(pngOf(10, 10), 40)));
    }

    @Test
    void filesThatAreTooLargeOrMissing(@TempDir Path folder) throws IOException {
        Path large = Files.write(folder.resolve("large.png"), new byte[PictureFile.LARGEST_BYTES + 1]);
        InkTest.assertSays("large.png: The picture file has 12,000,001 bytes", () -> PictureFile.read(large));
        InkTest.assertSays("missing.png cannot be read", () -> PictureFile.read(folder.resolve("missing.png")));
    }

    private static BufferedImage noise(Random random) {
        BufferedImage image = new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 400; i++) image.setRGB(i % 20, i / 20, random.nextInt());
        return image;
    }

    public static byte[] encoded(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertTrue(ImageIO.write(image, format, out));
        return out.toByteArray();
    }

    /** A PNG with a valid header and hardly anything after it. */
    public static byte[] pngOf(int width, int height) {
        byte[] head = ByteBuffer.allocate(17).put("IHDR".getBytes(StandardCharsets.US_ASCII)).putInt(width)
                .putInt(height)
                .put(new byte[] {8, 2, 0, 0, 0}).array();
        CRC32 crc = new CRC32();
        crc.update(head);
        return ByteBuffer.allocate(8 + 4 + 17 + 4 + 12).put(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10})
                .putInt(13).put(head)
                .putInt((int) crc.getValue()).putInt(0).put("IEND".getBytes(StandardCharsets.US_ASCII))
                        .putInt(0xAE426082).array();
    }
}
