package digits.acceleration;

import digits.onednn.NativeResource;
import java.lang.ref.Cleaner;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A layer's computations for the last few shapes it met (training batch, last batch of the epoch, validation batch, single
 * image …). When a new shape comes, the least recently used computation is closed; when the owner is garbage collected, all
 * are.
 *
 * @param <V> the kind of computation
 */
final class ShapeCache<V extends NativeResource> {
    private static final int SHAPES = 8;
    private static final Cleaner CLEANER = Cleaner.create();

    private final Store<V> store = new Store<>();

    ShapeCache(Object owner) {
        CLEANER.register(owner, store);
    }

    /** The computation for this key, made now if the key is new. */
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

    /** Has no reference to the owner, which otherwise could never be garbage collected. */
    private static final class Store<V extends NativeResource> implements Runnable {
        final Map<Object, V> byKey = new LinkedHashMap<>(16, 0.75f, true);

        void put(Object key, V value) {
            byKey.put(key, value);
            if (byKey.size() > SHAPES) byKey.remove(byKey.keySet().iterator().next()).close();
        }

        @Override
        public void run() {
            byKey.values().forEach(NativeResource::close);
            byKey.clear();
        }
    }
}
