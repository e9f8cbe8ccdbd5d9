"""One training step of a character model within an ordinary epoch: embedding, recurrence, softmax.

64 steps of 65 characters; Adam, with accuracy. The first call of fit includes all compiling.
"""

from __future__ import annotations

import argparse
import importlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import common
import peers

STEPS, LENGTH, VOCABULARY, WIDTH = 20, 64, 65, 64


@dataclass(frozen=True)
class Characters:
    """A network that tells the next character: one or more layers of a kind."""

    kind: str
    units: int = 128
    layers: int = 1
    batch: int = 64
    classes: int = VOCABULARY
    loss: str = "sparse_categorical_crossentropy"

    def data(self, seed: int) -> peers.Data:
        """Make texts in which each character mostly follows from the one before."""
        rng = np.random.default_rng(seed)
        text = rng.integers(0, VOCABULARY, (STEPS * self.batch, LENGTH + 1), np.int32)
        follows = np.random.default_rng(0).permutation(VOCABULARY).astype("int32")
        certain = rng.random((len(text), LENGTH)) < 0.8
        for t in range(LENGTH):
            text[:, t + 1] = np.where(certain[:, t], follows[text[:, t]], text[:, t + 1])
        return text[:, :-1].copy(), text[:, 1:].copy()

    def model(self, api: Any) -> Any:
        """Build the network with Keras or Maeum."""
        layers = importlib.import_module(f"{api.__name__}.layers")
        stack = [api.Input((LENGTH,), dtype="int32"), layers.Embedding(VOCABULARY, WIDTH)]
        for _ in range(self.layers):
            stack.append(getattr(layers, self.kind)(self.units, return_sequences=True))
        return api.Sequential([*stack, layers.Dense(VOCABULARY, activation="softmax")])

    def module(self) -> Any:
        """Build the network with PyTorch, up to the logits."""
        from torch import nn

        kind = {"SimpleRNN": nn.RNN}.get(self.kind) or getattr(nn, self.kind)

        class Module(nn.Module):
            def __init__(self, network: Characters):
                super().__init__()
                self.embedding = nn.Embedding(VOCABULARY, WIDTH)
                self.recurrence = kind(WIDTH, network.units, network.layers, batch_first=True)
                self.dense = nn.Linear(network.units, VOCABULARY)

            def forward(self, x: Any) -> Any:
                return self.dense(self.recurrence(self.embedding(x))[0])

        return Module(self)


class Torch(peers.Torch):
    """PyTorch, with a loss and an accuracy of each character."""

    def output(self, x: Any) -> Any:
        return super().output(x).flatten(0, 1)

    def train(self, batches: Any, on_batch: Any = None) -> dict[str, float]:
        return super().train(((x, y.flatten()) for x, y in batches), on_batch)


CASES = {
    "LSTM": Characters("LSTM"),
    "GRU": Characters("GRU"),
    "SimpleRNN": Characters("SimpleRNN"),
    "2 x LSTM": Characters("LSTM", layers=2),
    "LSTM 256, batch 16": Characters("LSTM", units=256, batch=16),
    "LSTM 256, batch 1": Characters("LSTM", units=256, batch=1),
}


def work(peer: str) -> Iterator[dict]:
    made = {}
    for case, network in CASES.items():
        trainer = Torch(network) if peer == "torch" else peers.make(peer, network)
        made[case] = trainer, network.data(seed=1)
    while True:
        yield {case: step(*trained) for case, trained in made.items()}


def step(network: Any, data: peers.Data) -> float:
    """Return the seconds that an epoch takes, for each of its steps."""
    start = time.perf_counter()
    network.fit(data)
    return (time.perf_counter() - start) / STEPS


def report(options: argparse.Namespace) -> None:
    first, later, failed = common.interleaved(__file__, options)
    title = f"A character model of {LENGTH} steps, an epoch of {STEPS} batches: time for each"
    once = {peer: [step] for peer, step in first.items()}
    common.table(f"{title}, first calls", *common.grid(once, CASES), failed)
    common.table(f"{title}, later calls", *common.grid(later, CASES), failed)


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=5, peers=[*common.PLAIN_PEERS, "maeum-fallback"])
