package digits.data;

import java.nio.file.Path;

/** Data that cannot be used or loaded; the message names the file, what was found and what was expected. */
public class DataException extends RuntimeException {
    public DataException(String message) {
        this(message, null);
    }

    public DataException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What is wrong with a file: “file: found this, expected that.” */
    static DataException in(Path file, String found, String expected) {
        return new DataException(file + ": found " + found + ", expected " + expected + ".");
    }

    /** The same with a sentence that says what to do. */
    static DataException in(Path file, String found, String expected, String advice) {
        return new DataException((file + ": found " + found + ", expected " + expected + ". " + advice).strip());
    }

    /** No room for the images, which are not to blame. */
    static final class NoRoom extends DataException {
        NoRoom(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
