package digits.training;

import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The state of ND4J's random number generator, which draws dropout's masks: two 64-bit words.
 *
 * @param root the word that the seed sets
 * @param node the word that changes with each number drawn
 */
public record RandomState(long root, long node) {
    /** The current state on this thread. */
    static RandomState now() {
        Random random = Nd4j.getRandom();
        return new RandomState(random.rootState(), random.nodeState());
    }

    /** Makes the generator of this thread continue from this state. */
    void restore() {
        Nd4j.getRandom().setStates(root, node);
    }
}
