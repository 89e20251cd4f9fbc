package digits.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadProgressListener;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Reads picture files from untrusted sources: PNG, JPEG, GIF (its first image) and BMP, upright as EXIF says, with the
 * colors as they are stored. Bytes, pixels, memory and time are bounded.
 */
public final class PictureFile {
    /** Largest file that is read: enough for a phone's photograph. */
    public static final int LARGEST_BYTES = 12_000_000;
    static final long MOST_PIXELS = 25_000_000;   // a few kilobytes can declare any number
    private static final long KEPT_PIXELS = 4_000_000;   // of a larger picture, every second or third pixel is kept
    private static final int MILLISECONDS = 10_000;

    private PictureFile() { }

    /**
     * Reads a picture file. One with more than 4 million pixels comes back smaller.
     *
     * @return an RGB picture, or an ARGB picture if the file has transparent parts
     * @throws PictureException if the file cannot be read, is in another format, damaged, too large or too slow
     */
    public static BufferedImage read(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                throw new PictureException("%s cannot be read: there is no such file".formatted(file.getFileName()));
            }
            byte[] bytes;
            try (InputStream in = Files.newInputStream(file)) {
                bytes = in.readNBytes(LARGEST_BYTES + 1);
            }
            return read(bytes, Files.size(file), MILLISECONDS);
        } catch (PictureException unusable) {
            String name = file.getFileName().toString();
            if (unusable.getMessage().startsWith(name)) throw unusable;
            throw new PictureException(name + ": " + unusable.getMessage(), unusable);
        } catch (IOException e) {
            throw new PictureException(file.getFileName() + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Reads a picture file from its bytes; see {@link #read(Path)}. */
    public static BufferedImage read(byte[] file) {
        return read(file, file.length, MILLISECONDS);
    }

    /** @param milliseconds after which decoding ends with an error */
    static BufferedImage read(byte[] file, long size, int milliseconds) {
        if (file.length > LARGEST_BYTES) {
            throw new PictureException("The picture file has %,d bytes; at most %,d are read. Make it smaller."
                    .formatted(size, LARGEST_BYTES));
        }
        PictureContents contents = PictureContents.of(file);
        ImageReader reader = reader(contents.format());
        Deadline deadline = new Deadline(System.nanoTime() + milliseconds * 1_000_000L);
        try (ImageInputStream in = new MemoryCacheImageInputStream(deadline.on(contents.bytes()))) {
            reader.setInput(in, true, true);
            reader.addIIOReadProgressListener(deadline);
            return Pixels.upright(reader.read(0, parameters(reader)), contents.orientation());
        } catch (PictureException unusable) {
            throw unusable;
        } catch (IOException | RuntimeException damaged) {   // Java's decoders throw almost anything for damaged files
            if (deadline.isOver()) throw tooSlow();
            throw new PictureException("The picture file is damaged: " + damaged.getMessage(), damaged);
        } finally {
            reader.dispose();
        }
    }

    /** The JDK's own decoder: others on the class path may trust files more. */
    private static ImageReader reader(String format) {
        for (Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format); readers.hasNext();) {
            ImageReader reader = readers.next();
            if (reader.getClass().getModule() == ImageIO.class.getModule()) return reader;
        }
        throw new PictureException("This Java cannot decode " + format + " files: the module java.desktop lacks them.");
    }

    /** Keeps every second, third, … row and column of a large picture. */
    private static ImageReadParam parameters(ImageReader reader) throws IOException {
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        if (width < 1 || height < 1) throw new IIOException(width + "×" + height + " pixels");
        if ((long) width * height > MOST_PIXELS) {
            throw new PictureException(("The picture has %d×%d pixels; at most %d million are read. "
                    + "Make it smaller.").formatted(width, height, MOST_PIXELS / 1_000_000));
        }
        int step = (int) Math.ceil(Math.sqrt((double) width * height / KEPT_PIXELS));
        ImageReadParam parameters = reader.getDefaultReadParam();
        parameters.setSourceSubsampling(step, step, 0, 0);
        return parameters;
    }

    private static PictureException tooSlow() {
        return new PictureException("Decoding the picture took longer than " + MILLISECONDS / 1000
                + " seconds. Make it smaller, or save it again as PNG.");
    }

    /** Ends a decoder that takes too long: where it reads the file, and where it reports its progress. */
    private record Deadline(long nanoTime) implements IIOReadProgressListener {
        boolean isOver() {
            return System.nanoTime() - nanoTime > 0;
        }

        InputStream on(byte[] file) {
            return new ByteArrayInputStream(file) {
                @Override
                public synchronized int read(byte[] bytes, int from, int length) {
                    if (isOver()) throw tooSlow();
                    return super.read(bytes, from, length);
                }
            };
        }

        @Override
        public void imageProgress(ImageReader source, float percentage) {
            if (isOver()) throw tooSlow();
        }

        @Override
        public void sequenceStarted(ImageReader source, int minIndex) { }

        @Override
        public void sequenceComplete(ImageReader source) { }

        @Override
        public void imageStarted(ImageReader source, int imageIndex) { }

        @Override
        public void imageComplete(ImageReader source) { }

        @Override
        public void thumbnailStarted(ImageReader source, int imageIndex, int thumbnailIndex) { }

        @Override
        public void thumbnailProgress(ImageReader source, float percentage) { }

        @Override
        public void thumbnailComplete(ImageReader source) { }

        @Override
        public void readAborted(ImageReader source) { }
    }
}
