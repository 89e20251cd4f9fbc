package digits.keras;

/** The order of numbers in a flattened image: Keras goes through the channels of each place, Deeplearning4j through the places of each channel. */
final class Ordering {
    private Ordering() {
    }

    /** For each of our places, Keras's place of the same number. */
    static int[] kerasOf(int height, int width, int channels) {
        int[] places = new int[height * width * channels];
        for (int i = 0; i < places.length; i++) {
            int channel = i / (height * width);
            int place = i % (height * width);
            places[i] = place * channels + channel;
        }
        return places;
    }
}
