package digits.files;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;

/**
 * Zips that are not trusted: which entries there may be, the size of each and of all together and the compression ratio
 * are bounded, checksums are compared, and no header's number reserves memory.
 */
public final class BoundedZip {
    /** Unpacked bytes per packed byte: weights hardly shrink; an optimizer's state before the first step does. */
    private static final long MOST_RATIO = 100;
    private static final long SMALL = 4 << 20;   // a file that unpacks to less than this may have any ratio
    private static final int READ_AHEAD = 512;   // ZipInputStream's

    private BoundedZip() { }

    /** A bound that depends on what has been read. */
    interface Bound {
        /**
         * The most bytes an entry may have, unpacked.
         *
         * @param packed bytes of the file from the entry's beginning on, and perhaps some more, read so far
         * @param before the entries before it
         */
        long of(String entry, long packed, Map<String, byte[]> before);
    }

    /**
     * Reads all entries into memory.
     *
     * @param kind    what the file should be, for messages: “saved network”
     * @param largest the entries that may be in it, each once, with the most bytes of each, unpacked
     * @return contents by name, in the order of the file
     * @throws IOException if it is not a whole zip within these bounds: it says what is wrong
     */
    public static Map<String, byte[]> read(Path file, String kind, Map<String, Long> largest) throws IOException {
        return read(file, kind, largest, (entry, packed, before) -> Long.MAX_VALUE);
    }

    static Map<String, byte[]> read(Path file, String kind, Map<String, Long> largest, Bound bound)
            throws IOException {
        long size = Files.size(file);
        if (size > largest.values().stream().mapToLong(Long::longValue).sum() + SMALL) {
            throw new IOException("it is larger than a " + kind + " can be");
        }
        int listed;
        try (ZipFile zip = new ZipFile(file.toFile())) {   // reads the table at the file's end
            listed = zip.size();
        }
        try (InputStream in = Files.newInputStream(file)) {
            Map<String, byte[]> entries = read(in, size, kind, largest, bound);
            if (entries.size() == listed) return entries;
            throw new IOException("its table lists " + listed + " entries, but it has " + entries.size());
        }
    }

    /** Reads all entries of a zip of this size from a stream, whose end is not checked. */
    public static Map<String, byte[]> read(InputStream stream, long size, String kind, Map<String, Long> largest)
            throws IOException {
        return read(stream, size, kind, largest, (entry, packed, before) -> Long.MAX_VALUE);
    }

    static Map<String, byte[]> read(InputStream stream, long size, String kind, Map<String, Long> largest, Bound bound)
            throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        long left = Math.max(SMALL, MOST_RATIO * size);
        Counting packed = new Counting(stream);
        ZipInputStream zip = new ZipInputStream(packed);
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            String name = entry.getName();
            if (!largest.containsKey(name)) {
                throw new IOException("unexpected entry \"" + shortened(name) + "\": not part of a " + kind);
            }
            long begin = packed.count;
            long most = Math.min(left, largest.get(name));
            byte[] content = content(zip, name, () -> Math.min(most,
                    bound.of(name, packed.count - begin + READ_AHEAD, Collections.unmodifiableMap(entries))));
            if (entries.put(name, content) != null) throw new IOException("it has the entry \"" + name + "\" twice");
            left -= content.length;
        }
        return entries;
    }

    /** All of an entry; at its end, the zip's reader compares its checksum. */
    private static byte[] content(InputStream zip, String name, LongSupplier most) throws IOException {
        try {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            byte[] part = new byte[1 << 16];
            for (int n = 0; content.size() + (long) n <= most.getAsLong(); n = zip.read(part)) {
                if (n < 0) return content.toByteArray();
                content.write(part, 0, n);
            }
        } catch (IOException e) {
            throw new IOException("its entry \"" + name + "\" is damaged: "
                    + String.valueOf(e.getMessage()).replace("invalid entry CRC", "wrong checksum"), e);
        }
        throw new IOException("its entry \"" + name + "\" is far larger unpacked than it can be");
    }

    /** Opens one entry as a stream to close; it is unpacked while it is read, and its checksum is not compared. */
    public static InputStream open(Path file, String name) throws IOException {
        ZipFile zip = new ZipFile(file.toFile());
        try {
            return new FilterInputStream(zip.getInputStream(entry(zip, name))) {
                @Override
                public void close() throws IOException {
                    zip.close();
                }
            };
        } catch (IOException | RuntimeException e) {
            zip.close();
            throw e;
        }
    }

    /** Unpacks one entry of at most this many bytes to a file, see {@link #unpack}. */
    public static void extract(Path file, String name, long most, Path to) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry entry = entry(zip, name);
            if (entry.getSize() < 0 || entry.getSize() > most) throw new ZipException(name + " is too large");
            unpack(zip.getInputStream(entry), entry.getSize(), entry.getCrc(), to, name);
        }
    }

    private static ZipEntry entry(ZipFile zip, String name) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) throw new ZipException("its zip has no " + name);
        return entry;
    }

    /**
     * Writes an unpacked entry to a file.
     *
     * @throws ZipException if the entry does not have the announced size and checksum; the file is deleted then
     * @throws IOException  if the file cannot be written
     */
    public static void unpack(InputStream entry, long size, long crc, Path to, String name) throws IOException {
        CheckedInputStream in = new CheckedInputStream(entry, new CRC32());
        byte[] buffer = new byte[1 << 16];
        long done = 0;
        try (OutputStream out = Files.newOutputStream(to)) {
            for (int n = 0; n >= 0 && done <= size; n = read(in, buffer)) {
                out.write(buffer, 0, n);
                done += n;
            }
        }
        if (done == size && in.getChecksum().getValue() == crc) return;
        Files.delete(to);
        throw new ZipException("damaged " + name);
    }

    /** Reads bytes; damaged data is the end. */
    private static int read(InputStream in, byte[] buffer) throws IOException {
        try {
            return in.read(buffer);
        } catch (ZipException | EOFException damaged) {
            return -1;
        }
    }

    /** Counts the bytes that were read. */
    private static final class Counting extends FilterInputStream {
        private long count;

        Counting(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            if (b >= 0) count++;
            return b;
        }

        @Override
        public int read(byte[] into, int from, int most) throws IOException {
            int n = super.read(into, from, most);
            if (n > 0) count += n;
            return n;
        }
    }

    /** A text out of a file as a message can quote it: 200 characters at most. */
    static String shortened(String text) {
        return text == null || text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
}
