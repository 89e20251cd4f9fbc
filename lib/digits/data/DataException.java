package digits.data;

import java.nio.file.Path;

/** Data that cannot be used or loaded; the message names the file, what was found and what was expected. */
public final class DataException extends RuntimeException {
    private final boolean noRoom;

    public DataException(String message) {
        this(message, null);
    }

    public DataException(String message, Throwable cause) {
        this(message, cause, false);
    }

    private DataException(String message, Throwable cause, boolean noRoom) {
        super(message, cause);
        this.noRoom = noRoom;
    }

    /** What is wrong with a file: “file: found this, expected that.” */
    static DataException in(Path file, String found, String expected) {
        return new DataException(file + ": found " + found + ", expected " + expected + ".");
    }

    /** The same with a sentence that says what to do. */
    static DataException in(Path file, String found, String expected, String advice) {
        return new DataException((file + ": found " + found + ", expected " + expected + ". " + advice).strip());
    }

    /** No room for the images: the files are not to blame. */
    static DataException noRoom(String message, Throwable cause) {
        return new DataException(message, cause, true);
    }

    /** Whether there was no room for the images. */
    boolean isNoRoom() {
        return noRoom;
    }
}
