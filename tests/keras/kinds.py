"""Small models of every kind that people save, by whichever Keras runs this: 2.12, 2.15 or 3.

    python tests/keras/kinds.py FOLDER              makes all kinds
    python tests/keras/kinds.py FOLDER NAME …       makes these

Beside each model, NAME.f32 has the 100 predictions for the digits in digits.gz that this library has to make: those
of Keras, after a softmax where the model returns logits. The weights are random. `make keras` makes all of them,
tests/digits/keras/fixtures has some (round_trip.py, FIXED).
"""

import ntpath
import os
import sys
from pathlib import Path

import models  # isort: skip  (it sets TensorFlow up, so it comes first)
import keras
import numpy
import tensorflow
from keras import layers

try:
    from keras.src.saving import saving_lib  # Keras 2.13 or later
except ImportError:
    from keras.saving import saving_lib

VERSION = tuple(int(part) for part in keras.__version__.split(".")[:2])
KERAS3 = VERSION[0] == 3
NAME = "3" if KERAS3 else "2%d" % VERSION[1]
LOGITS = {"logits", "logits_unsaid", "logits_graph", "logits_pooled"}
CLASSES = 10


def inputs(*shape):
    return keras.Input(shape)


def sequence(shape, *parts):
    return keras.Sequential([models.first_layer(shape), *parts])


def dense(**options):
    return layers.Dense(CLASSES, **options)


def head():
    return [layers.Flatten(), dense(activation="softmax")]


def line(x, *parts):
    for part in parts:
        x = part(x)
    return x


def functional():
    x = inputs(28, 28, 1)
    y = line(x, layers.Conv2D(3, 3, strides=2), layers.BatchNormalization(), layers.ReLU(), layers.Dropout(0.2))
    return keras.Model(x, line(y, layers.Conv2D(4, 3, activation="relu"), *head()))


def branches():
    """A residual sum, a concatenation of images, and one of flattened images."""
    x = inputs(28, 28, 1)
    a = layers.Conv2D(3, 3, strides=3, padding="same", activation="relu")(x)
    b = layers.Conv2D(3, 3, padding="same")(a)
    c = layers.Activation("relu")(layers.Add()([a, b]))
    d = layers.Concatenate()([c, layers.MaxPooling2D(3, 1, padding="same")(a)])
    e = layers.Concatenate()([layers.Flatten()(d), layers.Flatten()(b), layers.GlobalMaxPooling2D()(d)])
    return keras.Model(x, dense(activation="softmax")(layers.Dropout(0.3)(e)))


def operations():
    x = inputs(28, 28, 1)
    a = layers.Conv2D(3, 5, strides=4)(x)
    b = layers.Conv2D(3, 5, strides=4, activation="sigmoid")(x)
    parts = [layers.Multiply()([a, b]), layers.Average()([a, b, a]), layers.Maximum()([a, b]), layers.Subtract()([a, b])]
    return keras.Model(x, line(layers.Concatenate()(parts), *head()))


def compiled(model, loss):
    model.compile("adam", loss, metrics=["accuracy"])
    return model


def logits():
    model = sequence((28, 28, 1), layers.Flatten(), layers.Dense(8, activation="relu"), layers.Dropout(0.2), dense())
    return compiled(model, keras.losses.SparseCategoricalCrossentropy(from_logits=True))


def logits_graph():
    x = inputs(28, 28)
    model = keras.Model(x, line(x, layers.Flatten(), layers.Dense(8), dense(activation="linear")))
    return compiled(model, [keras.losses.CategoricalCrossentropy(from_logits=True)])


def logits_unsaid():
    return sequence((28, 28), layers.Flatten(), layers.Dense(8, activation="relu"), dense())


def logits_pooled():
    return sequence((28, 28, 1), layers.Conv2D(CLASSES, 5, strides=3), layers.GlobalAveragePooling2D())


def linear():
    """Trained on squares: what it returns are not logits."""
    return compiled(sequence((28, 28), layers.Flatten(), dense()), "mse")


