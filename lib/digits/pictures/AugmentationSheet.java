package digits.pictures;

import digits.data.Augmentation;
import digits.data.LabeledImages;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What augmentations make of one image: a row for each, the image itself at its beginning. */
public final class AugmentationSheet {
    private AugmentationSheet() {
    }

    /**
     * The rows in the map's order, each with its name under the original and {@code columns - 1} variants behind it.
     *
     * @param i       which image of the set
     * @param columns 2 to 30
     * @param seed    of the changes
     * @throws IllegalArgumentException without a row, or if columns are not 2 to 30
     */
    public static BufferedImage of(LabeledImages images, int i, Map<String, Augmentation> rows, int columns, long seed) {
        if (rows.isEmpty()) throw new IllegalArgumentException("there is no augmentation to show");
        if (Gallery.checkColumns(columns) < 2) throw new IllegalArgumentException("one column has no room for a variant");
        List<Gallery.Item> items = new ArrayList<>();
        rows.forEach((name, augmentation) -> {
            items.add(new Gallery.Item(Digit.of(images, i), name, "", false));
            LabeledImages variants = augmentation.variants(images, i, columns - 1, seed);
            for (int v = 0; v < variants.size(); v++) items.add(new Gallery.Item(Digit.of(variants, v), "", "", false));
        });
        return Gallery.of(items, columns);
    }
}
