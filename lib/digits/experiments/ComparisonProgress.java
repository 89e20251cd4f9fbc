package digits.experiments;

import digits.training.TrainingProgress;
import java.util.List;
import java.util.Optional;

/**
 * How far a comparison is.
 *
 * @param names    of all its networks, in order
 * @param finished the networks that are trained and examined
 * @param running  the training of the network that comes next in the order, if it is under way
 */
public record ComparisonProgress(List<String> names, List<ComparedNetwork> finished, Optional<TrainingProgress> running) {

    public ComparisonProgress {
        names = List.copyOf(names);
        finished = List.copyOf(finished);
    }
}
