package digits.pictures;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;

/** What one does with finished pictures. */
public final class Figures {
    private static final int GAP = 16;

    private Figures() {
    }

    /**
     * The pictures next to each other on white paper, tops aligned, 16 pixels between them.
     *
     * @throws IllegalArgumentException without a picture
     */
    public static BufferedImage sideBySide(BufferedImage... pictures) {
        if (pictures.length == 0) throw new IllegalArgumentException("no pictures to put side by side");
        int width = -GAP;
        int height = 0;
        for (BufferedImage p : pictures) {
            width += p.getWidth() + GAP;
            height = Math.max(height, p.getHeight());
        }
        BufferedImage all = Style.paper(width, height);
        Graphics2D g = Style.pen(all);
        int x = 0;
        for (BufferedImage p : pictures) {
            g.drawImage(p, x, 0, null);
            x += p.getWidth() + GAP;
        }
        g.dispose();
        return all;
    }

    /**
     * The pictures below each other on white paper, left sides aligned, 16 pixels between them; without any, a picture
     * that says that there is nothing to show.
     */
    public static BufferedImage stacked(List<BufferedImage> pictures) {
        if (pictures.isEmpty()) return Style.nothingToShow();
        int width = 0;
        int height = -GAP;
        for (BufferedImage p : pictures) {
            width = Math.max(width, p.getWidth());
            height += p.getHeight() + GAP;
        }
        BufferedImage all = Style.paper(width, height);
        Graphics2D g = Style.pen(all);
        int y = 0;
        for (BufferedImage p : pictures) {
            g.drawImage(p, 0, y, null);
            y += p.getHeight() + GAP;
        }
        g.dispose();
        return all;
    }
}
