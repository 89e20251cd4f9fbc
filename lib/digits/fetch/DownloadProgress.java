package digits.fetch;

import digits.Progress;
import digits.Text;
import java.time.Duration;
import java.util.function.Consumer;

/** Reports how a download is coming along: its bytes at most twice per second, for all files of it together. */
public final class DownloadProgress {
    private static final Duration BETWEEN = Duration.ofMillis(500);

    private final String title;
    private final Consumer<? super Progress> viewer;
    private long lastNanos = System.nanoTime() - BETWEEN.toNanos();

    /** @param title what is downloaded: each line begins with it */
    public DownloadProgress(String title, Consumer<? super Progress> viewer) {
        this.title = title;
        this.viewer = viewer;
    }

    /** This many bytes of a file are there; {@code total} is below 1 if it is not known. */
    void bytes(String file, long done, long total) {
        if (System.nanoTime() - lastNanos < BETWEEN.toNanos()) return;
        String megabytes = Text.decimal(done / 1e6, 1);
        if (total < 1) show(Double.NaN, file + " · " + megabytes + " MB");
        else show(Math.min(1, (double) done / total), file + " · " + 100 * done / total + " % · " + megabytes + " of "
                + Text.decimal(total / 1e6, 1) + " MB");
    }

    /** Reports something other than bytes, at once. */
    public void say(String text) {
        show(Double.NaN, text);
    }

    private void show(double share, String text) {
        lastNanos = System.nanoTime();
        viewer.accept(Progress.of(share, title + " · " + text));
    }
}
