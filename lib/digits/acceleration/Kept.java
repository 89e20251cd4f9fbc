package digits.acceleration;

import java.lang.ref.Cleaner;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Native things kept for the last few shapes that a layer met (training batch, the epoch's last batch, validation batch,
 * single image …). The one not used for longest is closed when a new one comes; all are when the layer is forgotten.
 *
 * @param <V> what is kept
 */
final class Kept<V extends AutoCloseable> {
    private static final int SHAPES = 8;
    private static final Cleaner CLEANER = Cleaner.create();

    private final Store<V> store = new Store<>();

    Kept(Object layer) {
        CLEANER.register(layer, store);
    }

    /** What belongs to the key; made now if it is new. */
    V get(Object key, Supplier<V> make) {
        V known = store.byKey.get(key);
        if (known != null) return known;
        V made = make.get();
        store.put(key, made);
        return made;
    }

    int size() {
        return store.byKey.size();
    }

    private static void close(AutoCloseable kept) {
        try {
            kept.close();
        } catch (Exception e) {
            throw new IllegalStateException("cannot free " + kept, e);
        }
    }

    /** Knows nothing of the layer: otherwise the layer would never be forgotten. */
    private static final class Store<V extends AutoCloseable> implements Runnable {
        final Map<Object, V> byKey = new LinkedHashMap<>(16, 0.75f, true);

        void put(Object key, V value) {
            byKey.put(key, value);
            if (byKey.size() > SHAPES) {
                var oldest = byKey.entrySet().iterator().next();
                byKey.remove(oldest.getKey());
                Kept.close(oldest.getValue());
            }
        }

        @Override
        public void run() {
            byKey.values().forEach(Kept::close);
            byKey.clear();
        }
    }
}
