package digits.pictures;

import digits.data.LabeledImages;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;

/** Many images at one glance, each with the name of its label. */
public final class ContactSheet {
    private ContactSheet() {
    }

    /**
     * The first {@code columns * rows} images in their order, row by row, the label under each; fewer if the set is smaller.
     *
     * @throws IllegalArgumentException without an image, or if columns are not 1 to 30 or rows not 1 to 50
     */
    public static BufferedImage of(LabeledImages images, int columns, int rows) {
        if (images.size() == 0) throw new IllegalArgumentException("there are no images to show");
        if (rows < 1 || rows > 50) throw new IllegalArgumentException("rows is " + rows + "; it has to be 1 to 50");
        List<Gallery.Item> items = IntStream.range(0, Math.min(images.size(), Gallery.checkColumns(columns) * rows))
                .mapToObj(i -> item(images, i)).toList();
        return Gallery.of(items, columns);
    }

    private static Gallery.Item item(LabeledImages images, int i) {
        return new Gallery.Item(Digit.of(images, i), images.name(i), "", false);
    }
}
