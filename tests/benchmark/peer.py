"""What the Python peers have in common: the images, and the commands they obey.

A system of the benchmark is one process. When it has trained its first batch it prints one line of JSON: `parameters`
(how many the network has), `trains` (false: it only predicts, with the weights of the library's pretrained network),
`train_images`, `settings` (what it computes with, for people), `versions`. Then it obeys commands, one line of JSON
each on the standard input, and answers with one line of JSON each:

    {"do": "train", "batches": 50, "batch": 128}      seconds, loss and accuracy (means of these batches, dropout on)
    {"do": "evaluate", "images": 10000, "batch": 512} seconds, accuracy, loss
    {"do": "latency", "predictions": 1000}            milliseconds: one number for each single image

The end of the input ends it. The variables BENCH_CHANNELS and BENCH_SIDE, for the curves, change the network and the
images of the systems that train: channels of the first convolutions instead of 32, rows and columns instead of 28.
"""

import json
import os
import sys
import time
from pathlib import Path

BATCH = 128
SEED = 42
CHANNELS, SIDE = int(os.environ.get("BENCH_CHANNELS", 32)), int(os.environ.get("BENCH_SIDE", 28))
FLAT = (((SIDE - 4) // 2 - 4) // 2) ** 2 * 2 * CHANNELS  # numbers that the dense layer reads


def threads():
    """How many threads the benchmark grants."""
    return int(os.environ["OMP_NUM_THREADS"])


class Images:
    """The images that the Java side wrote as IDX files, as bytes, as the Java side holds them, and their labels."""

    def __init__(self):
        import numpy

        self.numpy = numpy
        self.folder = Path(os.environ["DIGITS_DATA"])
        self.train_x, self.train_y = self._read("train")
        self.test_x, self.test_y = self._read("t10k")
        self._random = numpy.random.default_rng(SEED)
        self._order = numpy.empty(0, dtype=int)

    def _read(self, stem):
        numpy = self.numpy
        pixels = numpy.fromfile(self.folder / (stem + "-images-idx3-ubyte"), dtype=numpy.uint8, offset=16)
        labels = numpy.fromfile(self.folder / (stem + "-labels-idx1-ubyte"), dtype=numpy.uint8, offset=8)
        return self._sized(pixels.reshape(-1, 28, 28)), labels

    def _sized(self, pixels):
        """The images with as much paper around them as SIDE wants, or less."""
        more, less = max(0, SIDE - 28) // 2, max(0, 28 - SIDE) // 2
        return self.numpy.pad(pixels, [(0, 0), (more, more), (more, more)])[:, less : less + SIDE, less : less + SIDE]

    def scaled(self, pixels):
        """Bytes as floats from 0 to 1."""
        return self.numpy.multiply(pixels, self.numpy.float32(1 / 255), dtype=self.numpy.float32)

    def next_positions(self, count):
        """Positions of training images in random order; each comes once before any comes again."""
        while len(self._order) < count:
            more = self._random.permutation(len(self.train_x))
            self._order = self.numpy.concatenate([self._order, more])
        taken, self._order = self._order[:count], self._order[count:]
        return taken

    def test(self, count):
        """So many test images, as bytes, and labels, from the first again when there are fewer."""
        positions = self.numpy.arange(count) % len(self.test_x)
        return self.test_x[positions], self.test_y[positions]


def scores(probabilities, labels):
    """The mean loss and the accuracy of predictions, as a system that only predicts reports them."""
    import numpy

    right = probabilities[numpy.arange(len(labels)), labels]
    return float(-numpy.log(right.clip(1e-7)).mean()), float((probabilities.argmax(1) == labels).mean())


def serve(make):
    """Makes the system, trains its first batch, then obeys.

    Its train(positions, batch) and evaluate(x, y, batch) return (loss, accuracy); a system that only predicts has no
    train(). The images of evaluate() are bytes, and scaling them is part of the work; those of prediction_of() are
    floats from 0 to 1.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else is printed must not disturb the answers
    images = Images()
    system = make(images)

    def timed(work, *arguments):
        start = time.perf_counter()
        loss, accuracy = work(*arguments)
        return {"seconds": time.perf_counter() - start, "loss": loss, "accuracy": accuracy}

    def train(command):
        positions = images.next_positions(command["batches"] * command["batch"])
        return timed(system.train, positions, command["batch"])

    def evaluate(command):
        return timed(system.evaluate, *images.test(command["images"]), command["batch"])

    def latency(command):
        x, _ = images.test(min(command["predictions"], len(images.test_x)))
        x = images.scaled(x)
        predictions = [system.prediction_of(x[i : i + 1]) for i in range(len(x))]
        milliseconds = []
        for i in range(command["predictions"]):
            predict = predictions[i % len(predictions)]
            start = time.perf_counter()
            predict()
            milliseconds.append((time.perf_counter() - start) * 1e3)
        return {"milliseconds": milliseconds}

    def answer(content):
        answers.write(json.dumps(content) + "\n")
        answers.flush()

    trains = hasattr(system, "train")
    if trains:
        train({"batches": 1, "batch": BATCH})
    answer(
        {
            "parameters": system.parameters(),
            "trains": trains,
            "train_images": len(images.train_x),
            "settings": system.settings(),
            "versions": {"python": sys.version.split()[0], **system.versions()},
        }
    )
    commands = {"train": train, "evaluate": evaluate, "latency": latency}
    for line in sys.stdin:
        command = json.loads(line)
        answer(commands[command["do"]](command))
