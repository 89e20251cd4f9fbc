"""The peer Keras on TensorFlow, at its best on the CPU; the protocol is peer.py's. Argument: the dtype policy, float32
or mixed_bfloat16.

The data set stays bytes; the images of a turn become floats at once, inside the measured time.

What was tried (2 cores with AVX-512, TensorFlow 2.21, Keras 3.15; several systems shared the machine, so the best of
several rounds is given):

- XLA (`jit_compile=True`): 180 images/s where the plain graph trains 1,340. So without.
- fit() on arrays in memory 1,344 images/s; with `steps_per_execution=10` 1,327; a compiled step of one's own with
  GradientTape 1,293. They need the same processor time an image, and fit() is what people write. train_on_batch(): 640.
- One image: a compiled call 1.8 ms, the model called directly 20.7 ms. Evaluation: 512 images at a time, 1.4 s.
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import tensorflow
from keras import layers
from peer import CHANNELS, SEED, SIDE, serve, threads


class KerasPeer:
    """The seed's network as the seed writes it; its training step is one compiled graph."""

    def __init__(self, images, policy):
        keras.config.set_dtype_policy(policy)
        tensorflow.config.threading.set_intra_op_parallelism_threads(threads())
        tensorflow.config.threading.set_inter_op_parallelism_threads(threads())
        keras.utils.set_random_seed(SEED)
        self.images, self.policy = images, policy
        self.model = keras.Sequential(
            [
                keras.Input((SIDE, SIDE, 1)),
                layers.Conv2D(CHANNELS, 3, activation="relu"),
                layers.BatchNormalization(),
                layers.Conv2D(CHANNELS, 3, activation="relu"),
                layers.BatchNormalization(),
                layers.MaxPooling2D(),
                layers.Dropout(0.25),
                layers.Conv2D(2 * CHANNELS, 3, activation="relu"),
                layers.BatchNormalization(),
                layers.Conv2D(2 * CHANNELS, 3, activation="relu"),
                layers.BatchNormalization(),
                layers.MaxPooling2D(),
                layers.Dropout(0.25),
                layers.Flatten(),
                layers.Dense(512, activation="relu"),
                layers.BatchNormalization(),
                layers.Dropout(0.5),
                layers.Dense(10, activation="softmax", dtype="float32"),
            ]
        )
        self.model.compile(
            optimizer=keras.optimizers.Adam(1e-3),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
            jit_compile=False,
        )
        model = self.model  # the graph of a single prediction, without predict()'s bookkeeping
        self.compiled = tensorflow.function(
            lambda x: model(x, training=False),
            input_signature=[tensorflow.TensorSpec((None, SIDE, SIDE, 1), tensorflow.float32)],
        )

    def parameters(self):
        return self.model.count_params()

    def settings(self):
        return "%d threads; %s; fit() on arrays, compiled graph without XLA; oneDNN as TensorFlow brings it" % (
            threads(),
            self.policy,
        )

    def versions(self):
        return {"keras": keras.__version__, "tensorflow": tensorflow.__version__}

    def train(self, positions, batch):
        history = self.model.fit(
            self.images.scaled(self.images.train_x[positions, :, :, None]),
            self.images.train_y[positions],
            batch_size=batch,
            epochs=1,
            shuffle=False,
            verbose=0,
        ).history
        return history["loss"][-1], history["accuracy"][-1]

    def evaluate(self, x, y, batch):
        return self.model.evaluate(self.images.scaled(x[..., None]), y, batch_size=batch, verbose=0)

    def prediction_of(self, x):
        image = tensorflow.constant(x[..., None])
        return lambda: self.compiled(image).numpy()


if __name__ == "__main__":
    serve(lambda images: KerasPeer(images, sys.argv[1]))
