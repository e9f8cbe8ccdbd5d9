"""Checks that several layers share: each returns what it was given, or says what is wrong."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np

from maeum.core.errors import ConfigError, ShapeError
from maeum.ops.layout import channels_first


def whole_number(value: Any, what: str, least: int = 0) -> int:
    """Return ``value`` as an int that is at least ``least``, or raise `ConfigError`."""
    whole = isinstance(value, numbers.Integral) or (isinstance(value, float) and value.is_integer())
    if not whole or isinstance(value, bool) or int(value) < least:
        raise ConfigError(f"The {what} must be a whole number of at least {least}; got {value!r}.")
    return int(value)


def rate(value: Any, what: str) -> float:
    """Return ``value`` as a float between 0 and 1, or raise `ConfigError`."""
    if not isinstance(value, numbers.Real) or not 0 <= float(value) <= 1:
        raise ConfigError(
            f"The {what} is the share that is dropped, between 0 and 1; got {value!r}."
        )
    return float(value)


def axis_of(axis: int, rank: int, layer: Any) -> int:
    """Return ``axis`` counted from the front, or raise `ShapeError`."""
    if not -rank <= axis < rank:
        raise ShapeError(
            f"The layer {layer.name!r} ({type(layer).__name__}) has axis={axis}, but its input "
            f"has only {rank} axes, the batch included. Choose one from {-rank} to {rank - 1}."
        )
    return axis % rank


def known_size(shape: Any, axis: int, layer: Any) -> int:
    """Return the size of ``shape`` along ``axis``, or raise `ShapeError` if it is unknown."""
    axis_of(axis, len(shape), layer)
    if shape[axis] is None:
        raise ShapeError(
            f"The layer {layer.name!r} ({type(layer).__name__}) needs to know the size of its "
            f"input along axis {axis}; got shape {tuple(shape)}. Give it in Input(shape)."
        )
    return shape[axis]


def number(value: Any, what: str, least: float = -math.inf) -> float:
    """Return ``value`` as a float that is at least ``least``, or raise `ConfigError`."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool) or not float(value) >= least:
        at_least = "" if least == -math.inf else f" of at least {least}"
        raise ConfigError(f"The {what} must be a number{at_least}; got {value!r}.")
    return float(value)


def exact_rank(shape: Any, rank: int, layer: Any) -> None:
    """Raise `ShapeError` unless ``shape`` has ``rank`` axes, the batch included."""
    if len(shape) != rank:
        raise ShapeError(
            f"The layer {layer.name!r} ({type(layer).__name__}) takes inputs with {rank} axes, "
            f"the batch included; got shape {tuple(shape)}."
        )


def check_data_format(value: Any) -> str:
    """Return where the channels are: ``"channels_last"`` unless given."""
    return "channels_first" if channels_first(value) else "channels_last"


def dtype_name(dtype: Any) -> str:
    """Return the name of a dtype; of a policy in a configuration of Keras, that of the policy."""
    if isinstance(dtype, Mapping):
        dtype = dtype.get("config", {}).get("name")
    try:
        return np.dtype(dtype or "float32").name
    except TypeError:
        raise ConfigError(
            f"dtype is that of the numbers, such as 'float32' or 'bfloat16'; got {dtype!r}. "
            "Weights and computation share it: there are no mixed policies."
        ) from None
