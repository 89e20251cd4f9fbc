package digits.pictures;

import digits.data.LabeledImages;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.stream.IntStream;

/** Shared by the tests of this package: made-up digits and ways to look at a picture. */
final class Pictures {
    private Pictures() {
    }

    /** {@code n} images of 28×28, labeled 0 to 9 in turn: image i is all ink in row {@code i % 28}, blank elsewhere. */
    static LabeledImages striped(int n) {
        byte[] pixels = new byte[n * 784];
        byte[] labels = new byte[n];
        for (int i = 0; i < n; i++) {
            labels[i] = (byte) (i % 10);
            for (int c = 0; c < 28; c++) pixels[i * 784 + i % 28 * 28 + c] = (byte) 255;
        }
        return LabeledImages.of(pixels, labels, 28, 28);
    }

    /** A picture in the size of the page: one of the four pixels of each unit; any other image as it is. */
    static BufferedImage page(BufferedImage image) {
        if (!(image instanceof Picture picture)) return image;
        int width = picture.width();
        BufferedImage page = new BufferedImage(width, picture.height(), BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * picture.height(); i++) {
            int x = i % width;
            int y = i / width;
            page.setRGB(x, y, picture.getRGB(Picture.SCALE * x + 1, Picture.SCALE * y + 1));
        }
        return page;
    }

    static long count(BufferedImage image, Color color) {
        BufferedImage picture = page(image);
        int width = picture.getWidth();
        return IntStream.range(0, width * picture.getHeight())
                .filter(p -> (picture.getRGB(p % width, p / width) & 0xffffff) == (color.getRGB() & 0xffffff)).count();
    }

    /** Pixels that are more red than blue (vermilion and its tints), or the other way round. */
    static long count(BufferedImage image, boolean reddish) {
        BufferedImage picture = page(image);
        return IntStream.range(0, picture.getWidth() * picture.getHeight()).filter(p -> {
            Color c = new Color(picture.getRGB(p % picture.getWidth(), p / picture.getWidth()));
            int difference = c.getRed() - c.getBlue();
            return reddish ? difference > 20 : difference < -30;
        }).count();
    }

    /** How many separate runs of this color a row of the picture has. */
    static int runs(BufferedImage image, int y, Color color) {
        BufferedImage picture = page(image);
        int runs = 0;
        boolean inside = false;
        for (int x = 0; x < picture.getWidth(); x++) {
            boolean now = (picture.getRGB(x, y) & 0xffffff) == (color.getRGB() & 0xffffff);
            if (now && !inside) runs++;
            inside = now;
        }
        return runs;
    }

    static boolean same(BufferedImage one, BufferedImage other) {
        BufferedImage a = page(one);
        BufferedImage b = page(other);
        return a.getWidth() == b.getWidth() && a.getHeight() == b.getHeight()
                && IntStream.range(0, a.getWidth() * a.getHeight())
                .allMatch(p -> a.getRGB(p % a.getWidth(), p / a.getWidth())
                        == b.getRGB(p % a.getWidth(), p / a.getWidth()));
    }
}
