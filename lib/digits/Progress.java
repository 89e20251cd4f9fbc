package digits;

/** How far a long task has come; reported to a {@code Consumer<? super Progress>} a few times per second at most. */
public interface Progress {
    /** The part of the task that is done, 0 to 1; NaN if its size is unknown. */
    double share();

    /**
     * The state in one line of plain text, such as “epoch 3/10 · 42 % · loss 0.0706”. The text before the first “ · ” names the
     * phase: a viewer that prints only some of the lines prints every line with a new phase.
     */
    String line();

    /** A task that is described by its share and a line of text alone. */
    static Progress of(double share, String line) {
        record Plain(double share, String line) implements Progress {
        }
        if (share < 0 || share > 1) throw new IllegalArgumentException("progress of \"" + line + "\" is " + share);
        return new Plain(share, line);
    }
}
