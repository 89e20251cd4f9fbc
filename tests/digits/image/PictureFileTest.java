package digits.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
    void fourFormatsAreRead(@TempDir Path folder) throws IOException {
        for (String format : new String[] {"png", "jpg", "gif", "bmp"}) {
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
                () -> PictureFile.read(new byte[2000]));   // would pass as a wireless bitmap
        for (String[] other : new String[][] {
            {"\0\0\0\30ftypheic\0\0\0\0", "Most Compatible"}, {"\0\0\0\34ftypmif1\0\0\0\0", "iPhone"},
            {"\0\0\0\40ftypavif\0\0", "AVIF picture. Open it"}, {"\0\0\0\40ftypmp42\0\0", "a video"},
            {"RIFF\1\2\3\4WEBPVP8 ", "WebP picture. Open it"}, {"II*\0\10\0\0\0", "TIFF"}, {"MM\0*\0\0\0\10", "TIFF"},
            {"II+\0\10\0", "TIFF"}, {"%PDF-1.7\n", "screenshot"}, {"8BPS\0\1", "Photoshop"}, {"%!PS-Adobe", "document"},
            {"<?xml version='1.0'?>\n<svg>", "SVG drawing"}, {"\357\273\277<svg width='3'>", "SVG drawing"},
            {"\n<!DOCTYPE html><html>", "web page"}, {"<html><head>", "web page"}, {"PK\3\4\24", "ZIP archive"},
            {"\377\n\0", "JPEG XL"}, {"\0\0\0\14jP  \r\n", "JPEG 2000"}, {"\0\0\1\0\1\0", "an icon"}}) {
            byte[] start = other[0].getBytes(StandardCharsets.ISO_8859_1);
            InkTest.assertSays(other[1], () -> PictureFile.read(start));
            InkTest.assertSays("PNG, JPEG, GIF and BMP files are read", () -> PictureFile.read(start));
        }
    }

    @Test
    void damageIsReported() throws IOException {
        Random random = new Random(1);
        for (String format : new String[] {"png", "jpg", "gif", "bmp"}) {
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
        InkTest.assertSays("cannot be read", () -> PictureFile.read(folder));
        Path page = Files.writeString(folder.resolve("page.png"), "<html>");
        InkTest.assertSays("page.png: The file is a web page", () -> PictureFile.read(page));
    }

    /** Each corner of the upright picture has its own brightness. */
    @Test
    void allEightOrientationsOfExif() throws IOException {
        BufferedImage upright = new BufferedImage(48, 32, BufferedImage.TYPE_INT_RGB);
        for (int p = 0; p < 48 * 32; p++) {
            upright.setRGB(p % 48, p / 48, 0x010101 * (60 * (p % 48 / 24) + 120 * (p / 48 / 16)));
        }
        for (int orientation = 1; orientation <= 8; orientation++) {
            BufferedImage stored = PaperPictures.stored(upright, orientation);
            byte[] plain = PaperPictures.jpeg(stored, 0.95f);
            for (boolean little : new boolean[] {true, false}) {
                byte[] tiff = PaperPictures.tiff(orientation, little);
                assertUpright(PictureFile.read(PaperPictures.withOrientation(plain, orientation)), orientation);
                byte[] png = withChunk(encoded(stored, "png"), "eXIf", tiff);
                assertUpright(PictureFile.read(png), orientation);
            }
        }
    }

    private static void assertUpright(BufferedImage read, int orientation) {
        assertEquals("48×32", read.getWidth() + "×" + read.getHeight(), "orientation " + orientation);
        for (int corner = 0; corner < 4; corner++) {
            int value = read.getRGB(12 + corner % 2 * 24, 8 + corner / 2 * 16) & 0xff;
            assertEquals(60 * (corner % 2) + 120 * (corner / 2), value, 6, "orientation " + orientation);
        }
    }

    @Test
    void damagedExifMeansUpright() throws IOException {
        byte[] plain = PaperPictures.jpeg(new BufferedImage(20, 10, BufferedImage.TYPE_INT_RGB), 0.9f);
        byte[] exif = PaperPictures.withOrientation(plain, 6);
        for (int at = 2; at < 50; at++) {
            for (int value : new int[] {0, 9, 0x7f, 0xff}) {
                byte[] damaged = exif.clone();
                damaged[at] = (byte) value;
                try {
                    BufferedImage read = PictureFile.read(damaged);
                    assertEquals(200, read.getWidth() * read.getHeight());
                } catch (PictureException said) {   // the length of the segment may be what is damaged
                    assertNotNull(said.getMessage());
                }
            }
        }
    }

    @Test
    void grayValuesStayAsTheyAre() throws IOException {
        BufferedImage gray = new BufferedImage(40, 30, BufferedImage.TYPE_BYTE_GRAY);
        Arrays.fill(((java.awt.image.DataBufferByte) gray.getRaster().getDataBuffer()).getData(), (byte) 128);
        assertInk(127 / 255f, Ink.of(gray));
        assertInk(127 / 255f, Ink.of(PictureFile.read(encoded(gray, "png"))));
        assertInk(127 / 255f, Ink.of(PictureFile.read(encoded(gray, "jpg"))));
        for (int depth : new int[] {1, 2, 4, 8, 16}) {   // the largest value is white, whatever the depth
            int half = (1 << depth) / 2;
            byte[] file = png(8, 4, depth, 0, row -> value(8, depth, half));
            float white = (float) half / ((1 << depth) - 1);
            assertInk(1 - Math.round(255 * white) / 255f, Ink.of(PictureFile.read(file)));
        }
        byte[] covered = png(4, 4, 8, 4, row -> new byte[] {0, 64, 0, 64, 0, 64, 0, 64});   // a quarter of black
        assertInk(64 / 255f, Ink.of(PictureFile.read(covered)));
        byte[] clear = png(2, 2, 8, 6, row -> new byte[8]);   // transparent black lies on white paper
        assertInk(0, Ink.of(PictureFile.read(clear)));
        byte[] palette = withChunk(png(4, 2, 2, 3, row -> value(4, 2, 2)), "PLTE",
                new byte[] {1, 2, 3, 0, 0, 0, (byte) 128, (byte) 128, (byte) 128});
        assertInk(127 / 255f, Ink.of(PictureFile.read(palette)));
    }

    private static void assertInk(float expected, Ink ink) {
        for (float value : ink.grid().values()) assertEquals(expected, value, 1e-6);
    }

    @Test
    void brokenProfilesAndHugeCommentsAreIgnored() throws IOException {
        BufferedImage picture = noise(new Random(5));
        byte[] png = encoded(picture, "png");
        for (String name : new String[] {"iCCP", "zTXt", "iTXt", "gAMA", "sRGB", "eXIf", "vpAg"}) {
            BufferedImage read = PictureFile.read(withChunk(png, name, new byte[1_000_000]));
            assertEquals(picture.getRGB(3, 4), read.getRGB(3, 4) | 0xff000000, name);
        }
        byte[] jpeg = encoded(picture, "jpg");
        byte[] profile = "ICC_PROFILE\0\1\1 no profile at all".getBytes(StandardCharsets.ISO_8859_1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, 2);
        for (int n = 0; n < 100; n++) {
            out.writeBytes(new byte[] {(byte) 0xff, (byte) 0xe2, 0, (byte) (2 + profile.length)});
            out.writeBytes(profile);
        }
        out.write(jpeg, 2, jpeg.length - 2);
        BufferedImage read = PictureFile.read(out.toByteArray());
        BufferedImage plain = PictureFile.read(jpeg);
        for (int p = 0; p < 400; p++) assertEquals(plain.getRGB(p % 20, p / 20), read.getRGB(p % 20, p / 20));
    }

    @Test
    void jpegsOfRareKindsAreRefused() throws IOException {
        byte[] jpeg = encoded(noise(new Random(5)), "jpg");
        int frame = new String(jpeg, StandardCharsets.ISO_8859_1).indexOf("\377\300\0");
        for (int marker : new int[] {0xc3, 0xc5, 0xc9, 0xca, 0xcf}) {
            byte[] other = jpeg.clone();
            other[frame + 1] = (byte) marker;
            InkTest.assertSays("rare kind", () -> PictureFile.read(other));
        }
        byte[] twelve = jpeg.clone();
        twelve[frame + 4] = 12;
        InkTest.assertSays("12 bits", () -> PictureFile.read(twelve));
        byte[] four = jpeg.clone();
        four[frame + 9] = 4;
        InkTest.assertSays("CMYK", () -> PictureFile.read(four));
    }

    @Test
    void jpegsWithManyScansAreRefusedAtOnce() throws IOException {
        byte[] progressive = progressive(new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB));
        assertEquals(40, PictureFile.read(progressive).getWidth());
        String text = new String(progressive, StandardCharsets.ISO_8859_1);
        int last = text.lastIndexOf("\377\332");
        byte[] scan = Arrays.copyOfRange(progressive, last, text.lastIndexOf("\377\331"));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(progressive, 0, last);
        for (int n = 0; n < 1_000; n++) out.writeBytes(scan);
        out.writeBytes(new byte[] {(byte) 0xff, (byte) 0xd9});
        InkTest.assertSays("more than 48 scans", () -> PictureFile.read(out.toByteArray()));
    }

    @Test
    void decodingHasADeadline() throws IOException {
        for (String format : new String[] {"png", "jpg", "gif", "bmp"}) {
            byte[] file = encoded(noise(new Random(5)), format);
            InkTest.assertSays("took longer", () -> PictureFile.read(file, file.length, -1));
        }
    }

    @Test
    void aLargePictureComesBackSmaller() throws IOException {
        byte[] wide = new byte[5_000];
        byte[] file = png(5_000, 5_000, 8, 0, row -> wide);
        assertTrue(file.length < 200_000);
        BufferedImage read = PictureFile.read(file);
        assertTrue(read.getWidth() * read.getHeight() <= 4_000_000, read.toString());
        assertEquals(read.getWidth(), read.getHeight());
        assertEquals(1, PictureFile.read(png(10_000_000, 1, 1, 0, row -> new byte[1_250_000])).getHeight());
    }

    @Test
    void unusualGifsAndBitmaps() throws IOException {
        byte[] gif = encoded(noise(new Random(6)), "gif");
        ByteArrayOutputStream many = new ByteArrayOutputStream();   // the same frame a thousand times
        int frame = new String(gif, StandardCharsets.ISO_8859_1).indexOf(",\0\0\0\0\24\0\24\0");
        many.write(gif, 0, gif.length - 1);
        for (int n = 0; n < 1_000; n++) many.write(gif, frame, gif.length - 1 - frame);
        assertEquals(20, PictureFile.read(many.toByteArray()).getWidth());
        byte[] giant = gif.clone();
        Arrays.fill(giant, 6, 10, (byte) 0xff);   // a screen of 65,535×65,535
        assertEquals(20, PictureFile.read(giant).getWidth());
        Arrays.fill(giant, frame + 5, frame + 9, (byte) 0xff);   // and a frame
        InkTest.assertSays("at most 25 million", () -> PictureFile.read(giant));
        byte[] bmp = encoded(noise(new Random(6)), "bmp");
        ByteBuffer fields = ByteBuffer.wrap(bmp).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        BufferedImage upwards = PictureFile.read(bmp);
        fields.putInt(22, -20);   // from the top down
        assertEquals(upwards.getRGB(3, 0), PictureFile.read(bmp).getRGB(3, 19));
        for (int side : new int[] {-20, 0, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            fields.putInt(18, side);
            assertTrue(assertThrows(PictureException.class, () -> PictureFile.read(bmp)).getMessage().length() > 20);
        }
        fields.putInt(18, 20).putInt(30, 4);   // a JPEG file inside
        InkTest.assertSays("compression", () -> PictureFile.read(bmp));
    }

    private static byte[] progressive(BufferedImage picture) throws IOException {
        var writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (var stream = ImageIO.createImageOutputStream(out)) {
            writer.setOutput(stream);
            var how = writer.getDefaultWriteParam();
            how.setProgressiveMode(javax.imageio.ImageWriteParam.MODE_DEFAULT);
            writer.write(null, new javax.imageio.IIOImage(picture, null, null), how);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }

    /** A row of {@code n} equal values of {@code depth} bits each. */
    private static byte[] value(int n, int depth, int value) {
        byte[] row = new byte[n * depth / 8];
        for (int i = 0; i < n; i++) {
            if (depth == 16) ByteBuffer.wrap(row).putShort(2 * i, (short) value);
            else row[i * depth / 8] |= (byte) (value << 8 - depth - i * depth % 8);
        }
        return row;
    }

    /** A PNG with these rows of coded pixels. */
    static byte[] png(int width, int height, int depth, int type, java.util.function.IntFunction<byte[]> rows) {
        ByteArrayOutputStream raw = new ByteArrayOutputStream();
        try (var packed = new java.util.zip.DeflaterOutputStream(raw)) {
            for (int row = 0; row < height; row++) {
                packed.write(0);
                packed.write(rows.apply(row));
            }
        } catch (IOException impossible) {
            throw new java.io.UncheckedIOException(impossible);
        }
        byte[] head = ByteBuffer.allocate(13).putInt(width).putInt(height).put(new byte[] {(byte) depth, (byte) type, 0,
            0, 0}).array();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10});
        out.writeBytes(chunk("IHDR", head));
        out.writeBytes(chunk("IDAT", raw.toByteArray()));
        out.writeBytes(chunk("IEND"));
        return out.toByteArray();
    }

    private static byte[] chunk(String name, byte... data) {
        byte[] named = ByteBuffer.allocate(4 + data.length).put(name.getBytes(StandardCharsets.US_ASCII)).put(data)
                .array();
        CRC32 crc = new CRC32();
        crc.update(named);
        return ByteBuffer.allocate(8 + named.length).putInt(data.length).put(named).putInt((int) crc.getValue())
                .array();
    }

    /** The PNG with this chunk after its header. */
    private static byte[] withChunk(byte[] png, String name, byte... data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(png, 0, 33);
        out.writeBytes(chunk(name, data));
        out.write(png, 33, png.length - 33);
        return out.toByteArray();
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
