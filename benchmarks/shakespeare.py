"""A character model of tinyshakespeare: two LSTM layers of 256, trained and validated.

Every peer begins with the same weights and takes the same batches in the same order: 64 texts of 64
characters, Adam with a rate of 0.002. A round is a seed. MAEUM_DATA (or its folder text) holds
tinyshakespeare.txt, whose last tenth is for validation.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

import common
import peers

STEPS, BATCH, LENGTH, EMBEDDING, UNITS, LAYERS, RATE = 300, 64, 64, 64, 256, 2, 0.002
VALIDATION_ROWS = 512


def work(peer: str) -> Iterator[dict]:
    text, vocabulary = read()
    train, held_out = np.split(text, [len(text) * 9 // 10])
    validation = windows(held_out, np.arange(VALIDATION_ROWS) * LENGTH)
    yield {}  # a first step without a seed, so that there are as many seeds as rounds
    seed = 0
    while True:
        rng = np.random.default_rng(seed)
        first = weights(rng, vocabulary)
        data = windows(train, rng.integers(0, len(train) - LENGTH, STEPS * BATCH))
        run = train_torch if peer == "torch" else train_keras
        start = time.perf_counter()
        loss = run(peer, first, data, validation)
        yield {"seed": seed, "loss": loss, "seconds": time.perf_counter() - start}
        seed += 1


def read() -> tuple[np.ndarray, int]:
    """Return the text as numbers, and how many characters there are."""
    folder = Path(os.environ.get("MAEUM_DATA", "."))
    name = "tinyshakespeare.txt"
    places = [place for place in (folder, folder / "text") if (place / name).is_file()]
    if not places:
        raise RuntimeError(f"set MAEUM_DATA to the folder that holds {name}")
    raw = np.frombuffer((places[0] / name).read_bytes(), np.uint8)
    characters, numbers = np.unique(raw, return_inverse=True)
    return numbers.astype("int32"), len(characters)


def windows(text: np.ndarray, starts: np.ndarray) -> peers.Data:
    taken = text[starts[:, None] + np.arange(LENGTH + 1)]
    return taken[:, :-1].copy(), taken[:, 1:].copy()


def weights(rng: np.random.Generator, vocabulary: int) -> list[np.ndarray]:
    """Draw first weights in the order of Keras: embedding, LSTM layers, softmax."""

    def glorot(n: int, m: int) -> np.ndarray:
        limit = (6 / (n + m)) ** 0.5
        return rng.uniform(-limit, limit, (n, m)).astype("float32")

    made = [rng.uniform(-0.05, 0.05, (vocabulary, EMBEDDING)).astype("float32")]
    width = EMBEDDING
    for _ in range(LAYERS):
        square = [np.linalg.qr(rng.normal(size=(UNITS, UNITS)))[0] for _ in range(4)]
        bias = np.repeat([0, 1, 0, 0], UNITS)  # the forget gate begins open
        made += [glorot(width, 4 * UNITS), np.concatenate(square, 1), bias]
        width = UNITS
    made += [glorot(UNITS, vocabulary), np.zeros(vocabulary)]
    return [w.astype("float32") for w in made]


def train_keras(peer: str, first: list, data: peers.Data, validation: peers.Data) -> float:
    """Train with Keras or Maeum; return the validation loss."""
    import importlib

    api = importlib.import_module("maeum" if peer.startswith("maeum") else "keras")
    layers = importlib.import_module(f"{api.__name__}.layers")
    optimizers = importlib.import_module(f"{api.__name__}.optimizers")
    vocabulary = first[0].shape[0]
    stack = [api.Input((LENGTH,), dtype="int32"), layers.Embedding(vocabulary, EMBEDDING)]
    stack += [layers.LSTM(UNITS, return_sequences=True) for _ in range(LAYERS)]
    model = api.Sequential([*stack, layers.Dense(vocabulary, activation="softmax")])
    model.set_weights(first)
    model.compile(optimizers.Adam(RATE), "sparse_categorical_crossentropy")
    model.fit(*data, batch_size=BATCH, shuffle=False, verbose=0)
    return float(model.evaluate(*validation, batch_size=BATCH, verbose=0))


def train_torch(peer: str, first: list, data: peers.Data, validation: peers.Data) -> float:
    """Train with PyTorch; return the validation loss."""
    import torch
    from torch import nn

    vocabulary = first[0].shape[0]
    embedding = nn.Embedding(vocabulary, EMBEDDING)
    recurrence = nn.LSTM(EMBEDDING, UNITS, LAYERS, batch_first=True)
    dense = nn.Linear(UNITS, vocabulary)
    tensors = iter([torch.from_numpy(w) for w in first])
    with torch.no_grad():
        embedding.weight.copy_(next(tensors))
        for i in range(LAYERS):
            getattr(recurrence, f"weight_ih_l{i}").copy_(next(tensors).T)
            getattr(recurrence, f"weight_hh_l{i}").copy_(next(tensors).T)
            getattr(recurrence, f"bias_ih_l{i}").copy_(next(tensors))
            # PyTorch has two biases; one of them rests, so that the other learns as in Keras.
            getattr(recurrence, f"bias_hh_l{i}").zero_().requires_grad_(False)
        dense.weight.copy_(next(tensors).T)
        dense.bias.copy_(next(tensors))
    learnt = [p for m in (embedding, recurrence, dense) for p in m.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(learnt, RATE, eps=1e-7, fused=True)
    criterion = nn.CrossEntropyLoss()

    def loss(x: Any, y: Any) -> Any:
        outputs = dense(recurrence(embedding(x))[0])
        return criterion(outputs.flatten(0, 1), y.flatten())

    x, y = (torch.from_numpy(a).long() for a in data)
    for a, b in zip(x.split(BATCH), y.split(BATCH)):
        optimizer.zero_grad()
        loss(a, b).backward()
        optimizer.step()
    x, y = (torch.from_numpy(a).long() for a in validation)
    with torch.no_grad():
        return mean(float(loss(a, b)) for a, b in zip(x.split(BATCH), y.split(BATCH)))


def report(options: argparse.Namespace) -> None:
    _, later, failed = common.interleaved(__file__, options)
    later = {peer: steps for peer, steps in later.items() if steps}
    ours = later.get(common.OURS)
    rows = []
    for peer, steps in later.items():
        loss, seconds = mean(s["loss"] for s in steps), common.median(steps, "seconds")
        beside = ["", ""]
        if ours and peer != common.OURS:
            beside = [
                f"{loss / mean(s['loss'] for s in ours) - 1:+.2%}",
                f"{seconds / common.median(ours, 'seconds'):.2f}x",
            ]
        losses = (f"{step['loss']:.4f}" for step in steps)
        name = common.NAMES[peer]
        rows.append([name, *losses, beside[0], common.quantity(seconds, "s"), beside[1]])
    heads = ["", *(f"seed {seed}" for seed in range(options.rounds))]
    heads += ["beside Maeum", "training", "times Maeum's"]
    title = f"tinyshakespeare, {LAYERS} x LSTM {UNITS}, {STEPS} steps: validation loss"
    common.table(title, heads, rows, failed)


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=2, peers=["torch", "maeum"])
