"""What the Python peers have in common: the images, and the commands they obey.

A system of the benchmark is one process. When it has trained its first batch it prints one line of JSON: `parameters`
(how many the network has), `train_images`, `settings` (what it computes with, for people), `versions`. Then it obeys
commands, one line of JSON each on the standard input, and answers with one line of JSON each:

    {"do": "train", "batches": 50}                    seconds, loss and accuracy (means of these batches, dropout on)
    {"do": "evaluate", "images": 10000, "batch": 512} seconds, accuracy, loss
    {"do": "latency", "predictions": 200}             milliseconds: one number for each single image

The end of the input ends it.
"""

import json
import os
import sys
import time
from pathlib import Path

BATCH = 128
SEED = 42


def threads():
    """How many threads the benchmark grants."""
    return int(os.environ["OMP_NUM_THREADS"])


class Images:
    """The images that the Java side wrote as IDX files, as floats from 0 to 1 and labels, both NumPy arrays."""

    def __init__(self):
        import numpy

        self.numpy = numpy
        folder = Path(os.environ["DIGITS_DATA"])
        self.train_x, self.train_y = self._read(folder, "train")
        self.test_x, self.test_y = self._read(folder, "t10k")
        self._random = numpy.random.default_rng(SEED)
        self._order = numpy.empty(0, dtype=int)

    def _read(self, folder, stem):
        numpy = self.numpy
        pixels = numpy.fromfile(folder / (stem + "-images-idx3-ubyte"), dtype=numpy.uint8, offset=16)
        labels = numpy.fromfile(folder / (stem + "-labels-idx1-ubyte"), dtype=numpy.uint8, offset=8)
        floats = pixels.astype(numpy.float32)
        floats *= 1 / 255
        return floats.reshape(-1, 28, 28), labels.astype(numpy.int64)

    def next_positions(self, count):
        """Positions of training images in random order; each comes once before any comes again."""
        while len(self._order) < count:
            more = self._random.permutation(len(self.train_x))
            self._order = self.numpy.concatenate([self._order, more])
        taken, self._order = self._order[:count], self._order[count:]
        return taken

    def test(self, count):
        """So many test images and labels, from the first again when there are fewer."""
        positions = self.numpy.arange(count) % len(self.test_x)
        return self.test_x[positions], self.test_y[positions]


def serve(make):
    """Makes the system, trains its first batch, then obeys. Its train() and evaluate() return (loss, accuracy)."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else is printed must not disturb the answers
    images = Images()
    system = make(images)

    def train(command):
        positions = images.next_positions(command["batches"] * BATCH)
        start = time.perf_counter()
        loss, accuracy = system.train(positions)
        return {"seconds": time.perf_counter() - start, "loss": loss, "accuracy": accuracy}

    def evaluate(command):
        x, y = images.test(command["images"])
        start = time.perf_counter()
        loss, accuracy = system.evaluate(x, y, command["batch"])
        return {"seconds": time.perf_counter() - start, "loss": loss, "accuracy": accuracy}

    def latency(command):
        x, _ = images.test(command["predictions"])
        predictions = [system.prediction_of(x[i : i + 1]) for i in range(len(x))]
        milliseconds = []
        for predict in predictions:
            start = time.perf_counter()
            predict()
            milliseconds.append((time.perf_counter() - start) * 1e3)
        return {"milliseconds": milliseconds}

    def answer(content):
        answers.write(json.dumps(content) + "\n")
        answers.flush()

    train({"batches": 1})
    answer(
        {
            "parameters": system.parameters(),
            "train_images": len(images.train_x),
            "settings": system.settings(),
            "versions": {"python": sys.version.split()[0], **system.versions()},
        }
    )
    commands = {"train": train, "evaluate": evaluate, "latency": latency}
    for line in sys.stdin:
        command = json.loads(line)
        answer(commands[command["do"]](command))
