package digits.benchmark;

import digits.acceleration.Acceleration;
import java.util.concurrent.TimeUnit;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Milliseconds per batch of 128 that single layers take in training, by acceleration mode:
 * {@code make jmh ARGS="LayerJmh -p layer=CONVOLUTION_2,POOLING_1 -p mode=ONEDNN"}. A full run takes ten minutes.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(1)
public class LayerJmh {

    /** The layer. */
    @State(Scope.Benchmark)
    public static class Forward {
        @Param({"OFF", "HELPERS", "ONEDNN"})
        Acceleration.Mode mode;

        @Param
        WalkthroughLayer.Position layer;

        WalkthroughLayer made;

        @Setup
        public void make() {
            made = new WalkthroughLayer(mode, layer);
        }
    }

    /** The layer after a forward pass, which is not timed: a layer keeps its results for one backward pass only. */
    public static class Backward extends Forward {
        private MemoryWorkspace open;

        @Setup(Level.Invocation)
        public void forward() {
            open = made.open();
            made.forward();
        }

        @TearDown(Level.Invocation)
        public void close() {
            open.close();
        }
    }

    @Benchmark
    @SuppressWarnings("try")   // the workspace only has to be open
    public INDArray forward(Forward state) {
        try (MemoryWorkspace open = state.made.open()) {
            return state.made.forward();
        }
    }

    @Benchmark
    public Object backward(Backward state) {
        return state.made.backward();
    }
}
