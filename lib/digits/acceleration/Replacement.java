package digits.acceleration;

/** A layer with faster code that stands for one of Deeplearning4j's, with the same configuration and parameters. */
interface Replacement {
    /** What it shares with the other accelerated layers. */
    LayerSupport<?> support();
}
