package digits.acceleration;

import static digits.acceleration.OneDnn.check;
import static digits.acceleration.OneDnn.floats;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_add;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_desc_init;
import static org.bytedeco.dnnl.global.dnnl.dnnl_x;

import java.lang.reflect.Field;
import java.util.Map;

import org.bytedeco.dnnl.dnnl_binary_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Deeplearning4j's sum of two arrays, as residual networks have it, that keeps the memory layout it meets: the built-in one turns
 * images into rows and back. Other than two arrays of one shape are left to the built-in code. Named like what it stands for:
 * {@code summary()} prints the name of the class.
 */
final class ElementWiseVertex extends org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex {
    private final transient org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex original;
    private final transient Kept<Primitive> sums = new Kept<>(this);
    private final transient Kept<Primitive> copies = new Kept<>(this);
    private final transient ChannelsLast channelsLast = new ChannelsLast(this);
    private transient boolean fast;

    private ElementWiseVertex(org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex original) {
        super(original.getGraph(), original.getVertexName(), original.getVertexIndex(), original.getInputVertices(),
                original.getOutputVertices(), Op.Add, original.getDataType());
        this.original = original;
        setOutputVertex(original.isOutputVertex());
    }

    /** Replaces the sums of this graph, or takes an earlier replacement back. */
    static void replace(ComputationGraph graph, boolean wanted) {
        GraphVertex[] vertices = graph.getVertices();
        for (int i = 0; i < vertices.length; i++) {
            GraphVertex vertex = vertices[i] instanceof ElementWiseVertex earlier ? earlier.original : vertices[i];
            if (wanted && adds(graph, vertex)) {
                vertex = new ElementWiseVertex((org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex) vertex);
            }
            if (vertex != vertices[i]) {
                vertices[i] = vertex;
                byName(graph).put(vertex.getVertexName(), vertex);
            }
        }
    }

    private static boolean adds(ComputationGraph graph, GraphVertex vertex) {
        return vertex.getClass() == org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex.class
                && ((org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex) vertex).getDataType() == DataType.FLOAT
                && graph.getConfiguration().getVertices().get(vertex.getVertexName())
                        instanceof org.deeplearning4j.nn.conf.graph.ElementWiseVertex configuration
                && configuration.getOp() == org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op.Add;
    }

    /** {@code getVertex(name)} looks into a map of its own. */
    @SuppressWarnings("unchecked")
    private static Map<String, GraphVertex> byName(ComputationGraph graph) {
        try {
            Field field = ComputationGraph.class.getDeclaredField("verticesMap");
            field.setAccessible(true);
            return (Map<String, GraphVertex>) field.get(graph);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("ComputationGraph has no map \"verticesMap\": another version of Deeplearning4j"
                    + " than 1.0.0-M2.1 is on the classpath", e);
        }
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaceMgr) {
        fast = canDoForward() && inputs.length == 2 && inputs[0].equalShapes(inputs[1]);
        if (!fast) return super.doForward(training, workspaceMgr);
        boolean images = ChannelsLast.suits(inputs[0]);
        INDArray a = channelsLast.of(inputs[0].castTo(dataType), images, workspaceMgr, ArrayType.INPUT);
        INDArray b = channelsLast.of(inputs[1].castTo(dataType), images, workspaceMgr, ArrayType.INPUT);
        INDArray sum = ChannelsLast.like(a, images, workspaceMgr, ArrayType.ACTIVATIONS);
        sums.get(sum.length(), () -> sum(sum.length())).run(OneDnn.address(a), OneDnn.address(b), OneDnn.address(sum));
        OneDnn.hold(a, b, sum);
        return sum;
    }

    /** Each summand has the sum's gradient: a copy of its own, since Deeplearning4j adds to it what comes from elsewhere. */
    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaceMgr) {
        if (!fast) return super.doBackward(tbptt, workspaceMgr);
        if (!canDoBackward()) throw new IllegalStateException("no gradient has come back to the sum " + vertexName);
        boolean images = ChannelsLast.suits(epsilon);
        INDArray from = channelsLast.of(epsilon.castTo(dataType), images, workspaceMgr, ArrayType.BP_WORKING_MEM);
        INDArray[] gradients = new INDArray[2];
        for (int i = 0; i < gradients.length; i++) {
            gradients[i] = ChannelsLast.like(from, images, workspaceMgr, ArrayType.ACTIVATION_GRAD);
            copies.get(from.length(), () -> copy(from.length())).run(OneDnn.address(from), OneDnn.address(gradients[i]));
        }
        OneDnn.hold(from, gradients);
        return new Pair<>(null, gradients);
    }

    private static Primitive sum(long length) {
        dnnl_memory_desc_t layout = floats(dnnl_x, length);
        var operation = new dnnl_binary_desc_t();
        check(dnnl_binary_desc_init(operation, dnnl_binary_add, layout, layout, layout), "describe a sum");
        return Primitive.of(operation, null, null, DNNL_ARG_SRC_0, DNNL_ARG_SRC_1, DNNL_ARG_DST);
    }

    private static Primitive copy(long length) {
        return Primitive.reorder(floats(dnnl_x, length), floats(dnnl_x, length));
    }
}
