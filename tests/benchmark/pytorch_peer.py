"""The peer PyTorch, at its best on the CPU; the protocol is peer.py's. Argument: contiguous_format or channels_last.

What was tried (2 cores with AVX-512, PyTorch 2.15, channels_last, images/s; others shared the machine, rounds that were
plainly disturbed are left out):

- Adam as it comes 1,180 to 1,342, foreach 1,160 to 1,306, fused 1,176 to 1,431: hardly a difference; fused.
- Denormal numbers flushed to zero: 1,515 to 1,587, as against 1,292 to 1,349 right before. So flushed.
- torch.compile, without flushing: 1,341 to 1,526, after 44 s of compiling, and it needs a C++ compiler. Not used; it
  was not tried together with flushing.
- Evaluation is fastest with 128 or 256 images at a time; from 512 on it takes two to four times as long.
"""

import sys

import torch
from peer import BATCH, SEED, serve, threads
from torch import nn


def norm(kind, channels):
    """Batch normalisation with Keras's numbers: its momentum 0.99 is 0.01 here."""
    return kind(channels, eps=1e-3, momentum=0.01)


class PyTorchPeer:
    """The seed's network with Keras's initial weights, its training step written out as PyTorch's users do."""

    def __init__(self, images, memory_format):
        torch.set_num_threads(threads())
        torch.set_flush_denormal(True)  # TensorFlow does so by itself
        torch.manual_seed(SEED)
        self.format = getattr(torch, memory_format)
        self.name = memory_format
        self.x = torch.from_numpy(images.train_x[:, None])
        self.y = torch.from_numpy(images.train_y)
        self.model = nn.Sequential(
            nn.Conv2d(1, 32, 3),
            nn.ReLU(),
            norm(nn.BatchNorm2d, 32),
            nn.Conv2d(32, 32, 3),
            nn.ReLU(),
            norm(nn.BatchNorm2d, 32),
            nn.MaxPool2d(2),
            nn.Dropout(0.25),
            nn.Conv2d(32, 64, 3),
            nn.ReLU(),
            norm(nn.BatchNorm2d, 64),
            nn.Conv2d(64, 64, 3),
            nn.ReLU(),
            norm(nn.BatchNorm2d, 64),
            nn.MaxPool2d(2),
            nn.Dropout(0.25),
            nn.Flatten(),
            nn.Linear(1024, 512),
            nn.ReLU(),
            norm(nn.BatchNorm1d, 512),
            nn.Dropout(0.5),
            nn.Linear(512, 10),
        )
        for module in self.model:
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        self.model = self.model.to(memory_format=self.format)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3, eps=1e-7, fused=True)
        self.loss = nn.CrossEntropyLoss()  # of the raw scores: the softmax is in it

    def parameters(self):
        count = sum(p.numel() for p in self.model.parameters())
        return count + sum(b.numel() for name, b in self.model.named_buffers() if "running" in name)

    def settings(self):
        return "%d threads; %s; eager, fused Adam, denormal numbers flushed; oneDNN as PyTorch brings it" % (
            threads(),
            self.name,
        )

    def versions(self):
        return {"torch": torch.__version__}

    def train(self, positions):
        self.model.train()
        loss_sum, right = 0.0, 0
        for batch in torch.from_numpy(positions).split(BATCH):
            x, y = self.x[batch].contiguous(memory_format=self.format), self.y[batch]
            self.optimizer.zero_grad(set_to_none=True)
            scores = self.model(x)
            loss = self.loss(scores, y)
            loss.backward()
            self.optimizer.step()
            loss_sum += loss.item() * len(y)
            right += (scores.argmax(1) == y).sum().item()
        return loss_sum / len(positions), right / len(positions)

    @torch.inference_mode()
    def evaluate(self, x, y, batch):
        self.model.eval()
        loss_sum, right = 0.0, 0
        for part, labels in zip(torch.from_numpy(x[:, None]).split(batch), torch.from_numpy(y).split(batch)):
            scores = self.model(part.contiguous(memory_format=self.format))
            loss_sum += self.loss(scores, labels).item() * len(labels)
            right += (scores.argmax(1) == labels).sum().item()
        return loss_sum / len(y), right / len(y)

    def prediction_of(self, x):
        self.model.eval()
        image = torch.from_numpy(x[:, None]).contiguous(memory_format=self.format)

        @torch.inference_mode()
        def predict():
            return self.model(image).softmax(1).numpy()

        return predict


if __name__ == "__main__":
    serve(lambda images: PyTorchPeer(images, sys.argv[1]))
