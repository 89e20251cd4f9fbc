package digits.training;

import digits.data.LabeledImages;
import digits.networks.Network;
import java.io.Serializable;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Executes the rounds of a {@link ParallelTrainer}: in this process one worker after the other, or elsewhere several at
 * once. What a worker does in a round depends only on plan, images, state and its number ({@link RoundWorker#work}), so
 * any process may do it, again if that process dies.
 */
@FunctionalInterface
public interface RoundExecutor {
    /** Makes plan and training images available to the workers. */
    Session open(RoundPlan plan, LabeledImages images);

    /** The rounds of one training. */
    interface Session extends AutoCloseable {
        /**
         * Executes one round and returns the result of each worker, in any order.
         *
         * @throws java.util.concurrent.CancellationException if the thread was interrupted; its flag stays set
         */
        List<Result> round(State state);

        @Override
        void close();
    }

    /**
     * The state of a training between two rounds.
     *
     * @param epoch      the current epoch, 1 for the first
     * @param step       the round's first step in this epoch, from 0
     * @param iterations steps that each worker has taken since the start, for schedules and Adam's bias correction
     * @param random     of worker 0; the other workers' are derived from it
     * @param parameters all of the network's, with the running averages of batch normalization
     * @param updater    the optimizer's state; empty for an optimizer without any, such as plain SGD
     */
    record State(int epoch, int step, int iterations, TrainingRecord.RandomState random, float[] parameters,
                 float[] updater) implements Serializable {
        static State of(Network network, int epoch, int step) {
            return new State(epoch, step, network.iterations(), TrainingRecord.RandomState.now(),
                    numbers(network.model().params()), numbers(network.updaterState()));
        }

        private static float[] numbers(INDArray row) {
            if (row == null) return new float[0];
            Schedules.require(row.dataType() == DataType.FLOAT,
                    "a network of type " + row.dataType() + "; its parameters have to be of type FLOAT");
            return row.dup('c').data().asFloat();
        }

        /** Puts the network, which has to be of the same architecture, and this thread's random numbers into it. */
        void restore(Network network, int worker) {
            put(parameters, network.model().params(), "parameters");
            put(updater, network.updaterState(), "numbers of the optimizer's state");
            network.setCounters(iterations, epoch - 1);
            // SplitMix64, so that neighboring workers draw unrelated numbers
            (worker == 0 ? random : new TrainingRecord.RandomState(
                    new SplittableRandom(random.root() + worker).nextLong(), random.node())).restore();
        }

        static void put(float[] numbers, INDArray row, String what) {
            long expected = row == null ? 0 : row.length();
            Schedules.require(numbers.length == expected,
                    numbers.length + " " + what + "; the network has " + expected);
            if (row != null) row.assign(Nd4j.createFromArray(numbers).reshape(row.shape()));
        }
    }

    /**
     * What a worker hands back after a round.
     *
     * @param steps   the figures of its steps, in their order
     * @param state   the state after its last step
     * @param failure why its training failed; empty if it did not
     */
    record Result(int worker, List<Step> steps, State state, String failure) implements Serializable {
        public Result {
            steps = List.copyOf(steps);
        }
    }

    /** Executes the workers' rounds in this process and on the calling thread, one after the other. */
    static RoundExecutor local() {
        return (plan, images) -> {
            RoundWorker worker = new RoundWorker(plan, images);
            return new Session() {
                @Override
                public List<Result> round(State state) {
                    return IntStream.range(0, plan.workers()).mapToObj(each -> worker.work(state, each)).toList();
                }

                @Override
                public void close() { }
            };
        };
    }
}
