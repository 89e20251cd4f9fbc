package digits.acceleration;

import digits.onednn.OneDnnException;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Layer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A layer's way back to Deeplearning4j's code: taken for good, with one warning, when oneDNN has no code for a shape that
 * the layer meets.
 */
final class Fallback {
    private static final Logger LOG = LoggerFactory.getLogger(Fallback.class);

    private boolean taken;

    /** The accelerated result or, after the fallback, the built-in one. */
    <T> T unless(Layer layer, Supplier<T> accelerated, Supplier<T> builtIn) {
        if (!taken) {
            try {
                return accelerated.get();
            } catch (OneDnnException unsupported) {
                taken = true;
                LOG.warn("Layer {} ({}) continues without acceleration: {}", layer.getIndex(),
                        layer.getClass().getSimpleName(), unsupported.getMessage());
            }
        }
        return builtIn.get();
    }
}
