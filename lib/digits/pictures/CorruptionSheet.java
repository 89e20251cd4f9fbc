package digits.pictures;

import digits.data.Corruption;
import digits.data.LabeledImages;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** One image with every kind of damage, a row for each, from severity 0, the image as it is, to 5. */
public final class CorruptionSheet {
    private static final int MARGIN = 12;
    private static final int NAME = 84;
    private static final int SIDE = 56;
    private static final int GAP = 4;
    private static final int HEAD = 22;

    private CorruptionSheet() { }

    /** Image {@code i} of a set; the seed decides what is random about the damage. */
    public static Picture of(LabeledImages images, int i, long seed) {
        List<Corruption> kinds = List.of(Corruption.values());
        int severities = Corruption.SEVERITIES;
        List<List<Digit>> rows = new ArrayList<>();
        LabeledImages image = images.subset(i);
        for (Corruption kind : kinds) {
            rows.add(IntStream.rangeClosed(0, severities)
                    .mapToObj(s -> Digit.of(kind.applied(image, s, seed), 0)).toList());
        }
        int half = (kinds.size() + 1) / 2;
        int block = (Style.WIDTH - 2 * MARGIN) / 2;
        String sentence = "An image of “" + images.name(i) + "” with " + kinds.size() + " kinds of damage, each from "
                + "severity 0 to " + severities + ": "
                + kinds.stream().map(Corruption::title).collect(Collectors.joining(", ")) + ".";
        return Style.picture(Style.WIDTH, 2 * MARGIN + HEAD + half * (SIDE + GAP), sentence, g -> {
            for (int k = 0; k < rows.size(); k++) {
                int left = MARGIN + k / half * (block + 6);
                int y = MARGIN + HEAD + k % half * (SIDE + GAP);
                Style.rightAligned(g, Style.bold(13), Style.INK, kinds.get(k).title(), left + NAME - 10, y + 32);
                for (int s = 0; s <= severities; s++) {
                    int x = left + NAME + s * (SIDE + 2);
                    if (k % half == 0) {
                        Style.centered(g, Style.font(12), Style.MUTED, String.valueOf(s), x + SIDE / 2.0, y - 8);
                    }
                    rows.get(k).get(s).draw(g, x, y, SIDE, SIDE);
                    Style.frame(g, Style.RULE, x, y, SIDE, SIDE);
                }
            }
        });
    }
}
