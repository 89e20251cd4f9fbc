package digits.onednn;

/** Something that holds native memory until it is closed. */
public interface NativeResource extends AutoCloseable {
    @Override
    void close();

    /** Closes each resource that is not null. */
    static void closeAll(NativeResource... resources) {
        for (NativeResource resource : resources) {
            if (resource != null) resource.close();
        }
    }
}
