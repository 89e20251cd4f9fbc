package digits.acceleration;

import static digits.acceleration.LayerSupport.hold;
import static digits.acceleration.LayerSupport.region;

import digits.engine.Engine;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The sum of two arrays of one shape in a graph, as in residual networks; anything else is left to the built-in code.
 * It keeps the memory layout it meets, where the built-in vertex converts images to rows and back.
 */
@SuppressWarnings("overrides")   // Deeplearning4j declares setInputs with and without varargs
final class ElementWiseVertex extends org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex {
    private static final VarHandle BY_NAME = LayerSupport.privateField(ComputationGraph.class, "verticesMap");

    private final transient org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex original;
    private final transient ShapeCache<Engine.Pass> sums = new ShapeCache<>();
    private final transient ShapeCache<Engine.Pass> copies = new ShapeCache<>();
    private final transient Engine engine;
    private final transient ChannelsLast layout;
    private transient boolean fast;

    private ElementWiseVertex(org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex original, Engine engine) {
        super(original.getGraph(), original.getVertexName(), original.getVertexIndex(), original.getInputVertices(),
                original.getOutputVertices(), Op.Add, original.getDataType());
        this.original = original;
        this.engine = engine;
        layout = new ChannelsLast(engine);
        setOutputVertex(original.isOutputVertex());
    }

    /** Replaces the sums of this graph if there is an engine, otherwise reverts an earlier replacement. */
    static void replace(ComputationGraph graph, Optional<Engine> engine) {
        GraphVertex[] vertices = graph.getVertices();
        @SuppressWarnings("unchecked")
        Map<String, GraphVertex> byName = (Map<String, GraphVertex>) BY_NAME.get(graph);   // for getVertex(name)
        for (int i = 0; i < vertices.length; i++) {
            GraphVertex vertex = vertices[i] instanceof ElementWiseVertex earlier ? earlier.original : vertices[i];
            vertices[i] = engine.isEmpty() || !adds(graph, vertex) ? vertex : new ElementWiseVertex(
                    (org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex) vertex, engine.get());
            byName.put(vertex.getVertexName(), vertices[i]);
        }
    }

    private static boolean adds(ComputationGraph graph, GraphVertex vertex) {
        return vertex.getClass() == org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex.class
                && ((org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex) vertex).getDataType() == DataType.FLOAT
                && graph.getConfiguration().getVertices().get(vertex.getVertexName())
                        instanceof org.deeplearning4j.nn.conf.graph.ElementWiseVertex configuration
                && configuration.getOp() == org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op.Add;
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        synchronized (getGraph()) {   // see LayerPosition
            fast = canDoForward() && inputs.length == 2 && inputs[0].equalShapes(inputs[1]);
            return fast ? sum(workspaces) : super.doForward(training, workspaces);
        }
    }

    private INDArray sum(LayerWorkspaceMgr workspaces) {
        boolean images = ChannelsLast.prefersChannelsLast(inputs[0]);
        INDArray a = layout.toChannelsLast(inputs[0], images, workspaces, ArrayType.INPUT);
        INDArray b = layout.toChannelsLast(inputs[1], images, workspaces, ArrayType.INPUT);
        INDArray sum = layout.createLike(a, images, workspaces, ArrayType.ACTIVATIONS);
        sums.get(sum.length(), () -> engine.sum(sum.length())).run(region(a), region(b), region(sum));
        hold(a, b, sum);
        return sum;
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
        synchronized (getGraph()) {
            return fast ? backward(workspaces) : super.doBackward(tbptt, workspaces);
        }
    }

    /** Each summand gets a copy of the sum's gradient, because Deeplearning4j adds to it what comes from elsewhere. */
    private Pair<Gradient, INDArray[]> backward(LayerWorkspaceMgr workspaces) {
        if (!canDoBackward()) throw new IllegalStateException("no gradient has come back to the sum " + vertexName);
        boolean images = ChannelsLast.prefersChannelsLast(epsilon);
        INDArray from = layout.toChannelsLast(epsilon, images, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray[] gradients = new INDArray[2];
        for (int i = 0; i < gradients.length; i++) {
            gradients[i] = layout.createLike(from, images, workspaces, ArrayType.ACTIVATION_GRAD);
            copies.get(from.length(), () -> engine.copy(engine.numbers(), from.length()))
                    .run(region(from), region(gradients[i]));
        }
        hold(from, gradients);
        return new Pair<>(null, gradients);
    }
}
