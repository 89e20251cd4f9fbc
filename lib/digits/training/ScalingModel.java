package digits.training;

/**
 * The calculated speed-up of training by parameter averaging: how much faster several executors train than one.
 *
 * <p>A round is some steps on each executor, followed by an exchange: the driver's link carries every executor's state
 * to it, the averaged state goes back (executors pass it on to each other), and the driver adds them up. The slowest
 * executor sets the pace: 2 % more time with each doubling of their number, an assumption. Everything else is measured:
 * steps and rounds on the machines in question, the link's speed from its label.
 *
 * @param stepSeconds    time of a training step on one executor
 * @param roundSeconds   time of the exchange with one executor, without the time on the link
 * @param bytes          size of what is exchanged: parameters and the optimizer's state
 * @param bytesPerSecond speed of the driver's link: about 110 million on 1 Gbit/s Ethernet
 */
public record ScalingModel(double stepSeconds, double roundSeconds, long bytes, double bytesPerSecond) {
    private static final double STRAGGLING = 0.02;

    public ScalingModel {
        if (!(stepSeconds > 0 && roundSeconds >= 0 && bytes > 0 && bytesPerSecond > 0)) {
            throw new IllegalArgumentException("a step of " + stepSeconds + " s, a round of " + roundSeconds + " s, "
                    + bytes + " bytes at " + bytesPerSecond + " bytes per second: all have to be positive");
        }
    }

    /**
     * Images per second of that many executors divided by those of one that never exchanges anything.
     *
     * @param executors    1 or more, each on a separate machine
     * @param averageEvery steps between two exchanges, 1 or more
     */
    public double speedUp(int executors, int averageEvery) {
        if (executors < 1 || averageEvery < 1) {
            throw new IllegalArgumentException(executors + " executors that average every " + averageEvery + " steps");
        }
        double doublings = Math.log(executors) / Math.log(2);
        double training = averageEvery * stepSeconds;
        double link = bytes / bytesPerSecond * (executors + 1 + doublings);
        return executors * training / (training * (1 + STRAGGLING * doublings) + executors * roundSeconds + link);
    }
}
