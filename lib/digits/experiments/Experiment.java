package digits.experiments;

import digits.data.Augmentation;
import digits.data.LabeledImages;
import digits.training.Fingerprint;
import digits.training.PlannedNetwork;
import digits.training.TrainingProgress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;

/**
 * Several settings, each trained from the start with several seeds on the same images, to compare with their spread.
 *
 * <p>Finished runs are kept on disk, and a checkpoint of the current one after each epoch, so an interrupted experiment
 * continues where it stopped. Both count only for exactly the same network, images, batch, epochs, seed, library,
 * native binary, engine, instruction set and number of threads. A run whose loss becomes NaN ends there and is kept as
 * failed; one that ends in an error is tried again by the next call. The training loss of a network with weight decay
 * contains its penalty; the validation loss does not.
 */
public final class Experiment {
    private final List<Setting> settings = new ArrayList<>();
    private RunExecutor.Images images;
    private long[] seeds = {};
    private int batch = 128;
    private int epochs = 1;
    private Augmentation augmentation = Augmentation.NONE;
    private Optional<RunStore> store = Optional.empty();
    private RunExecutor executor = RunExecutor.local();
    private Consumer<? super ExperimentProgress> onProgress = progress -> { };

    /** A setting; its function makes the JSON of a configuration for a seed. */
    private record Setting(String name, double rate, boolean graph, LongFunction<String> network) {
        boolean is(String otherName, double otherRate) {
            return name.equals(otherName) && Double.compare(rate, otherRate) == 0;
        }
    }

    private Experiment(RunExecutor.Images images) {
        this.images = images;
    }

    /** An experiment that trains on the first images and validates on the second, both scaled to [0, 1]. */
    public static Experiment on(LabeledImages training, LabeledImages validation) {
        return new Experiment(new RunExecutor.Images(training, validation, Optional.empty()));
    }

    /** Also tests each network on these images, after its last epoch, and measures the latency of a prediction. */
    public Experiment testedOn(LabeledImages test) {
        images = new RunExecutor.Images(images.training(), images.validation(), Optional.of(test));
        return this;
    }

    /** Images per training step; the default is 128. */
    public Experiment batch(int size) {
        if (size < 1) throw new IllegalArgumentException("a batch of " + size + " images; it needs 1 or more");
        batch = size;
        return this;
    }

    /** Passes over the training images; the default is 1. */
    public Experiment epochs(int passes) {
        if (passes < 1) throw new IllegalArgumentException(passes + " epochs: train for 1 or more");
        epochs = passes;
        return this;
    }

    /** The seeds of weights, order and dropout; every setting is trained once with each. */
    public Experiment seeds(long... each) {
        if (LongStream.of(each).distinct().count() != each.length) {
            throw new IllegalArgumentException("a seed occurs twice");
        }
        seeds = each.clone();
        return this;
    }

    /** Changes the training images at random, differently in each epoch. */
    public Experiment augmented(Augmentation how) {
        augmentation = Objects.requireNonNull(how, "how");
        return this;
    }

    /** Keeps runs in this folder, one JSON file for each finished one, and reuses those that are already there. */
    public Experiment keptIn(Path folder) {
        store = Optional.of(new RunStore(folder));
        return this;
    }

    /** Trains elsewhere than in this process. */
    public Experiment executor(RunExecutor other) {
        executor = Objects.requireNonNull(other, "other");
        return this;
    }

    /** Reports the progress of the whole experiment: at most about twice per second, and at the end of each run. */
    public Experiment onProgress(Consumer<? super ExperimentProgress> report) {
        onProgress = Objects.requireNonNull(report, "report");
        return this;
    }

    /** Adds a setting: a configuration, with its updater, per seed; IllegalArgumentException if its name is taken. */
    public Experiment with(String name, LongFunction<MultiLayerConfiguration> network) {
        return add(new Setting(name, Double.NaN, false,
                seed -> PlannedNetwork.of(network.apply(seed)).configuration()));
    }

    /** Adds a setting of a name that is tried at several learning rates: the configuration has to contain the rate. */
    public Experiment with(String name, double rate, LongFunction<MultiLayerConfiguration> network) {
        if (!Double.isFinite(rate)) throw new IllegalArgumentException("a rate of " + rate);
        return add(new Setting(name, rate, false, seed -> PlannedNetwork.of(network.apply(seed)).configuration()));
    }

    /** Adds a setting whose network is a graph of layers. */
    public Experiment withGraph(String name, LongFunction<ComputationGraphConfiguration> network) {
        return add(new Setting(name, Double.NaN, true, seed -> PlannedNetwork.of(network.apply(seed)).configuration()));
    }

    private Experiment add(Setting setting) {
        if (settings.stream().anyMatch(other -> other.is(setting.name, setting.rate))) {
            throw new IllegalArgumentException(
                    "there is already a setting “" + Run.label(setting.name, setting.rate) + "”");
        }
        settings.add(setting);
        return this;
    }

