"""Small ONNX models as PyTorch, Keras 3 and scikit-learn export them, with ONNX Runtime's predictions.

    python tests/onnx/models.py torch FOLDER [NAME …]     needs torch, onnx, onnxscript, onnxruntime
    python tests/onnx/models.py keras FOLDER [NAME …]     needs keras, tensorflow, tf2onnx (or torch), onnxruntime
    python tests/onnx/models.py sklearn FOLDER [NAME …]   needs scikit-learn, skl2onnx, onnxruntime
    python tests/onnx/models.py built FOLDER              needs onnx, onnxruntime

Beside each model, NAME.f32 has the predictions for the 100 digits of tests/digits/keras/fixtures/digits.gz, as
little-endian floats: those of ONNX Runtime, after a softmax where the model returns logits or log-probabilities.
tests/digits/onnx/fixtures has what this script made with PyTorch 2.15, Keras 3.15.1 (with KERAS_BACKEND=torch, and
with KERAS_BACKEND=tensorflow, TensorFlow 2.21 and tf2onnx 1.17), scikit-learn 1.9.1, skl2onnx 1.20, onnx 1.23.2 and
onnxruntime 1.32. The models are trained for a moment on the sample of MNIST.
"""

import gzip
import os
import sys
import warnings
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import numpy
import onnxruntime

ROOT = Path(__file__).resolve().parents[2]
DIGITS = ROOT / "tests" / "digits" / "keras" / "fixtures" / "digits.gz"
SAMPLE = ROOT / "build" / "sample" / "mnist_5k.csv.gz"
CLASSES = 10


def digits():
    """The 100 digits, pixels from 0 to 1: [100, 1, 28, 28]."""
    content = numpy.frombuffer(gzip.decompress(DIGITS.read_bytes()), dtype=numpy.uint8)
    return content[:78_400].reshape(100, 1, 28, 28).astype("float32") / numpy.float32(255)


def sample():
    """1,000 others to train on, in a fixed random order, and their labels."""
    table = numpy.loadtxt(gzip.open(SAMPLE), delimiter=",", dtype=numpy.uint8)
    table = table[numpy.random.default_rng(42).permutation(len(table))][100:1100]
    return table[:, :784].reshape(-1, 1, 28, 28).astype("float32") / numpy.float32(255), table[:, 784].astype("int64")


def predictions(file, finish):
    """What ONNX Runtime computes for the 100 digits, one by one: some models have a fixed batch of one."""
    if callable(finish):
        return finish(digits())
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    rows = []
    for image in digits():
        shape = [1] + [side if isinstance(side, int) else 28 for side in entry.shape[1:]]
        found = session.run(None, {entry.name: image.reshape(shape)})[-1]
        if isinstance(found, list):  # scikit-learn's ZipMap: [{0: p, 1: p, …}]
            found = numpy.array([[found[0][key] for key in sorted(found[0])]])
        rows.append(numpy.asarray(found, dtype="float64").reshape(CLASSES))
    rows = numpy.array(rows)
    if finish == "softmax":
        rows = numpy.exp(rows - rows.max(1, keepdims=True))
        rows /= rows.sum(1, keepdims=True)
    return rows


def without_paths(file):
    """PyTorch writes where in the source each operator comes from, with the paths of this machine."""
    import onnx

    model = onnx.load(str(file))
    for node in model.graph.node:
        kept = [entry for entry in node.metadata_props if entry.key != "pkg.torch.onnx.stack_trace"]
        del node.metadata_props[:]
        node.metadata_props.extend(kept)
    onnx.save(model, str(file))


def finished(folder, name, finish, parameters):
    file = folder / f"{name}.onnx"
    without_paths(file)
    rows = predictions(str(file), finish)
    rows.astype("<f4").tofile(folder / f"{name}.f32")
    print(f"{name}: {file.stat().st_size:,} bytes, {parameters:,} parameters, spread {rows.std(0).mean():.4f}")


# --- PyTorch ---------------------------------------------------------------------------------------------------------


