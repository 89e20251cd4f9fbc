package digits.fetch;

import java.io.IOException;

/**
 * A download that failed by the server's or the network's fault; the message is one phrase for a person: “HTTP 404”.
 */
public class DownloadException extends IOException {
    public DownloadException(String message, Throwable cause) {
        super(message, cause);
    }

    public DownloadException(String message) {
        super(message);
    }
}
