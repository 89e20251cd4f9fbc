package digits.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Tells from a file's first bytes what lies in the place of a data set's file, and what to do about it. */
final class FileKind {
    /** What it is, as “a web page”, and what to do, in a sentence. */
    record Told(String what, String advice) { }

    private record Sign(String start, String what, String advice) { }

    static final String AGAIN = "Fetch the file again.";
    private static final String UNPACK = "Unpack it, and use the file inside.";
    private static final String CONVERT = "Convert it to IDX files, CSV or NumPy's npz.";
    /** Beginnings of files, each character one byte. */
    private static final List<Sign> SIGNS = List.of(
            new Sign("version https://git-lfs", "a pointer of Git LFS in place of the data",
                    "Run \"git lfs pull\" in its repository."),
            new Sign("<", "a web page or an error message (HTML or XML) in place of the data", AGAIN),
            new Sign("{", "JSON in place of the data", AGAIN),
            new Sign("\u001f\u008b", "a gzip file inside of a gzip file", "Unpack it once: gunzip."),
            new Sign("PK", "a zip", UNPACK),
            new Sign("7z\u00bc\u00af", "a 7-Zip archive", UNPACK),
            new Sign("Rar!", "a RAR archive", UNPACK),
            new Sign("\u00fd7zXZ", "a file compressed with xz", UNPACK),
            new Sign("BZh", "a file compressed with bzip2", UNPACK),
            new Sign("(\u00b5/\u00fd", "a file compressed with Zstandard", UNPACK),
            new Sign("\u0093NUMPY", "a NumPy array", CONVERT),
            new Sign("PAR1", "a Parquet file", CONVERT),
            new Sign("MATLAB", "a MATLAB file", CONVERT),
            new Sign("\u0089HDF", "an HDF5 file", CONVERT),
            new Sign("\u0089PNG", "a picture", "A data set is one file of many images."));
    private static final List<String> TYPES = List.of("unsigned bytes", "signed bytes", "", "16-bit integers",
            "32-bit integers", "32-bit floats", "64-bit floats");   // IDX types 0x08 to 0x0e

    private FileKind() { }

    /** What the first bytes of a file are if they are well known, and none that a data set begins with. */
    static Optional<Told> known(byte[] start) {
        String text = new String(start, ISO_8859_1);
        String stripped = text.replaceFirst("^(\u00ef\u00bb\u00bf)?\\s*", "");   // a byte order mark
        return SIGNS.stream().filter(sign -> (sign.start.length() > 1 ? text : stripped).startsWith(sign.start))
                .findFirst().map(sign -> new Told(sign.what, sign.advice));
    }

    /** A {@link DataException} if a file's first bytes are well known as those of something else. */
    static void refuseOtherThan(String what, Path file, String wanted) {
        try (InputStream in = new FileInputStream(file.toFile())) {
            byte[] start = in.readNBytes(IdxFile.START);
            if (start.length == 0) throw DataException.in(file, "an empty file", wanted, AGAIN);
            known(start).filter(told -> !told.what.equals(what)).ifPresent(told -> {
                throw DataException.in(file, told.what, wanted, told.advice);
            });
        } catch (IOException unreadable) {
            throw IdxFile.unreadable(file, wanted, unreadable);
        }
    }

    /** What the first bytes of a file are that should be an IDX file. */
    static Told of(byte[] start) {
        Optional<Told> known = known(start);
        if (known.isPresent()) return known.get();
        if (start.length < 4) return new Told("only " + start.length + " bytes", AGAIN);
        int type = start[2] - 8;
        if (start[0] == 0 && start[1] == 0 && type >= 0 && type < TYPES.size() && type != 2) {
            return new Told("an IDX file of " + TYPES.get(type) + " with " + (start[3] & 0xff) + " dimensions",
                    "Images have to be unsigned bytes with 3 dimensions, labels unsigned bytes with 1.");
        }
        return new Told("a file that begins with 0x%02x%02x%02x%02x".formatted(start[0], start[1], start[2], start[3]),
                AGAIN);
    }
}
