package digits.html;

import digits.Text;
import digits.data.LabeledImages;
import digits.pictures.Digit;
import digits.pictures.Style;
import java.awt.Color;
import java.util.function.IntFunction;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A digit as the computer sees it: a table of numbers, each cell shaded by its value. */
public final class DigitAsNumbers {
    private static final Color PALE = new Color(0x6E7781);   // of zeros; 4.5 to 1 on white

    private DigitAsNumbers() { }

    /** Image {@code i} of a set: whole numbers from 0 to 255. */
    public static String of(LabeledImages images, int i) {
        Digit digit = Digit.of(images, i);
        return table(digit, p -> String.valueOf(images.pixel(i, p / digit.columns(), p % digit.columns())));
    }

    /** A normalized image, of a shape as for {@link Digit#of(INDArray)}: numbers from 0 to 1 with two decimals. */
    public static String of(INDArray image) {
        Digit digit = Digit.of(image);
        return table(digit, p -> {
            double value = digit.ink(p / digit.columns(), p % digit.columns());
            // .53 without the zero, since 28 columns are narrow
            return value == 0 ? "0" : value == 1 ? "1" : Text.decimal(value, 2).substring(1);
        });
    }

    /** Black or white, whichever contrasts more: on the grays in the middle, every other color is hard to read. */
    private static Color contrast(Color ground) {
        return Style.contrast(ground, Color.WHITE) > Style.contrast(ground, Color.BLACK) ? Color.WHITE : Color.BLACK;
    }

    private static String table(Digit digit, IntFunction<String> number) {
        StringBuilder html = new StringBuilder("<table style=\"border-collapse:collapse;border:1px solid "
                + Style.hex(Style.GRAY) + ";margin:8px 0;font-family:monospace;font-size:10px;line-height:12px\">");
        for (int r = 0; r < digit.rows(); r++) {
            html.append("<tr>");
            for (int c = 0; c < digit.columns(); c++) {
                Color ground = Style.shade(digit.ink(r, c));
                // zeros are pale, so that the digit stands out as it does on paper
                Color ink = digit.ink(r, c) == 0 ? PALE : contrast(ground);
                html.append("<td style=\"background-color:" + Style.hex(ground) + ";color:" + Style.hex(ink)
                        + ";padding:0;border:0;min-width:24px;height:24px;text-align:center\">"
                        + number.apply(r * digit.columns() + c) + "</td>");
            }
            html.append("</tr>");
        }
        return html.append("</table>").toString();
    }
}