def regularized():
    l2, unit = keras.regularizers.L2(1e-3), keras.constraints.MaxNorm(3.0)
    frozen = layers.Conv2D(3, 3, strides=2, kernel_regularizer=l2, bias_constraint=unit, activation="relu")
    frozen.trainable = False
    normal = layers.BatchNormalization(gamma_regularizer=l2, beta_constraint=unit)
    normal.trainable = False
    start = keras.initializers.HeNormal()
    return sequence(
        (28, 28, 1), frozen, normal, layers.Flatten(), layers.ActivityRegularization(1e-4),
        layers.Dense(6, activation="relu", kernel_constraint=unit, activity_regularizer=l2, kernel_initializer=start),
        dense(activation="softmax", bias_regularizer=l2),
    )  # fmt: skip


def mixed(policy):
    """The predictions are those of the same model in single precision."""
    models_of = []
    for precision in (policy, "float32"):
        set_policy = keras.mixed_precision.set_global_policy
        set_policy(precision)
        models_of.append(sequence((28, 28, 1), layers.Conv2D(3, 5, strides=3, activation="relu"),
                                  layers.BatchNormalization(), layers.Flatten(), layers.Dense(6, activation="tanh"),
                                  dense(activation="softmax")))  # fmt: skip
    return models_of


def mixed_float16():
    return mixed("mixed_float16")


def mixed_bfloat16():
    return mixed("mixed_bfloat16")


def pixels():
    normalization = layers.Normalization(axis=-1)
    normalization.adapt(models.digits()[0])
    return sequence(
        (28, 28), layers.Reshape((28, 28, 1)), layers.Rescaling(2.0, offset=-1.0), normalization,
        layers.RandomRotation(0.1), layers.RandomZoom(0.1), layers.RandomTranslation(0.1, 0.1), layers.RandomContrast(0.2),
        layers.Resizing(28, 28), layers.GaussianNoise(0.1), layers.Conv2D(3, 5, strides=3, activation="relu"), *head(),
    )  # fmt: skip


def standardized():
    """One mean for each pixel of a column; then statistics given as numbers."""
    normalization = layers.Normalization(axis=-1)
    normalization.adapt(models.digits()[0].reshape(100, 28, 28))
    fixed = layers.Normalization(axis=None, mean=0.3, variance=2.0)
    return sequence((28, 28), normalization, fixed, layers.Flatten(), dense(activation="softmax"))


def nested():
    augmentation = keras.Sequential([layers.RandomRotation(0.1), layers.RandomZoom(0.1)])
    block = keras.Sequential([layers.Conv2D(3, 3, strides=2), layers.BatchNormalization(), layers.ReLU()])
    other = keras.Sequential([layers.Conv2D(4, 3, strides=2), layers.BatchNormalization(), layers.ReLU()])
    x = inputs(6, 6, 4)
    inner = keras.Model(x, line(x, layers.Flatten(), layers.Dense(7, activation="tanh")))
    return sequence((28, 28, 1), augmentation, block, other, inner, dense(activation="softmax"))


def nested_graph():
    x = inputs(28, 28, 1)
    block = keras.Sequential([models.first_layer((28, 28, 1)), layers.Conv2D(3, 3, strides=2), layers.BatchNormalization()])
    return keras.Model(x, line(x, layers.Rescaling(1.5), block, layers.Activation("relu"), *head()))


def vector():
    return sequence((784,), layers.Dense(7, activation="relu", use_bias=False), dense(activation="softmax"))


def vector_image():
    return sequence((784,), layers.Reshape((28, 28, 1)), layers.Conv2D(3, 5, strides=3, activation="relu"), *head())


def vector_normalized():
    return sequence((784,), layers.BatchNormalization(), layers.Dropout(0.2), layers.PReLU(), dense(activation="softmax"))


def matrix():
    """Dense on each row of an image, and the axes of a matrix exchanged."""
    return sequence((28, 28), layers.Dense(5, activation="relu"), layers.Permute((2, 1)), layers.Dense(4), *head())


def any_size():
    x = inputs(None, None, 1)
    y = line(x, layers.Conv2D(4, 5, strides=2, activation="relu"), layers.GlobalAveragePooling2D())
    return keras.Model(x, dense(activation="softmax")(y))


