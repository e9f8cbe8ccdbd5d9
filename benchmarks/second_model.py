"""The first fit, evaluate and predict of a second model of the same architecture, in one process.

Cross-validation and a grid by hand make such models: the programs of the first one serve them.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np

import common

CALLS = ("fit", "evaluate", "predict")
MODELS = 5
ROWS = 200
# The networks by name: their inputs, and their layers.
NETWORKS: dict[str, tuple[tuple[int, ...], Callable]] = {
    "dense": (
        (20,),
        lambda k: [
            k.layers.Dense(64, activation="relu"),
            k.layers.BatchNormalization(),
            k.layers.Dropout(0.3),
            k.layers.Dense(32, activation="relu"),
        ],
    ),
    "convolution": (
        (12, 12, 1),
        lambda k: [
            k.layers.Conv2D(8, 3, activation="relu"),
            k.layers.MaxPooling2D(),
            k.layers.Flatten(),
        ],
    ),
    "LSTM": ((10, 8), lambda k: [k.layers.LSTM(16)]),
}


def work(peer: str) -> Iterator[dict]:
    k = importlib.import_module("maeum" if peer == common.OURS else "keras")
    rng = np.random.default_rng(0)
    data = {}
    for name, (shape, _) in NETWORKS.items():
        x = rng.normal(size=(ROWS, *shape)).astype("float32")
        data[name] = x, (x.reshape(ROWS, -1).sum(1) > 0).astype("float32")

    def use(name: str) -> dict[str, float]:
        shape, layers = NETWORKS[name]
        model = k.Sequential([k.Input(shape), *layers(k), k.layers.Dense(1, activation="sigmoid")])
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        x, y = data[name]
        calls = (
            lambda: model.fit(x, y, epochs=1, verbose=0),
            lambda: model.evaluate(x, y, verbose=0),
            lambda: model.predict(x, verbose=0),
        )
        times = {}
        for call, run in zip(CALLS, calls):
            start = time.perf_counter()
            run()
            times[f"{name} {call}"] = time.perf_counter() - start
        return times

    for name in NETWORKS:
        use(name)  # the first model compiles
    while True:
        found = [{} for _ in range(MODELS)]
        for each in found:
            for name in NETWORKS:
                each |= use(name)
        yield {case: statistics.median(each[case] for each in found) for case in found[0]}


def report(options: argparse.Namespace) -> None:
    _, later, failed = common.interleaved(__file__, options)
    columns = [f"{name} {call}" for name in NETWORKS for call in CALLS]
    heads, rows = common.grid(later, columns)
    title = f"A second model alike, {ROWS} rows: its first calls (under 30 ms each)"
    common.table(title, heads, rows, failed)


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=3, peers=("keras-tensorflow", "keras-jax", "maeum"))
