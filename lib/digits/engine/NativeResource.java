package digits.engine;

/** A computation or an array that may hold native memory until it is closed. */
public interface NativeResource extends AutoCloseable {
    /** Does nothing by default: some computations need no native memory. */
    @Override
    default void close() { }

    /** Closes each resource that is not null. */
    static void closeAll(NativeResource... resources) {
        for (NativeResource resource : resources) {
            if (resource != null) resource.close();
        }
    }
}
