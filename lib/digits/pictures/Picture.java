package digits.pictures;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A picture with its alternative text: sentences, with figures from its data, that tell a reader who cannot see it what
 * it shows. {@link #toString} returns them. It has twice as many pixels in each direction as it takes up on a page, so
 * that it is sharp on a screen with a high resolution and on a projector: {@link #getWidth()} counts pixels, {@link
 * #width()} the units of the page in which all painters of this package draw.
 */
public final class Picture extends BufferedImage {
    /** Pixels per unit of the page. */
    static final int SCALE = 2;
    private static final int FEWEST_WORDS = 3;
    private static final int MOST_ITEMS = 20;   // of a list that a sentence holds

    private final String sentence;

    /** A black picture; {@link Style#picture} makes those with something on them. */
    Picture(int width, int height, String sentence) {
        super(SCALE * width, SCALE * height, TYPE_INT_RGB);
        if (sentence.split("\\s+").length < FEWEST_WORDS || !sentence.endsWith(".")) {
            throw new IllegalArgumentException("not a sentence about a picture: \"" + sentence + "\"");
        }
        this.sentence = sentence;
    }

    /** The width on a page, half of the width in pixels. */
    public int width() {
        return getWidth() / SCALE;
    }

    /** The height on a page, half of the height in pixels. */
    public int height() {
        return getHeight() / SCALE;
    }

    /** The alternative text. */
    @Override
    public String toString() {
        return sentence;
    }

    /**
     * The picture as the content of a PNG file. It is as small as Java makes it, since notebooks keep it: compressed as
     * far as possible, and with a palette if there are no more than 256 colors.
     */
    public byte[] png() {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(stream);
            ImageWriteParam settings = writer.getDefaultWriteParam();
            settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            settings.setCompressionQuality(0);   // which means: the smallest file; nothing is lost
            writer.write(null, new IIOImage(withPalette(), null, null), settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);   // in memory there is nothing to fail
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /** This picture, or the same with a palette if it has few colors. */
    private BufferedImage withPalette() {
        int[] pixels = getRGB(0, 0, getWidth(), getHeight(), null, 0, getWidth());
        Set<Integer> different = new TreeSet<>();
        for (int i = 0; i < pixels.length; i++) {
            boolean again = i > 0 && pixels[i] == pixels[i - 1];
            if (!again && different.add(pixels[i]) && different.size() > 256) return this;
        }
        int[] colors = different.stream().mapToInt(Integer::intValue).toArray();
        IndexColorModel palette = new IndexColorModel(8, colors.length, colors, 0, false, -1, 0);
        BufferedImage indexed = new BufferedImage(getWidth(), getHeight(), TYPE_BYTE_INDEXED, palette);
        byte[] indices = new byte[pixels.length];
        for (int i = 0; i < pixels.length; i++) indices[i] = (byte) Arrays.binarySearch(colors, pixels[i]);
        indexed.getRaster().setDataElements(0, 0, getWidth(), getHeight(), indices);
        return indexed;
    }

    /** “a, b, c”; of a long list only the beginning: “a, b, c and 17 more”. */
    static String list(List<String> items) {
        return list(items, ", ");
    }

    static String list(List<String> items, String separator) {
        if (items.size() <= MOST_ITEMS) return String.join(separator, items);
        return String.join(separator, items.subList(0, MOST_ITEMS)) + separator + "and " + (items.size() - MOST_ITEMS)
                + " more";
    }
}
