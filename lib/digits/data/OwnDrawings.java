package digits.data;

import digits.Settings;
import digits.Text;
import digits.data.IdxFile.Kind;
import digits.files.AtomicFile;
import digits.image.Ink;
import digits.image.Strokes;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A reader's own drawings with their labels, prepared like MNIST's digits: a data set in two IDX files that grows by
 * one drawing at a time, and from which the last one can be removed. Each file is written completely or not at all, and
 * the file of labels decides how many drawings there are, so that a process that ends between the two files leaves
 * either all drawings or all but the last. Thread-safe; processes that write at the same moment wait for each other.
 */
public final class OwnDrawings {
    /** The largest number of drawings. */
    public static final int MOST = 1_000;
    private static final int EACH = Ink.SIDE * Ink.SIDE;
    private static final Object ONE_THREAD = new Object();   // a file lock stops other processes only
    private static final int PATIENCE_SECONDS = 5;

    private final Path images;
    private final Path labels;
    private final List<String> names;

    /**
     * The drawings in this folder, which need not exist yet.
     *
     * @param names what each label means: one name per class
     */
    public OwnDrawings(Path folder, List<String> names) {
        images = folder.resolve("own-images-idx3-ubyte");
        labels = folder.resolve("own-labels-idx1-ubyte");
        this.names = List.copyOf(names);
    }

    /**
     * The drawings in the output folder, in a folder for each data set: {@code hand/mnist}.
     *
     * @param dataset name of the data set whose classes the drawings have
     * @param names   what each label means: one name per class
     */
    public static OwnDrawings of(Settings settings, String dataset, List<String> names) {
        return new OwnDrawings(folder(settings, dataset), names);
    }

    /** The folder for what belongs to a reader's own hand: drawings, and the network that has learned from them. */
    public static Path folder(Settings settings, String dataset) {
        String name = DataFolder.key(dataset).replaceAll("[^a-z0-9-]", "");
        return settings.outputFolder().resolve("hand").resolve(name.isEmpty() ? "own" : name);
    }

    /**
     * Drawings that stand in for a reader's: the ten digits of one of the {@linkplain Strokes#HANDS recorded hands},
     * each drawn this many times with small variations.
     *
     * @param seed decides the variations
     */
    public static LabeledImages recorded(String hand, int each, long seed) {
        List<Strokes> digits = Strokes.recorded(hand);
        byte[] pixels = new byte[10 * each * EACH];
        byte[] classes = new byte[10 * each];
        Random random = new Random(seed);
        for (int i = 0; i < classes.length; i++) {
            classes[i] = (byte) (i % 10);
            byte[] drawn = digits.get(i % 10).varied(random).ink().asInMnist().bytes();
            System.arraycopy(drawn, 0, pixels, i * EACH, EACH);
        }
        return LabeledImages.of(pixels, classes, Ink.SIDE, Ink.SIDE);
    }

    /**
     * All drawings, in the order in which they were added; none if there are no files.
     *
     * @throws DataException if the files are damaged, not of this form, or hold more than {@value #MOST} drawings
     */
    public LabeledImages load() {
        synchronized (ONE_THREAD) {
            return read();
        }
    }

    private LabeledImages read() {
        if (!Files.exists(labels)) return LabeledImages.of(new byte[0], new byte[0], Ink.SIDE, Ink.SIDE, names);
        IdxFile classes = labels();
        IdxFile drawn = read(images, Kind.IMAGES);
        if (drawn.count() < classes.count()) classes = labels();   // another process may have removed one meanwhile
        if (classes.count() > MOST) {
            throw DataException.in(labels, Text.whole(classes.count()) + " drawings", "at most " + Text.whole(MOST));
        }
        if (drawn.count() < classes.count()) {
            throw DataException.in(images, Text.whole(drawn.count()) + " drawings",
                    "one for each of the " + Text.whole(classes.count()) + " labels in " + labels.getFileName(),
                    "Move both files away to begin again.");
        }
        byte[] numbers = new byte[classes.count()];
        classes.values().get(0, numbers);
        byte[] pixels = new byte[classes.count() * EACH];
        drawn.values().get(0, pixels);
        return LabeledImages.of(pixels, numbers, Ink.SIDE, Ink.SIDE, names);
    }

