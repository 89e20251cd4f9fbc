package digits.training;

import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A learning rate that falls along half a cosine, without restarts: Loshchilov and Hutter, “SGDR: Stochastic Gradient
 * Descent with Warm Restarts” (2016), equation 5. At step t it is {@code lowest + (highest − lowest) · (1 + cos(π t /
 * steps)) / 2}, and {@code lowest} from step {@code steps}. It is saved with a network's configuration.
 *
 * @param lowest 0 or more, at most {@code highest}
 * @param steps  1 or more
 */
public record CosineSchedule(@JsonProperty("highest") double highest, @JsonProperty("lowest") double lowest,
                             @JsonProperty("steps") int steps) implements ISchedule {
    @JsonCreator
    public CosineSchedule {
        Schedules.require(lowest >= 0 && lowest <= highest && highest < Double.POSITIVE_INFINITY,
                "a cosine from " + highest + " down to " + lowest + "; it has to fall, to 0 or more");
        Schedules.checkSteps(steps);
    }

    @Override
    public double valueAt(int iteration, int epoch) {
        if (iteration >= steps) return lowest;
        return lowest + (highest - lowest) * (1 + Math.cos(Math.PI * iteration / steps)) / 2;
    }

    @Override
    @SuppressWarnings("MethodDoesntCallSuperMethod")
    public CosineSchedule clone() {
        return this;   // immutable
    }
}
