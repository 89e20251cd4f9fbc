package digits.experiments;

import digits.Progress;
import java.io.PrintStream;
import java.util.function.Consumer;

/** Prints each new phase of a long run, and otherwise a line after each pause of this many seconds. */
final class PrintedProgress implements Consumer<Progress> {
    private final PrintStream out;
    private final long pause;   // nanoseconds
    private String phase = "";
    private long printed;

    PrintedProgress(PrintStream out, int seconds) {
        this.out = out;
        pause = seconds * 1_000_000_000L;
    }

    @Override
    public void accept(Progress progress) {
        String now = progress.line().split(" · ", 2)[0];
        if (now.equals(phase) && System.nanoTime() - printed < pause) return;
        phase = now;
        printed = System.nanoTime();
        out.println(progress.line());
    }
}
