package digits.benchmark;

import digits.Settings;
import digits.data.Catalogue;
import digits.data.LabeledImages;
import digits.networks.LeNet;
import digits.networks.WalkthroughNetwork;
import digits.training.History;
import digits.training.ParallelTrainer;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * What averaging costs in accuracy: trains on MNIST with several logical workers in this process and prints the
 * validation accuracy after each epoch. Arguments: {@code lenet} or {@code walkthrough}, training images, epochs, seed,
 * then trainings as workers, images per step and worker, steps per round, and factor of the learning rate, such as
 * {@code 4:128:16:4}. The 5,000 validation images are those after the first 50,000.
 */
public final class ParallelAccuracy {
    private ParallelAccuracy() { }

    public static void main(String[] arguments) {
        LabeledImages mnist = Catalogue.MNIST.load(Settings.fromEnvironment()).train();
        LabeledImages training = mnist.take(Integer.parseInt(arguments[1]));
        LabeledImages validation = mnist.subset(IntStream.range(50_000, 55_000).toArray());
        int epochs = Integer.parseInt(arguments[2]);
        long seed = Long.parseLong(arguments[3]);
        for (String each : List.of(arguments).subList(4, arguments.length)) {
            String[] parts = each.split(":");
            long start = System.nanoTime();
            MultiLayerConfiguration configuration = arguments[0].equals("lenet") ? LeNet.modern(seed, 10)
                    : WalkthroughNetwork.configuration(seed, 0.9);
            ParallelTrainer<MultiLayerNetwork> trainer = ParallelTrainer.of(configuration, seed)
                    .workers(Integer.parseInt(parts[0])).batch(Integer.parseInt(parts[1]))
                    .averageEvery(Integer.parseInt(parts[2])).rateTimes(Double.parseDouble(parts[3]));
            History history = trainer.fit(training, validation, epochs);
            String accuracies = history.epochs().stream()
                    .map(epoch -> "%.4f".formatted(epoch.validationAccuracy())).collect(Collectors.joining(" "));
            System.out.printf("%s seed %d %s: %d steps, validation accuracy %s (%.0f s)%n", arguments[0], seed, each,
                    trainer.network().getIterationCount(), accuracies, (System.nanoTime() - start) / 1e9);
        }
    }
}
