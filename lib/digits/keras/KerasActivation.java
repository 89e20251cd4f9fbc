package digits.keras;

import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * An activation function of Keras that Deeplearning4j lacks or computes differently; it is part of a saved network's
 * configuration. Values are computed one by one in double precision.
 */
public final class KerasActivation extends BaseActivationFunction {
    /** No maximum: more than any activation, and a number that a network file may hold. */
    public static final double UNBOUNDED = 1e18;

    private static final double STEP = 1e-4;   // of the numerical derivative, in double precision
    private final String function;
    private final double maximum;
    private final double slope;
    private final double threshold;

    /**
     * An activation function.
     *
     * @param function  Keras's name, such as “gelu”; “relu” has all of Keras's options, “softmax” is that of an image,
     *                  [n, channels, height, width], along its channels
     * @param maximum   of “relu”, positive; {@link #UNBOUNDED} for none
     * @param slope     of “relu” below the threshold; of “elu” and “celu”, alpha
     * @param threshold of “relu”
     * @throws IllegalArgumentException if there is no such function
     */
    @JsonCreator
    public KerasActivation(@JsonProperty("function") String function, @JsonProperty("maximum") double maximum,
            @JsonProperty("slope") double slope, @JsonProperty("threshold") double threshold) {
        this.function = Objects.requireNonNull(function, "function");
        this.maximum = maximum;
        this.slope = slope;
        this.threshold = threshold;
        value(0);
    }

    KerasActivation(String function) {
        this(function, UNBOUNDED, 0, 0);
    }

    /** Keras's name of the function. */
    public String getFunction() {
        return function;
    }

    /** The largest value of “relu”. */
    public double getMaximum() {
        return maximum;
    }

    /** The slope of “relu” below the threshold. */
    public double getSlope() {
        return slope;
    }

    /** The threshold of “relu”. */
    public double getThreshold() {
        return threshold;
    }

    @Override
    public INDArray getActivation(INDArray in, boolean training) {
        return in.assign(function.equals("softmax") ? softmax(in) : each(in, this::value));
    }

    private static INDArray softmax(INDArray in) {
        INDArray powers = Transforms.exp(in.sub(in.max(true, 1).broadcast(in.shape())));
        return powers.divi(powers.sum(true, 1).broadcast(in.shape()));
    }

    @Override
    public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
        if (function.equals("softmax")) {
            INDArray result = softmax(in);
            INDArray mean = result.mul(epsilon).sum(true, 1).broadcast(in.shape());
            return new Pair<>(epsilon.sub(mean).muli(result), null);
        }
        INDArray gradient = each(in, x -> (value(x + STEP) - value(x - STEP)) / (2 * STEP));
        return new Pair<>(gradient.muli(epsilon), null);
    }

    private static INDArray each(INDArray in, DoubleUnaryOperator f) {
        float[] values = in.dup('c').data().asFloat();
        for (int i = 0; i < values.length; i++) values[i] = (float) f.applyAsDouble(values[i]);
        return Nd4j.create(values, in.shape(), 'c');
    }

    private double value(double x) {
        return switch (function) {
            case "gelu" -> x * normal(x);
            case "gelu_tanh" -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            case "hard_sigmoid" -> hardSigmoid(x);
            case "hard_silu" -> x * hardSigmoid(x);
            case "softmax" -> Double.NaN;   // not a function of one number
            case "exponential" -> Math.exp(x);
            case "mish" -> x * Math.tanh(Math.log1p(Math.exp(x)));
            case "log_sigmoid" -> Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
            case "elu" -> x > 0 ? x : slope * Math.expm1(x);
            case "celu" -> x > 0 ? x : slope * Math.expm1(x / slope);
            case "squareplus" -> 0.5 * (x + Math.sqrt(x * x + 4));
            case "hard_shrink" -> Math.abs(x) > 0.5 ? x : 0;
            case "soft_shrink" -> Math.signum(x) * Math.max(0, Math.abs(x) - 0.5);
            case "tanh_shrink" -> x - Math.tanh(x);
            case "sparse_plus" -> x <= -1 ? 0 : x < 1 ? (x + 1) * (x + 1) / 4 : x;
            case "sparse_sigmoid" -> Math.min(1, Math.max(0, (x + 1) / 2));
            case "relu" -> Math.min(maximum, x >= threshold ? x : slope * (x - threshold));
            default -> throw new IllegalArgumentException("there is no activation function " + function);
        };
    }

    private static double hardSigmoid(double x) {
        return Math.min(1, Math.max(0, x / 6 + 0.5));
    }

    /**
     * The distribution function of the normal distribution. Marsaglia, “Evaluating the Normal Distribution” (2004):
     * a series that converges everywhere; beyond 9, the result is 0 or 1 in single precision.
     */
    private static double normal(double x) {
        if (Math.abs(x) > 9) return x > 0 ? 1 : 0;
        double sum = x;
        double term = x;
        for (int i = 3; Math.abs(term) > 1e-17 * Math.abs(sum); i += 2) {
            term *= x * x / i;
            sum += term;
        }
        return 0.5 + sum * Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KerasActivation o && function.equals(o.function) && maximum == o.maximum
                && slope == o.slope && threshold == o.threshold;
    }

    @Override
    public int hashCode() {
        return Objects.hash(function, maximum, slope, threshold);
    }

    @Override
    public String toString() {
        return "keras." + function;
    }
}
