"""What is learnt of drawn series: the same networks and seeds beside Keras, a round for each seed.

Each series is the sum of two sine waves of drawn frequency and place, and noise, over 60 steps of a
time from 0 to 1; 50 are seen, the next 1 or 10 are forecast. 7,000 series to train, 2,000 to
validate and 1,000 to test with; 40 epochs of Adam at 0.005 in batches of 32.
"""

from __future__ import annotations

import argparse
import importlib
import time
from collections.abc import Iterator
from statistics import mean
from typing import Any

import common

SEEN, AHEAD = 50, 10
SIZES = (7_000, 2_000, 1_000)
EPOCHS, RATE = 40, 0.005
NETWORKS = ("dense", "rnn", "deep_rnn", "lstm")
NAIVE = "last value"


def work(peer: str) -> Iterator[dict]:
    import numpy as np

    parts = waves(sum(SIZES), SEEN + AHEAD, seed=2026)
    ends = np.cumsum(SIZES)
    train, valid, test = np.split(parts, ends[:-1])
    yield {}  # a first step without a seed, so that there are as many seeds as rounds
    api = importlib.import_module("maeum" if peer.startswith("maeum") else "keras")
    layers = importlib.import_module(f"{api.__name__}.layers")
    seed = 0
    while True:
        answer: dict[str, Any] = {"seed": seed}
        for steps in (1, AHEAD):
            truth = test[:, SEEN : SEEN + steps, 0]
            naive = np.repeat(test[:, SEEN - 1 : SEEN, 0], steps, axis=1)
            answer[f"{NAIVE} {steps}"] = float(((naive - truth) ** 2).mean())
            for name in NETWORKS:
                api.utils.set_random_seed(seed)
                model = network(api, layers, name, steps)
                start = time.perf_counter()
                model.fit(
                    *seen_and_next(train, steps),
                    batch_size=32,
                    epochs=EPOCHS,
                    validation_data=seen_and_next(valid, steps),
                    verbose=0,
                )
                answer[f"{name} {steps} seconds"] = time.perf_counter() - start
                made = np.asarray(model.predict(test[:, :SEEN], batch_size=1000, verbose=0))
                answer[f"{name} {steps}"] = float(((made - truth) ** 2).mean())
        yield answer
        seed += 1


def waves(count: int, steps: int, seed: int) -> Any:
    """Return series (count, steps, 1) of two sine waves and noise."""
    import numpy as np

    rng = np.random.default_rng(seed)
    fast, slow, first, second = rng.random((4, count, 1))
    t = np.linspace(0, 1, steps)
    series = 0.5 * np.sin((t - first) * (fast * 10 + 10))
    series += 0.2 * np.sin((t - second) * (slow * 20 + 20))
    series += 0.1 * (rng.random((count, steps)) - 0.5)
    return series[..., None].astype("float32")


def seen_and_next(series: Any, steps: int) -> tuple[Any, Any]:
    return series[:, :SEEN], series[:, SEEN : SEEN + steps, 0]


def network(api: Any, layers: Any, name: str, steps: int) -> Any:
    """Build and compile a network with Keras or Maeum."""
    bodies = {
        "dense": lambda: [layers.Flatten(), layers.Dense(40, activation="relu")],
        "rnn": lambda: [layers.SimpleRNN(20)],
        "deep_rnn": lambda: [layers.SimpleRNN(20, return_sequences=True), layers.SimpleRNN(20)],
        "lstm": lambda: [layers.LSTM(20, return_sequences=True), layers.LSTM(20)],
    }
    model = api.Sequential([api.Input((SEEN, 1)), *bodies[name](), layers.Dense(steps)])
    model.compile(api.optimizers.Adam(RATE), "mse")
    return model


def report(options: argparse.Namespace) -> None:
    _, later, failed = common.interleaved(__file__, options)
    later = {peer: steps for peer, steps in later.items() if steps}
    for ahead in (1, AHEAD):
        rows = []
        for name in (NAIVE, *NETWORKS):
            for peer, steps in later.items():
                if name == NAIVE and peer != next(iter(later)):
                    continue
                errors = [step[f"{name} {ahead}"] for step in steps]
                seconds = (
                    "" if name == NAIVE
                    else common.quantity(common.median(steps, f"{name} {ahead} seconds"), "s")
                )  # fmt: skip
                rows.append(
                    [
                        name,
                        "" if name == NAIVE else common.NAMES[peer],
                        *(f"{error:.5f}" for error in errors),
                        f"{mean(errors):.5f}",
                        seconds,
                    ]
                )
        seeds = [f"seed {seed}" for seed in range(options.rounds)]
        title = f"Two waves and noise, {ahead} ahead, {EPOCHS} epochs: mean squared error"
        common.table(title, ["", "", *seeds, "mean", "training"], rows, failed)


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=3, peers=["keras-jax", "maeum"])
