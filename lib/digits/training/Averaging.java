package digits.training;

import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Averages the workers' states after a round, in the order of the workers, whatever order the results came in. */
final class Averaging {
    private Averaging() { }

    /**
     * The state from which the next round begins.
     *
     * @param before the state from which this round began
     * @param count  steps of this round
     * @throws IllegalStateException if a worker failed, is missing, or handed back what cannot be the result of a round
     */
    static RoundExecutor.State of(List<RoundExecutor.Result> results, RoundExecutor.State before, int workers,
                                  int count) {
        List<RoundExecutor.Result> byWorker = inOrder(results);
        List<Integer> numbers = byWorker.stream().map(RoundExecutor.Result::worker).toList();
        require(numbers.equals(IntStream.range(0, workers).boxed().toList()),
                "a round returned the results of the workers " + numbers + "; expected one from each of 0 to "
                + (workers - 1));
        for (RoundExecutor.Result each : byWorker) check(each, before, count);
        RoundExecutor.State first = byWorker.get(0).state();
        return new RoundExecutor.State(before.epoch(), before.step() + count, first.iterations(), first.random(),
                mean(byWorker, RoundExecutor.State::parameters), mean(byWorker, RoundExecutor.State::updater));
    }

    static List<RoundExecutor.Result> inOrder(List<RoundExecutor.Result> results) {
        return results.stream().sorted(Comparator.comparingInt(RoundExecutor.Result::worker)).toList();
    }

    private static void check(RoundExecutor.Result result, RoundExecutor.State before, int count) {
        String who = "worker " + result.worker();
        require(result.failure().isEmpty(),
                who + " of a parallel training failed: " + result.failure() + "; try a smaller learning rate");
        int steps = result.steps().size();
        RoundExecutor.State state = result.state();
        // the last workers may have no image in an epoch's last step
        require(steps == count || result.worker() > 0 && steps == count - 1,
                who + " returned " + steps + " steps; expected " + count);
        require(state.iterations() == before.iterations() + steps,
                who + " returned the state after step " + state.iterations() + "; expected "
                + (before.iterations() + steps));
        check(state.parameters(), before.parameters().length, who, "parameters");
        check(state.updater(), before.updater().length, who, "numbers of the optimizer's state");
    }

    private static void check(float[] numbers, int expected, String who, String what) {
        require(numbers.length == expected,
                who + " returned " + numbers.length + " " + what + "; expected " + expected);
        for (float number : numbers) {
            if (Float.isFinite(number)) continue;
            throw new IllegalStateException(who + " returned " + what + " with the value " + number
                    + "; try a smaller learning rate");
        }
    }

    /** Means, summed in double in the order of the workers. */
    private static float[] mean(List<RoundExecutor.Result> byWorker, Function<RoundExecutor.State, float[]> part) {
        List<float[]> all = byWorker.stream().map(each -> part.apply(each.state())).toList();
        float[] mean = all.get(0).clone();   // of one worker these numbers, negative zeros included
        for (int i = 0; i < mean.length; i++) {
            double sum = mean[i];
            for (int worker = 1; worker < all.size(); worker++) sum += all.get(worker)[i];
            mean[i] = (float) (sum / all.size());
        }
        return mean;
    }

    private static void require(boolean condition, String message) {
        if (!condition) throw new IllegalStateException(message);
    }
}
