package digits.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The content of an IDX file, the format of MNIST: a magic number, one 32-bit number a dimension (big-endian), then the
 * values, one unsigned byte each. Gzip is recognised by the content, whatever the file is called.
 *
 * <p>Memory is taken as bytes arrive, never on a header's word; reading stops at the first byte too many, so that a small
 * file that unpacks to a huge one does no harm.
 *
 * @param file         where it was read
 * @param count        how many images or labels the file has, 1 to {@value #MOST}
 * @param values       the bytes behind the header: of all of them, or of the first {@value #MOST_KEPT}
 * @param sha256       of the whole unpacked file, header included, in lower-case hexadecimal digits
 * @param storedSha256 of the file as it is stored, gzipped or not
 */
public record IdxFile(Path file, int count, byte[] values, String sha256, String storedSha256) {
    /** Rows and columns of an image. */
    static final int SIDE = 28;
    /** More than any known set in this form holds (EMNIST by class: 697,932 and 116,323). */
    static final int MOST = 1_000_000;
    /** Of more, the first so many are kept: few enough for a kernel's memory. */
    static final int MOST_KEPT = 300_000;

    /**
     * Bytes to read and the name that errors give them.
     *
     * @param file   for example the file itself
     * @param stream opens them
     */
    record Source(Path file, Opener stream) {
        interface Opener {
            InputStream open() throws IOException;
        }

        static Source file(Path file) {
            // not Files.newInputStream: an interrupt of the kernel would close that one and look like a damaged file
            return new Source(file, () -> new FileInputStream(file.toFile()));
        }
    }

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
    static IdxFile images(Source source) {
        return read(source, Kind.IMAGES);
    }

    static IdxFile images(Path file) {
        return images(Source.file(file));
    }

    /**
     * Reads labels.
     *
     * @param first   the lowest label there may be
     * @param classes how many different ones
     * @throws DataException if the file is missing or anything but one whole set of such labels
     */
    static IdxFile labels(Source source, int first, int classes) {
        IdxFile read = read(source, Kind.LABELS);
        for (int i = 0; i < read.values.length; i++) {
            int label = read.values[i] & 0xff;
            if (label < first || label >= first + classes) {
                throw DataException.in(source.file, "label " + label + " at position " + i,
                        "labels from " + first + " to " + (first + classes - 1));
            }
        }
        return read;
    }

    /** Reads labels of digits. */
    static IdxFile labels(Path file) {
        return labels(Source.file(file), 0, 10);
    }

    /** These images with those labels, of digits as MNIST has them. */
    static LabeledImages join(IdxFile images, IdxFile labels) {
        return join(images, labels, false, 0, IntStream.range(0, 10).mapToObj(String::valueOf).toList());
    }

    /**
     * These images with those labels.
     *
     * @param transposed whether rows and columns of the images are swapped in the file
     * @param firstLabel what the file has for the first class
     * @param names      of the classes
     * @throws DataException if the counts differ
     */
    static LabeledImages join(IdxFile images, IdxFile labels, boolean transposed, int firstLabel, List<String> names) {
        if (images.count != labels.count) {
            throw DataException.in(labels.file, number(labels.count) + " labels",
                    "one for each of the " + number(images.count) + " images in " + images.file.getFileName());
        }
        if (transposed) transpose(images.values);
        if (firstLabel != 0) for (int i = 0; i < labels.values.length; i++) labels.values[i] -= (byte) firstLabel;
        return LabeledImages.of(images.values, labels.values, SIDE, SIDE, names);
    }

    /** Swaps rows and columns of each image, in place. */
    private static void transpose(byte[] pixels) {
        for (int image = 0; image < pixels.length; image += SIDE * SIDE) {
            for (int row = 0; row < SIDE; row++) {
                for (int column = 0; column < row; column++) {
                    int here = image + row * SIDE + column;
                    int there = image + column * SIDE + row;
                    byte kept = pixels[here];
                    pixels[here] = pixels[there];
                    pixels[there] = kept;
                }
            }
        }
    }

    private static IdxFile read(Source source, Kind kind) {
        Path file = source.file;
        String wanted = "an IDX file of " + kind + ", gzipped or not";
        if (Files.isDirectory(file)) throw DataException.in(file, "a folder", wanted);
        try (DigestInputStream raw = new DigestInputStream(source.stream.open(), newSha256());
             InputStream stored = new BufferedInputStream(raw, 1 << 16)) {
            stored.mark(2);
            int first = stored.read();
            int second = stored.read();
            stored.reset();
            if (first < 0) throw DataException.in(file, "an empty file", wanted);
            boolean gzip = first == 0x1f && second == 0x8b;
            IdxFile read = parse(file, kind, gzip ? new GZIPInputStream(stored, 1 << 16) : stored);
            stored.transferTo(OutputStream.nullOutputStream());   // what gzip leaves unread belongs to the checksum
            return new IdxFile(file, read.count, read.values, read.sha256, hex(raw.getMessageDigest()));
        } catch (FileNotFoundException | NoSuchFileException missing) {
            if (!Files.exists(file)) throw DataException.in(file, "nothing of that name", wanted);
            throw new DataException(file + ": cannot be read (" + missing + "), expected " + wanted + ".", missing);
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
        long expected = count * kind.bytesEach;
        int kept = (int) Math.min(count, MOST_KEPT) * kind.bytesEach;
        byte[] values = in.readNBytes(kept);
        long found = values.length;
        if (found == kept && kept < expected) found += skip(in, expected - kept);
        String announced = number(headerBytes + expected) + " bytes for the " + number(count) + " " + kind + " of its header";
        if (found < expected) {
            throw DataException.in(file, "only " + number(headerBytes + found) + " bytes", announced);
        }
        if (in.read() >= 0) throw DataException.in(file, "more bytes after the last value", announced);
        return new IdxFile(file, (int) count, values, hex(in.getMessageDigest()), null);
    }

    /** Reads over so many bytes, for the checksum; returns how many there were. */
    private static long skip(InputStream in, long bytes) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long done = 0;
        while (done < bytes) {
            int n = in.read(buffer, 0, (int) Math.min(buffer.length, bytes - done));
            if (n < 0) break;
            done += n;
        }
        return done;
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

    public static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    public static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String number(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }
}
