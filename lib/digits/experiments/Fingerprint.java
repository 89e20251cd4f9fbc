package digits.experiments;

import digits.data.LabeledImages;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 sums, in hexadecimal, of what a run depends on. */
final class Fingerprint {
    private Fingerprint() {
    }

    /** Of these texts, in this order. */
    static String of(String... texts) {
        MessageDigest sum = sha256();
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            sum.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));   // else "ab", "c" would equal "a", "bc"
            sum.update(bytes);
        }
        return HexFormat.of().formatHex(sum.digest());
    }

    /** Of size, pixels and labels of these images, in their order. */
    static String of(LabeledImages images) {
        MessageDigest sum = sha256();
        sum.update(images.shapeText().getBytes(StandardCharsets.UTF_8));
        byte[] image = new byte[images.rows() * images.columns() + 1];
        for (int i = 0; i < images.size(); i++) {
            int at = 0;
            for (int row = 0; row < images.rows(); row++) {
                for (int column = 0; column < images.columns(); column++) image[at++] = (byte) images.pixel(i, row, column);
            }
            image[at] = (byte) images.label(i);
            sum.update(image);
        }
        return HexFormat.of().formatHex(sum.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
