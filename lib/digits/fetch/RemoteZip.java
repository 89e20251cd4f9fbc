package digits.fetch;

import digits.files.BoundedZip;
import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * One file in a zip on a server, of which only that file and the zip's table of contents are read. (Format: PKWARE's
 * APPNOTE.TXT, 4.3, without encryption, parts and 64-bit sizes.)
 *
 * @param name       in the zip, folders included
 * @param method     0 stored, 8 deflated
 * @param crc        CRC-32 of the file
 * @param compressed bytes in the zip
 * @param size       bytes when unpacked
 * @param header     where its local header begins in the zip
 */
public record RemoteZip(String name, int method, long crc, long compressed, long size, long header) {
    private static final int END = 22;
    private static final int ENTRY = 46;
    private static final int LOCAL = 30;
    /** The end record with the longest possible comment; a table of contents of several hundred files fits, too. */
    static final int TAIL = END + 0xffff;
    private static final long NEEDS_64_BITS = 0xffff_ffffL;

    /** The files in a zip whose last bytes these are. */
    public static List<RemoteZip> list(Download.Slice tail) throws DownloadException {
        ByteBuffer bytes = ByteBuffer.wrap(tail.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        int end = bytes.limit() - END;
        while (end >= 0 && bytes.getInt(end) != 0x06054b50) end--;
        if (end < 0) throw new DownloadException("it is no zip");
        int count = bytes.getShort(end + 10) & 0xffff;
        long at = unsigned(bytes, end + 16) - tail.from();
        if (at < 0 || at > end) throw new DownloadException("the zip's table of contents is not where it should be");
        List<RemoteZip> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int entry = (int) at;
            boolean fits = at + ENTRY <= end && bytes.getInt(entry) == 0x02014b50;
            int nameLength = fits ? bytes.getShort(entry + 28) & 0xffff : 0;
            fits &= entry + ENTRY + nameLength <= end;
            if (!fits) throw new DownloadException("the zip's table of contents is damaged");
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
     * Fetches the file, of at most this many bytes, into {@code part}; a packed file beside it keeps what came if the
     * connection breaks off.
     */
    void fetch(URI zip, Download download, long most, Path part) throws IOException, InterruptedException {
        if (compressed > most || size > most || header == NEEDS_64_BITS) {
            throw new DownloadException(name + " has more than " + most + " bytes");
        }
        if (method != 0 && method != 8) throw new DownloadException(name + " has unknown compression " + method);
        byte[] local = download.slice(zip, header + "-" + (header + LOCAL - 1), LOCAL).bytes();
        ByteBuffer fields = ByteBuffer.wrap(local).order(ByteOrder.LITTLE_ENDIAN);
        if (local.length < LOCAL || fields.getInt(0) != 0x04034b50) throw new DownloadException("damaged " + name);
        if ((fields.getShort(6) & 1) != 0) throw new DownloadException(name + " is encrypted");
        long data = header + LOCAL + (fields.getShort(26) & 0xffff) + (fields.getShort(28) & 0xffff);
        Path packed = part.resolveSibling(part.getFileName().toString().replaceFirst("\\.part$", "") + ".packed.part");
        boolean resumed = download.fetch(zip, data, compressed, packed);
        try {
            unpack(packed, part);
        } catch (ZipException damaged) {
            if (!resumed) throw damaged;   // otherwise its beginning may be of another file: once more without it
            download.fetch(zip, data, compressed, packed);
            unpack(packed, part);
        }
    }

    /** Unpacks and deletes what was fetched. */
    private void unpack(Path packed, Path part) throws IOException {
        Inflater inflater = new Inflater(true);
        try (InputStream stored = new BufferedInputStream(new FileInputStream(packed.toFile()), 1 << 16);
             InputStream plain = method == 0 ? stored : new InflaterInputStream(stored, inflater, 1 << 16)) {
            BoundedZip.unpack(plain, size, crc, part, name);
        } finally {
            inflater.end();
            Files.deleteIfExists(packed);
        }
    }
}
