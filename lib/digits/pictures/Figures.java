package digits.pictures;

import java.awt.Font;
import java.awt.image.BufferedImage;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Combines pictures side by side or stacked, on white paper with 16 pixels between them. The sentences of the parts
 * follow each other; what says the same twice is said once. Other images than a {@link Picture} keep their pixels.
 */
public final class Figures {
    private static final int GAP = 16;

    private Figures() { }

    /** One picture or more next to each other, tops aligned. */
    public static Picture sideBySide(BufferedImage... pictures) {
        if (pictures.length == 0) throw new IllegalArgumentException("no pictures to put side by side");
        return combined(List.of(pictures), true);
    }

    /** The pictures below each other, left sides aligned; an empty list gives a picture that says “nothing to show”. */
    public static Picture stacked(List<? extends BufferedImage> pictures) {
        return pictures.isEmpty() ? Style.nothingToShow() : combined(pictures, false);
    }

    /** A picture with a title above it, which its sentence begins with. */
    public static Picture titled(String title, Picture picture) {
        Font font = Style.bold(14);
        int width = Math.max(picture.width(), Style.width(font, title) + GAP);
        return Style.picture(width, picture.height() + 2 * GAP, title + ": " + picture, g -> {
            Style.centered(g, font, Style.INK, title, width / 2.0, 22);
            g.drawImage(picture, (width - picture.width()) / 2, 2 * GAP, picture.width(), picture.height(), null);
        });
    }

    private static Picture combined(List<? extends BufferedImage> pictures, boolean across) {
        IntSummaryStatistics widths = pictures.stream().mapToInt(Figures::width).summaryStatistics();
        IntSummaryStatistics heights = pictures.stream().mapToInt(Figures::height).summaryStatistics();
        int gaps = (pictures.size() - 1) * GAP;
        int width = across ? (int) widths.getSum() + gaps : widths.getMax();
        int height = across ? heights.getMax() : (int) heights.getSum() + gaps;
        String sentences = pictures.stream().map(Figures::sentence).distinct().collect(Collectors.joining(" "));
        return Style.picture(width, height, sentences, g -> {
            int at = 0;
            for (BufferedImage picture : pictures) {
                g.drawImage(picture, across ? at : 0, across ? 0 : at, width(picture), height(picture), null);
                at += (across ? width(picture) : height(picture)) + GAP;
            }
        });
    }

    private static int width(BufferedImage picture) {
        return picture instanceof Picture ours ? ours.width() : picture.getWidth();
    }

    private static int height(BufferedImage picture) {
        return picture instanceof Picture ours ? ours.height() : picture.getHeight();
    }

    private static String sentence(BufferedImage picture) {
        return picture instanceof Picture ours ? ours.toString()
                : "An image of " + picture.getWidth() + " × " + picture.getHeight() + " pixels.";
    }
}
