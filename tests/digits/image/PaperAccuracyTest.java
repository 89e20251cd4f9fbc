package digits.image;

import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.acceleration.Acceleration;
import digits.files.Pretrained;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The share of photographs of each kind that the shipped network reads; see {@link PaperPictures}. With
 * {@code -Ddigits.pictures=200} there are that many of each kind.
 */
class PaperAccuracyTest {
    private static final int EACH = Integer.getInteger("digits.pictures", 6);
    private static final MultiLayerNetwork NETWORK = Pretrained.network();

    static {
        Acceleration.of(NETWORK);
    }

    @ParameterizedTest
    @EnumSource
    void nineteenOfTwentyAreRead(PaperPictures.Kind kind) {
        for (boolean other : EACH > 6 ? new boolean[] {false, true} : new boolean[] {true}) {
            List<String> wrong = IntStream.range(0, EACH).parallel()
                    .mapToObj(i -> wrong(kind, 5_000 + 7L * i, other)).filter(text -> !text.isEmpty()).toList();
            System.out.printf("%s, %s: %d of %d %s%n", kind, other ? "kept aside" : "as developed", EACH - wrong.size(),
                    EACH, wrong);
            assertTrue(wrong.size() <= EACH / 20, kind + ": " + wrong);
        }
    }

    /** Nothing if the picture is read, otherwise what is wrong. */
    private static String wrong(PaperPictures.Kind kind, long seed, boolean other) {
        PaperPictures.Sheet sheet = PaperPictures.of(kind, seed, other);
        try {
            int read = read(Photo.ink(PictureFile.read(sheet.jpeg())).asInMnist());
            return read == sheet.digit() ? "" : "seed " + seed + ": " + sheet.digit() + " as " + read;
        } catch (PictureException unread) {
            return "seed " + seed + ": " + unread.getMessage();
        }
    }

    private static int read(Ink digit) {
        double[] p;
        synchronized (NETWORK) {
            p = NETWORK.output(digit.toArray(), false).toDoubleVector();
        }
        return IntStream.range(0, 10).reduce(0, (best, d) -> p[d] > p[best] ? d : best);
    }
}