def torch_models():
    """{name: (model, what makes probabilities of its results)}."""
    import torch
    from torch import nn
    from torch.nn import functional as f

    class LeNet(nn.Module):
        """As in PyTorch's own MNIST example: functions, a view, and log-probabilities."""

        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 4, 5, padding=2)
            self.conv2 = nn.Conv2d(4, 6, 3)
            self.fc1 = nn.Linear(216, 20)
            self.fc2 = nn.Linear(20, CLASSES)

        def forward(self, x):
            x = f.max_pool2d(f.relu(self.conv1(x)), 2)
            x = f.max_pool2d(f.relu(self.conv2(x)), 2)
            x = x.view(x.size(0), -1)
            x = f.dropout(f.relu(self.fc1(x)), 0.5, self.training)
            return f.log_softmax(self.fc2(x), dim=1)

    class Block(nn.Module):
        def __init__(self, before, after, stride):
            super().__init__()
            self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(after)
            self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(after)
            same = stride == 1 and before == after
            self.downsample = (
                nn.Identity()
                if same
                else nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))
            )

        def forward(self, x):
            y = torch.relu(self.bn1(self.conv1(x)))
            return torch.relu(self.bn2(self.conv2(y)) + self.downsample(x))

    class ResNet(nn.Module):
        """The beginning and the end of torchvision's."""

        def __init__(self):
            super().__init__()
            self.stem = nn.Sequential(
                nn.Conv2d(1, 4, 7, 2, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(3, 2, 1)
            )
            self.blocks = nn.Sequential(Block(4, 4, 1), Block(4, 8, 2))
            self.pool = nn.AdaptiveAvgPool2d((1, 1))
            self.fc = nn.Linear(8, CLASSES)

        def forward(self, x):
            return self.fc(torch.flatten(self.pool(self.blocks(self.stem(x))), 1))

    class Normalized(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner
            self.register_buffer("mean", torch.tensor([0.1307]).view(1, 1, 1))
            self.register_buffer("std", torch.tensor([0.3081]).view(1, 1, 1))

        def forward(self, x):
            return self.inner((x - self.mean) / self.std)

    class Mobile(nn.Module):
        def __init__(self):
            super().__init__()

            def unit(before, after, stride):
                return [
                    nn.Conv2d(before, before, 3, stride, 1, groups=before, bias=False),
                    nn.BatchNorm2d(before),
                    nn.ReLU6(),
                    nn.Conv2d(before, after, 1, bias=False),
                    nn.BatchNorm2d(after),
                    nn.ReLU6(),
                ]

            self.features = nn.Sequential(
                nn.Conv2d(1, 6, 3, 2, 1, bias=False), nn.BatchNorm2d(6), nn.ReLU6(), *unit(6, 10, 1), *unit(10, 16, 2)
            )
            self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(16, CLASSES))

        def forward(self, x):
            return self.classifier(self.features(x).mean([2, 3]))

    class Dense(nn.Module):
        """Two branches that are joined."""

        def __init__(self):
            super().__init__()
            self.a = nn.Conv2d(1, 3, 3, 2)
            self.b = nn.Conv2d(1, 4, 5, 2, 1)
            self.fc = nn.Linear(7, CLASSES)

        def forward(self, x):
            y = torch.cat([torch.relu(self.a(x)), torch.sigmoid(self.b(x))], 1)
            return torch.softmax(self.fc(f.adaptive_max_pool2d(y, 1).flatten(1)), 1)

    walk = nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 5, 3, stride=2),
        nn.BatchNorm2d(5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.25),
        nn.Flatten(),
        nn.Linear(180, 16),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(16, CLASSES),
        nn.Softmax(1),
    )
    odd = nn.Sequential(
        nn.ConstantPad2d((1, 0, 2, 1), 0.0),
        nn.Conv2d(1, 6, (3, 2), stride=(2, 1), bias=False),
        nn.LeakyReLU(0.1),
        nn.AvgPool2d(3, 2, 1),
        nn.Conv2d(6, 6, 3, groups=2, dilation=2, padding=2),
        nn.PReLU(6),
        nn.AvgPool2d(3, 2, 1, count_include_pad=False),
        nn.Hardtanh(-1, 1),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.ZeroPad2d((0, 1, 0, 0)),
        nn.Conv2d(6, 8, 2),
        nn.ELU(0.7),
        nn.Flatten(),
        nn.Linear(32, CLASSES),
    )
    curves = nn.Sequential(
        nn.Conv2d(1, 4, 3, 2),
        nn.SiLU(),
        nn.Conv2d(4, 4, 3, 2),
        nn.GELU(),
        nn.BatchNorm2d(4, affine=False),
        nn.Hardswish(),
        nn.Conv2d(4, 4, 3),
        nn.CELU(0.5),
        nn.Conv2d(4, 4, 1),
        nn.Hardsigmoid(),
        nn.PReLU(),
        nn.Flatten(),
        nn.Linear(64, 12),
        nn.SELU(),
        nn.Linear(12, 12),
        nn.Mish(),
        nn.Linear(12, CLASSES),
    )
    perceptron = nn.Sequential(nn.Flatten(), nn.Linear(784, 12, bias=False), nn.Tanh(), nn.Linear(12, CLASSES))
    lenet = LeNet()
    return {
        "lenet": (lenet, "softmax"),
        "walk": (walk, None),
        "resnet": (ResNet(), "softmax"),
        "mobile": (Mobile(), "softmax"),
        "odd": (odd, "softmax"),
        "curves": (curves, "softmax"),
        "perceptron": (perceptron, "softmax"),
        "joined": (Dense(), None),
        "normalized": (
            Normalized(nn.Sequential(nn.Conv2d(1, 3, 5, 3), nn.ReLU(), nn.Flatten(), nn.Linear(192, CLASSES))),
            "softmax",
        ),
    }


