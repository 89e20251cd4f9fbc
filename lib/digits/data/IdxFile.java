package digits.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The content of an IDX file, the format of MNIST: a magic number, one 32-bit number a dimension (big-endian), then the
 * values, one unsigned byte each. Gzip is recognised by the content, whatever the file is called.
 *
 * <p>Memory is taken as bytes arrive, never on a header's word; reading stops at the first byte too many, so that a small
 * file that unpacks to a huge one does no harm.
 *
 * @param file   where it was read
 * @param count  how many images or labels, 1 to {@value #MOST}
 * @param values the bytes behind the header
 * @param sha256 of the whole unpacked file, header included, in lower-case hexadecimal digits
 */
record IdxFile(Path file, int count, byte[] values, String sha256) {
    /** Rows and columns of an image. */
    static final int SIDE = 28;
    /** More than any known set in this form holds (EMNIST Digits: 280,000), and few enough for a kernel's memory. */
    static final int MOST = 300_000;

    private enum Kind {
        LABELS(0x0801, 2, 1), IMAGES(0x0803, 4, SIDE * SIDE);

        final int magic;
        final int headerNumbers;
        final int bytesEach;

        Kind(int magic, int headerNumbers, int bytesEach) {
            this.magic = magic;
            this.headerNumbers = headerNumbers;
            this.bytesEach = bytesEach;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Reads images of 28×28 pixels.
     *
     * @throws DataException if the file is missing or anything but one whole set of such images
     */
    static IdxFile images(Path file) {
        return read(file, Kind.IMAGES);
    }

    /**
     * Reads labels, each 0 to 9.
     *
     * @throws DataException if the file is missing or anything but one whole set of such labels
     */
    static IdxFile labels(Path file) {
        IdxFile read = read(file, Kind.LABELS);
        for (int i = 0; i < read.count; i++) {
            int label = read.values[i] & 0xff;
            if (label >= LabeledImages.CLASSES) {
                throw DataException.in(file, "label " + label + " at position " + i, "labels from 0 to 9");
            }
        }
        return read;
    }

    /**
     * These images with those labels.
     *
     * @throws DataException if the counts differ
     */
    static LabeledImages join(IdxFile images, IdxFile labels) {
        if (images.count != labels.count) {
            throw DataException.in(labels.file, number(labels.count) + " labels",
                    "one for each of the " + number(images.count) + " images in " + images.file.getFileName());
        }
        return LabeledImages.of(images.values, labels.values, SIDE, SIDE);
    }

    private static IdxFile read(Path file, Kind kind) {
        String wanted = "an IDX file of " + kind + ", gzipped or not";
        if (Files.isDirectory(file)) throw DataException.in(file, "a folder", wanted);
        if (!Files.exists(file)) throw DataException.in(file, "nothing of that name", wanted);
        // not Files.newInputStream: an interrupt of the kernel would close that one and look like a damaged file
        try (InputStream stored = new BufferedInputStream(new FileInputStream(file.toFile()), 1 << 16)) {
            stored.mark(2);
            int first = stored.read();
            int second = stored.read();
            stored.reset();
            if (first < 0) throw DataException.in(file, "an empty file", wanted);
            boolean gzip = first == 0x1f && second == 0x8b;
            return parse(file, kind, gzip ? new GZIPInputStream(stored, 1 << 16) : stored);
        } catch (EOFException cutShort) {
            throw new DataException(file + ": found a gzip file that breaks off before its end, expected " + wanted
                    + ". Fetch the file again.", cutShort);
        } catch (ZipException broken) {
            throw new DataException(file + ": found damaged gzip data (" + broken.getMessage() + "), expected " + wanted
                    + ". Fetch the file again.", broken);
        } catch (IOException unreadable) {
            throw new DataException(file + ": cannot be read (" + unreadable + "), expected " + wanted + ".", unreadable);
        }
    }

    private static IdxFile parse(Path file, Kind kind, InputStream content) throws IOException {
        DigestInputStream in = new DigestInputStream(content, newSha256());
        int headerBytes = 4 * kind.headerNumbers;
        byte[] start = in.readNBytes(headerBytes);
        ByteBuffer header = ByteBuffer.wrap(start);
        if (start.length >= 4) checkMagic(file, kind, header.getInt());
        if (start.length < headerBytes) {
            throw DataException.in(file, "only " + start.length + " bytes", "a header of " + headerBytes + " bytes");
        }
        long count = Integer.toUnsignedLong(header.getInt());
        if (count < 1 || count > MOST) {
            throw DataException.in(file, "a header that announces " + number(count) + " " + kind, "1 to " + number(MOST));
        }
        if (kind == Kind.IMAGES) {
            long rows = Integer.toUnsignedLong(header.getInt());
            long columns = Integer.toUnsignedLong(header.getInt());
            if (rows != SIDE || columns != SIDE) {
                throw DataException.in(file, "images of " + rows + "×" + columns + " pixels", SIDE + "×" + SIDE);
            }
        }
        int expected = (int) count * kind.bytesEach;
        byte[] values = in.readNBytes(expected);
        String announced = number(headerBytes + expected) + " bytes for the " + number(count) + " " + kind + " of its header";
        if (values.length < expected) {
            throw DataException.in(file, "only " + number(headerBytes + values.length) + " bytes", announced);
        }
        if (in.read() >= 0) throw DataException.in(file, "more bytes after the last value", announced);
        return new IdxFile(file, (int) count, values, hex(in.getMessageDigest()));
    }

    private static void checkMagic(Path file, Kind kind, int magic) {
        if (magic == kind.magic) return;
        for (Kind other : Kind.values()) {
            if (magic == other.magic) throw DataException.in(file, other + " (magic number " + magic + ")",
                    kind + " (" + kind.magic + ")");
        }
        throw DataException.in(file, "magic number 0x%08x".formatted(magic),
                "0x%08x for an IDX file of %s".formatted(kind.magic, kind));
    }

    static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String number(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }
}
