"""The peer PyTorch, at its best on the CPU; the protocol is peer.py's.

Arguments: contiguous_format or channels_last, and any of

- compiled: torch.compile's code for training and predictions, with shapes fixed. It needs a C++ compiler.
- bf16: autocast to bfloat16.
- frozen: it only predicts, with the weights of the library's pretrained network as constants of the compiled code.

What was tried (2 cores with AVX-512, PyTorch 2.15, channels_last, images/s; others shared the machine, rounds that were
plainly disturbed are left out):

- Adam as it comes 1,180 to 1,342, foreach 1,160 to 1,306, fused 1,176 to 1,431: hardly a difference; fused.
- Denormal numbers flushed to zero: 1,515 to 1,587, as against 1,292 to 1,349 right before. So flushed.
- torch.compile, without flushing: 1,341 to 1,526, after 44 s of compiling. Here both are together.
- Evaluation is fastest with 128 or 256 images at a time; from 512 on it takes two to four times as long.
"""

import sys

import numpy
import torch
from peer import CHANNELS, FLAT, SEED, scores, serve, threads
from torch import nn


def norm(kind, channels):
    """Batch normalisation with Keras's numbers: its momentum 0.99 is 0.01 here."""
    return kind(channels, eps=1e-3, momentum=0.01)


class PyTorchNetwork:
    """The seed's network with Keras's initial weights, or frozen with those of the pretrained network."""

    def __init__(self, images, memory_format, modes):
        torch.set_num_threads(threads())
        torch.set_flush_denormal(True)  # TensorFlow does so by itself
        torch.manual_seed(SEED)
        self.images, self.name, self.modes = images, memory_format, modes
        self.format = getattr(torch, memory_format)
        self.model = nn.Sequential(
            nn.Conv2d(1, CHANNELS, 3),
            nn.ReLU(),
            norm(nn.BatchNorm2d, CHANNELS),
            nn.Conv2d(CHANNELS, CHANNELS, 3),
            nn.ReLU(),
            norm(nn.BatchNorm2d, CHANNELS),
            nn.MaxPool2d(2),
            nn.Dropout(0.25),
            nn.Conv2d(CHANNELS, 2 * CHANNELS, 3),
            nn.ReLU(),
            norm(nn.BatchNorm2d, 2 * CHANNELS),
            nn.Conv2d(2 * CHANNELS, 2 * CHANNELS, 3),
            nn.ReLU(),
            norm(nn.BatchNorm2d, 2 * CHANNELS),
            nn.MaxPool2d(2),
            nn.Dropout(0.25),
            nn.Flatten(),
            nn.Linear(FLAT, 512),
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
        if "frozen" in modes:
            self._read(numpy.fromfile(images.folder / "network.f32", dtype="<f4"))
            torch._inductor.config.freezing = True
        compiled = "frozen" in modes or "compiled" in modes
        self.forward = torch.compile(self.model, dynamic=False) if compiled else self.model

    @torch.no_grad()
    def _read(self, numbers):
        for tensor in self.model.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(torch.from_numpy(numbers[: tensor.numel()]).reshape(tensor.shape))
                numbers = numbers[tensor.numel() :]

    def parameters(self):
        count = sum(p.numel() for p in self.model.parameters())
        return count + sum(b.numel() for name, b in self.model.named_buffers() if "running" in name)

    def settings(self):
        return "%d threads; %s; %s; fused Adam, if it trains; denormal numbers flushed; oneDNN as PyTorch brings it" % (
            threads(),
            self.name,
            ", ".join(self.modes) or "eager",
        )

    def versions(self):
        return {"torch": torch.__version__}

    def _input(self, pixels):
        """Bytes as the network reads them: floats from 0 to 1 in its layout."""
        scaled = torch.from_numpy(pixels)[:, None].to(torch.float32).mul_(1 / 255)
        return scaled.contiguous(memory_format=self.format)

    def _precision(self):
        return torch.autocast("cpu", torch.bfloat16, enabled="bf16" in self.modes)

    @torch.inference_mode()
    def evaluate(self, x, y, batch):
        self.model.eval()
        with self._precision():
            parts = [self.forward(self._input(x[i : i + batch])).softmax(1) for i in range(0, len(x), batch)]
        return scores(torch.cat(parts).float().numpy(), y)

    def prediction_of(self, x):
        self.model.eval()
        image = torch.from_numpy(x[:, None]).contiguous(memory_format=self.format)

        @torch.inference_mode()
        def predict():
            with self._precision():
                return self.forward(image).softmax(1).float().numpy()

        return predict


class PyTorchPeer(PyTorchNetwork):
    """The network with a training step written out as PyTorch's users do."""

    def train(self, positions, batch):
        self.model.train()
        loss_sum, right = 0.0, 0
        for i in range(0, len(positions), batch):
            part = positions[i : i + batch]
            x, y = self._input(self.images.train_x[part]), torch.from_numpy(self.images.train_y[part]).long()
            self.optimizer.zero_grad(set_to_none=True)
            with self._precision():
                scores = self.forward(x)
                loss = self.loss(scores, y)
            loss.backward()
            self.optimizer.step()
            loss_sum += loss.item() * len(y)
            right += (scores.argmax(1) == y).sum().item()
        return loss_sum / len(positions), right / len(positions)


if __name__ == "__main__":
    kind = PyTorchNetwork if "frozen" in sys.argv[2:] else PyTorchPeer
    serve(lambda images: kind(images, sys.argv[1], sys.argv[2:]))
