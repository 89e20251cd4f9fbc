package digits.networks;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.nd4j.linalg.learning.config.IUpdater;

/** The better network of the notebook on data sets: input [n, 1, 28, 28] in [0, 1], [n, classes] probabilities. */
public final class WiderNetwork {
    private WiderNetwork() { }

    /** The network's configuration for 2 or more classes; the seed is that of the initial weights. */
    public static MultiLayerConfiguration configuration(long seed, int classes, IUpdater updater) {
        return NetworkLine.configuration("32 P 48 48 P drop25 96 96 P drop25 dense256 drop50", seed, classes, updater);
    }
}
