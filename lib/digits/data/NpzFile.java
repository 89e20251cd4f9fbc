package digits.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import digits.Text;
import digits.data.IdxFile.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A zip of NumPy arrays, such as Keras' {@code mnist.npz}: images as unsigned bytes of shape (n, 28, 28), labels as
 * whole numbers of shape (n,). The format is that of NumPy's {@code numpy.lib.format}, versions 1 to 3.
 */
final class NpzFile {
    private static final int LONGEST_HEADER = 1 << 16;
    private static final Pattern HEADER = Pattern.compile(
            "\\{'descr': '([^']{1,9})', 'fortran_order': (True|False), 'shape': \\(([0-9, ]{1,40})\\),? ?\\}\\s*");

    private NpzFile() { }

    /** Reads the item at this place of the data set from an array of this name, without {@code .npy}. */
    static IdxFile read(Path file, String array, DatasetFiles set, int place, int limit) {
        DatasetFiles.Item item = set.all().get(place);
        Kind kind = item.kind();
        String wanted = "a NumPy archive with the array " + array + " of " + kind;
        FileKind.refuseOtherThan("a zip", DataFolder.regular(file), wanted);
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry entry = zip.getEntry(array + ".npy");
            if (entry == null) {
                throw DataException.in(file, Stream.of(zip).flatMap(ZipFile::stream).limit(8).map(ZipEntry::getName)
                        .map(name -> name.substring(0, Math.min(40, name.length()))).toList().toString(), wanted);
            }
            CheckedInputStream in = new CheckedInputStream(zip.getInputStream(entry), new CRC32());
            IdxFile read = array(file.resolve(array), kind, set.transposed(), item.kept(limit), in);
            if (in.read() >= 0) throw DataException.in(file, "bytes after the last value", wanted);
            if (in.getChecksum().getValue() != entry.getCrc()) throw new ZipException("wrong checksum of " + array);
            return kind == Kind.LABELS ? set.checked(read) : read;
        } catch (IOException broken) {
            throw IdxFile.unreadable(file, wanted, broken);
        }
    }

    private static IdxFile array(Path file, Kind kind, boolean transposed, int keep, InputStream in)
            throws IOException {
        Matcher header = HEADER.matcher(header(file, in));
        String wanted = kind == Kind.IMAGES ? "unsigned bytes (|u1) of shape (n, 28, 28) in C order"
                : "whole numbers of shape (n,)";
        if (!header.matches()) throw DataException.in(file, "an array with another header than NumPy's", wanted);
        String type = header.group(1);
        String shape = header.group(3).replace(" ", "");
        boolean images = kind == Kind.IMAGES;
        Matcher fits = Pattern.compile(images ? "([1-9][0-9]{0,6}),28,28" : "([1-9][0-9]{0,6}),(1,?)?").matcher(shape);
        if (!fits.matches() || header.group(2).equals("True") && images
                || !type.matches(images ? "\\|u1" : "[|<][iu][1248]")) {
            throw DataException.in(file, "values of type " + type + " and shape (" + shape + ")", wanted);
        }
        int count = Integer.parseInt(fits.group(1));
        if (count > IdxFile.MOST) {
            throw DataException.in(file, Text.whole(count) + " " + kind, "1 to " + Text.whole(IdxFile.MOST));
        }
        int width = type.charAt(2) - '0';
        byte[] chunk = new byte[64 * IdxFile.SIDE * IdxFile.SIDE];   // holds whole values of each width
        try (IdxBuilder built = new IdxBuilder(file, kind, count, Math.min(count, keep), transposed)) {
            for (long left = (long) count * kind.bytesEach * width; left > 0;) {
                int n = in.readNBytes(chunk, 0, (int) Math.min(left, chunk.length));
                left -= n;
                if (n == 0) throw new EOFException();
                built.add(chunk, width == 1 ? n : narrowed(file, chunk, n, width));
            }
            return built.done();
        }
    }

    private static String header(Path file, InputStream in) throws IOException {
        byte[] start = in.readNBytes(8);
        if (start.length < 8 || !new String(start, 0, 6, ISO_8859_1).equals("\u0093NUMPY") || start[6] < 1
                || start[6] > 3) {
            throw DataException.in(file, "something else", "a NumPy array");
        }
        byte[] size = in.readNBytes(start[6] == 1 ? 2 : 4);
        long length = 0;
        for (int i = size.length - 1; i >= 0; i--) length = length << 8 | size[i] & 0xff;
        if (length > LONGEST_HEADER) {
            throw DataException.in(file, "a header of " + Text.whole(length) + " bytes",
                    "at most " + Text.whole(LONGEST_HEADER));
        }
        return new String(in.readNBytes((int) length), ISO_8859_1);
    }

    /** Turns little-endian numbers into one byte each, in place; their count. */
    private static int narrowed(Path file, byte[] values, int bytes, int width) {
        int count = bytes / width;
        for (int i = 0; i < count; i++) {
            for (int high = 1; high < width; high++) {
                if (values[i * width + high] != 0) {
                    throw DataException.in(file, "a label below 0 or above 255", "labels from 0 on");
                }
            }
            values[i] = values[i * width];
        }
        return count;
    }
}
