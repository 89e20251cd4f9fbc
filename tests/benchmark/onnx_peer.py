"""The peers ONNX Runtime and OpenVINO, which only predict: they read the library's ONNX file of the pretrained network.

The protocol is peer.py's. Arguments: onnxruntime or openvino, and for OpenVINO the precision, f32 or bf16. Both run in
the environment of `make onnx`.

- Batches of one size have one compiled program, with this size fixed: OpenVINO then chooses faster code.
- ONNX Runtime: all optimizations, threads that spin while they wait, denormal numbers flushed, and the arrays of a
  single image bound before the call.
- OpenVINO: the hint LATENCY for one image, with one request; THROUGHPUT for batches, with as many requests at a time
  as it asks for. Left alone it would compute in bf16 where the processor can.
"""

import subprocess
import sys

import numpy
from peer import scores, serve, threads


class OnnxRuntimePeer:
    """The network in ONNX Runtime."""

    def __init__(self, images):
        import onnxruntime

        self.images, self.runtime = images, onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.add_session_config_entry("session.intra_op.allow_spinning", "1")
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
        file = str(images.folder / "network.onnx")
        self.session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        self.input, self.output = self.session.get_inputs()[0].name, self.session.get_outputs()[0].name

    def parameters(self):
        return parameters(self.images)

    def settings(self):
        return "only predicts; %d threads that spin; float32; arrays bound before the call" % threads()

    def versions(self):
        return {"onnxruntime": self.runtime.__version__}

    def evaluate(self, x, y, batch):
        parts = (self.images.scaled(x[i : i + batch, None]) for i in range(0, len(x), batch))
        return scores(numpy.concatenate([self.session.run(None, {self.input: part})[0] for part in parts]), y)

    def prediction_of(self, x):
        result = self.runtime.OrtValue.ortvalue_from_numpy(numpy.zeros((1, 10), numpy.float32))
        binding = self.session.io_binding()
        binding.bind_ortvalue_input(self.input, self.runtime.OrtValue.ortvalue_from_numpy(x[:, None]))
        binding.bind_ortvalue_output(self.output, result)

        def predict():
            self.session.run_with_iobinding(binding)
            return result.numpy()

        return predict


class OpenVinoPeer:
    """The network in OpenVINO."""

    def __init__(self, images, precision):
        import openvino

        self.images, self.openvino, self.precision = images, openvino, precision
        self.core, self.compiled = openvino.Core(), {}
        self.request = self._program(1, "LATENCY").create_infer_request()

    def _program(self, n, hint):
        """The network for batches of this size, compiled when it is needed."""
        if (n, hint) not in self.compiled:
            model = self.core.read_model(self.images.folder / "network.onnx")
            model.reshape([n, 1, 28, 28])
            properties = {
                "PERFORMANCE_HINT": hint,
                "INFERENCE_NUM_THREADS": threads(),
                "INFERENCE_PRECISION_HINT": self.precision,
            }
            self.compiled[n, hint] = self.core.compile_model(model, "CPU", properties)
        return self.compiled[n, hint]

    def parameters(self):
        return parameters(self.images)

    def settings(self):
        return "only predicts; %d threads; %s; hints LATENCY for one image, THROUGHPUT for batches" % (
            threads(),
            self.precision,
        )

    def versions(self):
        return {"openvino": self.openvino.__version__}

    def evaluate(self, x, y, batch):
        results = numpy.empty((len(x), 10), numpy.float32)
        whole = len(x) // batch * batch
        for size, start, end in ((batch, 0, whole), (len(x) - whole, whole, len(x))):
            if start == end:
                continue
            queue = self.openvino.AsyncInferQueue(self._program(size, "THROUGHPUT"))
            queue.set_callback(lambda request, i: results.__setitem__(slice(*i), request.get_output_tensor().data))
            for i in range(start, end, size):
                queue.start_async({0: self.images.scaled(x[i : i + size, None])}, (i, i + size))
            queue.wait_all()
        return scores(results, y)

    def prediction_of(self, x):
        image, request = self.openvino.Tensor(numpy.ascontiguousarray(x[:, None])), self.request

        def predict():
            request.set_input_tensor(image)
            request.infer()
            return request.get_output_tensor().data.copy()

        return predict


def parameters(images):
    """How many numbers the file's network has, counted by a process of its own: the package needs memory."""
    count = "import math, onnx, sys; print(sum(math.prod(t.dims) for t in onnx.load(sys.argv[1]).graph.initializer))"
    return int(subprocess.check_output([sys.executable, "-c", count, str(images.folder / "network.onnx")]))


if __name__ == "__main__":
    serve(OnnxRuntimePeer if sys.argv[1] == "onnxruntime" else lambda images: OpenVinoPeer(images, sys.argv[2]))
