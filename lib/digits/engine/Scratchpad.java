package digits.engine;

import org.bytedeco.javacpp.BytePointer;

/**
 * Working memory of computations: one block per thread, as large as the largest computation that ran there
 * needed, for one after the other. JavaCPP frees it after the thread's end.
 */
public final class Scratchpad {
    private static final int ALIGNMENT = 4_096;   // a page, as in oneDNN
    private static final ThreadLocal<BytePointer> BLOCK = new ThreadLocal<>();

    private Scratchpad() { }

    /** This many bytes with undefined content. */
    public static Region ofThisThread(long bytes) {
        BytePointer block = BLOCK.get();
        if (block == null || block.capacity() < bytes + ALIGNMENT) {
            if (block != null) block.close();
            BLOCK.remove();
            try {
                block = new BytePointer(bytes + ALIGNMENT);
            } catch (OutOfMemoryError e) {
                throw new NoCodeException("cannot allocate " + bytes + " bytes of working memory: "
                        + e.getMessage());
            }
            BLOCK.set(block);
        }
        return new Region((block.address() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT, bytes);
    }
}
