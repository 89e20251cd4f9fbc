package digits.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A written file in ONNX Runtime, which its native library computes with one thread. */
final class WrittenRun implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    private final OrtSession session;

    WrittenRun(Path file) throws OrtException {
        options.setIntraOpNumThreads(1);
        session = environment.createSession(file.toString(), options);
    }

    OrtSession session() {
        return session;
    }

    /** The first output. */
    INDArray predict(INDArray examples) throws OrtException {
        return outputs(examples).values().iterator().next();
    }

    /** All outputs by their names, in the file's order. */
    Map<String, INDArray> outputs(INDArray examples) throws OrtException {
        Map<String, INDArray> outputs = new LinkedHashMap<>();
        FloatBuffer numbers = FloatBuffer.wrap(examples.dup('c').data().asFloat());
        try (OnnxTensor tensor = OnnxTensor.createTensor(environment, numbers, examples.shape());
                OrtSession.Result result = session.run(Map.of(session.getInputNames().iterator().next(), tensor))) {
            for (Map.Entry<String, OnnxValue> output : result) {
                OnnxTensor value = (OnnxTensor) output.getValue();
                float[] values = new float[value.getFloatBuffer().remaining()];
                value.getFloatBuffer().get(values);
                outputs.put(output.getKey(), Nd4j.create(values, value.getInfo().getShape(), 'c'));
            }
        }
        return outputs;
    }

    @Override
    public void close() throws OrtException {
        session.close();
        options.close();
    }
}
