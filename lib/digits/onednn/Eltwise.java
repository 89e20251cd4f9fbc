package digits.onednn;

import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.global.dnnl;

/**
 * A function of each number, which oneDNN can apply while it writes a computation's result.
 *
 * @param algorithm {@code dnnl_eltwise_…}
 * @param alpha     the function's parameter, otherwise 0
 */
public record Eltwise(int algorithm, float alpha) {
    /** max(0, x). */
    public static final Eltwise RELU = new Eltwise(dnnl.dnnl_eltwise_relu, 0);
    /** The hyperbolic tangent. */
    public static final Eltwise TANH = new Eltwise(dnnl.dnnl_eltwise_tanh, 0);
    /** 1 / (1 + exp(−x)). */
    public static final Eltwise SIGMOID = new Eltwise(dnnl.dnnl_eltwise_logistic, 0);

    /** x if it is positive, otherwise slope · x. */
    public static Eltwise leakyRelu(double slope) {
        return new Eltwise(dnnl.dnnl_eltwise_relu, (float) slope);
    }

    /** x if it is positive, otherwise alpha · (exp(x) − 1). */
    public static Eltwise elu(double alpha) {
        return new Eltwise(dnnl.dnnl_eltwise_elu, (float) alpha);
    }

    void fuse(dnnl_post_ops operations) {
        OneDnn.check(dnnl.dnnl_post_ops_append_eltwise(operations, 1f, algorithm, alpha, 0f), "fuse a function");
    }
}