    /**
     * Trains what is not on disk yet: every setting with the first seed, then with the next.
     *
     * @return the finished runs: all of them, unless the thread was interrupted
     * @throws IllegalStateException without a setting or a seed
     */
    public Runs run() {
        if (settings.isEmpty() || seeds.length == 0) {
            throw new IllegalStateException("an experiment needs at least one setting and one seed");
        }
        Board board = new Board();
        List<RunPlan> open = new ArrayList<>();
        String common = Fingerprint.of("batch " + batch, "epochs " + epochs, augmentation.toString(),
                images.training().sha256(), images.validation().sha256(),
                images.test().map(LabeledImages::sha256).orElse("not tested"), Fingerprint.ofEnvironment());
        for (long seed : seeds) {
            for (Setting setting : settings) plan(setting, seed, common, open, board.finished);
        }
        board.report();
        executor.execute(open, images, board);
        return board.inOrder();
    }

    /**
     * Runs experiments one after another, such as on different images or with different augmentation, and reports their
     * progress as that of one.
     *
     * @return the finished runs, experiment by experiment: all of them, unless the thread was interrupted
     */
    public static Runs together(List<Experiment> parts, Consumer<? super ExperimentProgress> report) {
        Map<String, Integer> planned = new LinkedHashMap<>();
        for (Experiment part : parts) {
            for (Setting setting : part.settings) planned.merge(setting.name, part.seeds.length, Integer::sum);
        }
        List<Run> finished = new ArrayList<>();
        long start = System.nanoTime();
        for (Experiment part : parts) {
            if (Thread.currentThread().isInterrupted()) break;
            List<Run> before = List.copyOf(finished);
            finished.addAll(part.onProgress(progress -> {
                List<Run> all = Stream.concat(before.stream(), progress.finished().stream()).toList();
                double share = new ExperimentProgress(planned, all, progress.running(), Double.NaN).share();
                double left = share == 0 ? Double.NaN : (System.nanoTime() - start) / 1e9 * (1 / share - 1);
                report.accept(new ExperimentProgress(planned, all, progress.running(), left));
            }).run().runs());
        }
        return new Runs(finished);
    }

    /** Adds a run to the open ones, or, if it is on disk or its network cannot be built, to the finished. */
    private void plan(Setting setting, long seed, String common, List<RunPlan> open, List<Run> finished) {
        RunPlan empty = new RunPlan(setting.name, setting.rate, seed, batch, epochs, augmentation, setting.graph, "",
                "", "");
        try {
            String json = setting.network.apply(seed);
            String fingerprint = Fingerprint.of(common, "seed " + seed, json);
            RunPlan plan = empty.with(json, fingerprint,
                    store.map(s -> s.checkpoint(empty.label(), seed, fingerprint).toString()).orElse(""));
            store.flatMap(s -> s.find(plan)).ifPresentOrElse(finished::add, () -> open.add(plan));
        } catch (RuntimeException e) {
            finished.add(empty.failed(List.of(), 0, "the network could not be built: " + RunPlan.said(e)));
        }
    }

    /** What is known of the runs. */
    private final class Board implements RunExecutor.Listener {
        private final List<Run> finished = new ArrayList<>();
        private final Map<RunPlan, ExperimentProgress.Running> running = new LinkedHashMap<>();

        @Override
        public synchronized void progress(RunPlan plan, TrainingProgress progress) {
            running.put(plan, new ExperimentProgress.Running(plan.setting(), plan.label(), plan.seed(), progress));
            report();
        }

        @Override
        public synchronized void finished(RunPlan plan, Run run) {
            running.remove(plan);
            // the latency is measured here: the machines of a cluster would not be comparable
            Run complete = run.test() == null ? run
                    : run.with(run.setting(), run.rate(), plan.latencyMillis(images.validation()));
            if (!run.fingerprint().isEmpty()) store.ifPresent(s -> s.keep(complete));
            finished.add(complete);
            report();
        }

        synchronized void report() {
            Map<String, Integer> planned = new LinkedHashMap<>();
            for (Setting setting : settings) planned.merge(setting.name, seeds.length, Integer::sum);
            onProgress.accept(new ExperimentProgress(planned, finished, List.copyOf(running.values()), secondsLeft()));
        }

        /** From the mean duration of the finished runs; before the first one, from the progress of the current run. */
        private double secondsLeft() {
            int left = settings.size() * seeds.length - finished.size();
            if (left == 0) return 0;
            double current = running.values().stream().mapToDouble(run -> run.training().secondsLeft()).max()
                    .orElse(Double.NaN);
            double each = finished.stream().filter(run -> !run.failed()).mapToDouble(Run::seconds).average()
                    .orElse(current);
            if (running.isEmpty()) return left * each;
            return (left - running.size()) * each / running.size() + (Double.isNaN(current) ? each : current);
        }

        /** Setting by setting, in their order, each with its seeds. */
        Runs inOrder() {
            return new Runs(settings.stream().flatMap(setting -> LongStream.of(seeds).boxed().flatMap(seed -> finished
                    .stream().filter(run -> run.seed() == seed && setting.is(run.setting(), run.rate())))).toList());
        }
    }
}
