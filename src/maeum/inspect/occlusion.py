"""Which parts of an image a class needs, found by covering them."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError, ShapeError
from maeum.inspect.programs import as_inputs, blockwise, channel_axis, program, score, targets


def occlusion(
    model: Any,
    x: Any,
    target: Any = None,
    size: int = 8,
    strides: int | None = None,
    fill: float | None = None,
) -> np.ndarray:
    """Return by how much the score of a class drops where a square covers the image.

    Source: Zeiler and Fergus (2014), "Visualizing and understanding convolutional networks",
    arXiv:1311.2901. It takes one run of the model for each place of the square, but no gradient.

    Args:
        model: a built model with one input.
        x: ``(n, rows, columns, channels)``, a batch of images.
        target: the class, or one for each image; by default the model's own answers.
        size: the rows and columns of the square.
        strides: how far it moves; half its size by default.
        fill: what it is filled with; the mean of each image by default.

    Returns:
        ``(n, rows, columns)``: for each place the mean drop over the squares that cover it;
        negative where covering it helps.

    Raises:
        ConfigError: for a size or strides that are not whole numbers from 1, or strides beyond the
            size, which would leave gaps.
        DataError, ShapeError, NotBuiltError: as `input_gradients`.

    Example:
        >>> import maeum as mm
        >>> model = mm.Sequential([mm.Input((8, 8, 3)), mm.layers.Flatten(), mm.layers.Dense(2)])
        >>> occlusion(model, np.ones((5, 8, 8, 3)), size=4).shape
        (5, 8, 8)
    """
    strides = max(1, size // 2) if strides is None and isinstance(size, int) else strides
    for name, value in (("size", size), ("strides", strides)):
        check_whole(value, name)
    assert strides is not None
    if strides > size:
        raise ConfigError("With strides={strides}, squares of {size} leave gaps.", strides=strides,
                          size=size)  # fmt: skip
    x = as_inputs(model, x)
    if x.ndim != 4:
        raise ShapeError("x is a batch of images (n, rows, columns, channels); got {shape}.",
                         shape=x.shape)  # fmt: skip
    chosen = targets(model, x, target)
    axis = channel_axis(model)
    rows, columns = x.shape[2:] if axis == 1 else x.shape[1:3]
    down, across = _covers(rows, size, strides), _covers(columns, size, strides)
    covers = (down[:, None, :, None] & across[:, None, :]).reshape(-1, rows, columns)

    def run(x: jax.Array, target: jax.Array) -> jax.Array:
        middle = x.mean(axis=(1, 2, 3), keepdims=True) if fill is None else jnp.float32(fill)
        whole = score(model(x), target)

        def drop(cover: jax.Array) -> jax.Array:
            covered = jnp.where(jnp.expand_dims(cover, (0, axis)), middle, x)
            return whole - score(model(covered), target)

        drops = jax.lax.map(drop, jnp.asarray(covers))
        total = jnp.einsum("kn,krc->nrc", drops, jnp.asarray(covers, jnp.float32))
        return total / covers.sum(axis=0)

    name = f"occlusion {x.shape[1:]} {size} {strides} {fill}"
    return blockwise(program(model, name, run), x, chosen)


def _covers(length: int, size: int, strides: int) -> np.ndarray:
    """Return stretches ``(n, length)`` that cover everything, the last one flush at the end."""
    last = max(length - size, 0)
    starts = np.array(sorted({*range(0, last, strides), last}))[:, None]
    places = np.arange(length)
    return (places >= starts) & (places < starts + size)
