package digits.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Reads picture files from untrusted sources: the size is read from the file's header before memory is allocated. */
public final class PictureFile {
    /** Largest file that is read: enough for a phone's photograph. */
    public static final int LARGEST_BYTES = 12_000_000;
    static final long MOST_PIXELS = 25_000_000;   // a few kilobytes can declare any number, at 4 bytes each
    private static final Set<String> FORMATS = Set.of("png", "jpeg", "jpg");   // readers of others trust too much

    private PictureFile() { }

    /**
     * Reads a PNG or JPEG file.
     *
     * @throws PictureException if the file cannot be read, is not a PNG or JPEG picture, or is too large
     */
    public static BufferedImage read(Path file) {
        try {
            long size = Files.size(file);
            if (size > LARGEST_BYTES) throw new PictureException(file.getFileName() + ": " + tooManyBytes(size));
            return read(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new PictureException(file.getFileName() + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Reads a PNG or JPEG file from its bytes; see {@link #read(Path)}. */
    public static BufferedImage read(byte[] file) {
        if (file.length > LARGEST_BYTES) throw new PictureException(tooManyBytes(file.length));
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) throw noPicture();
            ImageReader reader = readers.next();
            try {
                if (!FORMATS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) throw noPicture();
                reader.setInput(in, true, true);
                int width = reader.getWidth(0);
                int height = reader.getHeight(0);
                if ((long) width * height > MOST_PIXELS) {
                    throw new PictureException(("The picture has %d×%d pixels; at most %d million are read. "
                            + "Make it smaller.").formatted(width, height, MOST_PIXELS / 1_000_000));
                }
                return reader.read(0);
            } finally {
                reader.dispose();
            }
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException
                 | NegativeArraySizeException damaged) {   // Java's readers throw all of these for damaged files
            throw new PictureException("The picture file is damaged: " + damaged.getMessage(), damaged);
        }
    }

    private static PictureException noPicture() {
        return new PictureException("The file is not a picture that can be read; it must be a PNG or JPEG file.");
    }

    private static String tooManyBytes(long size) {
        return "The picture file has %,d bytes; at most %,d are read. Make it smaller.".formatted(size, LARGEST_BYTES);
    }
}
