package digits.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The parts of a picture file that decide what it shows. Color profiles, comments and thumbnails are left out, because
 * they change no stroke and decoders fail on damaged ones. The decoder gets nothing else to read.
 *
 * @param format      the name of the format in {@link javax.imageio.ImageIO}: png, jpeg, gif or bmp
 * @param bytes       a file of this format
 * @param orientation how the pixels must be turned to be upright, 1 (not at all) to 8, as EXIF 2.32 defines it
 */
record PictureContents(String format, byte[] bytes, int orientation) {
    private static final int MOST_SCANS = 48;   // each costs time, even an empty one; usual files have 1 to 15
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};
    private static final byte[] JPEG = {(byte) 0xff, (byte) 0xd8, (byte) 0xff};
    private static final byte[] JFIF = {(byte) 0xff, (byte) 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0,
        0};
    private static final byte[] EXIF = {'E', 'x', 'i', 'f', 0};
    private static final int ORIENTATION = 0x0112;   // the tag of EXIF
    private static final int SRGB = 0x73524742;      // “sRGB” as the color space of a bitmap

    /**
     * Finds the format from the first bytes, whatever the file is called.
     *
     * @throws PictureException if the format is not one of the four, or one of their variants that cannot be read
     */
    static PictureContents of(byte[] file) {
        if (startsWith(file, 0, PNG)) return png(ByteBuffer.wrap(file));
        if (startsWith(file, 0, JPEG)) return jpeg(file);
        String text = new String(file, 0, Math.min(file.length, 512), StandardCharsets.ISO_8859_1);
        if (text.startsWith("GIF87a") || text.startsWith("GIF89a")) return new PictureContents("gif", file, 1);
        if (text.startsWith("BM") && file.length >= 54) return new PictureContents("bmp", bitmap(file.clone()), 1);
        throw new PictureException(PictureFormats.refusal(text));
    }

    /** Keeps header, palette, transparency and pixels of a PNG (ISO/IEC 15948). */
    private static PictureContents png(ByteBuffer in) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream(in.capacity());
        kept.writeBytes(PNG);
        int orientation = 1;
        in.position(PNG.length);
        while (in.remaining() >= 12) {
            int start = in.position();
            long end = start + 12L + Integer.toUnsignedLong(in.getInt(start));   // length, name, data, checksum
            String name = new String(in.array(), start + 4, 4, StandardCharsets.ISO_8859_1);
            int length = (int) Math.min(end, in.limit()) - start;   // a cut file is for the decoder to complain of
            if (List.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND").contains(name)) kept.write(in.array(), start, length);
            if (name.equals("eXIf") && length > 12) orientation = orientation(in.array(), start + 8, length - 12);
            if (name.equals("IEND")) break;
            in.position(start + length);
        }
        return new PictureContents("png", kept.toByteArray(), orientation);
    }

    /** Keeps the tables, the frame and the scans of a JPEG (ITU-T T.81), and what tells RGB from YCbCr. */
    private static PictureContents jpeg(byte[] file) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream(file.length);
        kept.write(file, 0, 2);
        int orientation = 0;
        int scans = 0;
        int at = 2;
        while (at + 4 <= file.length) {
            int marker = file[at + 1] & 0xff;
            if (file[at] != (byte) 0xff || marker == 0xff) {   // garbage between segments, or filling
                at++;
                continue;
            }
            if (marker == 0xd9) break;
            boolean alone = marker <= 0x01 || marker >= 0xd0 && marker <= 0xd8;
            int data = at + 4;
            int end = alone ? at + 2 : Math.min(file.length, at + 2 + Math.max(2, unsignedShort(file, at + 2)));
            if (marker == 0xda) {
                end = endOfScan(file, end);
                if (++scans > MOST_SCANS) {
                    throw new PictureException("The JPEG file has more than " + MOST_SCANS + " scans, so decoding it "
                            + "could take hours. Open it in an image viewer and save it again.");
                }
            }
            if (isFrame(marker)) checkFrame(file, marker, data, end);
            if (marker == 0xe0 && startsWith(file, data, JFIF, 4, 4)) kept.writeBytes(JFIF);
            if (marker == 0xe1 && orientation == 0 && startsWith(file, data, EXIF)) {
                orientation = orientation(file, data + 6, end - data - 6);
            }
            boolean about = marker >= 0xe0 && marker <= 0xef && marker != 0xee || marker == 0xfe;
            if (!about && !alone) kept.write(file, at, end - at);
            at = end;
        }
        kept.writeBytes(new byte[] {(byte) 0xff, (byte) 0xd9});
        return new PictureContents("jpeg", kept.toByteArray(), Math.max(1, orientation));
    }

    /** Where the next segment begins after the coded data that begin here. */
    private static int endOfScan(byte[] file, int at) {
        int next = at;
        while (next + 1 < file.length) {
            int marker = file[next + 1] & 0xff;
            boolean inScan = marker == 0 || marker >= 0xd0 && marker <= 0xd7;
            if (file[next] == (byte) 0xff && !inScan && marker != 0xff) return next;
            next++;
        }
        return file.length;
    }

    private static boolean isFrame(int marker) {
        return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    }

    private static void checkFrame(byte[] file, int marker, int data, int end) {
        if (end - data < 6) return;   // too short: the decoder will say so
        if (marker > 0xc2 || file[data] != 8) {
            throw new PictureException("The JPEG file is of a rare kind (lossless, arithmetic coding or 12 bits) that "
                    + "cannot be read. Open it in an image viewer and save it as PNG.");
        }
        if (file[data + 5] == 4) {
            throw new PictureException("The JPEG file has the colors of a printing press (CMYK), which cannot be read. "
                    + "Open it in an image viewer and save it as PNG, or as JPEG in RGB.");
        }
    }

    /** Checks the compression, because a bitmap can contain a whole JPEG file, and replaces the color space by sRGB. */
    private static byte[] bitmap(byte[] file) {
        ByteBuffer fields = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int header = fields.getInt(14);
        int compression = header >= 40 ? fields.getInt(30) : 0;
        if (compression < 0 || compression > 3) {
            throw new PictureException("The bitmap file (BMP) has a compression that is not read (" + compression
                    + "). Open it in an image viewer and save it as PNG.");
        }
        if (header >= 108 && file.length >= 74) fields.putInt(70, SRGB);
        return file;
    }

    /** The orientation in a TIFF structure as EXIF has it; 1 if there is none. */
    private static int orientation(byte[] file, int from, int length) {
        if (length < 14 || from + length > file.length) return 1;
        ByteBuffer tiff = ByteBuffer.wrap(file, from, length).slice();
        if (tiff.getShort(0) == 0x4949) tiff.order(ByteOrder.LITTLE_ENDIAN);   // “II”, otherwise “MM”
        long directory = Integer.toUnsignedLong(tiff.getInt(4));
        if (directory + 2 > length) return 1;
        int entries = tiff.getShort((int) directory) & 0xffff;
        for (int i = 0; i < entries && directory + 2 + 12L * (i + 1) <= length; i++) {
            int at = (int) directory + 2 + 12 * i;
            if ((tiff.getShort(at) & 0xffff) != ORIENTATION) continue;
            int value = tiff.getShort(at + 2) == 4 ? tiff.getInt(at + 8) : tiff.getShort(at + 8);
            return value >= 1 && value <= 8 ? value : 1;
        }
        return 1;
    }

    private static int unsignedShort(byte[] file, int at) {
        return (file[at] & 0xff) << 8 | file[at + 1] & 0xff;
    }

    private static boolean startsWith(byte[] file, int at, byte... start) {
        return startsWith(file, at, start, 0, start.length);
    }

    private static boolean startsWith(byte[] file, int at, byte[] start, int from, int length) {
        return at + length <= file.length && Arrays.equals(file, at, at + length, start, from, from + length);
    }
}
