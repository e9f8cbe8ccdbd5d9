"""Trials a minute: learning rate and dropout of the course's churn network, 20 epochs each.

Maeum searches all 64 trials; beside it, a few trials of KerasTuner on Keras with JAX and of Optuna
around PyTorch give their time for each. A step is a whole search with a new model for each trial,
as a user runs it: the first one compiles everything, and is shown for itself.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

import common

TRIALS, EPOCHS = 64, 20
FEW = 2  # trials of a peer: each takes as long as the next
REQUIRED = {"keras-jax": "20x", "torch": "20x"}
RATES, DROPOUTS = (1e-4, 1e-2), (0.05, 0.6)


def work(peer: str) -> Iterator[dict]:
    from peers import churn_data

    train, validation = churn_data()
    search = {"maeum": with_maeum, "keras-jax": with_keras_tuner, "torch": with_optuna}[peer]
    while True:
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            trials, best = search(train, validation, folder)
            yield {"trial": (time.perf_counter() - start) / trials, "best": best}


def builder(api: Any, optimizers: Any) -> Callable[[Any], Any]:
    """Return a ``build(hp)`` of Keras or Maeum."""
    from peers import CHURN

    def build(hp: Any) -> Any:
        rate = hp.Float("learning_rate", *RATES, sampling="log")
        dropout = hp.Float("dropout", *DROPOUTS)
        model = dataclasses.replace(CHURN, dropout=(dropout,) * 3).model(api)
        model.compile(optimizers.Adam(rate), CHURN.loss, metrics=["accuracy"])
        return model

    return build


def with_maeum(train: Any, validation: Any, folder: str) -> tuple[int, float]:
    import maeum
    from maeum import optimizers, tuner

    found = tuner.RandomSearch(
        builder(maeum, optimizers), "val_loss", max_trials=TRIALS, directory=folder
    )
    found.search(*train, batch_size=10, epochs=EPOCHS, validation_data=validation, verbose=0)
    return TRIALS, found.oracle.get_best_trials()[0].score


def with_keras_tuner(train: Any, validation: Any, folder: str) -> tuple[int, float]:
    import keras
    import keras_tuner
    from keras import optimizers

    found = keras_tuner.RandomSearch(
        builder(keras, optimizers), "val_loss", max_trials=FEW, directory=folder
    )
    found.search(*train, batch_size=10, epochs=EPOCHS, validation_data=validation, verbose=0)
    return FEW, float(found.oracle.get_best_trials()[0].score)


def with_optuna(train: Any, validation: Any, folder: str) -> tuple[int, float]:
    import optuna

    from peers import CHURN, Torch

    def objective(trial: Any) -> float:
        rate = trial.suggest_float("learning_rate", *RATES, log=True)
        dropout = trial.suggest_float("dropout", *DROPOUTS)
        network = Torch(dataclasses.replace(CHURN, dropout=(dropout,) * 3))
        for group in network.optimizer.param_groups:
            group["lr"] = rate
        best = float("inf")
        for _ in range(EPOCHS):
            best = min(best, network.fit(train, validation)["val_loss"])
        return best

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler())
    study.optimize(objective, n_trials=FEW)
    return FEW, study.best_value


def report(options: argparse.Namespace) -> None:
    first, later, failed = common.interleaved(__file__, options)
    heads, rows = common.compared(later, "trial", "s", REQUIRED)
    for row, (peer, steps) in zip(rows, later.items()):
        row += [f"{60 / common.median(steps, 'trial'):.1f}", f"{60 / first[peer]['trial']:.1f}"]
        row.append(f"{common.median(steps, 'best'):.3f}")
    common.table(
        f"{TRIALS} trials of learning rate and dropout, churn network, {EPOCHS} epochs: one trial",
        [*heads, "trials a minute", "the first time", "lowest validation loss"],
        rows,
        failed,
    )


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=3, peers=["keras-jax", "torch", "maeum"])
