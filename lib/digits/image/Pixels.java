package digits.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;

/**
 * The colors of a picture as its file holds them. {@link BufferedImage#getRGB} converts by the color profile: it takes
 * gray values for linear light and makes them brighter, and it fails where a profile is damaged.
 */
final class Pixels {
    private Pixels() { }

    /** The colors of a row, ARGB, 8 bits each. */
    static int[] row(BufferedImage picture, int y) {
        int width = picture.getWidth();
        ColorModel model = picture.getColorModel();
        if (!holdsColors(model)) return picture.getRGB(0, y, width, 1, null, 0, width);
        int bands = picture.getRaster().getNumBands();
        int[] samples = picture.getRaster().getPixels(0, y, width, 1, (int[]) null);
        int[] colors = new int[width];
        int green = bands > 2 ? 1 : 0;
        int blue = bands > 2 ? 2 : 0;
        for (int x = 0; x < width; x++) {
            int at = x * bands;
            int alpha = model.hasAlpha() ? eightBits(samples[at + bands - 1], model.getComponentSize(bands - 1)) : 255;
            colors[x] = alpha << 24 | eightBits(samples[at], model.getComponentSize(0)) << 16
                    | eightBits(samples[at + green], model.getComponentSize(green)) << 8
                    | eightBits(samples[at + blue], model.getComponentSize(blue));
        }
        return colors;
    }

    /** How dark a color looks on white paper, 0 to 1 (ITU-R BT.601); transparent colors are as light as the paper. */
    static float darkness(int argb) {
        float brightness = (0.299f * (argb >> 16 & 0xff) + 0.587f * (argb >> 8 & 0xff) + 0.114f * (argb & 0xff)) / 255f;
        return (argb >>> 24) / 255f * (1 - brightness);
    }

    /** Whether each pixel consists of unsigned integers for gray, or red, green and blue, and perhaps alpha. */
    private static boolean holdsColors(ColorModel model) {
        int space = model.getColorSpace().getType();
        boolean integers = model.getTransferType() == DataBuffer.TYPE_BYTE
                || model.getTransferType() == DataBuffer.TYPE_USHORT;
        return model instanceof ComponentColorModel && integers && !model.isAlphaPremultiplied()
                && (space == ColorSpace.TYPE_GRAY || space == ColorSpace.TYPE_RGB);
    }

    private static int eightBits(int value, int bits) {
        return bits == 8 ? value : Math.round(255f * value / ((1 << bits) - 1));
    }

    /** The picture turned upright, in RGB, or ARGB if it has transparent parts; see {@link PictureContents}. */
    static BufferedImage upright(BufferedImage picture, int orientation) {
        int width = picture.getWidth();
        int height = picture.getHeight();
        boolean onItsSide = orientation >= 5;
        BufferedImage upright = new BufferedImage(onItsSide ? height : width, onItsSide ? width : height,
                picture.getColorModel().hasAlpha() ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_INT_RGB);
        boolean fromRight = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        boolean fromBottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        for (int y = 0; y < height; y++) {
            int[] colors = row(picture, y);
            int across = fromBottom ? height - 1 - y : y;
            if (fromRight) reverse(colors);
            if (onItsSide) upright.setRGB(across, 0, 1, width, colors, 0, 1);
            else upright.setRGB(0, across, width, 1, colors, 0, width);
        }
        return upright;
    }

    private static void reverse(int... colors) {
        for (int i = 0, j = colors.length - 1; i < j; i++, j--) {
            int color = colors[i];
            colors[i] = colors[j];
            colors[j] = color;
        }
    }
}
