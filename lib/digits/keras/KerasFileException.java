package digits.keras;

/**
 * A Keras file that cannot be read, or a network that Keras's files cannot hold. The message names the file and, if a
 * layer is the cause, its position, name and class. Nothing has been loaded or written when this is thrown.
 */
public final class KerasFileException extends RuntimeException {
    KerasFileException(String message, Throwable cause) {
        super(message, cause);
    }

    static KerasFileException refused(String why) {
        return new KerasFileException(why, null);
    }

    static KerasFileException damaged(String what) {
        return new KerasFileException("the file is damaged: " + what + "; copy or save it again", null);
    }

    /** Text from a file as a message can quote it: at most 80 characters, none of which a page or console obeys. */
    static String shortened(String text) {
        if (text == null) return null;
        String start = text.length() > 80 ? text.substring(0, 80) + "…" : text;
        return start.replaceAll("\\p{Cntrl}", " ").replace('<', '‹').replace('>', '›');
    }
}
