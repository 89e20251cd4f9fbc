package digits.onednn;

/**
 * The native memory of an array that belongs to the caller. Every computation compares the size with what it will read
 * or write, so a wrong array is an exception and not a crash.
 *
 * @param address of the first byte
 * @param bytes   size of the array, without gaps
 */
public record Region(long address, long bytes) {
    /** What a computation without this argument gets. */
    public static final Region NONE = new Region(0, 0);

    /** @throws IllegalArgumentException unless the array has exactly this many bytes */
    void require(long expected) {
        if (bytes == expected) return;
        throw new IllegalArgumentException("an array of " + bytes + " bytes where the computation needs " + expected
                + ": its shape does not fit the layer's other arrays");
    }
}
