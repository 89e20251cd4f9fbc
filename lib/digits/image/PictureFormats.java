package digits.image;

import java.util.List;
import java.util.regex.Pattern;

/** Recognizes files that are not PNG, JPEG, GIF or BMP by their first bytes, and says how to convert them. */
final class PictureFormats {
    private static final String OPEN = "Open it in a browser or an image viewer and save it as PNG, or take a "
            + "screenshot of it.";
    private static final List<Format> OTHERS = List.of(
            new Format("....ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1).*", "a HEIC picture, as iPhones store "
                    + "photographs. On the iPhone, set Settings > Camera > Formats to “Most Compatible” and take it "
                    + "again, or mail it to yourself, which converts it to JPEG; on a Mac, export it from Preview"),
            new Format("....ftyp(avif|avis).*", "an AVIF picture"),
            new Format("....ftyp.*", "a video. Take a photograph instead"),
            new Format("RIFF....WEBP.*", "a WebP picture"),
            new Format("(II[*+]\0|MM\0[*+]).*", "a TIFF picture or a camera’s raw file. Export it as JPEG or PNG"),
            new Format("\\xff\\x0a.*|\0\0\0\\x0cJXL .*", "a JPEG XL picture"),
            new Format("\0\0\0\\x0cjP  .*|\\xff\\x4f\\xff\\x51.*", "a JPEG 2000 picture"),
            new Format("8BPS.*", "a Photoshop file. Export it as PNG"),
            new Format("\0\0[\\x01\\x02]\0.*", "an icon or a cursor"),
            new Format(".{0,100}%PDF-.*|%!PS.*", "a document to print. Take a screenshot of the page and use that"),
            new Format("[^<]{0,3}<.*<?svg\\b.*", "an SVG drawing"),
            new Format("\\W{0,8}<(!doctype html|html|head|body)\\b.*", "a web page. Save the picture in it instead"),
            new Format("PK\\x03\\x04.*", "a ZIP archive or an office document. Save the picture in it as a file"));

    /** @param what what such a file is, with a second sentence if opening and saving it is not the way out */
    private record Format(Pattern start, String what) {
        Format(String start, String what) {
            this(Pattern.compile(start, Pattern.DOTALL | Pattern.CASE_INSENSITIVE), what);
        }
    }

    private PictureFormats() { }

    /**
     * Why a file is not read, and what to do.
     *
     * @param start its first bytes as ISO 8859-1
     */
    static String refusal(String start) {
        for (Format format : OTHERS) {
            if (!format.start().matcher(start).matches()) continue;
            String wayOut = format.what().contains(". ") ? "." : ". " + OPEN;
            return "The file is " + format.what() + wayOut + " PNG, JPEG, GIF and BMP files are read.";
        }
        return "The file is not a picture that can be read; it must be a PNG, JPEG, GIF or BMP file.";
    }
}
