"""Sliding windows: how size, strides, padding and dilation turn one grid into another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from maeum.core.checks import check_choice
from maeum.core.errors import ArgumentError, ConfigError, ShapeError
from maeum.core.messages import N_

Pads = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Window:
    """A window that slides over the spatial axes of an array with its channels last.

    Args:
        size: the size along each spatial axis, before dilation.
        strides: how far the window moves from one output to the next.
        pads: how many places are added before and after each axis.
        dilation: the distance of neighbouring entries of the window.
        groups: into how many groups the channels are divided (convolutions only).
    """

    size: tuple[int, ...]
    strides: tuple[int, ...]
    pads: Pads
    dilation: tuple[int, ...]
    groups: int = 1

    def output_sizes(self, sizes: Sequence[int]) -> tuple[int, ...]:
        """Return how many windows fit along each axis of a grid of ``sizes``."""
        return tuple(
            (n + low + high - reach(k, d)) // s + 1
            for n, k, s, (low, high), d in zip(
                sizes, self.size, self.strides, self.pads, self.dilation
            )
        )


def reach(size: int, dilation: int) -> int:
    """Return how many places a dilated window spans."""
    return (size - 1) * dilation + 1


def per_axis(value: Any, rank: int, what: str, least: int = 1) -> tuple[int, ...]:
    """Return one whole number for each of ``rank`` axes, or raise `ConfigError`.

    >>> per_axis(3, 2, "kernel_size")
    (3, 3)
    """
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * rank
    whole = all(hasattr(n, "__index__") and not isinstance(n, bool) for n in values)
    if len(values) == rank and whole and all(int(n) >= least for n in values):
        return tuple(int(n) for n in values)
    error = ConfigError if whole else ArgumentError
    raise error(
        N_("The {what} is a whole number of at least {least}, or a tuple of {n}; got {value!r}."),
        what=what,
        least=least,
        n=rank,
        value=value,
    )


def check_padding(value: Any, known: Sequence[str] = ("valid", "same")) -> str:
    """Return a padding's name in lower case, or raise `ConfigError`."""
    return check_choice(value.lower() if isinstance(value, str) else value, known, "padding")


def resolve(
    sizes: Sequence[int],
    size: Sequence[int],
    strides: Sequence[int],
    padding: Any,
    dilation: Sequence[int],
    groups: int = 1,
) -> Window:
    """Return the window for a grid of ``sizes``.

    Args:
        sizes: the sizes of the spatial axes of the input.
        size: the size of the window along each of them.
        strides: the steps.
        padding: ``"valid"`` (none), ``"same"`` (as many windows as strides fit; the odd place
            goes behind), ``"causal"`` (all in front, for one axis) or pairs of whole numbers.
        dilation: the dilation along each of them.
        groups: the groups of channels.

    Raises:
        ConfigError: for another padding.
        ShapeError: if the window does not fit into the padded grid.
    """
    kind = padding.lower() if isinstance(padding, str) else padding
    reaches = [reach(k, d) for k, d in zip(size, dilation)]
    pads: Pads
    if kind == "valid":
        pads = ((0, 0),) * len(sizes)
    elif kind == "same":
        totals = [max((-(-n // s) - 1) * s + r - n, 0) for n, s, r in zip(sizes, strides, reaches)]
        pads = tuple((total // 2, total - total // 2) for total in totals)
    elif kind == "causal" and len(sizes) == 1:
        pads = ((reaches[0] - 1, 0),)
    elif isinstance(kind, (tuple, list)) and len(kind) == len(sizes):
        low_high = (per_axis(pair, 2, "padding of an axis", least=0) for pair in kind)
        pads = tuple((low, high) for low, high in low_high)
    else:
        raise ConfigError(
            "The padding is 'valid', 'same', 'causal' (for one spatial axis) or a pair of numbers "
            "for each spatial axis, of which there are {n}; got {padding!r}.",
            n=len(sizes),
            padding=padding,
        )
    window = Window(tuple(size), tuple(strides), pads, tuple(dilation), groups)
    for n, (low, high), r in zip(sizes, pads, reaches):
        if n + low + high < r:
            raise ShapeError(
                "A window of size {size} and dilation {dilation} spans {span} and does not fit "
                "into an input of {input}. Use padding='same', a smaller window or larger inputs.",
                size=tuple(size),
                dilation=tuple(dilation),
                span=tuple(reaches),
                input=tuple(sizes),
            )
    return window
