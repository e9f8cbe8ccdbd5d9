"""Checks that several layers share: each returns what it was given, or says what is wrong."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_fraction, check_number, check_positive, check_whole, is_number
from maeum.core.errors import ArgumentError, ConfigError, ShapeError
from maeum.core.messages import N_, _
from maeum.core.symbolic import map_structure
from maeum.ops.layout import channels_first


def title(layer: Any) -> str:
    """Return what messages call a layer: ``The layer 'dense' (Dense)``."""
    return _("The layer {name!r} ({kind})", name=layer.name, kind=type(layer).__name__)


def argument(name: str, of: Any = None) -> str:
    """Return what messages call an argument: ``units of Dense``, or ``units`` alone.

    Args:
        name: the argument.
        of: the layer, or the name of its class.
    """
    if of is None:
        return name
    layer = of if isinstance(of, str) else type(of).__name__
    return _("{argument} of {layer}", argument=name, layer=layer)


# ---- arguments ---------------------------------------------------------------------------------


def whole_number(value: Any, name: str, least: int = 0, of: Any = None) -> int:
    """Return ``value`` as an int that is at least ``least``, or raise `ConfigError`."""
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    return check_whole(whole, argument(name, of), least)


def number(value: Any, name: str, least: float = -math.inf, of: Any = None) -> float:
    """Return ``value`` as a float that is at least ``least``, or raise `ConfigError`."""
    if is_number(value) and float(value) >= least:  # which NaN is not
        return float(value)
    what = argument(name, of)
    error = ConfigError if is_number(value) else ArgumentError
    if least == -math.inf:
        raise error(
            N_("The {argument} must be a number; got {value!r}."), argument=what, value=value
        )
    raise error(N_("The {argument} must be a number of at least {least}; got {value!r}."),
                argument=what, least=least, value=value)  # fmt: skip


def axes(value: Any, of: Any = None) -> Any:
    """Return an axis as an int, or several as a tuple; or raise `ArgumentError`."""
    several = isinstance(value, (list, tuple))
    parts = tuple(value) if several else (value,)
    if not all(hasattr(axis, "__index__") and not isinstance(axis, bool) for axis in parts):
        raise ArgumentError("The {argument} is a whole number, or a list of them; got {value!r}.",
                            argument=argument("axis", of), value=value)  # fmt: skip
    return tuple(map(int, parts)) if several else int(value)


def positive(value: Any, name: str, of: Any = None) -> float:
    """Return ``value`` as a finite float above 0, or raise `ConfigError`."""
    return float(check_positive(value, argument(name, of)))


def rate(value: Any, name: str, of: Any = None, below_one: bool = False) -> float:
    """Return a fraction, such as one that is dropped, as a float, or raise `ConfigError`."""
    what = argument(name, of)
    return float(check_fraction(value, what) if below_one else check_number(value, what, most=1))


def check_data_format(value: Any) -> str:
    """Return where the channels are: ``"channels_last"`` unless given."""
    return "channels_first" if channels_first(value) else "channels_last"


# ---- shapes ------------------------------------------------------------------------------------


def is_shape(value: Any) -> bool:
    """Return whether something is one shape: sizes, None where unknown."""
    known = isinstance(value, (list, tuple))
    return known and all(n is None or hasattr(n, "__index__") for n in value)


def axis_of(axis: int, rank: int, layer: Any) -> int:
    """Return ``axis`` counted from the front, or raise `ShapeError`."""
    if not -rank <= axis < rank:
        raise ShapeError("{layer} has axis={axis}, but its input has only {rank} axes, the batch "
                         "included. Choose one from {first} to {last}.", layer=title(layer),
                         axis=axis, rank=rank, first=-rank, last=rank - 1)  # fmt: skip
    return axis % rank


def known_size(shape: Any, axis: int, layer: Any) -> int:
    """Return the size of ``shape`` along ``axis``, or raise `ShapeError` if it is unknown."""
    axis_of(axis, len(shape), layer)
    if shape[axis] is None:
        raise ShapeError("{layer} needs to know the size of its input along axis {axis}; got shape "
                         "{shape}. Give it in Input(shape).", layer=title(layer), axis=axis,
                         shape=tuple(shape))  # fmt: skip
    return shape[axis]


def fixed_size(shape: Any, axis: int, layer: Any) -> int:
    """Return the size of ``shape`` along ``axis``, which all later inputs must have, too."""
    size = known_size(shape, axis, layer)
    layer.input_axes = {axis: size}
    return size


def exact_rank(shape: Any, rank: int, layer: Any) -> None:
    """Raise `ShapeError` unless ``shape`` has ``rank`` axes, the batch included."""
    if len(shape) != rank:
        raise ShapeError("{layer} takes inputs with {rank} axes, the batch included; got shape "
                         "{shape}.", layer=title(layer), rank=rank, shape=tuple(shape))  # fmt: skip


def check_divisor(parts: int, size: int, name: str, layer: Any) -> None:
    """Raise `ConfigError` unless ``size`` features can be split into ``parts`` equal ones."""
    if size % parts:
        raise ConfigError("{layer} splits the {size} features of its input among {name}={parts}, "
                          "which leaves a remainder. Choose a divisor of {size}, or another number "
                          "of features.", layer=title(layer), size=size, name=name,
                          parts=parts)  # fmt: skip


def shapes_of_list(shapes: Any, layer: Any) -> list[tuple]:
    """Return the shapes of a list of inputs, or raise `ShapeError` if it is one input."""
    several = isinstance(shapes, (list, tuple)) and shapes
    if not several or not all(isinstance(shape, (list, tuple)) for shape in shapes):
        raise ShapeError("{layer} takes a list of inputs, such as layer([a, b]); got one input of "
                         "shape {shape}.", layer=title(layer), shape=shapes)  # fmt: skip
    return [tuple(shape) for shape in shapes]


def checked_mask(mask: Any, shape: tuple[int, ...], layer: Any, name: str = "mask") -> jax.Array:
    """Return a mask as bools of ``shape``, or raise `ShapeError` if it has another one."""
    mask = jnp.asarray(mask, bool)
    if mask.shape != shape:
        raise ShapeError("{layer} takes a {name} of shape {expected}, one bool for each position; "
                         "got {given}.", layer=title(layer), name=name, expected=shape,
                         given=mask.shape)  # fmt: skip
    return mask


def explain(error: Exception, layer: Any, inputs: Any) -> None:
    """Add to an error in which layer it happened, innermost layer first."""
    notes = getattr(error, "__notes__", [])
    shapes = map_structure(lambda x: getattr(x, "shape", x), inputs)
    if "__jax_array__" in str(error) and not any("maeum.ops" in note for note in notes):
        note = _("JAX's functions take a variable's value: write self.w.value, or maeum.ops")
        error.add_note(note)
    if len(notes) < 4:
        said = {"name": layer.name, "kind": type(layer).__name__, "shapes": shapes}
        error.add_note(_("in the layer {name!r} ({kind}), inputs {shapes}", **said))
