"""The PyTorch network of notebook 14: trained here, exported as notebooks/models/pytorch.onnx.

    python tests/onnx/classifier.py MNIST-FOLDER     needs torch, onnx, onnxscript; the folder holds MNIST's IDX files

It sees only the last 20,000 of MNIST's 60,000 training images, so the notebook can evaluate and train it on others.
"""

import gzip
import sys
from pathlib import Path

import numpy
import onnx
import torch
from torch import nn
from torch.nn import functional

FILE = Path(__file__).resolve().parents[2] / "notebooks" / "models" / "pytorch.onnx"
TRAINED_ON, EPOCHS, BATCH = 20_000, 4, 64


def idx(folder, name, header):
    """The content of an IDX file as bytes."""
    plain = Path(folder) / name
    content = plain.read_bytes() if plain.is_file() else gzip.decompress(Path(f"{plain}.gz").read_bytes())
    return torch.from_numpy(numpy.frombuffer(content, numpy.uint8)[header:].copy())


def accuracy(model, images, labels):
    """The share of these images that the network reads as labeled."""
    model.eval()
    with torch.no_grad():
        found = torch.cat([model(part).argmax(1) for part in images.split(1000)])
    return (found == labels).float().mean().item()


def train(model, images, labels):
    """A plain training loop: Adam, with one cycle of the learning rate."""
    optimizer = torch.optim.Adam(model.parameters())
    steps = EPOCHS * -(-len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.005, total_steps=steps)
    for _ in range(EPOCHS):
        model.train()
        for batch in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            functional.cross_entropy(model(images[batch]), labels[batch]).backward()
            optimizer.step()
            schedule.step()


def main(folder):
    """Trains, says how good the network is on images that it has not seen, and exports it."""
    torch.manual_seed(42)
    images = idx(folder, "train-images-idx3-ubyte", 16).reshape(-1, 1, 28, 28).float() / 255
    labels = idx(folder, "train-labels-idx1-ubyte", 8).long()
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 24, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.3), nn.Linear(24 * 7 * 7, 32), nn.ReLU(), nn.Linear(32, 10))  # fmt: skip
    train(model, images[-TRAINED_ON:], labels[-TRAINED_ON:])
    print(f"accuracy on the first 40,000: {accuracy(model, images[:40_000], labels[:40_000]):.4f}")
    model.eval()
    names = {"input_names": ["images"], "output_names": ["logits"]}
    shapes = {"dynamic_shapes": ({0: torch.export.Dim("n")},), "external_data": False}
    torch.onnx.export(model, (images[:2],), FILE, dynamo=True, **names, **shapes)
    exported = onnx.load(FILE)
    for node in exported.graph.node:  # they name the exporting machine's folders
        del node.metadata_props[:]
    onnx.save(exported, FILE)
    print(f"{FILE.stat().st_size:,} bytes, {sum(values.numel() for values in model.parameters()):,} parameters")


if __name__ == "__main__":
    main(*sys.argv[1:])
