"""Where the channels of an array are: last, as every kernel wants them, or first."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice
from maeum.core.errors import ShapeError
from maeum.core.settings import settings


def channels_first(data_format: str | None) -> bool:
    """Tell whether the channels come right after the batch.

    Args:
        data_format: where they are; as ``maeum.config.image_data_format()`` says for None.

    Raises:
        ConfigError: for another string than ``"channels_last"`` or ``"channels_first"``.
    """
    check_choice(data_format, (None, "channels_last", "channels_first"), "data_format")
    return (data_format or settings.image_data_format) == "channels_first"


def to_channels_last(x: jax.Array, data_format: str | None) -> jax.Array:
    """Return ``x`` (batch, one to three spatial axes and channels) with the channels last.

    Raises:
        ShapeError: for another number of axes.
    """
    first = channels_first(data_format)
    if not 3 <= x.ndim <= 5:
        raise ShapeError(
            "Inputs have 3, 4 or 5 axes ({axes}): one to three spatial ones; got shape {shape}. "
            "Add the axis that is missing with ops.expand_dims or Reshape.",
            axes="batch, channels, ..." if first else "batch, ..., channels",
            shape=tuple(x.shape),
        )
    return jnp.moveaxis(x, 1, -1) if first else x


def from_channels_last(x: jax.Array, data_format: str | None) -> jax.Array:
    """Bring the channels back to where ``data_format`` has them."""
    return jnp.moveaxis(x, -1, 1) if channels_first(data_format) else x
