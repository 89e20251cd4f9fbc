package digits.pictures;

import digits.Text;
import digits.evaluation.Agreement;
import java.awt.image.BufferedImage;
import java.util.stream.IntStream;

/**
 * The answers of two networks to the same images as a matrix: rows the first network's, columns the second's, and the axes say so. Blue
 * where they agree (rightly or not), vermilion where they do not, each on a scale of its own.
 */
public final class AgreementPicture {
    private AgreementPicture() {
    }

    /**
     * The matrix.
     *
     * @param first  what the first network is called, as «after 1 epoch»
     * @param second the second's name
     */
    public static BufferedImage of(Agreement agreement, String first, String second) {
        int images = agreement.first().size();
        String title = "the same answer to " + Text.whole(agreement.agreed()) + " of " + Text.whole(images)
                + " (" + Text.percent((double) agreement.agreed() / images, 2) + "), different ones to " + Text.whole(images - agreement.agreed());
        String[] names = IntStream.range(0, agreement.first().classes()).mapToObj(String::valueOf).toArray(String[]::new);
        return ConfusionMatrixPicture.of(agreement.counts(), names, title, "answer of: " + first, "answer of: " + second);
    }
}
