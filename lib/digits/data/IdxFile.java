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
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The content of an IDX file, the format of MNIST: a magic number, one 32-bit number per dimension (big-endian), then
 * the values, one unsigned byte each. Gzip is recognized by the content. Memory is taken as bytes arrive, not as the
 * header says, and reading stops at the first byte too many: a small file that unpacks to a huge one does no harm.
 *
 * @param count        of images or labels in the file
 * @param values       the bytes behind the header, from index 0 to the buffer's limit: of all images or labels, or of
 *                     the first ones, as asked for
 * @param sha256       of the whole unpacked file, header included
 * @param storedSha256 of the file as it is stored, gzipped or not
 */
record IdxFile(Path file, int count, ByteBuffer values, String sha256, String storedSha256) {
    static final int SIDE = 28;          // rows and columns of an image
    static final int MOST = 1_000_000;   // more than any known set of this form has
    private static final int CHUNK = 64;
    static final int START = 40;   // bytes that tell a format

    interface Opener {
        InputStream open() throws IOException;
    }

    /** Bytes to read, and their place for messages. */
    record Source(Path file, Opener opener) {
        static Source file(Path file) {
            // not Files.newInputStream: an interrupt of the kernel would close it and look like a damaged file
            return new Source(file, () -> new FileInputStream(DataFolder.regular(file).toFile()));
        }
    }

    /** What a file holds: its name in messages, the magic number, the size of the header and of each value. */
    enum Kind {
        LABELS("labels", 0x0801, 8, 1), IMAGES("images", 0x0803, 16, SIDE * SIDE);

        final int bytesEach;
        private final String name;
        private final int magic;
        private final int headerBytes;

        Kind(String name, int magic, int headerBytes, int bytesEach) {
            this.name = name;
            this.magic = magic;
            this.headerBytes = headerBytes;
            this.bytesEach = bytesEach;
        }

        /** The header of a file of this many images or labels. */
        byte[] header(int count) {
            ByteBuffer header = ByteBuffer.allocate(headerBytes).putInt(magic).putInt(count);
            return (this == IMAGES ? header.putInt(SIDE).putInt(SIDE) : header).array();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * Reads a file's first images of 28×28 pixels, or its first labels.
     *
     * @param keep       maximum number of images or labels that stay in memory
     * @param transposed whether rows and columns of the images are swapped in the file
     * @throws DataException if the file is not one whole set of them
     */
    static IdxFile read(Source source, Kind kind, int keep, boolean transposed) {
        Path file = source.file;
        String wanted = "an IDX file of " + kind + ", gzipped or not";
        Sha256 sum = new Sha256();
        try (InputStream stored = new BufferedInputStream(sum.reading(source.opener.open()), 1 << 16)) {
            stored.mark(2);
            int first = stored.read();
            boolean gzip = first == 0x1f && stored.read() == 0x8b;
            stored.reset();
            if (first < 0) throw DataException.in(file, "an empty file", wanted, FileKind.AGAIN);
            IdxFile read = parse(file, kind, keep, transposed, gzip ? new GZIPInputStream(stored, 1 << 16) : stored);
            stored.transferTo(OutputStream.nullOutputStream());   // what gzip leaves unread belongs to the checksum
            return new IdxFile(file, read.count, read.values, read.sha256, sum.hex());
        } catch (IOException broken) {
            throw unreadable(file, wanted, broken);
        }
    }

    /** What to say if a file cannot be read to its end. */
    static DataException unreadable(Path file, String wanted, IOException failed) {
        if (failed instanceof EOFException) {
            return new DataException(file + ": found a compressed file that breaks off before its end, expected "
                    + wanted + ". " + FileKind.AGAIN, failed);
        }
        if (failed instanceof ZipException) {
            return new DataException("%s: found damaged compressed data (%s), expected %s. %s"
                    .formatted(file, failed.getMessage(), wanted, FileKind.AGAIN), failed);
        }
        return new DataException(file + ": cannot be read (" + DatasetLoader.reason(failed) + "), expected " + wanted
                + ".", failed);
    }

    private static IdxFile parse(Path file, Kind kind, int keep, boolean transposed, InputStream in)
            throws IOException {
        byte[] start = in.readNBytes(kind.headerBytes);
        ByteBuffer header = ByteBuffer.wrap(start);
        if (start.length < 4 || header.getInt() != kind.magic) throw wrongMagic(file, kind, start, in);
        if (start.length < kind.headerBytes) {
            throw DataException.in(file, "only " + start.length + " bytes",
                    "a header of " + kind.headerBytes + " bytes", FileKind.AGAIN);
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
        return values(file, kind, (int) count, keep, transposed, in);
    }

    /** All values, of which the first are kept. */
    private static IdxFile values(Path file, Kind kind, int count, int keep, boolean transposed, InputStream in)
            throws IOException {
        long expected = (long) count * kind.bytesEach;
        byte[] chunk = new byte[CHUNK * SIDE * SIDE];
        long left = expected;
        try (IdxBuilder built = new IdxBuilder(file, kind, count, Math.min(count, keep), transposed)) {
            for (int n = 1; left > 0 && n > 0; left -= n) {
                n = in.readNBytes(chunk, 0, (int) Math.min(left, chunk.length));   // whole images, but at the end
                built.add(chunk, n);
            }
            boolean tooMany = in.read() >= 0;
            if (left == 0 && !tooMany) return built.done();
            String only = "only " + Text.whole(kind.headerBytes + expected - left) + " bytes";
            throw DataException.in(file, tooMany ? "more bytes after the last value" : only,
                    Text.whole(kind.headerBytes + expected) + " bytes for the " + Text.whole(count) + " " + kind
                            + " of its header", FileKind.AGAIN);
        }
    }

    /** The images or labels from {@code first} on, of {@code each} bytes, without a checksum. */
    IdxFile part(int first, int length, int each) {
        return new IdxFile(file, length, values.slice(first * each, length * each), "", "");
    }

    /** These labels, which have to be {@code first} or more and fewer than {@code first + classes}. */
    static IdxFile checked(IdxFile labels, int first, int classes) {
        for (int i = 0; i < labels.values.limit(); i++) {
            int label = labels.values.get(i) & 0xff;
            if (label < first || label >= first + classes) {
                throw DataException.in(labels.file, "label " + label + " at position " + i,
                        "labels from " + first + " to " + (first + classes - 1));
            }
        }
        return labels;
    }

    private static DataException wrongMagic(Path file, Kind kind, byte[] start, InputStream in) throws IOException {
        byte[] more = Arrays.copyOf(start, START);
        int length = start.length + in.readNBytes(more, start.length, START - start.length);
        Kind other = kind == Kind.IMAGES ? Kind.LABELS : Kind.IMAGES;
        int magic = ByteBuffer.wrap(more).getInt();
        if (magic == other.magic) {
            return DataException.in(file, other + " (magic number " + magic + ")", kind + " (" + kind.magic + ")");
        }
        FileKind.Told told = FileKind.of(Arrays.copyOf(more, length));
        return DataException.in(file, told.what(),
                "an IDX file of %s, which begins with 0x%08x".formatted(kind, kind.magic), told.advice());
    }
}
