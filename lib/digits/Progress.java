package digits;

/** Progress of a long task, reported to a {@code Consumer<? super Progress>}. */
public interface Progress {
    /** The share of the task that is done, 0 to 1; NaN if its size is unknown. */
    double share();

    /**
     * The state in one line of plain text, such as “epoch 3/10 · 42 % · loss 0.0706”. The text before the first “ · ”
     * names the phase: a viewer that shows only some of the reports shows each new phase and each end, a share of 1.
     */
    String line();

    /** Progress that consists of a share and a line of text. */
    static Progress of(double share, String line) {
        record Plain(double share, String line) implements Progress {
        }
        if (share < 0 || share > 1) throw new IllegalArgumentException("progress of \"" + line + "\" is " + share);
        return new Plain(share, line);
    }
}