# name of the file, model, exporter, opset, options
EXPORTS = [
    ("torch_script11_lenet", "lenet", False, 11, {}),
    ("torch_script20_lenet", "lenet", False, 20, {}),
    ("torch_dynamo_lenet", "lenet", True, None, {}),
    ("torch_script13_walk", "walk", False, 13, {}),
    ("torch_script14_walk_unfolded", "walk", False, 14, {"do_constant_folding": False, "training": "TRAINING"}),
    ("torch_script17_walk_kept", "walk", False, 17, {"do_constant_folding": False, "training": "PRESERVE"}),
    ("torch_dynamo_walk", "walk", True, 18, {}),
    ("torch_dynamo_walk_plain", "walk", True, 20, {"optimize": False}),
    ("torch_script17_resnet", "resnet", False, 17, {}),
    ("torch_dynamo_resnet", "resnet", True, 20, {}),
    ("torch_script12_mobile", "mobile", False, 12, {}),
    ("torch_dynamo_mobile", "mobile", True, 21, {}),
    ("torch_script16_odd", "odd", False, 16, {}),
    ("torch_dynamo_odd", "odd", True, 18, {}),
    ("torch_script20_curves", "curves", False, 20, {}),
    ("torch_dynamo_curves", "curves", True, 22, {}),
    ("torch_script13_perceptron_of_one", "perceptron", False, 13, {"fixed": True}),
    ("torch_dynamo_perceptron_of_one", "perceptron", True, 18, {"fixed": True}),
    ("torch_script15_joined", "joined", False, 15, {}),
    ("torch_dynamo_joined", "joined", True, 23, {}),
    ("torch_script9_normalized", "normalized", False, 9, {}),
    ("torch_dynamo_normalized", "normalized", True, 18, {}),
]


