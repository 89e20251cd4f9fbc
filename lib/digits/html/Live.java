package digits.html;

import digits.Progress;
import digits.experiments.ExperimentProgress;
import digits.pictures.LearningCurves;
import digits.training.Epoch;
import digits.training.TrainingProgress;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the progress of a long task in one display that is updated in place: a bar and a line of text; a table of
 * epochs for a training, with its learning curves in a second display; a table of settings for an experiment;
 * the {@link Banner} of a data set that was loaded. At most a few updates per second are shown, but always the end of a
 * phase. An error while showing progress is logged once and never reaches the task. Thread-safe.
 */
public final class Live implements Consumer<Progress> {
    /** Where progress is shown. Content is HTML as a {@code String}, or a {@link digits.pictures.Picture}. */
    public interface Output {
        /** Shows the content in a new display and returns the display's ID. */
        String show(Object content);

        /** Replaces the content of the display with this ID. */
        void update(String id, Object content);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Live.class);
    private static final long NANOS_BETWEEN = 250_000_000;

    private final Output output;
    private final LongSupplier nanoTime;
    private String text;     // IDs of the displays; null before they are shown
    private String picture;
    private List<Object> phase = List.of();
    private long shown;
    private List<Epoch> drawn = List.of();
    private boolean failed;

    public Live(Output output) {
        this(output, System::nanoTime);
    }

    Live(Output output, LongSupplier nanoTime) {
        this.output = Objects.requireNonNull(output, "output");
        this.nanoTime = nanoTime;
    }

    @Override
    public synchronized void accept(Progress progress) {
        try {
            List<Object> now = phase(progress);
            if (!now.equals(phase) || nanoTime.getAsLong() - shown >= NANOS_BETWEEN) {
                text = display(text, ProgressHtml.of(progress));
                phase = now;
                shown = nanoTime.getAsLong();
            }
            if (progress instanceof TrainingProgress training) draw(training);
        } catch (RuntimeException | LinkageError e) {
            if (!failed) LOG.warn("progress cannot be shown; the task continues: {}", e.toString());
            failed = true;
        }
    }

    /** Differs between two reports if the second one has to be shown in any case. */
    private static List<Object> phase(Progress progress) {
        int finished = progress instanceof TrainingProgress training ? training.finished().size()
                : progress instanceof ExperimentProgress experiment ? experiment.finished().size() : 0;
        return List.of(progress.getClass(), ProgressHtml.phase(progress.line()), progress.share() == 1, finished);
    }

    /** Draws the curves after each epoch; a training of a single epoch has no curve. */
    private void draw(TrainingProgress training) {
        List<Epoch> epochs = training.finished();
        if (epochs.isEmpty() || training.epochs() < 2 || epochs.equals(drawn)) return;
        drawn = List.copyOf(epochs);
        picture = display(picture, LearningCurves.of(epochs, training.epochs()));
    }

    private String display(String id, Object content) {
        if (id == null) return output.show(content);
        output.update(id, content);
        return id;
    }
}
