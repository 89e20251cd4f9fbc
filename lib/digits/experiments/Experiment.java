package digits.experiments;

import digits.data.LabeledImages;
import digits.training.Epoch;
import digits.training.LossGuard;
import digits.training.RunEnvironment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;

/**
 * Several settings, each trained from its start with several seeds on the same images, so that they can be compared with their spread.
 *
 * <p>A finished run is kept on disk, so a sweep that was interrupted goes on where it stopped, and one that is complete returns at
 * once. A kept run counts only for exactly the network, images, batch, epochs, seed and library that it was made with. A run
 * whose loss becomes NaN ends there and is kept as failed; one that ends in an exception is written down as failed and tried again by the
 * next call. The training loss of a network with weight decay contains the decay's penalty, as Deeplearning4j reports it; the validation
 * loss does not.
 */
public final class Experiment {
    private final LabeledImages training;
    private final LabeledImages validation;
    private final List<Setting> settings = new ArrayList<>();
    private long[] seeds = {};
    private int batch = 128;
    private int epochs = 1;
    private RunStore folder;
    private Consumer<ExperimentProgress> onProgress = progress -> { };

    private record Setting(String name, double rate, LongFunction<MultiLayerConfiguration> network) {
    }

    /** A run still to be trained, or, without a configuration, one that is over: found on disk, or its network could not be built. */
    private record Job(Run run, MultiLayerConfiguration configuration) {
        boolean over() {
            return configuration == null;
        }
    }

    private Experiment(LabeledImages training, LabeledImages validation) {
        this.training = training;
        this.validation = validation;
    }

    /** A sweep that trains on these images and validates on those; both are scaled to [0, 1]. */
    public static Experiment on(LabeledImages training, LabeledImages validation) {
        return new Experiment(Objects.requireNonNull(training, "training"), Objects.requireNonNull(validation, "validation"));
    }

    /** Images per training step; 128 if nothing is said. */
    public Experiment batch(int images) {
        if (images < 1) throw new IllegalArgumentException("a batch of " + images + " images; it needs 1 or more");
        batch = images;
        return this;
    }

    /** Passes over the training images; 1 if nothing is said. */
    public Experiment epochs(int passes) {
        if (passes < 1) throw new IllegalArgumentException(passes + " epochs: train for 1 or more");
        epochs = passes;
        return this;
    }

    /** The seeds of weights, order and dropout; every setting is trained once with each. */
    public Experiment seeds(long... each) {
        if (LongStream.of(each).distinct().count() != each.length) throw new IllegalArgumentException("a seed occurs twice");
        seeds = each.clone();
        return this;
    }

    /** Keeps finished runs in this folder, one JSON file each, and takes from it what is there already. */
    public Experiment keptIn(Path place) {
        folder = new RunStore(place);
        return this;
    }

    /** Reports how far the whole sweep is, at most about twice a second and at each run's end. */
    public Experiment onProgress(Consumer<ExperimentProgress> report) {
        onProgress = Objects.requireNonNull(report);
        return this;
    }

    /**
     * One more setting.
     *
     * @param name    what a reader calls it
     * @param network the network's configuration, with its updater, for a seed
     * @throws IllegalArgumentException if the sweep has a setting of this name already
     */
    public Experiment with(String name, LongFunction<MultiLayerConfiguration> network) {
        return add(new Setting(name, Double.NaN, network));
    }

    /** The same where a name is tried at several learning rates; the sweep only notes the rate, the network has to use it. */
    public Experiment with(String name, double rate, LongFunction<MultiLayerConfiguration> network) {
        if (!Double.isFinite(rate)) throw new IllegalArgumentException("a rate of " + rate);
        return add(new Setting(name, rate, network));
    }

    private Experiment add(Setting setting) {
        Objects.requireNonNull(setting.name, "name");
        Objects.requireNonNull(setting.network, "network");
        if (settings.stream().anyMatch(s -> s.name.equals(setting.name) && Double.compare(s.rate, setting.rate) == 0)) {
            throw new IllegalArgumentException("there is a setting «" + Run.label(setting.name, setting.rate) + "» already");
        }
        settings.add(setting);
        return this;
    }

