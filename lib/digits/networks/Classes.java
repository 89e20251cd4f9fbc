package digits.networks;

/** What every builder here asks of a number of classes. */
final class Classes {
    private Classes() {
    }

    static void check(int classes) {
        if (classes < 2) throw new IllegalArgumentException(classes + " classes; a network needs 2 or more to choose from");
    }
}
