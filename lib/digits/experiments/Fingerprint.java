package digits.experiments;

import digits.data.LabeledImages;
import digits.files.Sha256;
import java.nio.charset.StandardCharsets;

/** SHA-256 checksums of what a run depends on. */
final class Fingerprint {
    private Fingerprint() {
    }

    /** Of these texts, in this order. */
    static String of(String... texts) {
        Sha256 sum = new Sha256();
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            // the length, so that "ab", "c" differs from "a", "bc"
            sum.add((bytes.length + ":").getBytes(StandardCharsets.UTF_8)).add(bytes);
        }
        return sum.hex();
    }

    /** Of size, pixels and labels of these images, in their order. */
    static String of(LabeledImages images) {
        Sha256 sum = new Sha256().add(images.shapeText().getBytes(StandardCharsets.UTF_8));
        byte[] image = new byte[images.rows() * images.columns() + 1];
        for (int i = 0; i < images.size(); i++) {
            images.bytes(i).get(image, 0, image.length - 1);
            image[image.length - 1] = (byte) images.label(i);
            sum.add(image);
        }
        return sum.hex();
    }
}
