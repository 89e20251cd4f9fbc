package digits.pictures;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import digits.data.LabeledImages;

/** Many digits at one glance, each with its label. */
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

    /**
     * One row for each label that occurs, 0 at the top, with the first {@code columns} images that carry it: shows how
     * differently people write the same digit.
     *
     * @throws IllegalArgumentException without an image, or if columns are not 1 to 30
     */
    public static BufferedImage byLabel(LabeledImages images, int columns) {
        if (images.size() == 0) throw new IllegalArgumentException("there are no images to show");
        Gallery.checkColumns(columns);
        List<List<Gallery.Item>> rows = new ArrayList<>();
        for (int label = 0; label < LabeledImages.CLASSES; label++) {
            int wanted = label;
            List<Gallery.Item> row = IntStream.range(0, images.size()).filter(i -> images.label(i) == wanted).limit(columns)
                    .mapToObj(i -> item(images, i)).toList();
            if (!row.isEmpty()) rows.add(row);
        }
        return Gallery.rows(rows, columns);
    }

    private static Gallery.Item item(LabeledImages images, int i) {
        return new Gallery.Item(Digit.of(images, i), String.valueOf(images.label(i)), "", false);
    }
}
