package digits.pictures;

import digits.Text;
import digits.image.Grid;
import digits.interpret.FeatureMaps;
import java.awt.Graphics2D;
import java.util.List;

/**
 * A digit's way through a network: below it, stage by stage, all feature maps. The darker, the stronger the activation;
 * each stage has its own scale, from 0 to its strongest activation, and a map without a value above 0 stays white.
 */
public final class FeatureMapsPicture {
    private static final int MARGIN = 12;
    private static final int TITLE = 34;
    private static final int DIGIT = 84;
    private static final int GAP = 2;

    private FeatureMapsPicture() { }

    /** @throws IllegalArgumentException without a stage, or if one has no maps */
    public static Picture of(Digit digit, List<FeatureMaps> stages) {
        if (stages.isEmpty()) throw new IllegalArgumentException("there are no feature maps to show");
        int height = stages.stream().mapToInt(FeatureMapsPicture::height).sum();
        String sentence = "An image of " + digit.rows() + "×" + digit.columns() + " and its feature maps: "
                + Picture.list(stages.stream().map(stage -> title(stage) + ", up to "
                        + Text.decimal(Math.max(0, limit(stage)), 1)).toList(), "; ") + ".";
        return Style.picture(Style.WIDTH, 2 * MARGIN + DIGIT + height, sentence, g -> {
            digit.draw(g, MARGIN, MARGIN, DIGIT, DIGIT);
            Style.frame(g, Style.RULE, MARGIN + 1, MARGIN + 1, DIGIT - 1, DIGIT - 1);
            Style.write(g, Style.bold(14), Style.INK, "the image, " + digit.rows() + "×" + digit.columns(),
                    MARGIN + DIGIT + 14, MARGIN + 18);
            int y = MARGIN + DIGIT;
            for (FeatureMaps stage : stages) {
                stage(g, stage, y);
                y += height(stage);
            }
        });
    }

    private static int height(FeatureMaps stage) {
        if (stage.maps().isEmpty()) throw new IllegalArgumentException(stage.name() + " has no maps to show");
        return TITLE + (stage.maps().size() + columns(stage) - 1) / columns(stage) * cell(stage);
    }

    /** Up to 32 maps stand in two rows; more are drawn smaller. */
    private static int columns(FeatureMaps stage) {
        return stage.maps().size() <= 32 ? 16 : 32;
    }

    private static int cell(FeatureMaps stage) {
        return (Style.WIDTH - 2 * MARGIN + GAP) / columns(stage);
    }

    private static double limit(FeatureMaps stage) {
        return stage.maps().stream().mapToDouble(Grid::max).max().orElseThrow();
    }

    private static String title(FeatureMaps stage) {
        Grid first = stage.maps().get(0);
        return stage.name() + ": " + Text.count(stage.maps().size(), "map") + " of " + first.rows() + "×"
                + first.columns();
    }

    private static void stage(Graphics2D g, FeatureMaps stage, int y) {
        List<Grid> maps = stage.maps();
        double limit = limit(stage);
        Style.write(g, Style.bold(14), Style.INK, title(stage), MARGIN, y + TITLE - 10);
        String most = Text.decimal(Math.max(0, limit), 1);
        ColorScale.STRENGTH.legend(g, "0", most, Style.WIDTH - MARGIN - 140, y + TITLE - 19, 96);
        int cell = cell(stage);
        for (int i = 0; i < maps.size(); i++) {
            Grid map = maps.get(i);
            int larger = Math.max(map.rows(), map.columns());
            // whole multiples keep the squares of a map equal; maps larger than a cell are shrunk
            int side = larger > cell - GAP ? cell - GAP : (cell - GAP) / larger * larger;
            int width = side * map.columns() / larger;
            int height = side * map.rows() / larger;
            int x = MARGIN + i % columns(stage) * cell;
            int top = y + TITLE + i / columns(stage) * cell;
            ColorScale.STRENGTH.draw(g, map, null, limit, x, top, width, height);
            Style.frame(g, Style.RULE, x, top, width, height);
        }
    }
}
