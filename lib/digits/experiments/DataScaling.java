package digits.experiments;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.function.Consumer;
import tech.tablesaw.api.Table;

/**
 * The same training with more and more images, several times each: how the error falls with their number.
 *
 * @param runs the runs that went through, by the number of different training images, ascending
 */
public record DataScaling(Map<Integer, List<Run>> runs) {
    /** What to train with this number of images and this seed: an experiment of one setting and one seed. */
    @FunctionalInterface
    public interface Training {
        Experiment of(int images, long seed);
    }

    public DataScaling {
        Map<Integer, List<Run>> copy = new LinkedHashMap<>();
        for (int images : new TreeSet<>(runs.keySet())) copy.put(images, List.copyOf(runs.get(images)));
        runs = Collections.unmodifiableMap(copy);
    }

    /**
     * Trains with each number of images and each seed.
     *
     * @throws IllegalArgumentException if an experiment has more than one run
     */
    public static DataScaling run(List<Integer> sizes, long[] seeds, Training training,
            Consumer<? super ExperimentProgress> progress) {
        List<Experiment> experiments = new ArrayList<>();
        List<Integer> images = new ArrayList<>();
        for (int size : sizes) {
            for (long seed : seeds) {
                experiments.add(training.of(size, seed));
                images.add(size);
            }
        }
        List<Run> all = Experiment.together(experiments, progress).runs();
        if (all.size() > images.size()) {
            throw new IllegalArgumentException(all.size() + " runs of " + images.size()
                    + " experiments: each has to have one setting and one seed");
        }
        Map<Integer, List<Run>> runs = new LinkedHashMap<>();
        for (int i = 0; i < all.size(); i++) {
            if (!all.get(i).failed()) runs.computeIfAbsent(images.get(i), n -> new ArrayList<>()).add(all.get(i));
        }
        return new DataScaling(runs);
    }

    /** The share of validation images misclassified after a run's last epoch, 0 to 1. */
    public static double error(Run run) {
        return 1 - run.last().validationAccuracy();
    }

    /** The mean error with this number of images; empty without a run. */
    public OptionalDouble error(int images) {
        return runs.getOrDefault(images, List.of()).stream().mapToDouble(DataScaling::error).average();
    }

    /** Only the trainings with at most this number of images. */
    public DataScaling upTo(int images) {
        Map<Integer, List<Run>> fewer = new LinkedHashMap<>(runs);
        fewer.keySet().removeIf(n -> n > images);
        return new DataScaling(fewer);
    }

    /**
     * The power law through the mean errors.
     *
     * @throws IllegalArgumentException with fewer than two numbers of images, or if there was no error at all
     */
    public PowerLaw law() {
        double[] images = runs.keySet().stream().mapToDouble(Integer::doubleValue).toArray();
        return PowerLaw.fit(images, Arrays.stream(images).map(n -> error((int) n).orElseThrow()).toArray());
    }

    /** One row per number of images: runs; mean, lowest and highest error on the validation images. */
    public Table table() {
        List<Integer> images = List.copyOf(runs.keySet());
        return Table.create("data scaling", Runs.integers("images", images, n -> n),
                Runs.integers("runs", images, n -> runs.get(n).size()),
                Runs.numbers("mean error", images, n -> error(n).orElseThrow()),
                Runs.numbers("lowest", images, n -> runs.get(n).stream().mapToDouble(DataScaling::error).min()
                        .orElseThrow()),
                Runs.numbers("highest", images, n -> runs.get(n).stream().mapToDouble(DataScaling::error).max()
                        .orElseThrow()));
    }
}
