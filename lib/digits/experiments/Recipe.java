package digits.experiments;

import digits.acceleration.Acceleration;
import digits.data.Augmentation;
import digits.data.AugmentedBatches;
import digits.data.Batches;
import digits.data.Catalogue;
import digits.data.DigitBatches;
import digits.data.LabeledImages;
import digits.networks.Network;
import digits.networks.NetworkLine;
import digits.training.Schedules;
import digits.training.Trainer;
import digits.training.TrainingProgress;
import digits.training.WeightAverage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/**
 * How a network is built and trained, down to the last number except for the seed: one rung of notebook 20's ladder, or
 * an entry of its board. Adam with a one-cycle schedule over all epochs, and a moving average of the weights.
 *
 * @param name    such as “two-minutes”
 * @param data    the data set, of which 48,000 images train and 12,000 validate
 * @param network the layers, as {@link NetworkLine} reads them
 * @param rate    the highest learning rate
 * @param average share that the average of the weights keeps in each step; 0 for the last weights alone
 */
public record Recipe(String name, Catalogue data, String network, int batch, int epochs, double rate,
                     Augmentation augmentation, double average) {
    private static final Augmentation HAND = Augmentation.NONE.shifted(2).rotated(10).zoomed(0.1);
    private static final Augmentation CLOTHES = Augmentation.NONE.shifted(2).flipped();
    private static final String NARROW = "16 P 32v 32v P 64v 64v drop25";
    private static final String WIDE = "24 P 48v 48v P 96v 96v drop25";
    private static final String DEEP = "32 P 48 48 P drop25 96 96 P drop25 dense256 drop50";

    /** The rungs of the ladder and the entries of the board, in their order. */
    public static final List<Recipe> ALL = List.of(
            new Recipe("plain", Catalogue.MNIST, NARROW, 128, 8, 0.01, Augmentation.NONE, 0.999),
            new Recipe("two-minutes", Catalogue.MNIST, NARROW, 128, 8, 0.01, HAND, 0.999),
            new Recipe("single", Catalogue.MNIST, WIDE, 128, 15, 0.01, HAND.bent(0.6), 0.999),
            new Recipe("fashion", Catalogue.FASHION_MNIST, DEEP, 128, 20, 0.005, CLOTHES, 0.999),
            new Recipe("smallest", Catalogue.MNIST, "8 P 12v 12v P 16v G", 128, 12, 0.02,
                    Augmentation.NONE.shifted(1).rotated(5).zoomed(0.05), 0.999));

    /** @throws IllegalArgumentException if there is none of this name */
    public static Recipe named(String name) {
        return ALL.stream().filter(recipe -> recipe.name.equals(name)).findFirst().orElseThrow(() ->
                new IllegalArgumentException("there is no recipe “" + name + "”; there are "
                        + String.join(", ", ALL.stream().map(Recipe::name).toList())));
    }

    /** The configuration for this many training images and classes; the seed is that of the initial weights. */
    public MultiLayerConfiguration configuration(long seed, int images, int classes) {
        int steps = Schedules.stepsOf(images, batch, epochs);
        return NetworkLine.configuration(network, seed, classes, Adam.builder().epsilon(1e-7)
                .learningRateSchedule(Schedules.oneCycle(rate, steps)).build());
    }

    /** The number of the network's parameters for ten classes, the running averages of batch normalization included. */
    public long parameters() {
        MultiLayerNetwork built = new MultiLayerNetwork(configuration(0, 1, 10));
        built.init();
        return built.numParams();
    }

    /**
     * Trains a network from the start, or from its checkpoint, without looking at any other images.
     *
     * @param images   scaled to [0, 1] here
     * @param seed     of weights, order, augmentation and dropout
     * @param folder   for the checkpoint, which stays there; empty for none
     * @return the network with the average of its weights; empty if the thread was interrupted
     */
    public Optional<MultiLayerNetwork> train(LabeledImages images, long seed, Optional<Path> folder,
                                             Consumer<? super TrainingProgress> progress) {
        Nd4j.getRandom().setSeed(seed);
        MultiLayerNetwork network = new MultiLayerNetwork(configuration(seed, images.size(), images.classes()));
        network.init();
        Acceleration.of(network);
        WeightAverage mean = WeightAverage.of(Network.of(network), average);
        Trainer trainer = Trainer.of(network, seed).onProgress(progress);
        folder.ifPresent(place -> {
            mean.keptAs(place.resolve("average"));
            trainer.keptAs(place.resolve("checkpoint"));
        });
        Batches batches = DigitBatches.shuffled(images, batch, seed).scaled();
        if (!augmentation.equals(Augmentation.NONE)) batches = AugmentedBatches.of(batches, augmentation, seed);
        if (trainer.fit(batches, epochs).epochs().size() < epochs) return Optional.empty();
        mean.apply(Network.of(network));
        return Optional.of(network);
    }
}
