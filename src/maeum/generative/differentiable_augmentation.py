"""Changes of images that gradients go through, so that few images train a discriminator longer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError
from maeum.core.randomness import fold
from maeum.ops import random


def _color(images: Any, key: Any) -> Any:
    """Change brightness (by up to 0.5), saturation (0 to 2 times) and contrast (0.5 to 1.5)."""
    bright, colorful, contrast = (
        random.uniform(fold(key, name), (len(images), 1, 1, 1))
        for name in ("brightness", "saturation", "contrast")
    )
    images = images + (bright - 0.5)
    gray = images.mean(-1, keepdims=True)
    images = gray + (images - gray) * (2 * colorful)
    middle = images.mean((1, 2, 3), keepdims=True)
    return middle + (images - middle) * (contrast + 0.5)


def _translation(images: Any, key: Any) -> Any:
    """Shift by up to an eighth of each side; what comes in is 0."""
    _count, rows, columns, channels = images.shape
    most = [max(1, round(size / 8)) for size in (rows, columns)]
    padded = jnp.pad(images, [(0, 0), *((size, size) for size in most), (0, 0)])
    starts = [_whole(fold(key, i), len(images), 2 * size + 1) for i, size in enumerate(most)]

    def cut(image: Any, top: Any, left: Any) -> Any:
        return jax.lax.dynamic_slice(image, (top, left, 0), (rows, columns, channels))

    return jax.vmap(cut)(padded, *starts)


def _cutout(images: Any, key: Any) -> Any:
    """Set a square of half of each side to 0, which may reach beyond the image."""
    count, *sizes, _channels = images.shape
    outside = []
    for axis, size in enumerate(sizes):
        half = max(1, size // 2)
        middle = _whole(fold(key, axis), count, size + 1 - half % 2)[:, None]
        first = middle - half // 2
        place = jnp.arange(size)[None]
        outside.append((place < first) | (place >= first + half))
    keep = outside[0][:, :, None] | outside[1][:, None, :]
    return images * keep[..., None].astype(images.dtype)


def _whole(key: Any, count: int, below: int) -> Any:
    drawn = jnp.floor(random.uniform(key, (count,)) * below).astype(jnp.int32)
    return jnp.minimum(drawn, below - 1)


CHANGES = {"color": _color, "translation": _translation, "cutout": _cutout}


def check_changes(names: Any) -> tuple[str, ...]:
    """Return the names of changes: a sequence of them, or True for all, or None for none."""
    if names is None or names is False:
        return ()
    given = tuple(CHANGES) if names is True else (names,) if isinstance(names, str) else names
    if not isinstance(given, Sequence):
        raise ConfigError("augmentation is a list of {known}, or True for all; got {given!r}.",
                          known=", ".join(map(repr, CHANGES)), given=names)  # fmt: skip
    return tuple(check_choice(name, CHANGES, "augmentation") for name in given)


def augment(images: Any, names: Sequence[str], key: Any) -> Any:
    """Return changed images, each by draws of its own.

    Real and made images alike are changed before the discriminator sees them, and the generator
    learns through the changes: so they do not leak into what it makes (Zhao et al.,
    "Differentiable augmentation for data-efficient GAN training", 2020).

    Args:
        images: ``(rows, height, width, channels)``.
        names: which changes, in their order: ``"color"``, ``"translation"``, ``"cutout"``.
        key: the key of what is drawn.

    Example:
        >>> from maeum.core.randomness import make_key
        >>> images = jnp.ones((2, 8, 8, 1))
        >>> augment(images, ["translation", "cutout"], make_key(1, "example")).shape
        (2, 8, 8, 1)
    """
    for name in names:
        images = CHANGES[name](images, fold(key, name))
    return images
