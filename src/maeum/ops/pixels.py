"""What well-known networks do to their images; see `maeum.applications`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.graph import op

# The channel means of ImageNet's images (of the pixels 0 ... 255 in the order blue, green, red;
# of the pixels 0 ... 1 in the order red, green, blue), and the deviations that go with the latter.
_BGR_MEANS = (103.939, 116.779, 123.68)
RGB_MEANS, RGB_DEVIATIONS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@op
def scale_pixels(x: Any, mode: str, data_format: str) -> Any:
    """Scale pixels as `maeum.applications.imagenet_utils.preprocess_input` describes it."""
    xp: Any = jnp if isinstance(x, jax.Array) else np
    x = x if xp.issubdtype(x.dtype, xp.floating) else x.astype("float32")
    if mode == "tf":
        return x / 127.5 - 1
    if mode == "unit":
        return x / 255
    if mode == "lenet":
        return x * (1.275 / 255) - 0.1
    last = data_format == "channels_last"
    shape = (3,) if last else (3, 1, 1)
    if mode == "caffe":
        return xp.flip(x, -1 if last else -3) - xp.asarray(_BGR_MEANS, x.dtype).reshape(shape)
    means = xp.asarray(RGB_MEANS, x.dtype).reshape(shape)
    return (x / 255 - means) / xp.asarray(RGB_DEVIATIONS, x.dtype).reshape(shape)


@op
def pad_to_halve(x: Any, size: int) -> jax.Array:
    """Pad images with zeros for a window of an odd ``size`` and stride 2: half of them remains.

    Shape: ``(n, rows, columns, channels)``.

    Example:
        >>> pad_to_halve(jnp.ones((1, 4, 5, 1)), 3).shape
        (1, 5, 7, 1)
    """
    return jnp.pad(x, [(0, 0), *paddings(x.shape[1:3], size), (0, 0)])


def paddings(sizes: tuple[int | None, ...], size: int) -> tuple[tuple[int, int], ...]:
    """Return the padding of `pad_to_halve`: one less in front along an even axis.

    A size that is unknown counts as even.
    """
    half = size // 2
    return tuple((half - 1 + (n or 0) % 2, half) for n in sizes)
