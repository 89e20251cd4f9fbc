package digits.pictures;

import digits.Text;
import digits.image.Grid;
import digits.interpret.FeatureMaps;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * A digit's way through a network: below it, stage by stage, all feature maps. The darker, the stronger the answer; each stage has a
 * scale of its own, from 0 to its strongest answer, and one that is everywhere at 0 or below stays white.
 */
public final class FeatureMapsPicture {
    private static final int MARGIN = 12;
    private static final int TITLE = 34;
    private static final int DIGIT = 84;
    private static final int GAP = 2;

    private FeatureMapsPicture() {
    }

    /**
     * The digit and its stages.
     *
     * @throws IllegalArgumentException without a stage, or if one has no maps
     */
    public static BufferedImage of(Digit digit, List<FeatureMaps> stages) {
        if (stages.isEmpty()) throw new IllegalArgumentException("there are no feature maps to show");
        for (FeatureMaps stage : stages) {
            if (stage.maps().isEmpty()) throw new IllegalArgumentException(stage.name() + " has no maps to show");
        }
        int height = stages.stream().mapToInt(stage -> TITLE + rows(stage) * cell(stage)).sum();
        BufferedImage picture = Style.paper(Style.WIDTH, 2 * MARGIN + DIGIT + height);
        Graphics2D g = Style.pen(picture);
        digit.draw(g, MARGIN, MARGIN, DIGIT, DIGIT);
        g.setColor(Style.RULE);
        g.drawRect(MARGIN, MARGIN, DIGIT, DIGIT);
        g.setColor(Style.INK);
        g.setFont(Style.bold(14));
        Style.write(g, "the image, " + digit.rows() + "×" + digit.columns(), MARGIN + DIGIT + 14, MARGIN + 18, Style.Align.LEFT);
        int y = MARGIN + DIGIT;
        for (FeatureMaps stage : stages) {
            stage(g, stage, y);
            y += TITLE + rows(stage) * cell(stage);
        }
        g.dispose();
        return picture;
    }

    /** Up to 32 maps stand in two rows; more are drawn smaller. */
    private static int columns(FeatureMaps stage) {
        return stage.maps().size() <= 32 ? 16 : 32;
    }

    private static int rows(FeatureMaps stage) {
        return (stage.maps().size() + columns(stage) - 1) / columns(stage);
    }

    private static int cell(FeatureMaps stage) {
        return (Style.WIDTH - 2 * MARGIN + GAP) / columns(stage);
    }

    private static void stage(Graphics2D g, FeatureMaps stage, int y) {
        List<Grid> maps = stage.maps();
        double limit = maps.stream().mapToDouble(Grid::max).max().orElseThrow();
        g.setFont(Style.bold(14));
        g.setColor(Style.INK);
        Style.write(g, stage.name() + ": " + maps.size() + (maps.size() == 1 ? " map of " : " maps of ") + maps.get(0).rows() + "×"
                + maps.get(0).columns(), MARGIN, y + TITLE - 10, Style.Align.LEFT);
        ColorScale.STRENGTH.legend(g, "0", Text.decimal(Math.max(0, limit), 1), Style.WIDTH - MARGIN - 140, y + TITLE - 19, 96);
        int cell = cell(stage);
        for (int i = 0; i < maps.size(); i++) {
            Grid map = maps.get(i);
            int larger = Math.max(map.rows(), map.columns());
            int scale = Math.max(1, (cell - GAP) / larger);
            boolean fits = scale * larger <= cell - GAP;
            int width = fits ? scale * map.columns() : (cell - GAP) * map.columns() / larger;
            int height = fits ? scale * map.rows() : (cell - GAP) * map.rows() / larger;
            int x = MARGIN + i % columns(stage) * cell;
            int top = y + TITLE + i / columns(stage) * cell;
            ColorScale.STRENGTH.draw(g, map, limit, x, top, width, height);
            g.setColor(Style.RULE);
            g.drawRect(x - 1, top - 1, width + 1, height + 1);
        }
    }
}