def make_torch(folder, wanted):
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(42)
    x, y = (torch.from_numpy(values) for values in sample())
    models = torch_models()
    for name, (model, finish) in models.items():
        if wanted and not any(export[1] == name and export[0] in wanted for export in EXPORTS):
            continue
        optimizer = torch.optim.Adam(model.parameters(), 0.003)
        for _ in range(3):
            for batch in torch.randperm(len(x)).split(20):
                result = model.train()(x[batch])
                loss = (
                    torch.nn.functional.cross_entropy(result, y[batch])
                    if finish
                    else torch.nn.functional.nll_loss(torch.log(result + 1e-9), y[batch])
                )
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        model.eval()
    for name, key, dynamo, opset, options in EXPORTS:
        if wanted and name not in wanted:
            continue
        model, finish = models[key]
        chosen = dict(options, opset_version=opset, dynamo=dynamo)
        training = chosen.pop("training", "EVAL")
        fixed = chosen.pop("fixed", False)
        file = str(folder / f"{name}.onnx")
        image = torch.zeros(1 if fixed else 2, 1, 28, 28)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if dynamo:
                dynamic = {} if fixed else {"dynamic_shapes": ({0: "batch"},)}
                torch.onnx.export(model, (image,), file, external_data=False, verbose=False, **dynamic, **chosen)
            else:
                axes = {} if fixed else {"dynamic_axes": {"input": {0: "batch"}}}
                mode = getattr(torch.onnx.TrainingMode, training)
                if training == "TRAINING":
                    model.train()
                torch.onnx.export(model, (image,), file, input_names=["input"], training=mode, **axes, **chosen)
                model.eval()
                if training == "TRAINING":  # ONNX Runtime would normalize by the batch
                    finish = lambda x: model(torch.from_numpy(x)).detach().numpy()  # noqa: E731, B023
        finished(folder, name, finish, sum(values.numel() for values in model.parameters()))


# --- Keras 3 ---------------------------------------------------------------------------------------------------------


def keras_models():
    import keras
    from keras import layers

    def line(x, *parts):
        for part in parts:
            x = part(x)
        return x

    def residual(x, filters, strides):
        y = line(
            x,
            layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Conv2D(filters, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
        )
        short = line(x, layers.Conv2D(filters, 1, strides=strides, use_bias=False), layers.BatchNormalization())
        return layers.ReLU()(layers.add([y, short]))

    def resnet():
        x = keras.Input((28, 28, 1))
        y = line(
            x,
            layers.Rescaling(2.0, -1.0),
            layers.Conv2D(4, 3, padding="same"),
            layers.LeakyReLU(0.1),
            layers.MaxPooling2D(2),
        )
        y = residual(residual(y, 4, 1), 6, 2)
        return keras.Model(x, line(y, layers.GlobalAveragePooling2D(), layers.Dense(CLASSES, activation="softmax")))

    def inception():
        x = keras.Input((28, 28, 1))
        y = layers.concatenate(
            [layers.Conv2D(3, 3, strides=2, padding="same", activation="relu")(x), layers.AveragePooling2D(2)(x)]
        )
        return keras.Model(
            x, line(y, layers.Conv2D(4, 3, strides=2, activation="tanh"), layers.Flatten(), layers.Dense(CLASSES))
        )

    walk = [
        keras.Input((28, 28, 1)),
        layers.Conv2D(4, 3, activation="relu"),
        layers.BatchNormalization(),
        layers.Conv2D(5, 3, strides=2, activation="relu"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(),
        layers.Dropout(0.25),
        layers.Flatten(),
        layers.Dense(16, activation="relu"),
        layers.BatchNormalization(),
        layers.Dropout(0.5),
        layers.Dense(CLASSES, activation="softmax"),
    ]
    odd = [
        keras.Input((28, 28, 1)),
        layers.ZeroPadding2D(((1, 2), (0, 1))),
        layers.Conv2D(3, (3, 2), strides=(2, 3), padding="same", use_bias=False),
        layers.ReLU(6.0),
        layers.AveragePooling2D(3, strides=2, padding="same"),
        layers.DepthwiseConv2D(3, depth_multiplier=2),
        layers.PReLU(shared_axes=[1, 2]),
        layers.Conv2D(6, 2, dilation_rate=2, activation="elu"),
        layers.Flatten(),
        layers.BatchNormalization(),
        layers.Activation("sigmoid"),
        layers.Dense(CLASSES),
    ]
    vector = [keras.Input((784,)), layers.Dense(12, activation="relu"), layers.Dense(CLASSES, activation="softmax")]
    return {
        "walk": (keras.Sequential(walk), None),
        "odd": (keras.Sequential(odd), "softmax"),
        "resnet": (resnet(), None),
        "inception": (inception(), "softmax"),
        "vector": (keras.Sequential(vector), None),
    }


def make_keras(folder, wanted):
    """With the backend that KERAS_BACKEND names: TensorFlow's goes through tf2onnx, PyTorch's through its exporter."""
    import keras

    backend = keras.backend.backend()
    x, y = sample()
    for name, (model, finish) in keras_models().items():
        full = f"keras_{backend}_{name}"
        if wanted and full not in wanted or backend == "torch" and name == "odd":  # it pads by repeating the edge
            continue
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=finish is not None))
        model.fit(x.reshape((-1, *model.input_shape[1:])), y, batch_size=20, epochs=2, verbose=0)
        options = {"opset_version": 15} if backend == "tensorflow" and name == "odd" else {}
        model.export(str(folder / f"{full}.onnx"), format="onnx", verbose=False, **options)
        finished(folder, full, finish, model.count_params())


