package digits.fetch;

import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * One file in a zip on a server, of which no more is read than that file and the zip's table of contents. (Format: PKWARE's
 * APPNOTE.TXT, 4.3; of its many options those without encryption, parts and 64-bit sizes.)
 *
 * @param name       in the zip, folders included
 * @param method     0 stored as it is, 8 deflated
 * @param crc        CRC-32 of the file
 * @param compressed bytes in the zip
 * @param size       bytes when unpacked
 * @param header     where its local header begins in the zip
 */
public record RemoteZip(String name, int method, long crc, long compressed, long size, long header) {
    private static final int END = 22;
    private static final int ENTRY = 46;
    private static final int LOCAL = 30;
    /** The end record with the longest comment there can be; a table of contents of some hundred files fits in, too. */
    private static final int TAIL = END + 0xffff;
    private static final long NEEDS_64_BITS = 0xffff_ffffL;

    /**
     * The files that a zip has.
     *
     * @throws Download.NoRangesException if the server sends whole files only
     * @throws IOException                with one phrase for the reader
     */
    static List<RemoteZip> of(URI zip, Download download) throws IOException, InterruptedException {
        return list(download.slice(zip, "-" + TAIL, TAIL));
    }

    public static List<RemoteZip> list(Download.Slice tail) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(tail.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        int end = bytes.limit() - END;
        while (end >= 0 && bytes.getInt(end) != 0x06054b50) end--;
        if (end < 0) throw new IOException("it is no zip");
        int count = bytes.getShort(end + 10) & 0xffff;
        long at = unsigned(bytes, end + 16) - tail.from();
        if (at < 0 || at > end) throw new IOException("the zip's table of contents is not where it should be");
        List<RemoteZip> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (at + ENTRY > end || bytes.getInt((int) at) != 0x02014b50) throw new IOException("the zip's table of contents is damaged");
            int entry = (int) at;
            int nameLength = bytes.getShort(entry + 28) & 0xffff;
            if (entry + ENTRY + nameLength > end) throw new IOException("the zip's table of contents is damaged");
            members.add(new RemoteZip(new String(tail.bytes(), entry + ENTRY, nameLength, StandardCharsets.UTF_8),
                    bytes.getShort(entry + 10) & 0xffff, unsigned(bytes, entry + 16), unsigned(bytes, entry + 20),
                    unsigned(bytes, entry + 24), unsigned(bytes, entry + 42)));
            at += ENTRY + nameLength + (bytes.getShort(entry + 30) & 0xffff) + (bytes.getShort(entry + 32) & 0xffff);
        }
        return members;
    }

    private static long unsigned(ByteBuffer bytes, int at) {
        return Integer.toUnsignedLong(bytes.getInt(at));
    }

    /**
     * Fetches the file into {@code part}, by way of a file beside it, which keeps what came if the connection breaks off.
     *
     * @param most a larger one is refused
     * @throws IOException          with one phrase for the reader
     * @throws UncheckedIOException if {@code part} cannot be written
     */
    void fetch(URI zip, Download download, long most, Path part, DownloadProgress progress) throws IOException, InterruptedException {
        check(most);
        byte[] local = download.slice(zip, header + "-" + (header + LOCAL - 1), LOCAL).bytes();
        ByteBuffer fields = ByteBuffer.wrap(local).order(ByteOrder.LITTLE_ENDIAN);
        if (local.length < LOCAL || fields.getInt(0) != 0x04034b50) throw new IOException("damaged " + name);
        if ((fields.getShort(6) & 1) != 0) throw new IOException(name + " is encrypted");
        long data = header + LOCAL + (fields.getShort(26) & 0xffff) + (fields.getShort(28) & 0xffff);
        Path packed = part.resolveSibling(part.getFileName().toString().replaceFirst("\\.part$", "") + ".packed.part");
        download.fetch(zip, data, compressed, packed, progress);
        try {
            unpack(packed, part);
        } finally {
            Download.delete(packed);
        }
    }

    private void check(long most) throws IOException {
        if (compressed == NEEDS_64_BITS || size == NEEDS_64_BITS || header == NEEDS_64_BITS || compressed > most || size > most) {
            throw new IOException(name + " has more than " + most + " bytes");
        }
        if (method != 0 && method != 8) throw new IOException(name + " is compressed in a way (" + method + ") that Java cannot read");
    }

    private void unpack(Path packed, Path part) throws IOException {
        Inflater inflater = new Inflater(true);
        try (InputStream stored = new BufferedInputStream(new FileInputStream(packed.toFile()), 1 << 16);
             InputStream plain = method == 0 ? stored : new InflaterInputStream(stored, inflater, 1 << 16)) {
            copy(plain, size, crc, part, name);
        } finally {
            inflater.end();
        }
    }

    /** Writes a file as a zip announces it; one byte more, fewer or other than that is an error. */
    static void copy(InputStream from, long size, long crc, Path to, String name) throws IOException {
        CheckedInputStream in = new CheckedInputStream(from, new CRC32());
        byte[] buffer = new byte[1 << 16];
        long done = 0;
        try (OutputStream out = open(to)) {
            for (int n = in.read(buffer); n >= 0 && done <= size; n = in.read(buffer)) {
                done += n;
                write(out, buffer, n);
            }
        }
        if (done != size || in.getChecksum().getValue() != crc) {
            Download.delete(to);
            throw new IOException("damaged " + name);
        }
    }

    private static OutputStream open(Path file) {
        try {
            return Files.newOutputStream(file);
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    private static void write(OutputStream out, byte[] bytes, int n) {
        try {
            out.write(bytes, 0, n);
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }
}