def reshaped():
    """Shapes that change in the middle, where the order of the numbers matters."""
    return sequence(
        (28, 28, 1), layers.Conv2D(6, 5, strides=3), layers.Permute((3, 1, 2)), layers.Conv2D(5, 2),
        layers.Reshape((7, 5, 5)), layers.DepthwiseConv2D(2), layers.Reshape((-1,)), layers.Dense(24, activation="relu"),
        layers.Reshape((2, 3, 4)), layers.Conv2D(3, 2), *head(),
    )  # fmt: skip


def channels_first():
    """TensorFlow computes this on a graphics card only; the predictions are those of the same with the channels last."""
    return [oriented("channels_first", 1, (1, 28, 28)), oriented("channels_last", 3, (28, 28, 1))]


def oriented(name, axis, shape):
    order = {"data_format": name}
    return sequence(
        shape, layers.Conv2D(3, 5, strides=2, activation="relu", **order), layers.BatchNormalization(axis=axis),
        layers.MaxPooling2D(2, **order), layers.ZeroPadding2D(1, **order), layers.Conv2D(4, 3, **order),
        layers.Flatten(**order), layers.Dense(6), layers.LeakyReLU(), dense(activation="softmax"),
    )  # fmt: skip


def turned():
    """Images with one channel first, which the model turns itself."""
    return sequence((1, 28, 28), layers.Permute((2, 3, 1)), layers.Conv2D(3, 5, strides=3, activation="selu"), *head())


ACTIVATIONS = "relu elu selu softplus softsign sigmoid tanh exponential hard_sigmoid swish gelu linear softmax"
NEW_ACTIVATIONS = (
    "leaky_relu relu6 silu mish hard_silu hard_swish celu log_sigmoid squareplus hard_tanh hard_shrink soft_shrink"
    " tanh_shrink sparse_plus sparse_sigmoid"
)


def activations():
    """Side by side, each after a Dense layer."""
    names = ACTIVATIONS.split() + [name for name in NEW_ACTIVATIONS.split() if hasattr(keras.activations, name)]
    functions = [tensorflow.nn.relu6, tensorflow.nn.leaky_relu, tensorflow.nn.relu, tensorflow.nn.softmax]
    x = inputs(28, 28)
    flat = layers.Dense(6)(layers.Flatten()(x))
    every = names + ([] if KERAS3 else functions) + [layers.LeakyReLU(0.1), layers.ELU(0.6)]
    parts = [layers.Dense(3, activation=each)(flat) for each in every]
    return keras.Model(x, dense(activation="softmax")(layers.Concatenate()(parts)))


def rectifiers():
    """The layers that apply a function, side by side on images; then some on a list."""
    slope = {"negative_slope": 0.07} if KERAS3 else {"alpha": 0.07}
    parts = [
        layers.LeakyReLU(), layers.LeakyReLU(**slope), layers.ELU(0.7), layers.ReLU(1.5), layers.ReLU(6.0),
        layers.ReLU(2.0, 0.1, 0.2), layers.ReLU(negative_slope=0.2), layers.PReLU(), layers.PReLU(shared_axes=[1, 2]),
        layers.ReLU(threshold=0.1), layers.Softmax(), layers.Activation("gelu"),
    ]  # fmt: skip
    parts += [] if KERAS3 else [layers.ThresholdedReLU(0.05)]
    x = inputs(28, 28, 1)
    y = layers.Conv2D(3, 5, strides=5)(x)
    together = layers.Concatenate()([part(y) for part in parts])
    return keras.Model(x, line(together, layers.PReLU(shared_axes=[1]), layers.Flatten(), layers.PReLU(),
                               layers.LeakyReLU(), dense(activation="softmax")))  # fmt: skip


def windows():
    return sequence(
        (28, 28, 1), layers.Conv2D(4, 3, dilation_rate=2, padding="same"), layers.SeparableConv2D(5, 3, depth_multiplier=2),
        layers.DepthwiseConv2D((3, 2), strides=2, padding="same", activation="relu"), layers.Cropping2D(((1, 2), (0, 1))),
        layers.SeparableConv2D(6, (2, 3), strides=2, padding="same", use_bias=False, activation="relu"),
        layers.UpSampling2D((2, 3)), layers.DepthwiseConv2D(3, depth_multiplier=2, dilation_rate=(2, 1), use_bias=False),
        layers.Conv2D(5, (2, 3), dilation_rate=(1, 2)), layers.GlobalMaxPooling2D(keepdims=True),
        layers.Conv2D(8, 1, activation="relu"), *head(),
    )  # fmt: skip


