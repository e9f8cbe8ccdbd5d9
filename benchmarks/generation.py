"""Tokens a second of a character network that writes one text, its state carried from step to step.

As each peer offers it: PyTorch in a loop of its own without gradients, Keras by a stateful network
and a compiled step, Maeum by `maeum.language.generate`; and Maeum by a stateful network and
`predict_on_batch`, as Keras code does it ("one at a time").
"""

from __future__ import annotations

import argparse
import importlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import common

VOCABULARY, WIDTH, TOKENS, ONE_AT_A_TIME = 65, 64, 1000, 100


@dataclass(frozen=True)
class Writer:
    """A network that tells the next character."""

    kind: str
    units: int
    layers: int

    def stack(self, api: Any, stateful: bool) -> Any:
        layers = importlib.import_module(f"{api.__name__}.layers")
        shape = {"batch_shape": (1, 1)} if stateful else {"shape": (None,)}
        stack = [api.Input(**shape, dtype="int32"), layers.Embedding(VOCABULARY, WIDTH)]
        options = {"return_sequences": True, "stateful": stateful}
        stack += [getattr(layers, self.kind)(self.units, **options) for _ in range(self.layers)]
        return api.Sequential([*stack, layers.Dense(VOCABULARY, activation="softmax")])


CASES = {
    "LSTM 128": Writer("LSTM", 128, 1),
    "GRU 256": Writer("GRU", 256, 1),
    "2 x LSTM 256": Writer("LSTM", 256, 2),
}


def maeum(writer: Writer) -> Callable[[], int]:
    import maeum as mm
    from maeum.language import decoder_of, generate

    decoder = decoder_of(writer.stack(mm, stateful=False))
    return lambda: len(generate(decoder, [[0]], TOKENS, seed=0)[0])


def one_at_a_time(module: str, writer: Writer) -> Callable[[], int]:
    model = writer.stack(importlib.import_module(module), stateful=True)
    rng = np.random.default_rng(0)

    def write() -> int:
        token = 0
        for _ in range(ONE_AT_A_TIME):
            chances = model.predict_on_batch(np.array([[token]], "int32"))[0, -1]
            token = int(np.searchsorted(chances.cumsum(), rng.random() * chances.sum()))
        return ONE_AT_A_TIME

    return write


def torch_writer(writer: Writer) -> Callable[[], int]:
    import torch
    from torch import nn

    embedding = nn.Embedding(VOCABULARY, WIDTH)
    recurrence = getattr(nn, writer.kind)(WIDTH, writer.units, writer.layers, batch_first=True)
    dense = nn.Linear(writer.units, VOCABULARY)

    @torch.inference_mode()
    def write() -> int:
        token, state = torch.zeros(1, 1, dtype=torch.long), None
        for _ in range(TOKENS):
            h, state = recurrence(embedding(token), state)
            token = torch.multinomial(torch.softmax(dense(h[0]), -1), 1)
        return TOKENS

    return write


def work(peer: str) -> Iterator[dict]:
    ways = {"torch": torch_writer, "maeum": maeum}
    module = "maeum" if peer.startswith("maeum") else "keras"
    way = ways.get(peer, lambda writer: one_at_a_time(module, writer))
    writers = {case: way(writer) for case, writer in CASES.items()}
    while True:
        yield {case: seconds(write) for case, write in writers.items()}


def seconds(write: Callable[[], int]) -> float:
    """Return the seconds that a token takes."""
    start = time.perf_counter()
    tokens = write()
    return (time.perf_counter() - start) / tokens


def report(options: argparse.Namespace) -> None:
    _, later, failed = common.interleaved(__file__, options)
    title = "Writing one text: time for each token"
    common.table(title, *common.grid(later, CASES), failed)


if __name__ == "__main__":
    common.NAMES["maeum-predict"] = "Maeum, one at a time"
    common.main(__file__, work, report, rounds=5, peers=[*common.PLAIN_PEERS, "maeum-predict"])
