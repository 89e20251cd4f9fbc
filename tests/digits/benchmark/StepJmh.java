package digits.benchmark;

import digits.acceleration.Acceleration;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Milliseconds per batch of 128: a whole training step, its last part (the updater), and inference. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 4, time = 2)
@Fork(1)
public class StepJmh {
    @Param({"OFF", "HELPERS", "ONEDNN"})
    Acceleration.Mode mode;

    private final DataSet batch = new DataSet(WalkthroughLayer.images(), WalkthroughLayer.labels());
    private final LayerWorkspaceMgr workspaces = LayerWorkspaceMgr.noWorkspaces();
    private MultiLayerNetwork network;
    private int iteration;

    @Setup
    public void make() {
        network = WalkthroughLayer.network(mode);
        network.fit(batch);
    }

    @Benchmark
    public double trainingStep() {
        network.fit(batch);
        return network.score();
    }

    /** Adam on all gradients, and the step on the parameters. */
    @Benchmark
    public INDArray updater() {
        network.getUpdater().update(network, network.gradient(), iteration++, 0, WalkthroughLayer.BATCH, workspaces);
        return network.params().subi(network.gradient().gradient());
    }

    @Benchmark
    public INDArray prediction() {
        return network.output(batch.getFeatures(), false);
    }
}