    private IdxFile labels() {
        return IdxFile.checked(read(labels, Kind.LABELS), 0, names.size());
    }

    private static IdxFile read(Path file, Kind kind) {
        return IdxFile.read(IdxFile.Source.file(file), kind, MOST + 1, false);
    }

    /** Changes the files while no other thread and no other process does. */
    private LabeledImages alone(Supplier<LabeledImages> change) {
        synchronized (ONE_THREAD) {
            try (FileChannel channel = lockFile()) {
                long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
                while (channel != null && !locked(channel)) {
                    if (System.nanoTime() > until) {
                        throw new DataException("Another process is writing to the folder "
                                + labels.getParent().getFileName() + ", so nothing was changed: try again.");
                    }
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
                }
                return change.get();
            } catch (IOException closing) {
                throw new UncheckedIOException(closing);
            }
        }
    }

    /** Null where nothing can be written: writing the drawings then says why. */
    private FileChannel lockFile() {
        try {
            Files.createDirectories(labels.getParent());
            return FileChannel.open(labels.resolveSibling("lock"), StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
        } catch (IOException unwritable) {
            return null;
        }
    }

    private static boolean locked(FileChannel channel) {
        try {
            return channel.tryLock() != null;   // closing the channel releases it
        } catch (IOException withoutLocks) {
            return true;   // a network file system that cannot lock
        }
    }

    /**
     * Adds a drawing, prepared by {@link Ink#asInMnist()}.
     *
     * @param label its class, from 0
     * @return all drawings, this one last
     * @throws digits.image.PictureException if there is no ink, or there are several digits
     * @throws IllegalArgumentException      if the label has no name
     * @throws DataException                 if there are {@value #MOST} drawings already, the files are damaged, or
     *                                       another process has been writing to them for seconds
     * @throws UncheckedIOException          if the files cannot be written; the earlier drawings are still there
     */
    public LabeledImages add(Ink drawing, int label) {
        if (label < 0 || label >= names.size()) {
            throw new IllegalArgumentException("label " + label + "; there are 0 to " + (names.size() - 1));
        }
        LabeledImages one = LabeledImages.of(drawing.asInMnist().bytes(), new byte[] {(byte) label}, Ink.SIDE,
                Ink.SIDE, names);
        return alone(() -> added(one));
    }

    private LabeledImages added(LabeledImages one) {
        LabeledImages all = read().and(one);
        if (all.size() > MOST) {
            throw new DataException("There are " + Text.whole(MOST) + " drawings already, which is the most: undo "
                    + "some, or move the folder " + labels.getParent().getFileName() + " away to begin again.");
        }
        write(images, Kind.IMAGES, all);
        write(labels, Kind.LABELS, all);   // from here on, the drawing is there
        return all;
    }

    /**
     * Removes the drawing that was added last.
     *
     * @return all drawings that are left; if there is none, nothing happens
     * @throws DataException        if the files are damaged, or another process has been writing to them for seconds
     * @throws UncheckedIOException if the files cannot be written
     */
    public LabeledImages undo() {
        return alone(this::withoutLast);
    }

    private LabeledImages withoutLast() {
        LabeledImages all = read();
        LabeledImages left = all.take(Math.max(0, all.size() - 1));
        if (left.size() > 0) {
            write(labels, Kind.LABELS, left);   // from here on, the drawing is gone
            write(images, Kind.IMAGES, left);
        } else {
            delete(labels);
            delete(images);
        }
        return left;
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException failed) {
            throw new UncheckedIOException(file.getFileName() + " could not be deleted: " + failed.getMessage(),
                    failed);
        }
    }

    private static void write(Path file, Kind kind, LabeledImages all) {
        AtomicFile.write(file, temporary -> {
            try (OutputStream out = Files.newOutputStream(temporary)) {
                out.write(kind.header(all.size()));
                byte[] image = new byte[EACH];
                for (int i = 0; i < all.size(); i++) {
                    if (kind == Kind.IMAGES) {
                        all.bytes(i).get(image);
                        out.write(image);
                    } else {
                        out.write(all.label(i));
                    }
                }
            }
        });
    }
}
