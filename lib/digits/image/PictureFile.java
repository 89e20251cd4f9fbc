package digits.image;

import digits.data.DataException;
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

/** Picture files that come from anywhere. How large a picture is gets read from its head, before any memory is given to it. */
public final class PictureFile {
    /** No file is read that is larger: a few kilobytes can name any number of pixels, but a telephone's photograph has this. */
    public static final int LARGEST_BYTES = 12_000_000;
    /** 4 bytes each when unpacked. */
    static final long MOST_PIXELS = 25_000_000;

    private static final Set<String> FORMATS = Set.of("png", "jpeg", "jpg");   // Java's other readers believe more than they should

    private PictureFile() {
    }

    /**
     * Reads a PNG or JPEG file.
     *
     * @throws DataException if it cannot be read, is no such picture, or is too large: it says which
     */
    public static BufferedImage read(Path file) {
        try {
            long size = Files.size(file);
            if (size > LARGEST_BYTES) throw new DataException(file.getFileName() + ": " + tooManyBytes(size));
            return read(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new DataException(file.getFileName() + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The same from bytes. */
    public static BufferedImage read(byte[] file) {
        if (file.length > LARGEST_BYTES) throw new DataException(tooManyBytes(file.length));
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) throw noPicture();
            ImageReader reader = readers.next();
            try {
                if (!FORMATS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) throw noPicture();
                reader.setInput(in, true, true);
                long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
                if (pixels > MOST_PIXELS) {
                    throw new DataException("The picture has %d×%d pixels; at most %d million are read. Make it smaller.".formatted(
                            reader.getWidth(0), reader.getHeight(0), MOST_PIXELS / 1_000_000));
                }
                return reader.read(0);
            } finally {
                reader.dispose();
            }
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException | NegativeArraySizeException damaged) {
            // Java's readers throw all of these at damaged files
            throw new DataException("The picture file is damaged: " + damaged.getMessage(), damaged);
        }
    }

    private static DataException noPicture() {
        return new DataException("This is no picture that can be read; it has to be a PNG or JPEG file.");
    }

    private static String tooManyBytes(long size) {
        return "The picture file has %,d bytes; at most %,d are read. Make it smaller.".formatted(size, LARGEST_BYTES);
    }
}
