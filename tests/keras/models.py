"""Real Keras, version 2 or 3, whichever runs this: makes small models, and tries files that others wrote.

    python tests/keras/models.py make FOLDER         trains and saves three small models
    python tests/keras/models.py try FILE …          loads, predicts, evaluates; one line of JSON for each file

`make keras` calls it with both versions. Beside each model, NAME.f32 has its predictions for the 100 digits of
digits.gz, as little-endian floats. digits.gz: 100 × 784 pixels, then 100 labels, one byte each.
"""

import gzip
import json
import os
import sys
import warnings
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy
from keras import layers

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests" / "digits" / "keras" / "fixtures"
SAMPLE = ROOT / "build" / "sample" / "mnist_5k.csv.gz"
MAJOR = keras.__version__.split(".")[0]


def first_layer(shape):
    return keras.Input(shape) if MAJOR == "3" else layers.InputLayer(input_shape=shape)


def walk():
    """The kinds of layers of the walkthrough, in its order."""
    return [
        first_layer((28, 28, 1)),
        layers.Conv2D(4, 3, activation="relu"),
        layers.BatchNormalization(),
        layers.Conv2D(5, 3, strides=2, activation="relu"),
        layers.BatchNormalization(momentum=0.9, epsilon=1e-4),
        layers.MaxPooling2D(),
        layers.Dropout(0.25),
        layers.Flatten(),
        layers.Dense(16, activation="relu"),
        layers.BatchNormalization(),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ]


def odd():
    """Layers that pad or reorder: “same” with strides, borders, odd sizes, normalization right after Flatten."""
    return [
        first_layer((28, 28, 1)),
        layers.ZeroPadding2D(((1, 2), (0, 1))),
        layers.Conv2D(3, (3, 2), strides=(2, 3), padding="same", use_bias=False),
        layers.BatchNormalization(center=False, scale=False),
        layers.ReLU(negative_slope=0.1),
        layers.AveragePooling2D(3, strides=2, padding="same"),
        layers.Activation("tanh"),
        layers.ZeroPadding2D(1),
        layers.MaxPooling2D((3, 2), strides=1, padding="same"),
        layers.Flatten(),
        layers.BatchNormalization(),
        layers.Dropout(0.1),
        layers.ReLU(6.0),
        layers.Dense(10),
        layers.Softmax(),
    ]


def wide():
    """No Dense layer: the channels' means are the classes' scores."""
    return [
        first_layer((28, 28, 1)),
        layers.Conv2D(6, 5, strides=2, padding="same", activation="sigmoid"),
        layers.AveragePooling2D(2),
        layers.Conv2D(10, 2, activation="elu"),
        layers.MaxPooling2D(3, padding="same"),
        layers.GlobalAveragePooling2D(),
        layers.Activation("softmax"),
    ]


MODELS = {"walk": walk, "odd": odd, "wide": wide}


def digits():
    """The 100 digits: pixels from 0 to 1 as [100, 28, 28, 1], labels."""
    content = numpy.frombuffer(gzip.decompress((FIXTURES / "digits.gz").read_bytes()), dtype=numpy.uint8)
    return content[:78_400].reshape(100, 28, 28, 1).astype("float32") / numpy.float32(255), content[78_400:]


def sample():
    """1,000 others to train on, in a fixed random order; writes the 100 to digits.gz if it is not there."""
    table = numpy.loadtxt(gzip.open(SAMPLE), delimiter=",", dtype=numpy.uint8)
    table = table[numpy.random.default_rng(42).permutation(len(table))]
    if not (FIXTURES / "digits.gz").exists():
        FIXTURES.mkdir(parents=True, exist_ok=True)
        (FIXTURES / "digits.gz").write_bytes(
            gzip.compress(table[:100, :784].tobytes() + table[:100, 784].tobytes(), mtime=0)
        )
    rest = table[100:1100]
    return rest[:, :784].reshape(-1, 28, 28, 1).astype("float32") / numpy.float32(255), numpy.eye(10, dtype="float32")[
        rest[:, 784]
    ]


def make(folder):
    """Trains and saves each model: as .h5 and as .keras."""
    folder.mkdir(parents=True, exist_ok=True)
    x, y = sample()
    for name, build in MODELS.items():
        keras.utils.set_random_seed(42)
        model = keras.Sequential(build())
        model.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy", metrics=["accuracy"])
        model.fit(x, y, batch_size=20, epochs=2, verbose=0)
        stem = folder / f"keras{MAJOR}_{name}"
        model.save(f"{stem}.h5")
        model.save(f"{stem}.keras")
        model.predict(digits()[0], verbose=0).astype("<f4").tofile(f"{stem}.f32")
        print(f"Keras {keras.__version__}: {name}, {model.count_params():,} parameters")


def attempt(file):
    """What Keras says of a file: its predictions' largest difference from those beside it, and its evaluation."""
    x, labels = digits()
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*optimizer")  # nothing is missing for training to continue
        model = keras.models.load_model(file)
    x = x.reshape((100,) + tuple(model.input_shape[1:]))
    y = numpy.eye(10, dtype="float32")[labels]
    expected = numpy.fromfile(Path(file).with_suffix(".f32"), dtype="<f4").reshape(100, -1)
    found = model.predict(x, verbose=0)
    loss, accuracy = model.evaluate(x, y, verbose=0)
    optimizer = type(model.optimizer).__name__
    trained = model.train_on_batch(x, y)
    if not numpy.all(numpy.isfinite(trained)):
        raise ValueError("%s cannot be trained further: %s" % (file, trained))
    print(
        json.dumps(
            {
                "file": Path(file).name,
                "keras": keras.__version__,
                "parameters": model.count_params(),
                "difference": float(numpy.abs(found - expected).max()),
                "loss": float(loss),
                "accuracy": float(accuracy),
                "optimizer": optimizer,
            }
        )
    )


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]))
    else:
        for path in sys.argv[2:]:
            attempt(path)
