"""A network that learns windows, and what it forecasts from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.callbacks import EarlyStopping
from maeum.core.batches import RowBatches
from maeum.forecasting.data import SeriesData
from maeum.forecasting.network import build_network
from maeum.forecasting.preparation import Looks, Preparation
from maeum.forecasting.scaling import window_level
from maeum.forecasting.windows import Windows
from maeum.models import Model

_AT_ONCE = 1 << 28  # bytes of windows that are laid out in memory; more come in batches


@dataclass(frozen=True)
class Learnt:
    """A trained network, and how it came about."""

    network: Model
    history: dict[str, list[float]]
    best_epoch: int
    interrupted: bool


class WindowBatches(RowBatches):
    """Batches of windows, made when they are needed."""

    def __init__(self, data: SeriesData, windows: Windows, shuffle: bool):
        options = data.options
        super().__init__(len(windows), options.batch_size or 32, shuffle, options.seed)
        self.data, self.windows = data, windows

    def take(self, rows: np.ndarray) -> Any:
        """Return ``(inputs, truth)`` of these windows."""
        return self.data.arrays(self.windows.take(rows))


def learn(data: SeriesData, callbacks: Iterable[Any] = (), verbose: int = 0) -> Learnt:
    """Train a network until the validation loss gets no better, and keep its best epoch.

    Raises:
        KeyboardInterrupt: if Ctrl-C came before the first epoch was over.
    """
    options, preparation = data.options, data.preparation
    network = build_network(
        preparation.window,
        preparation.channels,
        preparation.ahead_channels,
        preparation.targets,
        options,
    )
    watched = len(data.parts["validation"]) > 0
    stopping = EarlyStopping(
        "val_loss" if watched else "loss",
        patience=options.patience or options.epochs or 1,
        restore_best_weights=watched,
    )
    x, y = _for_fit(data, data.parts["train"], shuffle=True)
    validation: dict[str, Any] = {}
    if watched:
        found = _for_fit(data, data.parts["validation"])
        validation["validation_data"] = found if found[1] is not None else found[0]
        if found[1] is not None:
            validation["validation_batch_size"] = 1024
    history = network.fit(
        x,
        y,
        batch_size=options.batch_size if y is not None else None,
        epochs=options.epochs or 1,
        callbacks=[stopping, *callbacks],
        verbose=verbose,
        **validation,
    )
    done = len(history.epoch)
    if history.interrupted and not done:
        raise KeyboardInterrupt("stopped before the first epoch was over: there is no network yet")
    best = stopping.best_epoch if watched else done - 1
    return Learnt(network, history.history, best, history.interrupted)


def _for_fit(data: SeriesData, windows: Windows, shuffle: bool = False) -> tuple[Any, Any]:
    """Return arrays of windows, or batches (and None) if those would take too much memory."""
    preparation = data.preparation
    steps = preparation.window * preparation.channels
    if 4 * len(windows) * steps > _AT_ONCE:
        return WindowBatches(data, windows, shuffle), None
    return data.arrays(windows)


def forecast(
    network: Model, preparation: Preparation, looks: Looks, recursive: bool = False
) -> np.ndarray:
    """Return what a network forecasts, ``(n, ahead, k)``, scaled by series.

    Args:
        network: as `build_network` makes it.
        preparation: that it was trained with.
        looks: what it looks back on.
        recursive: whether it forecasts one step, which is then taken for known.
    """
    if not recursive:
        inputs, center, spread = preparation.inputs(looks)
        return network.predict(inputs, batch_size=1024, verbose=0) * spread + center
    window, scaled, made = preparation.window, looks.scaled, []
    for step in range(preparation.ahead):
        center, spread = window_level(scaled, preparation.scale)
        known = looks.known[:, step : step + window]
        x: Any = np.concatenate([(scaled - center) / spread, known], axis=2)
        if preparation.ahead_channels:
            x = [x, looks.known[:, window + step : window + step + 1]]
        answer = network.predict(x, batch_size=1024, verbose=0) * spread + center
        scaled = np.concatenate([scaled[:, 1:], answer], axis=1)
        made.append(answer)
    return np.concatenate(made, axis=1)
