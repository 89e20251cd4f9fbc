package digits.demo;

import digits.Settings;
import digits.Text;
import digits.data.Catalogue;
import digits.data.DataException;
import digits.data.Dataset;
import digits.data.LabeledImages;
import digits.data.OwnDrawings;
import digits.data.Split;
import digits.demo.Guard.HttpError;
import digits.evaluation.Predictions;
import digits.files.ModelFiles;
import digits.image.Ink;
import digits.training.FineTuning;
import digits.training.TrainingRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Teaches the network the reader's own hand: keeps labeled drawings, fine-tunes a copy of the network on them in a
 * separate thread, one at a time, and lets the recognizer use the copy or the original. What the reader has drawn and
 * the fine-tuned network lie in the output folder; the original's file is never written. Thread-safe.
 */
final class Hand implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Hand.class);
    private static final long SEED = 1;

    /**
     * What the page shows.
     *
     * @param labels      of all drawings, in the order in which they were added
     * @param fewest      the number of drawings that a training needs
     * @param most        the largest number of drawings
     * @param training    the running training; null if there is none
     * @param result      of the last training in this process; null if there is none
     * @param problem     why the last training gave no result; empty if it did
     * @param tuned       whether the fine-tuned network recognizes now
     * @param saved       whether there is a fine-tuned network to use
     * @param description a sentence about the network that recognizes now
     */
    record State(List<Integer> labels, int fewest, int most, Running training, Outcome result, String problem,
                 boolean tuned, boolean saved, String description) { }

    /** A running training: its share that is done, 0 to 1, and what it does. */
    record Running(double share, String line) { }

    /**
     * What a training has changed; shares are 0 to 1.
     *
     * @param dataset    name of the data set whose validation images were predicted
     * @param trained    number of drawings that the network learned from
     * @param heldBack   number of drawings that it did not see
     * @param validation number of validation images
     * @param note       a sentence about the validation images; empty if there is nothing to say
     * @param drawings   those held back, by class, prediction before, prediction after
     */
    record Outcome(String dataset, int trained, int heldBack, double before, double after, int validation,
                   double knownBefore, double knownAfter, double seconds, String note, List<int[]> drawings) { }

    private final LiveModel model;
    private final List<String> names;
    private final Settings settings;
    private final Recognizer recognizer;
    private final OwnDrawings drawings;
    private final Path file;
    private Thread thread;          // of the running training; null if there is none
    private boolean stoppable;
    private Running running;
    private Outcome result;
    private String problem = "";
    private boolean tuned;
    private String description;

    Hand(LiveModel model, Settings settings, Recognizer recognizer) {
        this.model = model;
        this.settings = settings;
        this.recognizer = recognizer;
        names = model.names();
        drawings = OwnDrawings.of(settings, model.record().dataset(), names);
        file = OwnDrawings.folder(settings, model.record().dataset()).resolve("fine-tuned.zip");
        description = model.description();
    }

    /** Responds to a request below {@code hand}: its path is what follows. */
    Object respond(Request request, String path) throws IOException {
        if (path.isEmpty()) {
            Guard.require(request.method.equals("GET"), 405, "Use GET for this address.");
            return state();
        }
        boolean adds = path.matches("/add/\\d{1,3}");
        Guard.require(adds || List.of("/undo", "/train", "/stop", "/original", "/tuned", "/drawings").contains(path),
                404, "There is nothing at this address.");
        byte[] canvas = adds ? Guard.square(request, Guard.CANVAS)
                : Guard.body(request, 0, "application/octet-stream");
        try {
            switch (path) {
                case "/undo" -> drawings.undo();
                case "/train" -> train();
                case "/stop" -> stop();
                case "/original" -> use(model.network(), false);
                case "/tuned" -> useTuned();
                case "/drawings" -> {
                    return pixels();
                }
                default -> add(canvas, Integer.parseInt(path.substring("/add/".length())));
            }
            return state();
        } catch (DataException | UncheckedIOException unusable) {
            throw new HttpError(500, unusable.getMessage());
        }
    }

    private State state() {
        LabeledImages all = load();
        synchronized (this) {
            return new State(IntStream.range(0, all.size()).mapToObj(all::label).toList(), FineTuning.FEWEST,
                    OwnDrawings.MOST, running, result, problem, tuned, Files.isRegularFile(file), description);
        }
    }

    private LabeledImages load() {
        try {
            return drawings.load();
        } catch (DataException damaged) {
            throw new HttpError(500, damaged.getMessage());
        }
    }

    /** The pixels of all drawings, 28×28 numbers each. */
    private List<int[]> pixels() {
        LabeledImages all = load();
        byte[] image = new byte[Ink.SIDE * Ink.SIDE];
        List<int[]> pixels = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            all.bytes(i).get(image);
            pixels.add(IntStream.range(0, image.length).map(p -> image[p] & 0xff).toArray());
        }
        return pixels;
    }

    private void add(byte[] canvas, int label) {
        Guard.require(label < names.size(), 404, "There is no class " + label + ": there are "
                + Text.whole(names.size()) + ".");
        int digits = Ink.of(Guard.CANVAS, Guard.CANVAS, canvas).digits().size();
        Guard.require(digits == 1, 400, "I see " + digits + " shapes: draw one at a time.");
        drawings.add(Ink.of(Guard.CANVAS, Guard.CANVAS, canvas), label);
    }

    private void train() {
        LabeledImages own = load();
        Guard.require(own.size() >= FineTuning.FEWEST, 409, "There are " + Text.count(own.size(), "drawing")
                + ": draw " + FineTuning.FEWEST + " or more first, better five of each.");
        synchronized (this) {
            Guard.require(thread == null, 409, "A training is running: wait for its end, or stop it.");
            running = new Running(0, "loading");
            problem = "";
            stoppable = true;
            thread = Http.daemons("digits-hand").newThread(() -> run(own));
            thread.start();
        }
    }

    /** On the thread of the training. */
    private void run(LabeledImages own) {
        String failed = "";
        Outcome made = null;
        try {
            made = fineTune(own);
        } catch (CancellationException stopped) {
            failed = "The training was stopped; nothing has changed.";
        } catch (DataException | UncheckedIOException | HttpError known) {
            failed = Thread.currentThread().isInterrupted() ? "The training was stopped; nothing has changed."
                    : known.getMessage();
        } catch (RuntimeException | Error unexpected) {
            LOG.warn("the fine-tuning failed", unexpected);
            failed = "The training failed (" + unexpected + "); nothing has changed.";
        }
        synchronized (this) {
            thread = null;
            running = null;
            problem = failed;
            if (made != null) result = made;
        }
    }

    private Outcome fineTune(LabeledImages own) {
        long start = System.nanoTime();
        TrainingRecord record = model.record();
        int all = Math.addExact(record.train(), record.validation());
        Dataset data = Catalogue.named(record.dataset()).orElseThrow(() -> new DataException("The network was trained "
                + "on " + record.dataset() + ", which is not in the catalog: without images to rehearse it would "
                + "forget them."))
                .load(settings.limited(Math.max(200, all)), step -> report("loading · " + step.line(), 0));
        if (!data.names().equals(names)) {
            throw new DataException(record.dataset() + " could not be loaded, and without images to rehearse, the "
                    + "network would forget them. " + data.provenance().line());
        }
        // with the images, share and seed of the training: none of the validation images was learned from
        Split known = Split.stratified(data.train(), (double) record.validation() / all, record.seed());
        FineTuning.Result tuning = FineTuning.of(model.network(), own, known, SEED)
                .onProgress(step -> report(step.line(), step.share())).run();
        synchronized (this) {
            stoppable = false;      // what has been learned is kept and used, both or neither
            if (Thread.interrupted()) throw new CancellationException("stopped");
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        tuning.save(record, settings, file);
        use(tuning.network(), true);
        String note = data.train().size() == all ? "" : "They are from " + data.provenance().headline()
                + " The network may have been trained on some of them, so only the difference counts.";
        Predictions before = tuning.before();
        return new Outcome(data.name(), tuning.trained().size(), tuning.heldBack().size(), before.accuracy(),
                tuning.after().accuracy(), tuning.knownBefore().size(),
                tuning.knownBefore().accuracy(), tuning.knownAfter().accuracy(), seconds,
                note, IntStream.range(0, before.size()).mapToObj(i ->
                new int[] {before.label(i), before.predicted(i), tuning.after().predicted(i)}).toList());
    }

    private synchronized void report(String line, double share) {
        running = new Running(Double.isNaN(share) ? 0 : share, line);
    }

    private void useTuned() {
        Guard.require(Files.isRegularFile(file), 409, "There is no fine-tuned network yet: train one first.");
        use(ModelFiles.load(file), true);
    }

    private void use(MultiLayerNetwork network, boolean fineTuned) {
        try {
            recognizer.use(network);
        } catch (IllegalArgumentException other) {
            throw new HttpError(409, "This network cannot be used: " + other.getMessage() + ".");
        }
        synchronized (this) {
            tuned = fineTuned;
            description = fineTuned ? "A network that was fine-tuned on your drawings. Before: " + model.description()
                    : model.description();
        }
    }

    private synchronized void stop() {
        if (thread != null && stoppable) thread.interrupt();
    }

    /** Stops a running training. */
    @Override
    public void close() {
        stop();
    }
}