# --- scikit-learn ----------------------------------------------------------------------------------------------------


def make_sklearn(folder, wanted):
    from skl2onnx import to_onnx
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = sample()
    x = x.reshape(-1, 784)
    warnings.simplefilter("ignore")
    plain = MLPClassifier((10,), max_iter=15, random_state=42).fit(x, y)
    deep = MLPClassifier((8, 8), "tanh", max_iter=15, random_state=42).fit(x, y)
    scaled = make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=15, random_state=42)).fit(x, y)
    for name, model, options in [
        ("plain", plain, {}),
        ("deep", deep, {"zipmap": False}),
        ("scaled", scaled, {"zipmap": False}),
    ]:
        full = f"sklearn_{name}"
        if wanted and full not in wanted:
            continue
        exported = to_onnx(model, x[:1], options={id(model): options} if options else None)
        (folder / f"{full}.onnx").write_bytes(exported.SerializeToString())
        finished(folder, full, None, 784 * 10)


# --- Built from operators, as older and other exporters do ----------------------------------------------------------


def make_built(folder, wanted):
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = numpy.random.default_rng(42)

    def weights(name, *shape, kind="float32"):
        values = random.normal(0, (2 / max(1, numpy.prod(shape[:-1]))) ** 0.5, shape)
        return numpy_helper.from_array(values.astype(kind), name)

    def save(name, opset, nodes, tensors, entry, as_inputs=False, ir=8):
        inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, entry)]
        if as_inputs:
            inputs += [helper.make_tensor_value_info(t.name, t.data_type, t.dims) for t in tensors]
        graph = helper.make_graph(
            nodes, name, inputs, [helper.make_tensor_value_info("y", TensorProto.FLOAT, [entry[0], CLASSES])], tensors
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)
        onnx.checker.check_model(model)
        onnx.save(model, str(folder / f"{name}.onnx"))
        finished(folder, name, "softmax", 0)

    node = helper.make_node
    # the structure of MNIST in the ONNX model zoo, which CNTK exported
    save(
        "built_cntk8",
        8,
        [
            node("Reshape", ["w3", "shape3"], ["w3_flat"]),
            node(
                "Conv",
                ["x", "w1"],
                ["c1"],
                kernel_shape=[5, 5],
                strides=[1, 1],
                auto_pad="SAME_UPPER",
                group=1,
                dilations=[1, 1],
            ),
            node("Add", ["c1", "b1"], ["a1"]),
            node("Relu", ["a1"], ["r1"]),
            node("MaxPool", ["r1"], ["p1"], kernel_shape=[2, 2], strides=[2, 2], pads=[0, 0, 0, 0], auto_pad="NOTSET"),
            node(
                "Conv",
                ["p1", "w2"],
                ["c2"],
                kernel_shape=[5, 5],
                strides=[1, 1],
                auto_pad="SAME_UPPER",
                group=1,
                dilations=[1, 1],
            ),
            node("Add", ["c2", "b2"], ["a2"]),
            node("Relu", ["a2"], ["r2"]),
            node("MaxPool", ["r2"], ["p2"], kernel_shape=[3, 3], strides=[3, 3], pads=[0, 0, 0, 0], auto_pad="NOTSET"),
            node("Reshape", ["p2", "shape2"], ["flat"]),
            node("MatMul", ["flat", "w3_flat"], ["m"]),
            node("Add", ["m", "b3"], ["y"]),
        ],
        [
            weights("w1", 4, 1, 5, 5),
            weights("b1", 4, 1, 1),
            weights("w2", 6, 4, 5, 5),
            weights("b2", 6, 1, 1),
            weights("w3", 6, 4, 4, 10),
            weights("b3", 1, 10),
            numpy_helper.from_array(numpy.array([1, 96]), "shape2"),
            numpy_helper.from_array(numpy.array([96, 10]), "shape3"),
        ],
        [1, 1, 28, 28],
        as_inputs=True,
        ir=3,
    )
    # channels last on the way, odd padding, weights of other types
    save(
        "built_turned",
        13,
        [
            node("Sub", ["one", "x"], ["negative"]),
            node("Mul", ["negative", "half"], ["h"]),
            node("Conv", ["h", "w1", "b1"], ["c1"], strides=[2, 2], auto_pad="SAME_LOWER"),
            node("Transpose", ["c1"], ["t1"], perm=[0, 2, 3, 1]),
            node("Mul", ["t1", "scale"], ["s1"]),
            node("Clip", ["s1", "low", "high"], ["k1"]),
            node("Pad", ["k1", "pads"], ["q1"]),
            node("Transpose", ["q1"], ["t2"], perm=[0, 3, 1, 2]),
            node("AveragePool", ["t2"], ["p2"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
            node("Conv", ["p2", "w2"], ["c2"], group=4, pads=[1, 0, 1, 0], strides=[1, 2]),
            node("HardSigmoid", ["c2"], ["g2"], alpha=0.3, beta=0.4),
            node("Transpose", ["g2"], ["t3"], perm=[0, 2, 1, 3]),
            node("Flatten", ["t3"], ["f"]),
            node("Gemm", ["f", "w3", "b3"], ["y"], alpha=0.5, beta=2.0, transB=1),
        ],
        [
            weights("w1", 4, 1, 4, 3),
            weights("b1", 4),
            weights("w2", 8, 1, 3, 2),
            weights("w3", 10, 256),
            weights("b3", 10),
            weights("scale", 4),
            *(
                numpy_helper.from_array(numpy.float32(v), n)
                for v, n in [(1, "one"), (0.5, "half"), (-0.2, "low"), (0.9, "high")]
            ),
            numpy_helper.from_array(numpy.array([0, 1, 0, 0, 0, 0, 1, 0]), "pads"),
        ],
        ["n", 1, 28, 28],
    )
    save(
        "built_half_weights",
        13,
        [
            node("Cast", ["w1_16"], ["w1"], to=1),
            node("Cast", ["w2_64"], ["w2"], to=1),
            node("Conv", ["x", "w1"], ["c1"], strides=[3, 3]),
            node("Softplus", ["c1"], ["e1"]),
            node("Conv", ["e1", "w2"], ["c2"]),
            node("GlobalMaxPool", ["c2"], ["g"]),
            node("Flatten", ["g"], ["y"]),
        ],
        [weights("w1_16", 6, 1, 4, 4, kind="float16"), weights("w2_64", 10, 6, 2, 2, kind="float64")],
        ["n", 1, 28, 28],
    )


if __name__ == "__main__":
    FOLDER = Path(sys.argv[2])
    FOLDER.mkdir(parents=True, exist_ok=True)
    {"torch": make_torch, "keras": make_keras, "sklearn": make_sklearn, "built": make_built}[sys.argv[1]](
        FOLDER, sys.argv[3:]
    )
