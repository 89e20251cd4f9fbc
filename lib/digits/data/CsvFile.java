package digits.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import digits.Text;
import digits.data.IdxFile.Kind;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/**
 * A CSV file of images, gzipped or not, one per row: the label, then 784 pixels from 0 to 255, as Kaggle has MNIST,
 * Fashion-MNIST and EMNIST. A line of column names may come first. What is read is that of the two IDX files with the
 * same images and labels, checksums included.
 */
final class CsvFile {
    static final int PIXELS = IdxFile.SIDE * IdxFile.SIDE;
    static final int COLUMNS = 1 + PIXELS;
    private static final int LONGEST_LINE = 1 << 16;
    private static final String WANTED = "rows of a label and " + PIXELS + " pixels, whole numbers from 0 to 255";

    private final Path file;
    private final InputStream in;
    private final byte[] image = new byte[PIXELS];
    private int label;
    private int rows;

    private CsvFile(Path file, InputStream in) {
        this.file = file;
        this.in = in;
    }

    private static InputStream open(Path file) throws IOException {
        InputStream in = new BufferedInputStream(IdxFile.Source.file(file).opener().open(), 1 << 16);
        in.mark(2);
        boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
        in.reset();
        return gzip ? new BufferedInputStream(new GZIPInputStream(in, 1 << 16), 1 << 16) : in;
    }

    /** How many columns the first line has: 785 with labels, 784 without; 0 if it cannot be read. */
    static int columns(Path file) {
        try (InputStream in = open(file)) {
            return firstLine(in).split("[,;\t]", -1).length;
        } catch (DataException | IOException unreadable) {
            return 0;
        }
    }

    /** The first line, or its beginning. */
    private static String firstLine(InputStream in) throws IOException {
        byte[] line = new byte[LONGEST_LINE];
        int length = 0;
        for (int next = in.read(); next >= 0 && next != '\n' && length < LONGEST_LINE; next = in.read()) {
            line[length++] = (byte) next;
        }
        return new String(line, 0, length, UTF_8);
    }

    /** Reads the images of training or of testing, and their labels: two files in this order. */
    static List<IdxFile> read(Path file, DatasetFiles set, boolean train, int limit) {
        DatasetFiles.Item images = train ? set.trainImages() : set.testImages();
        DatasetFiles.Item labels = train ? set.trainLabels() : set.testLabels();
        return read(file, set, images, labels, images.kept(limit));
    }

    private static List<IdxFile> read(Path file, DatasetFiles set, DatasetFiles.Item images, DatasetFiles.Item labels,
                                      int keep) {
        try (InputStream in = open(file)) {
            CsvFile csv = new CsvFile(file, in);
            csv.skipNames();
            // a row has 1,570 bytes or more, and gzip packs 1,032 bytes into one at best
            int most = (int) Math.min(Math.min(IdxFile.MOST, keep), 1 + Files.size(file) * 1_032 / (2 * COLUMNS));
            try (IdxBuilder pixels = new IdxBuilder(file, Kind.IMAGES, images.count(), most, set.transposed());
                 IdxBuilder classes = new IdxBuilder(file, Kind.LABELS, labels.count(), most, false)) {
                byte[] one = new byte[1];
                while (csv.next()) {
                    pixels.add(csv.image, PIXELS);
                    one[0] = (byte) csv.label;
                    classes.add(one, 1);
                }
                if (csv.rows == 0) throw csv.problem("no row");
                return List.of(pixels.done(), set.checked(classes.done()));
            }
        } catch (IOException broken) {
            throw IdxFile.unreadable(file, WANTED, broken);
        }
    }

    /** Reads a file whose last seventh becomes the test set, because there are no other images with labels. */
    static List<IdxFile> divided(Path file, DatasetFiles set) {
        List<IdxFile> all = read(file, set, set.trainImages(), set.trainLabels(), IdxFile.MOST);
        int test = all.get(0).count() / 7;
        int train = all.get(0).count() - test;
        if (test == 0) throw DataException.in(file, train + " rows", "7 or more");
        return List.of(all.get(0).part(0, train, PIXELS), all.get(1).part(0, train, 1),
                all.get(0).part(train, test, PIXELS), all.get(1).part(train, test, 1));
    }

    private void skipNames() throws IOException {
        in.mark(LONGEST_LINE + 1);
        String line = firstLine(in);
        FileKind.known(line.getBytes(UTF_8)).ifPresent(told -> {
            throw DataException.in(file, told.what(), WANTED, told.advice());
        });
        if (line.isBlank()) throw DataException.in(file, "an empty file or first line", WANTED, FileKind.AGAIN);
        int columns = line.split("[,;\t]", -1).length;
        if (columns == PIXELS) {
            throw problem(PIXELS + " columns, which are pixels without labels (as in the test.csv of Kaggle's “Digit "
                    + "Recognizer”)");
        }
        if (columns != COLUMNS) throw problem(Text.whole(columns) + " columns");
        if (line.chars().noneMatch(Character::isLetter)) in.reset();
        else if (!line.replaceAll("[\"'\ufeff]", "").toLowerCase(Locale.ROOT).startsWith("label")) {
            throw problem("a first column that is not called “label”");
        }
    }

    private DataException problem(String found) {
        return DataException.in(file, found, WANTED);
    }

    /** Reads the next row; false at the end of the file. */
    private boolean next() throws IOException {
        int column = 0;
        int value = -1;
        for (int next = in.read();; next = in.read()) {
            if (next >= '0' && next <= '9') {
                value = Math.max(0, value) * 10 + next - '0';
                if (value > 255) throw inRow("a number above 255");
            } else if (next == '\n' || next < 0) {
                if (column > 0 || value >= 0) {
                    put(column, value);
                    if (column != PIXELS) throw inRow((column + 1) + " columns");
                    if (++rows > IdxFile.MOST) throw problem("more than " + Text.whole(IdxFile.MOST) + " rows");
                    return true;
                }
                if (next < 0) return false;
            } else if (next == ',' || next == ';' || next == '\t') {
                put(column++, value);
                value = -1;
            } else if (next != '\r' && next != ' ' && next != '"') {
                throw inRow("“" + (char) next + "”");
            }
        }
    }

    private void put(int column, int value) {
        if (value < 0) throw inRow("no number in column " + (column + 1));
        if (column > PIXELS) throw inRow("more than " + COLUMNS + " columns");
        if (column == 0) label = value;
        else image[column - 1] = (byte) value;
    }

    private DataException inRow(String found) {
        return problem(found + " in row " + Text.whole(rows + 1));
    }
}
