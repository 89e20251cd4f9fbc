package digits.pictures;

import java.awt.image.BufferedImage;
import java.util.IntSummaryStatistics;
import java.util.List;

/** Combines pictures side by side or stacked, on white paper with 16 pixels between them. */
public final class Figures {
    private static final int GAP = 16;

    private Figures() { }

    /** One picture or more next to each other, tops aligned. */
    public static BufferedImage sideBySide(BufferedImage... pictures) {
        if (pictures.length == 0) throw new IllegalArgumentException("no pictures to put side by side");
        return combined(List.of(pictures), true);
    }

    /** The pictures below each other, left sides aligned; an empty list gives a picture that says “nothing to show”. */
    public static BufferedImage stacked(List<BufferedImage> pictures) {
        return pictures.isEmpty() ? Style.nothingToShow() : combined(pictures, false);
    }

    private static BufferedImage combined(List<BufferedImage> pictures, boolean across) {
        IntSummaryStatistics widths = pictures.stream().mapToInt(BufferedImage::getWidth).summaryStatistics();
        IntSummaryStatistics heights = pictures.stream().mapToInt(BufferedImage::getHeight).summaryStatistics();
        int gaps = (pictures.size() - 1) * GAP;
        int width = across ? (int) widths.getSum() + gaps : widths.getMax();
        int height = across ? heights.getMax() : (int) heights.getSum() + gaps;
        return Style.picture(width, height, g -> {
            int at = 0;
            for (BufferedImage picture : pictures) {
                g.drawImage(picture, across ? at : 0, across ? 0 : at, null);
                at += (across ? picture.getWidth() : picture.getHeight()) + GAP;
            }
        });
    }
}
