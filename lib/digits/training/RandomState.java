package digits.training;

import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Where ND4J's random numbers stand, of which dropout draws its masks: two 64-bit words, all that the generator has.
 *
 * @param root which the seed sets
 * @param node which goes on with each number
 */
public record RandomState(long root, long node) {
    /** Where they stand on this thread. */
    static RandomState now() {
        Random random = Nd4j.getRandom();
        return new RandomState(random.rootState(), random.nodeState());
    }

    /** Lets them go on from here. */
    void restore() {
        Nd4j.getRandom().setStates(root, node);
    }
}
