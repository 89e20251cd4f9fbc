package digits.fetch;

import digits.Text;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Tells a notebook how a download gets on: at most two messages a second about bytes, each an HTML element that carries
 * its text in the attribute {@code data-progress} as well.
 */
public final class DownloadProgress {
    private static final Duration BETWEEN = Duration.ofMillis(500);

    private final String title;
    private final Consumer<String> html;
    private long lastNanos = System.nanoTime() - BETWEEN.toNanos();

    /** @param title the set's name */
    public DownloadProgress(String title, Consumer<String> html) {
        this.title = title;
        this.html = html;
    }

    /** So many bytes of a file are there; {@code total} is below 1 if it is not known. */
    void bytes(String file, long done, long total) {
        if (System.nanoTime() - lastNanos < BETWEEN.toNanos()) return;
        if (total < 1) {
            show(String.format(Locale.ROOT, "%s · %s · %.1f MB", title, file, done / 1e6), "<progress></progress> ");
        } else {
            show(String.format(Locale.ROOT, "%s · %s · %d %% · %.1f of %.1f MB",
                    title, file, 100 * done / total, done / 1e6, total / 1e6),
                    "<progress max=\"" + total + "\" value=\"" + done + "\"></progress> ");
        }
    }

    /** Something that is worth a message whenever it happens. */
    public void say(String text) {
        show(title + " · " + text, "");
    }

    private void show(String text, String bar) {
        lastNanos = System.nanoTime();
        String escaped = Text.escape(text);
        html.accept("<div data-progress=\"" + escaped + "\">" + bar + escaped + "</div>");
    }
}
