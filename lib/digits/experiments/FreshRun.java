package digits.experiments;

import digits.acceleration.Acceleration;
import digits.data.DigitBatches;
import digits.data.LabeledImages;
import digits.training.History;
import digits.training.Trainer;
import digits.training.TrainingProgress;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network trained from its start, accelerated, on images scaled to [0, 1]: what the rungs of a ladder and the runs of a sweep share.
 *
 * @param network after its last step
 * @param history fewer epochs than were asked for if the thread was interrupted
 */
record FreshRun(MultiLayerNetwork network, History history) {
    private static final int VALIDATION_BATCH = 500;

    /** The images to train and validate on, images a step, passes over them. */
    record Plan(LabeledImages training, LabeledImages validation, int batch, int epochs) {
    }

    static FreshRun of(MultiLayerConfiguration configuration, Plan plan, long seed, Consumer<TrainingProgress> progress, TrainingListener... listeners) {
        Nd4j.getRandom().setSeed(seed);   // else the first weights depend on what was drawn since the configuration was built
        MultiLayerNetwork network = new MultiLayerNetwork(configuration.clone());   // training counts its steps in there
        network.init();
        network.setListeners(listeners);
        Acceleration.of(network);
        History history = Trainer.of(network, seed).onProgress(progress)
                .fit(scaled(DigitBatches.shuffled(plan.training(), plan.batch(), seed)),
                        scaled(DigitBatches.inOrder(plan.validation(), VALIDATION_BATCH)), plan.epochs());
        return new FreshRun(network, history);
    }

    private static DigitBatches scaled(DigitBatches batches) {
        batches.setPreProcessor(new ImagePreProcessingScaler(0, 1));
        return batches;
    }
}
