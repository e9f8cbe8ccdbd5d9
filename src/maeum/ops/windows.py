"""Sliding windows: how taps, strides, padding and dilation turn one grid into another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from maeum.core.errors import ConfigError, ShapeError

Pads = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Window:
    """A window that slides over the spatial axes of an array with its channels last.

    Args:
        size: the taps along each spatial axis.
        strides: how far the window moves from one output to the next.
        pads: how many places are added before and after each axis.
        dilation: the distance of neighbouring taps.
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


def reach(taps: int, dilation: int) -> int:
    """Return how many places a window spans, the gaps between its taps included."""
    return (taps - 1) * dilation + 1


def per_axis(value: Any, rank: int, what: str, least: int = 1) -> tuple[int, ...]:
    """Return one whole number for each of ``rank`` axes, or raise `ConfigError`.

    >>> per_axis(3, 2, "kernel_size")
    (3, 3)
    """
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * rank
    whole = all(
        hasattr(n, "__index__") and not isinstance(n, bool) and int(n) >= least for n in values
    )
    if len(values) != rank or not whole:
        several = "" if rank == 1 else f", or a tuple of {rank}"
        raise ConfigError(
            f"The {what} is a whole number of at least {least}{several}; got {value!r}."
        )
    return tuple(int(n) for n in values)


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
        size: the taps along each of them.
        strides: the steps.
        padding: ``"valid"`` (none), ``"same"`` (as many windows as strides fit; the odd place
            goes behind), ``"causal"`` (all in front, for one axis) or pairs of whole numbers.
        dilation: the distances of the taps.
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
        pads = tuple(_pair(pair, padding) for pair in kind)
    else:
        causal = ", 'causal'" if len(sizes) == 1 else ""
        raise ConfigError(
            f"The padding is 'valid', 'same'{causal} or a pair of numbers for each of the "
            f"{len(sizes)} spatial axes; got {padding!r}."
        )
    window = Window(tuple(size), tuple(strides), pads, tuple(dilation), groups)
    for n, (low, high), r in zip(sizes, pads, reaches):
        if n + low + high < r:
            raise ShapeError(
                f"A window of {tuple(size)} taps"
                + (f" with dilation {tuple(dilation)}" if max(dilation) > 1 else "")
                + f" spans {tuple(reaches)} places and does not fit into an input of "
                f"{tuple(sizes)}. Use padding='same', a smaller window or larger inputs."
            )
    return window


def _pair(pair: Any, padding: Any) -> tuple[int, int]:
    values = tuple(pair) if isinstance(pair, (tuple, list)) else (pair, pair)
    if len(values) != 2 or not all(hasattr(n, "__index__") and int(n) >= 0 for n in values):
        raise ConfigError(
            f"The padding of an axis is a pair of whole numbers of at least 0; got {padding!r}."
        )
    return int(values[0]), int(values[1])
