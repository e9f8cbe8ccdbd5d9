"""`rearrange`: axes named in a pattern, split, moved and merged."""

from __future__ import annotations

import math
import re
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ConfigError, ShapeError
from maeum.core.graph import op
from maeum.ops.arrays import as_array


def _groups(side: str) -> list[list[str]]:
    """Return the names of each axis of one side; several where they stand in parentheses."""
    if re.sub(r"\([\w\s]*\)|\w+|\s", "", side):
        raise ConfigError(
            "A side of a pattern lists axes, as in 'b (h w) c'; got {side!r}.", side=side
        )
    return [found.strip("()").split() for found in re.findall(r"\([\w\s]*\)|\w+", side)]


def _keeps_first(rank: int, x: Any, given: dict[str, Any], made: Any) -> bool:
    left, right = (_groups(side)[:rank] for side in given["pattern"].split("->"))
    return left == right


@op(mask=_keeps_first)
def rearrange(tensor: Any, pattern: str, **axes_lengths: int) -> jax.Array:
    """Split, move and merge axes as a pattern says (Rogozhnikov, 2022: einops).

    Args:
        tensor: an array.
        pattern: names of its axes, an arrow, and the same names in another order. Axes in
            parentheses are one axis: on the left it is split, on the right they are merged.
        **axes_lengths: the sizes of axes that are split off; one of a group may be unknown.

    Raises:
        ConfigError: for a pattern whose sides do not have the same names.
        ShapeError: if it does not fit the shape.

    >>> rearrange(jnp.zeros((2, 6, 4)), "b (h p) c -> (b h) p c", p=3).shape
    (4, 3, 4)
    """
    x = as_array(tensor)
    left, arrow, right = pattern.partition("->")
    groups, wanted = _groups(left), _groups(right)
    names = [name for group in groups for name in group]
    order = [name for group in wanted for name in group]
    if not arrow or sorted(names) != sorted(order) or len(set(names)) < len(names):
        raise ConfigError(
            "A pattern has the same names on both sides of '->', each once; got {pattern!r}.",
            pattern=pattern,
        )
    strange = sorted(set(axes_lengths) - set(names))
    if strange:
        raise ConfigError(
            "The pattern {pattern!r} has no axis {name!r}.", pattern=pattern, name=strange[0]
        )
    if len(groups) != x.ndim:
        raise ShapeError(
            "The pattern {pattern!r} is for {count} axes; got shape {shape}.",
            pattern=pattern,
            count=len(groups),
            shape=x.shape,
        )
    sizes = dict(axes_lengths)
    for group, size in zip(groups, x.shape):
        unknown = [name for name in group if name not in sizes]
        known = math.prod(sizes[name] for name in group if name in sizes)
        if unknown and known:
            sizes[unknown[0]] = size // known
        if len(unknown) > 1 or math.prod(sizes[name] for name in group) != size:
            raise ShapeError(
                "The axis ({group}) of {pattern!r} has size {size}; give the sizes of all but one "
                "of its parts, so that their product is {size}.",
                group=" ".join(group),
                pattern=pattern,
                size=size,
            )
    x = x.reshape([sizes[name] for name in names])
    x = jnp.transpose(x, [names.index(name) for name in order])
    return x.reshape([math.prod(sizes[name] for name in group) for group in wanted])
