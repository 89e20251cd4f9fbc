package digits.data;

import digits.Text;
import digits.files.Sha256;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The content of an IDX file, the format of MNIST: a magic number, one 32-bit number per dimension (big-endian), then
 * the values, one unsigned byte each. Gzip is recognized by the content. Memory is taken as bytes arrive, not as the
 * header says, and reading stops at the first byte too many: a small file that unpacks to a huge one does no harm.
 *
 * @param values       the bytes behind the header: of all images or labels, or of the first {@value #MOST_KEPT}
 * @param sha256       of the whole unpacked file, header included
 * @param storedSha256 of the file as it is stored, gzipped or not
 */
record IdxFile(Path file, int count, byte[] values, String sha256, String storedSha256) {
    static final int SIDE = 28;             // rows and columns of an image
    static final int MOST = 1_000_000;      // more than any known set of this form has
    static final int MOST_KEPT = 300_000;   // the first ones: few enough for a kernel's memory

    interface Opener {
        InputStream open() throws IOException;
    }

    /** Bytes to read, and their place for messages. */
    record Source(Path file, Opener opener) {
        static Source file(Path file) {
            // not Files.newInputStream: an interrupt of the kernel would close it and look like a damaged file
            return new Source(file, () -> new FileInputStream(file.toFile()));
        }
    }

    private record Kind(String name, int magic, int headerBytes, int bytesEach) {
        static final Kind LABELS = new Kind("labels", 0x0801, 8, 1);
        static final Kind IMAGES = new Kind("images", 0x0803, 16, SIDE * SIDE);

        @Override
        public String toString() {
            return name;
        }
    }

    /** Reads images of 28×28 pixels; a {@link DataException} if the file is not one whole set of them. */
    static IdxFile images(Source source) {
        return read(source, Kind.IMAGES);
    }

    /** Reads labels from {@code first} on; a {@link DataException} if the file is not one whole set of them. */
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

    /** Swaps rows and columns of each image, in place. */
    void transpose() {
        for (int image = 0; image < values.length; image += SIDE * SIDE) {
            for (int row = 0; row < SIDE; row++) {
                for (int column = 0; column < row; column++) {
                    int here = image + row * SIDE + column;
                    int there = image + column * SIDE + row;
                    byte kept = values[here];
                    values[here] = values[there];
                    values[there] = kept;
                }
            }
        }
    }

    private static IdxFile read(Source source, Kind kind) {
        Path file = source.file;
        String wanted = "an IDX file of " + kind + ", gzipped or not";
        if (Files.isDirectory(file)) throw DataException.in(file, "a folder", wanted);
        Sha256 sum = new Sha256();
        try (InputStream stored = new BufferedInputStream(sum.reading(source.opener.open()), 1 << 16)) {
            stored.mark(2);
            int first = stored.read();
            boolean gzip = first == 0x1f && stored.read() == 0x8b;
            stored.reset();
            if (first < 0) throw DataException.in(file, "an empty file", wanted);
            IdxFile read = parse(file, kind, gzip ? new GZIPInputStream(stored, 1 << 16) : stored);
            stored.transferTo(OutputStream.nullOutputStream());   // what gzip leaves unread belongs to the checksum
            return new IdxFile(file, read.count, read.values, read.sha256, sum.hex());
        } catch (EOFException | ZipException broken) {
            String found = broken instanceof EOFException ? "a gzip file that breaks off before its end"
                    : "damaged gzip data (" + broken.getMessage() + ")";
            throw new DataException("%s: found %s, expected %s. Fetch the file again.".formatted(file, found, wanted),
                    broken);
        } catch (IOException unreadable) {
            if (!Files.exists(file)) throw DataException.in(file, "nothing of that name", wanted);
            throw new DataException(file + ": cannot be read (" + unreadable + "), expected " + wanted + ".",
                    unreadable);
        }
    }

    private static IdxFile parse(Path file, Kind kind, InputStream content) throws IOException {
        Sha256 sum = new Sha256();
        InputStream in = sum.reading(content);
        byte[] start = in.readNBytes(kind.headerBytes);
        ByteBuffer header = ByteBuffer.wrap(start);
        if (start.length >= 4) checkMagic(file, kind, header.getInt());
        if (start.length < kind.headerBytes) {
            throw DataException.in(file, "only " + start.length + " bytes",
                    "a header of " + kind.headerBytes + " bytes");
        }
        long count = Integer.toUnsignedLong(header.getInt());
        if (count < 1 || count > MOST) {
            throw DataException.in(file, "a header that announces " + Text.whole(count) + " " + kind,
                    "1 to " + Text.whole(MOST));
        }
        if (kind == Kind.IMAGES && header.getLong() != ((long) SIDE << 32 | SIDE)) {
            throw DataException.in(file, "images of " + Integer.toUnsignedString(header.getInt(8)) + "×"
                    + Integer.toUnsignedString(header.getInt(12)) + " pixels", SIDE + "×" + SIDE);
        }
        return new IdxFile(file, (int) count, values(file, kind, count, in), sum.hex(), null);
    }

    /** All values, or the first that are kept; the others are read over, for the checksum. */
    private static byte[] values(Path file, Kind kind, long count, InputStream in) throws IOException {
        long expected = count * kind.bytesEach;
        byte[] values = in.readNBytes((int) Math.min(count, MOST_KEPT) * kind.bytesEach);
        byte[] buffer = new byte[1 << 16];
        long found = values.length;
        for (int n = 0; n >= 0 && found < expected; found += Math.max(0, n)) {
            n = in.read(buffer, 0, (int) Math.min(buffer.length, expected - found));
        }
        boolean tooMany = in.read() >= 0;
        if (found == expected && !tooMany) return values;
        String only = "only " + Text.whole(kind.headerBytes + found) + " bytes";
        throw DataException.in(file, tooMany ? "more bytes after the last value" : only,
                Text.whole(kind.headerBytes + expected) + " bytes for the " + Text.whole(count) + " " + kind
                        + " of its header");
    }

    private static void checkMagic(Path file, Kind kind, int magic) {
        if (magic == kind.magic) return;
        Kind other = kind == Kind.IMAGES ? Kind.LABELS : Kind.IMAGES;
        if (magic == other.magic) {
            throw DataException.in(file, other + " (magic number " + magic + ")", kind + " (" + kind.magic + ")");
        }
        throw DataException.in(file, "magic number 0x%08x".formatted(magic),
                "0x%08x for an IDX file of %s".formatted(kind.magic, kind));
    }
}
