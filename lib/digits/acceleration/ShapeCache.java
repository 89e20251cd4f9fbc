package digits.acceleration;

import digits.engine.NativeResource;
import java.lang.ref.Cleaner;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A layer's computations for the last few shapes it met (training batch, last batch of an epoch, single image …). A new
 * one closes the least recently used; all are closed when the cache is garbage collected.
 */
final class ShapeCache<V extends NativeResource> {
    private static final int SHAPES = 8;
    private static final Cleaner CLEANER = Cleaner.create();

    final Map<Object, V> byShape = new LinkedHashMap<>(16, 0.75f, true);

    ShapeCache() {
        Map<Object, V> computations = byShape;   // the cleaner must not refer to the cache itself
        CLEANER.register(this, () -> computations.values().forEach(NativeResource::close));
    }

    /** The computation for this shape, made now if the shape is new. */
    V get(Object shape, Supplier<V> make) {
        V computation = byShape.computeIfAbsent(shape, key -> make.get());
        if (byShape.size() > SHAPES) byShape.remove(byShape.keySet().iterator().next()).close();
        return computation;
    }
}
