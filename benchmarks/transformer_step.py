"""One training step of a small GPT within an ordinary epoch: 4 blocks, width 128, 4 heads.

128 positions of 65 characters, batch 32; Adam, with accuracy. Keras has no Transformer block of
its own, so its layers are put together. The first call of fit includes all compiling.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import common
import peers
from recurrent_step import STEPS, VOCABULARY, Torch, step

LENGTH, LAYERS, WIDTH, HEADS = 128, 4, 128, 4


@dataclass(frozen=True)
class Transformer:
    """A network that tells the next character, of blocks that normalize first."""

    dropout: float = 0.0
    batch: int = 32
    classes: int = VOCABULARY
    loss: str = "sparse_categorical_crossentropy"

    def data(self, seed: int) -> peers.Data:
        """Make texts of noise; what comes next is the character itself, plus 1."""
        rng = np.random.default_rng(seed)
        x = rng.integers(0, VOCABULARY, (STEPS * self.batch, LENGTH), np.int32)
        return x, (x + 1) % VOCABULARY

    def model(self, api: Any) -> Any:
        """Build the network with Keras or Maeum."""
        if api.__name__ == "maeum":
            gpt = importlib.import_module("maeum.applications").GPT
            return gpt(VOCABULARY, LENGTH, LAYERS, WIDTH, HEADS, dropout=self.dropout)
        return keras_gpt(api, self.dropout)

    def module(self) -> Any:
        """Build the network with PyTorch, up to the logits."""
        return torch_gpt(self.dropout)


def keras_gpt(api: Any, dropout: float) -> Any:
    layers = importlib.import_module(f"{api.__name__}.layers")

    class Positions(layers.Layer):
        def build(self, shape: Any) -> None:
            self.table = self.add_weight(shape=(LENGTH, WIDTH), initializer="random_normal")

        def call(self, x: Any) -> Any:
            return x + self.table

    def around(x: Any, inner: Any) -> Any:
        change = inner(layers.LayerNormalization(epsilon=1e-5)(x))
        return x + layers.Dropout(dropout)(change)

    def attention(x: Any) -> Any:
        layer = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, dropout=dropout)
        return layer(x, x, use_causal_mask=True)

    def dense(x: Any) -> Any:
        return layers.Dense(WIDTH)(layers.Dense(4 * WIDTH, activation="gelu")(x))

    tokens = api.Input((LENGTH,), dtype="int32")
    x = layers.Dropout(dropout)(Positions()(layers.Embedding(VOCABULARY, WIDTH)(tokens)))
    for _ in range(LAYERS):
        x = around(around(x, attention), dense)
    x = layers.LayerNormalization(epsilon=1e-5)(x)
    return api.Model(tokens, layers.Dense(VOCABULARY, activation="softmax")(x))


def torch_gpt(dropout: float) -> Any:
    from torch import nn

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(2))
            self.project, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
            self.hidden, self.back = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
            self.dropout = nn.Dropout(dropout)

        def forward(self, x: Any) -> Any:
            y = self.project(self.norms[0](x))
            q, k, v = y.unflatten(-1, (3, HEADS, WIDTH // HEADS)).permute(2, 0, 3, 1, 4)
            share = dropout if self.training else 0.0
            y = nn.functional.scaled_dot_product_attention(q, k, v, dropout_p=share, is_causal=True)
            x = x + self.dropout(self.out(y.transpose(1, 2).flatten(2)))
            y = self.back(nn.functional.gelu(self.hidden(self.norms[1](x))))
            return x + self.dropout(y)

    class Module(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tokens, self.places = (nn.Embedding(n, WIDTH) for n in (VOCABULARY, LENGTH))
            self.dropout = nn.Dropout(dropout)
            self.blocks = nn.Sequential(*(Block() for _ in range(LAYERS)))
            self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, VOCABULARY)

        def forward(self, x: Any) -> Any:
            x = self.dropout(self.tokens(x) + self.places.weight)
            return self.head(self.norm(self.blocks(x)))

    return Module()


CASES = {"no dropout": Transformer(), "dropout 0.1": Transformer(dropout=0.1)}


def work(peer: str) -> Iterator[dict]:
    made = {}
    for case, network in CASES.items():
        trainer = Torch(network) if peer == "torch" else peers.make(peer, network)
        made[case] = trainer, network.data(seed=1)
    while True:
        yield {case: step(*trained) for case, trained in made.items()}


def report(options: argparse.Namespace) -> None:
    first, later, failed = common.interleaved(__file__, options)
    title = f"A GPT of {LAYERS} blocks, {LENGTH} positions, an epoch of {STEPS} batches: each step"
    once = {peer: [step] for peer, step in first.items()}
    common.table(f"{title}, first calls", *common.grid(once, CASES), failed)
    common.table(f"{title}, later calls", *common.grid(later, CASES), failed)


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=5, peers=common.PLAIN_PEERS)
