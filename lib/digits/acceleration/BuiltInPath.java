package digits.acceleration;

import java.util.function.Supplier;

import org.deeplearning4j.nn.api.Layer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A layer's way back: once oneDNN has no code for a shape it meets, Deeplearning4j computes it, and one warning says so. */
final class BuiltInPath {
    private static final Logger LOG = LoggerFactory.getLogger(BuiltInPath.class);

    private boolean taken;

    /** The accelerated result, or the built-in one. */
    <T> T unless(Layer layer, Supplier<T> accelerated, Supplier<T> builtIn) {
        if (!taken) {
            try {
                return accelerated.get();
            } catch (OneDnnException unsupported) {
                taken = true;
                LOG.warn("Layer {} ({}) goes on without acceleration: {}", layer.getIndex(),
                        layer.getClass().getSimpleName(), unsupported.getMessage());
            }
        }
        return builtIn.get();
    }
}
