package digits.fetch;

import java.io.IOException;

/** A download that the server or the network made fail; the message is one phrase for a person: “HTTP 404”. */
public final class DownloadException extends IOException {
    /** Fewer bytes in the window than demanded, so that asking again would not help; only whole files; all else. */
    enum Kind { TOO_SLOW, NO_RANGES, OTHER }

    final Kind kind;

    DownloadException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public DownloadException(String message, Throwable cause) {
        this(Kind.OTHER, message, cause);
    }

    public DownloadException(String message) {
        this(message, null);
    }
}
