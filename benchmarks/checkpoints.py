"""What checkpoints cost: the same training without them, and with one every 100 steps."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator

import common

STEPS = 100
SECONDS = 3.0  # that a training takes, about
# Units of two hidden layers, and rows of a batch.
NETWORKS = {
    "128, batch 32": (128, 32),
    "512, batch 128": (512, 128),
    "1024, batch 128": (1024, 128),
}


def work(peer: str) -> Iterator[dict]:
    import numpy as np

    import maeum as mm
    from maeum.training import Backup

    rng = np.random.default_rng(0)
    x = rng.normal(size=(6400, 64)).astype("float32")
    y = (x.sum(1) > 0).astype("float32")

    def network(units: int) -> mm.Model:
        layers = [mm.layers.Dense(units, activation="relu") for _ in range(2)]
        model = mm.Sequential([mm.Input((64,)), *layers, mm.layers.Dense(1, "sigmoid")])
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        return model

    def fit(name: str, epochs: int, backup: Backup | None = None) -> float:
        units, batch = NETWORKS[name]
        model = network(units)
        start = time.perf_counter()
        model.fit(x, y, batch_size=batch, epochs=epochs, verbose=0, backup=backup)
        return time.perf_counter() - start

    epochs = {}
    for name in NETWORKS:
        fit(name, 1)
        epochs[name] = max(2, round(SECONDS / fit(name, 2) * 2))
    while True:
        times = {}
        for name in NETWORKS:
            times[f"{name}, none"] = fit(name, epochs[name])
            with tempfile.TemporaryDirectory() as folder:
                backup = Backup(folder, epochs=None, steps=STEPS)
                times[f"{name}, checkpoints"] = fit(name, epochs[name], backup)
        yield times


def report(options: argparse.Namespace) -> None:
    _, later, failed = common.interleaved(__file__, options)
    rows = []
    for name in NETWORKS:
        steps = later.get(common.OURS, [])
        ratios = sorted(s[f"{name}, checkpoints"] / s[f"{name}, none"] for s in steps)
        without = common.quantity(common.median(steps, f"{name}, none"), "s")
        middle = ratios[len(ratios) // 2]
        rows.append([name, without, f"{middle:.3f}x ({ratios[0]:.3f} - {ratios[-1]:.3f})", "1.03x"])
    heads = ["two layers of", "without", f"with one every {STEPS} steps", "required"]
    common.table("What checkpoints cost", heads, rows, failed)


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=5, peers=[common.OURS])
