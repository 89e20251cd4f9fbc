package digits.onnx;

import static digits.onnx.WrittenGraph.attribute;

import digits.keras.KerasActivation;
import digits.onnx.WrittenGraph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import onnx.Onnx.AttributeProto;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;

/**
 * Writes activation functions: as one node where ONNX has the function, otherwise as the nodes of its formula.
 *
 * @param name the layer's
 */
record ActivationNodes(WrittenGraph graph, String name, Value x) {
    /** Deeplearning4j's functions without options that ONNX has, too. */
    private static final List<Activation> SAME = List.of(Activation.RELU, Activation.SIGMOID, Activation.TANH,
            Activation.SOFTPLUS, Activation.SOFTSIGN, Activation.SELU);
    private static final List<String> OPERATORS = List.of("Relu", "Sigmoid", "Tanh", "Softplus", "Softsign", "Selu");
    private static final double CUBE = 0.044715;   // in the approximation of GELU, the factor of x³

    /** Applies the function; empty if it is not known here. */
    Optional<Value> apply(IActivation function) {
        if (is(function, Activation.IDENTITY)) return Optional.of(x);
        for (int i = 0; i < SAME.size(); i++) {
            if (is(function, SAME.get(i))) return Optional.of(op(OPERATORS.get(i), x));
        }
        return Optional.ofNullable(function instanceof KerasActivation keras ? keras(keras)
                : withOptions(function));
    }

    private static boolean is(IActivation function, Activation activation) {
        return function.equals(activation.getActivationFunction());
    }

    private Value withOptions(IActivation function) {
        if (is(function, Activation.SOFTMAX)) return with("Softmax", x, attribute("axis", -1L));
        if (function instanceof ActivationELU elu) return with("Elu", x, attribute("alpha", elu.getAlpha()));
        if (function instanceof ActivationLReLU leaky) return leaky(leaky.getAlpha());
        if (function instanceof ActivationThresholdedReLU relu) {
            return with("ThresholdedRelu", x, attribute("alpha", relu.getTheta()));
        }
        if (is(function, Activation.RELU6)) return clip(x, 0, 6);
        if (is(function, Activation.HARDTANH)) return clip(x, -1, 1);
        if (is(function, Activation.HARDSIGMOID)) return hardSigmoid(0.2);
        if (is(function, Activation.SWISH)) return op("Mul", x, op("Sigmoid", x));
        if (is(function, Activation.MISH)) return mish();
        if (is(function, Activation.CUBE)) return op("Mul", x, op("Mul", x, x));
        if (is(function, Activation.RECTIFIEDTANH)) return op("Relu", op("Tanh", x));
        if (is(function, Activation.RATIONALTANH)) return rationalTanh();
        if (is(function, Activation.GELU)) return op("Mul", x, op("Sigmoid", op("Mul", x, number(1.702))));
        // ND4J takes the third power of the factor, too
        return function.equals(new ActivationGELU(true)) ? geluWithTanh(Math.pow(CUBE, 3)) : null;
    }

    /** The functions of Keras that Deeplearning4j lacks; the formulas are those of {@link KerasActivation}. */
    private Value keras(KerasActivation function) {
        return switch (function.getFunction()) {
            case "softmax" -> with("Softmax", x, attribute("axis", 1L));
            case "relu" -> relu(function);
            case "elu" -> with("Elu", x, attribute("alpha", function.getSlope()));
            case "celu" -> with("Celu", x, attribute("alpha", function.getSlope()));
            case "exponential" -> op("Exp", x);
            case "gelu" -> op("Mul", op("Mul", x, number(0.5)),
                    op("Add", op("Erf", op("Mul", x, number(Math.sqrt(0.5)))), number(1)));
            case "gelu_tanh" -> geluWithTanh(CUBE);
            case "hard_sigmoid" -> hardSigmoid(1 / 6.0);
            case "hard_silu" -> op("Mul", x, hardSigmoid(1 / 6.0));
            case "mish" -> mish();
            case "log_sigmoid" -> op("Neg", op("Softplus", op("Neg", x)));
            case "squareplus" -> op("Mul",
                    op("Add", x, op("Sqrt", op("Add", op("Mul", x, x), number(4)))), number(0.5));
            case "hard_shrink" -> with("Shrink", x, attribute("lambd", 0.5));
            case "soft_shrink" -> with("Shrink", x, attribute("lambd", 0.5), attribute("bias", 0.5));
            case "tanh_shrink" -> op("Sub", x, op("Tanh", x));
            case "sparse_plus" -> sparsePlus();
            case "sparse_sigmoid" -> hardSigmoid(0.5);
            default -> null;
        };
    }

    private Value relu(KerasActivation relu) {
        double slope = relu.getSlope();
        Value bent = relu.getThreshold() == 0 ? slope == 0 ? op("Relu", x) : leaky(slope)
                : op("Where", op("GreaterOrEqual", x, number(relu.getThreshold())), x,
                op("Mul", op("Sub", x, number(relu.getThreshold())), number(slope)));
        return relu.getMaximum() < KerasActivation.UNBOUNDED ? op("Min", bent, number(relu.getMaximum()))
                : bent;
    }

    private Value leaky(double slope) {
        return with("LeakyRelu", x, attribute("alpha", slope));
    }

    private Value hardSigmoid(double slope) {
        return with("HardSigmoid", x, attribute("alpha", slope), attribute("beta", 0.5));
    }

    private Value mish() {
        return op("Mul", x, op("Tanh", op("Softplus", x)));
    }

    private Value clip(Value in, double from, double to) {
        return op("Clip", in, number(from), number(to));
    }

    private Value geluWithTanh(double factor) {
        Value cube = op("Mul", x, op("Mul", x, x));
        Value inner = op("Mul", op("Add", x, op("Mul", cube, number(factor))), number(Math.sqrt(2 / Math.PI)));
        return op("Mul", op("Mul", x, number(0.5)), op("Add", op("Tanh", inner), number(1)));
    }

    /** 0 up to −1, x from 1 on, and between them a parabola. */
    private Value sparsePlus() {
        Value root = op("Add", clip(x, -1, 1), number(1));
        Value parabola = op("Mul", op("Mul", root, root), number(0.25));
        return op("Add", parabola, op("Relu", op("Sub", x, number(1))));
    }

    /** 1.7159 · tanh(2x/3), with tanh(y) ≈ sign(y) · (1 − 1 / (1 + |y| + y² + 1.41645·y⁴)), as ND4J computes it. */
    private Value rationalTanh() {
        Value y = op("Mul", x, number(2 / 3.0));
        Value square = op("Mul", y, y);
        Value fourth = op("Mul", op("Mul", square, square), number(1.41645));
        Value sum = op("Add", op("Add", op("Add", op("Abs", y), square), fourth), number(1));
        Value share = op("Sub", number(1), op("Reciprocal", sum));
        return op("Mul", op("Mul", op("Sign", y), share), number(1.7159));
    }

    private Value with(String operator, Value in, AttributeProto... attributes) {
        return graph.node(operator, name, in, attributes);
    }

    private Value op(String operator, Value... in) {
        return graph.node(operator, name, Arrays.stream(in).map(Value::name).toList(), x.shape());
    }

    private Value number(double value) {
        return new Value(graph.number(name + ".constant", value));
    }
}
