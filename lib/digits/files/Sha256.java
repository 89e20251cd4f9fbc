package digits.files;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A SHA-256 checksum in the making, written as 64 lower-case hexadecimal digits. */
public final class Sha256 {
    private final MessageDigest digest;

    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The checksum of these bytes. */
    public static String of(byte[] bytes) {
        return new Sha256().add(bytes).hex();
    }

    /** The checksum of a file. */
    public static String of(Path file) throws IOException {
        Sha256 sum = new Sha256();
        try (InputStream in = sum.reading(new FileInputStream(file.toFile()))) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return sum.hex();
    }

    /** Adds bytes; returns this. */
    public Sha256 add(byte[] bytes) {
        digest.update(bytes);
        return this;
    }

    /** The same stream; each byte read from it is added. */
    public InputStream reading(InputStream in) {
        return new DigestInputStream(in, digest);
    }

    /** The checksum of all bytes added; the next one begins after it. */
    public String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
