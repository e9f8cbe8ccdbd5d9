"""The networks for series: small ones, with one output for each step of the horizon."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from maeum import layers
from maeum.core.former import formerly
from maeum.forecasting.options import SeriesOptions
from maeum.forecasting.preparation import Contexts, Preparation
from maeum.models import Model

_RECURRENT = {
    "lstm": layers.LSTM, "gru": layers.GRU, "rnn": layers.SimpleRNN, "deep_rnn": layers.SimpleRNN,
}  # fmt: skip


@formerly(known="future_channels")
def build_network(
    window: int, channels: int, future_channels: int, targets: int, options: SeriesOptions
) -> Model:
    """Return the compiled network.

    It takes ``(window, channels)`` and, if there are any, ``(steps, future_channels)``; it returns
    ``(steps, targets)``. A recursive one forecasts a single step.

    Args:
        window: the steps that are looked back on.
        channels: the values of each.
        future_channels: the values that are known in advance of each step to forecast.
        targets: the values that are forecast of each.
        options: the choices, resolved.

    Example:
        >>> options = SeriesOptions(horizon=3, network="gru", hidden=8).resolved(None, 100)
        >>> build_network(24, 1, 0, 1, options).output_shape
        (None, 3, 1)
    """
    steps = 1 if options.recursive else options.horizon
    seen = layers.Input((window, channels), name="window")
    inputs = [seen]
    x = _body(seen, options)
    if future_channels:
        inputs.append(layers.Input((steps, future_channels), name="future"))
        x = layers.Concatenate()([x, layers.Flatten()(inputs[1])])
        if options.units:  # what is known and what was seen may depend on each other
            x = layers.Dense(options.units[-1], activation="relu")(x)
    if options.linear and options.units:
        x = layers.Concatenate()([x, layers.Flatten()(seen)])
    # From zeros, training begins with the forecast that the window's level stays.
    first = "zeros" if options.scale in ("last", "window") else "glorot_uniform"
    x = layers.Dense(steps * targets, kernel_initializer=first, name="forecast")(x)
    outputs = layers.Reshape((steps, targets))(x)
    model = Model(inputs[0] if len(inputs) == 1 else inputs, outputs, seed=options.seed)
    # Errors of more than a deviation, as where the level jumps, count by their size alone.
    model.compile("adam", "huber" if options.scale == "last" else "mse", metrics=["mae"])
    model.optimizer.learning_rate = options.learning_rate or 0.001
    return model


def _body(x: Any, options: SeriesOptions) -> Any:
    """Return what the layers make of a window: one vector."""
    units, recurrent = options.units, _RECURRENT.get(options.network)
    if options.network in ("dense", "linear"):
        x = layers.Flatten()(x)
    for place, size in enumerate(units):
        if recurrent is not None:
            x = recurrent(size, return_sequences=place < len(units) - 1)(x)
        elif options.network == "cnn":
            x = layers.Conv1D(size, 3, padding="causal", dilation_rate=2**place, activation="relu")(
                x
            )
        else:
            x = layers.Dense(size, activation="relu")(x)
        if options.dropout:
            x = layers.Dropout(options.dropout)(x)
    return x if len(x.shape) == 2 else layers.Flatten()(x)


def forecast(
    network: Model,
    preparation: Preparation,
    contexts: Contexts,
    recursive: bool = False,
) -> np.ndarray:
    """Return what a network forecasts, ``(n, horizon, k)``, scaled by series.

    Args:
        network: as `build_network` makes it.
        preparation: that it was trained with.
        contexts: what it forecasts from.
        recursive: whether it forecasts one step, which is then taken for known.
    """
    if not recursive:
        inputs, center, spread = preparation.inputs(contexts)
        return network.predict(inputs, batch_size=1024, verbose=0) * spread + center
    scaled, answers = contexts.scaled, []
    for step in range(preparation.horizon):
        future = contexts.future[:, step : step + preparation.window + 1]
        seen = replace(contexts, scaled=scaled, future=future)
        inputs, center, spread = preparation.inputs(seen)
        answer = network.predict(inputs, batch_size=1024, verbose=0) * spread + center
        scaled = np.concatenate([scaled[:, 1:], answer], axis=1)
        answers.append(answer)
    return np.concatenate(answers, axis=1)