def normalized():
    return sequence(
        (28, 28, 1), layers.Conv2D(4, 5, strides=3), layers.BatchNormalization(scale=False), layers.SpatialDropout2D(0.2),
        layers.Conv2D(5, 3), layers.BatchNormalization(center=False), layers.GaussianDropout(0.2), layers.Flatten(),
        layers.BatchNormalization(scale=False), layers.AlphaDropout(0.1), layers.GaussianNoise(0.3),
        dense(use_bias=False), layers.BatchNormalization(center=False, scale=False), layers.Softmax(),
    )  # fmt: skip


def convolutional():
    """No Dense layer; the softmax is in a convolution."""
    return sequence((28, 28, 1), layers.Conv2D(6, 5, strides=4, activation="swish"), layers.Conv2D(CLASSES, 6,
                    activation="softmax"), layers.Flatten())  # fmt: skip


def pixelwise():
    """The mean of each place's probabilities; Dense on each pixel."""
    return sequence((28, 28, 1), layers.Conv2D(6, 5, strides=4), layers.Dense(CLASSES, activation="softmax"),
                    layers.GlobalAveragePooling2D())  # fmt: skip


ALL = [
    functional, branches, operations, logits, logits_graph, logits_unsaid, logits_pooled, linear, regularized,
    mixed_float16, mixed_bfloat16, pixels, standardized, nested, nested_graph, vector, vector_image, vector_normalized,
    matrix, any_size, reshaped, turned, activations, rectifiers, windows, normalized, convolutional, pixelwise,
    channels_first,
]  # fmt: skip


def leaves(model):
    for layer in model.layers:
        yield from leaves(layer) if hasattr(layer, "layers") else [layer]


def randomize(model, seed):
    """Weights of the size that training gives them; statistics of normalization that matter."""
    random = numpy.random.default_rng(seed)
    for layer in leaves(model):
        if isinstance(layer, layers.Normalization) or not layer.weights:
            continue
        values = []
        for weight in layer.weights:
            shape, name = tuple(weight.shape), weight.name
            if "variance" in name:
                values.append(random.uniform(0.5, 2, shape))
            elif "gamma" in name:
                values.append(random.uniform(0.7, 1.3, shape))
            elif len(shape) > 1 and "alpha" not in name:
                depth = "depthwise" in name
                values.append(random.normal(0, (2 / numpy.prod(shape[:2] if depth else shape[:-1])) ** 0.5, shape))
            else:
                values.append(random.normal(0, 0.2, shape))
        layer.set_weights([value.astype("float32") for value in values])


def softmax(x):
    powers = numpy.exp(x - x.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def make(folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    x = models.digits()[0]
    for seed, build in enumerate(ALL):
        name = build.__name__
        if names and name not in names:
            continue
        keras.backend.clear_session()
        made = build()
        same = made if isinstance(made, list) else [made]
        for model in same:
            randomize(model, seed)
        keras.mixed_precision.set_global_policy("float32")
        shape = [28 if side is None else side for side in same[-1].input_shape[1:]]
        expected = same[-1].predict(x.reshape([100] + shape), verbose=0)
        expected = softmax(expected) if name in LOGITS else expected
        save(same[0], folder, "keras%s_%s" % (NAME, name), expected)


def save(model, folder, name, expected):
    stems = [name]
    model.save(str(folder / (name + ".h5")))
    archive = {"save_format": "keras_v3"} if VERSION < (2, 13) else {}  # otherwise 2.12 writes HDF5
    model.save(str(folder / (name + ".keras")), **archive)
    if not KERAS3:  # as on Windows, where TensorFlow joined the names of groups with backslashes
        gfile = saving_lib.tf.io.gfile
        join = gfile.join
        gfile.join = lambda *parts: (os.path if os.path.isabs(parts[0]) else ntpath).join(*parts)
        model.save(str(folder / (name + "_windows.keras")), **archive)
        gfile.join = join
        stems.append(name + "_windows")
    for stem in stems:
        expected.astype("<f4").tofile(str(folder / (stem + ".f32")))


if __name__ == "__main__":
    make(Path(sys.argv[1]), sys.argv[2:])