    /**
     * Trains what is not on disk yet, every setting with the first seed, then with the next.
     *
     * @return the runs that are over: all of them, unless the thread was interrupted
     * @throws IllegalStateException without a setting or a seed
     */
    public Runs run() {
        if (settings.isEmpty() || seeds.length == 0) throw new IllegalStateException("a sweep needs one setting and one seed or more");
        List<Job> jobs = jobs();
        List<Run> finished = new ArrayList<>(jobs.stream().filter(Job::over).map(Job::run).toList());
        report(finished, Optional.empty());
        for (Job job : jobs) {
            if (job.over()) continue;
            if (Thread.currentThread().isInterrupted()) break;
            Optional<Run> run = train(job, finished);
            if (run.isEmpty()) break;
            finished.add(run.get());
            report(finished, Optional.empty());
        }
        return inOrder(finished);
    }

    /** Every setting with every seed, seed by seed. */
    private List<Job> jobs() {
        String common = Fingerprint.of("batch " + batch, "epochs " + epochs, Fingerprint.of(training), Fingerprint.of(validation),
                "library " + RunEnvironment.versions().get("digits"), "Deeplearning4j " + RunEnvironment.versions().get("deeplearning4j"));
        return LongStream.of(seeds).boxed().flatMap(seed -> settings.stream().map(setting -> job(setting, seed, common))).toList();
    }

    private Job job(Setting setting, long seed, String common) {
        Run planned = new Run(setting.name, setting.rate, seed, List.of(), 0, "", "");
        try {
            MultiLayerConfiguration configuration = setting.network.apply(seed);
            Run run = planned.withFingerprint(Fingerprint.of(common, "seed " + seed, configuration.toJson()));
            return Optional.ofNullable(folder).flatMap(f -> f.find(run, epochs)).map(kept -> new Job(kept, null))
                    .orElseGet(() -> new Job(run, configuration));
        } catch (RuntimeException e) {
            return new Job(planned.ended(List.of(), 0, "the network could not be built: " + said(e)), null);
        }
    }

    /** None if the thread was interrupted. */
    private Optional<Run> train(Job job, List<Run> finished) {
        long start = System.nanoTime();
        AtomicReference<List<Epoch>> done = new AtomicReference<>(List.of());
        Run run;
        try {
            FreshRun.Plan plan = new FreshRun.Plan(training, validation, batch, epochs);
            FreshRun fresh = FreshRun.of(job.configuration, plan, job.run.seed(), progress -> {
                done.set(progress.finished());
                report(finished, Optional.of(new ExperimentProgress.Running(job.run.setting(), job.run.label(), job.run.seed(), progress)));
            }, new LossGuard());
            if (fresh.history().epochs().size() < epochs) return Optional.empty();
            run = job.run.ended(fresh.history().epochs(), seconds(start), LossGuard.check(fresh.history()));
        } catch (LossGuard.Diverged e) {
            run = job.run.ended(done.get(), seconds(start), e.getMessage());
        } catch (RuntimeException e) {
            return Optional.of(job.run.ended(done.get(), seconds(start), "the training ended in an error: " + said(e)));   // to be tried again
        }
        if (folder != null) folder.keep(run);
        return Optional.of(run);
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static String said(RuntimeException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private void report(List<Run> finished, Optional<ExperimentProgress.Running> running) {
        Map<String, Integer> planned = new LinkedHashMap<>();
        for (Setting setting : settings) planned.merge(setting.name, seeds.length, Integer::sum);
        onProgress.accept(new ExperimentProgress(planned, finished, running,
                secondsLeft(finished, running, settings.size() * seeds.length - finished.size())));
    }

    /** The runs that went through tell how long one takes; before the first one, its own progress has to do. */
    private static double secondsLeft(List<Run> finished, Optional<ExperimentProgress.Running> running, int left) {
        if (left == 0) return 0;
        double ofThis = running.map(r -> r.training().secondsLeft()).orElse(Double.NaN);
        double each = finished.stream().filter(run -> !run.failed()).mapToDouble(Run::seconds).average().orElse(ofThis);
        return running.isEmpty() ? left * each : (left - 1) * each + (Double.isNaN(ofThis) ? each : ofThis);
    }

    /** Setting by setting, as they were given. */
    private Runs inOrder(List<Run> finished) {
        List<Run> ordered = new ArrayList<>();
        for (Setting setting : settings) {
            for (long seed : seeds) {
                finished.stream().filter(run -> run.seed() == seed && run.setting().equals(setting.name)
                        && Double.compare(run.rate(), setting.rate) == 0).forEach(ordered::add);
            }
        }
        return new Runs(ordered);
    }
}
