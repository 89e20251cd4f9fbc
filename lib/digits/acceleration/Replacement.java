package digits.acceleration;

/** Marks a layer with faster code that stands for one of Deeplearning4j's, with the same configuration and parameters. */
interface Replacement {
}
