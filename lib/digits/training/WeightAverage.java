package digits.training;

import digits.files.AtomicFile;
import digits.files.SavedArray;
import digits.networks.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A moving average of a network's weights over its training steps, which often predicts better than the weights of any
 * one step: Polyak and Juditsky, “Acceleration of Stochastic Approximation by Averaging” (1992); for networks Izmailov
 * and others, “Averaging Weights Leads to Wider Optima and Better Generalization” (2018). The network itself trains as
 * without it. The running averages of batch normalization are averaged like the weights.
 *
 * <p>In step t, from 1, the average keeps the share {@code min(decay, t / (t + 9))} of itself, so that the first,
 * useless weights are soon forgotten.
 */
public final class WeightAverage extends BaseTrainingListener {
    private final double decay;
    private INDArray average;
    private int steps;   // of the network, at the last update
    private Optional<Path> file = Optional.empty();

    private WeightAverage(double decay) {
        this.decay = decay;
    }

    /**
     * Begins an average with the network's next step.
     *
     * @param decay share of the average that stays in each step, such as 0.999: about the last 1,000 steps count
     * @throws IllegalArgumentException unless it is from 0 to below 1
     */
    public static WeightAverage of(Network network, double decay) {
        Schedules.require(decay >= 0 && decay < 1, "an average that keeps " + decay + "; it has to be 0 to below 1");
        WeightAverage average = new WeightAverage(decay);
        network.model().addListeners(average);
        return average;
    }

    /**
     * Keeps the average on disk after each epoch, for a training with a checkpoint: {@code file} and a number of steps
     * is the name. If the network continues after that step, so does the average.
     */
    public WeightAverage keptAs(Path base) {
        file = Optional.of(base);
        return this;
    }

    private Path file(int step) {
        return file.orElseThrow().resolveSibling(file.orElseThrow().getFileName() + "-" + step);
    }

    /** @param iteration how many steps came before this one */
    @Override
    public void iterationDone(Model model, int iteration, int epoch) {
        if (average == null && iteration > 0 && file.isPresent()) restore(iteration);
        steps = iteration + 1;
        if (average == null) {
            average = model.params().dup();
            return;
        }
        double keep = Math.min(decay, steps / (steps + 9.0));
        average.muli(keep).addi(model.params().mul(1 - keep));
    }

    private void restore(int step) {
        try {
            average = SavedArray.read(Files.readAllBytes(file(step)), "average");
        } catch (IOException e) {
            throw new IllegalStateException("the training continues after step " + step + ", but the average of its "
                    + "weights cannot be read (" + e.getMessage() + "): delete its checkpoint to start afresh", e);
        }
    }

    @Override
    public void onEpochEnd(Model model) {
        if (file.isEmpty() || average == null) return;
        AtomicFile.write(file(steps), temporary -> Files.write(temporary, SavedArray.write(average)));
    }

    /**
     * Puts the average in the place of the network's weights.
     *
     * @return a copy of the weights that were there
     * @throws IllegalStateException before the first step, or if what was kept on disk is missing
     */
    public INDArray apply(Network network) {
        if (average == null && file.isPresent() && network.iterations() > 0) restore(network.iterations());
        if (average == null) throw new IllegalStateException("there is no average yet: train the network first");
        INDArray before = network.model().params().dup();
        network.model().params().assign(average);
        return before;
    }
}
