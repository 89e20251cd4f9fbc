package digits.pictures;

import digits.Text;
import digits.data.LabeledImages;
import digits.evaluation.Predictions;
import digits.image.Grid;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;

/** Digits with what a network saw in them: each digit beside its Grad-CAM, with its label, the answer, and how sure that was. */
public final class GradCamGallery {
    private static final int MARGIN = 12;
    private static final int GAP = 22;
    private static final int LINE = 17;
    private static final int LEGEND = 34;

    private GradCamGallery() {
    }

    /**
     * The digits in rows of {@code columns}. Each map has a scale of its own: it says where, not how much.
     *
     * @param positions which images, in which order; without any, the picture says that there is nothing to show
     * @param maps      one for each position, of the images' size
     * @throws IllegalArgumentException if positions and maps are not equally many, or columns are not 1 to 6
     */
    public static BufferedImage of(LabeledImages images, Predictions predictions, List<Integer> positions, List<Grid> maps, int columns) {
        if (columns < 1 || columns > 6) throw new IllegalArgumentException("columns is " + columns + "; it has to be 1 to 6");
        if (positions.size() != maps.size()) {
            throw new IllegalArgumentException(positions.size() + " images and " + maps.size() + " maps: each image needs one");
        }
        if (positions.isEmpty()) return Style.nothingToShow();
        int room = (Style.WIDTH - 2 * MARGIN + GAP) / columns - GAP;
        int side = images.columns() * Math.max(1, Math.min(4, (room / 2 - 2) / images.columns()));
        int rows = (positions.size() + columns - 1) / columns;
        int row = side + 2 * LINE + 18;
        BufferedImage picture = Style.paper(Style.WIDTH, 2 * MARGIN + LEGEND + rows * row - 10);
        Graphics2D g = Style.pen(picture);
        ColorScale.HEAT.legend(g, "what speaks for the answer: nothing", "most", Style.WIDTH / 2 + 60, MARGIN + 2, 110);
        for (int i = 0; i < positions.size(); i++) {
            int left = MARGIN + i % columns * (room + GAP) + (room - 2 * side - 2) / 2;
            item(g, images, predictions, positions.get(i), maps.get(i), left, MARGIN + LEGEND + i / columns * row, side);
        }
        g.dispose();
        return picture;
    }

    private static void item(Graphics2D g, LabeledImages images, Predictions predictions, int i, Grid map, int x, int y, int side) {
        Digit digit = Digit.of(images, i);
        int right = x + side + 2;
        digit.draw(g, x, y, side, side);
        ColorScale.HEAT.draw(g, map, digit, map.max(), right, y, side, side);
        boolean wrong = !predictions.correct(i);
        g.setColor(wrong ? Style.VERMILION : Style.RULE);
        g.drawRect(x - 1, y - 1, side + 1, side + 1);
        g.drawRect(right - 1, y - 1, side + 1, side + 1);
        double middle = right - 1;
        g.setColor(wrong ? Style.mix(Style.VERMILION, Style.INK, 0.2) : Style.INK);
        g.setFont(Style.bold(13));
        Style.write(g, images.label(i) + " read as " + predictions.predicted(i), middle, y + side + LINE, Style.Align.CENTRE);
        g.setColor(Style.MUTED);
        g.setFont(Style.font(12));
        Style.write(g, Text.percent(predictions.probability(i, predictions.predicted(i)), 1), middle, y + side + 2 * LINE - 1,
                Style.Align.CENTRE);
    }
}
