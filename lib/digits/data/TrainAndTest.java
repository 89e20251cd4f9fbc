package digits.data;

/** A loaded data set: images to train and validate on, and others to test on, which nothing may be learnt from. */
public interface TrainAndTest {
    /** The images to train and validate on. */
    LabeledImages train();

    /** The images to test on. */
    LabeledImages test();

    /** Where they came from. */
    DataSource source();

    /** The set's name, as {@code "MNIST"}; with {@code -like} behind it if the files are not the original ones. */
    String dataset();

    /** HTML for the notebook: a quiet line about whole sets, a loud frame about the sample. */
    String banner();
}
