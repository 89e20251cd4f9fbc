package digits.data;

import java.util.Random;
import java.util.stream.IntStream;

/** Orders that a seed decides, the same on every platform and JDK: {@link Random}'s algorithm is in its contract. */
final class Shuffle {
    private Shuffle() { }

    /** The numbers 0 to {@code n - 1} in the random order of this seed (Fisher and Yates). */
    static int[] order(int n, long seed) {
        int[] order = IntStream.range(0, n).toArray();
        Random random = new Random(mix(seed));
        for (int i = n - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        return order;
    }

    /** The order of one epoch, unrelated to that of the next. */
    static int[] order(int n, long seed, int epoch) {
        return order(n, mix(seed) + epoch);
    }

    /** SplitMix64's finalizer (Steele, Lea, Flood 2014): gives neighboring seeds unrelated sequences of Random. */
    static long mix(long seed) {
        long z = seed + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
