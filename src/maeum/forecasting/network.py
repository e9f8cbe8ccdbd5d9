"""The networks for series: small ones, which end in one output for each step ahead."""

from __future__ import annotations

from typing import Any

from maeum.forecasting.options import SeriesOptions
from maeum.layers import (
    GRU,
    LSTM,
    Concatenate,
    Conv1D,
    Dense,
    Dropout,
    Flatten,
    Input,
    Reshape,
    SimpleRNN,
)
from maeum.models import Model

_RECURRENT = {"lstm": LSTM, "gru": GRU, "rnn": SimpleRNN, "deep_rnn": SimpleRNN}


def build_network(
    window: int, channels: int, known: int, targets: int, options: SeriesOptions
) -> Model:
    """Return the compiled network.

    It takes ``(window, channels)`` and, if something is known ahead, ``(steps, known)``; it
    returns ``(steps, targets)``. A recursive one forecasts a single step.

    Args:
        window: the steps that are looked back on.
        channels: the values of each.
        known: the values that are known of each step ahead.
        targets: the values that are forecast of each step ahead.
        options: the choices, resolved.

    Example:
        >>> options = SeriesOptions(ahead=3, network="gru", hidden=8).resolved(None, 100)
        >>> build_network(24, 1, 0, 1, options).output_shape
        (None, 3, 1)
    """
    steps = 1 if options.recursive else options.ahead
    seen = Input((window, channels), name="window")
    inputs = [seen]
    x = _body(seen, options)
    if known:
        inputs.append(Input((steps, known), name="known_ahead"))
        x = Concatenate()([x, Flatten()(inputs[1])])
        if options.units:  # what is known ahead and what was seen may depend on each other
            x = Dense(options.units[-1], activation="relu")(x)
    if options.linear and options.units:
        x = Concatenate()([x, Flatten()(seen)])
    # From zeros, training begins with the forecast that the window's level stays.
    first = "zeros" if options.scale in ("last", "window") else "glorot_uniform"
    x = Dense(steps * targets, kernel_initializer=first, name="forecast")(x)
    outputs = Reshape((steps, targets))(x)
    model = Model(inputs[0] if len(inputs) == 1 else inputs, outputs, seed=options.seed)
    model.compile("adam", "mse", metrics=["mae"])
    model.optimizer.learning_rate = options.learning_rate or 0.001
    return model


def _body(x: Any, options: SeriesOptions) -> Any:
    """Return what the layers make of a window: one vector."""
    units, recurrent = options.units, _RECURRENT.get(options.network)
    if options.network in ("dense", "linear"):
        x = Flatten()(x)
    for place, size in enumerate(units):
        if recurrent is not None:
            x = recurrent(size, return_sequences=place < len(units) - 1)(x)
        elif options.network == "cnn":
            x = Conv1D(size, 3, padding="causal", dilation_rate=2**place, activation="relu")(x)
        else:
            x = Dense(size, activation="relu")(x)
        if options.dropout:
            x = Dropout(options.dropout)(x)
    return x if len(x.shape) == 2 else Flatten()(x)
