package digits.pictures;

import digits.Text;
import digits.image.Grid;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Images, what was added to them, and the results: a column for each, with the prediction before and after. */
public final class PerturbationPicture {
    private static final int MARGIN = 12;
    private static final int NAME = 96;
    private static final int CAPTION = 24;
    private static final int LEGEND = 26;
    private static final int GAP = 18;

    /**
     * An image and what it was changed to, of the same size, with a caption each.
     *
     * @param before numbers from 0 (background) to 1 (ink), as are those after the change
     */
    public record Example(Grid before, Grid after, String captionBefore, String captionAfter) {
        public Example {
            if (before.rows() != after.rows() || before.columns() != after.columns()) {
                throw new IllegalArgumentException("an image " + before + " was changed to another size, " + after);
            }
        }

        /** What was added, with its sign. */
        Grid added() {
            float[] numbers = after.values();
            float[] old = before.values();
            for (int i = 0; i < numbers.length; i++) numbers[i] -= old[i];
            return new Grid(before.rows(), before.columns(), numbers);
        }
    }

    private PerturbationPicture() { }

    /** 1 to 6 examples; what was added is shown with one scale for all, blue for more ink, vermilion for less. */
    public static Picture of(List<Example> examples) {
        int n = examples.size();
        if (n < 1 || n > 6) throw new IllegalArgumentException(n + " examples; there have to be 1 to 6");
        List<Grid> added = examples.stream().map(Example::added).toList();
        double limit = added.stream().mapToDouble(Grid::magnitude).max().orElseThrow();
        int larger = examples.stream().mapToInt(e -> Math.max(e.before().rows(), e.before().columns())).max()
                .orElseThrow();
        int room = (Style.WIDTH - 2 * MARGIN - NAME + GAP) / n - GAP;
        int side = larger * Math.max(1, Math.min(5, room / larger));
        int column = Math.max(side, Math.min(room, 160)) + GAP;
        int row = side + CAPTION + 8;
        String sentence = "Images, what was added to them, at most " + Text.decimal(limit, 2) + " per pixel, and the "
                + "results: " + examples.stream().map(e -> e.captionBefore() + " becomes " + e.captionAfter())
                .collect(Collectors.joining("; ")) + ".";
        return Style.picture(2 * MARGIN + NAME + n * column - GAP, 2 * MARGIN + 2 * row + side + LEGEND + CAPTION,
                sentence, g -> IntStream.range(0, 3).forEach(r -> {
                    int y = MARGIN + r * row - (r == 2 ? CAPTION - LEGEND : 0);
                    String name = List.of("image", "+ change", "= result").get(r);
                    Style.write(g, Style.bold(14), Style.INK, name, MARGIN, y + side / 2.0 + 5);
                    for (int i = 0; i < n; i++) {
                        Example example = examples.get(i);
                        int x = MARGIN + NAME + i * column + (column - GAP - side) / 2;
                        if (r == 1) ColorScale.SIGNED.draw(g, added.get(i), null, limit, x, y, side, side);
                        else new Digit(r == 0 ? example.before() : example.after()).draw(g, x, y, side, side);
                        Style.frame(g, Style.RULE, x, y, side, side);
                        String caption = r == 0 ? example.captionBefore() : r == 2 ? example.captionAfter() : "";
                        Style.centered(g, Style.bold(13), Style.INK, caption, x + side / 2.0, y + side + 17,
                                column - 4);
                    }
                    if (r == 1) {
                        ColorScale.SIGNED.legend(g, "less ink, " + Text.decimal(-limit, 2),
                                Text.decimal(limit, 2) + ", more", MARGIN + NAME + (n * column - GAP) / 2 - 50,
                                y + side + 10, 100);
                    }
                }));
    }
}
