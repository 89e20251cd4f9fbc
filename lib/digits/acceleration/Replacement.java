package digits.acceleration;

/** Marks a layer with faster code that replaces one of Deeplearning4j's with the same configuration. */
interface Replacement { }
