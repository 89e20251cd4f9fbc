package digits.training;

import digits.data.Batches;
import digits.networks.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.deeplearning4j.datasets.iterator.AsyncShieldDataSetIterator;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** How {@link Trainer} trains the images of an epoch: batch by batch, or in the rounds of several workers. */
interface EpochTraining {
    /** How many images an epoch has, 1 or more. */
    int size();

    /** SHA-256 of all that decides the steps, besides network and random numbers. */
    String fingerprint();

    /** A sentence about the training for the reader; may be empty. */
    default String note() {
        return "";
    }

    /**
     * Trains until the epoch or the training ends.
     *
     * @param epoch   1 for the first
     * @param stopped whether the training is to end; may change with each report
     * @param taken   gets the figures of the steps, of one or several at a time
     */
    void train(int epoch, BooleanSupplier stopped, Consumer<List<Step>> taken);

    /** The plain way: Deeplearning4j's {@code fit} with these batches. */
    static EpochTraining of(Network network, Batches batches) {
        return new EpochTraining() {
            @Override
            public int size() {
                return batches.size();
            }

            @Override
            public String fingerprint() {
                return batches.fingerprint();
            }

            @Override
            public void train(int epoch, BooleanSupplier stopped, Consumer<List<Step>> taken) {
                batches.begin(epoch);
                fit(network, batches, stopped, taken);
            }
        };
    }

    /** Trains on the remaining batches until a stop is requested; the network's own listeners stay. */
    static void fit(Network network, Batches batches, BooleanSupplier stopped, Consumer<List<Step>> taken) {
        List<TrainingListener> before = new ArrayList<>(network.listeners());
        network.model().addListeners(new Step.Listener(network.outputLayer(), taken));
        try {
            network.fit(new UntilStopped(batches, stopped));
        } finally {
            network.model().setListeners(before);
        }
    }

    /** The batches until a stop is requested; none is made ahead on another thread, so that a stop acts at once. */
    final class UntilStopped extends AsyncShieldDataSetIterator {
        private final transient BooleanSupplier stopped;

        private UntilStopped(DataSetIterator batches, BooleanSupplier stopped) {
            super(batches);
            this.stopped = stopped;
        }

        @Override
        public boolean hasNext() {
            return !stopped.getAsBoolean() && super.hasNext();
        }

        /** Otherwise Deeplearning4j starts again from the first batch when it finds none left. */
        @Override
        public boolean resetSupported() {
            return false;
        }
    }
}
