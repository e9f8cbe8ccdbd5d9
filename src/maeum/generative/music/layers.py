"""The layer that turns numbers into notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core import registry
from maeum.core.checks import check_whole
from maeum.core.errors import ShapeError
from maeum.layers import Layer


@registry.builtin
class Notes(Layer):
    """Turn numbers for pitches into notes that sound or do not, 1 and 0.

    A track that plays several notes at once has those whose number is above 0. One that is a voice
    has the pitch with the greatest number, or silence, which is the last of the numbers. What is 0
    or 1 has no slope; the gradient is that of the probabilities instead, of the sigmoid or the
    softmax (straight-through, Bengio et al., 2013; for music Dong and Yang, 2018).

    Shapes: ``(..., tracks, steps, pitches + 1) -> (..., steps, pitches, tracks)``.

    Args:
        voices: for each track, whether it plays one note at a time.

    Raises:
        ShapeError: for another number of tracks.

    Example:
        >>> import numpy as np
        >>> numbers = np.array([[[2.0, 1.0, 0.0]], [[2.0, 1.0, 0.0]]])
        >>> Notes([True, False])(numbers)[..., 0].tolist()
        [[1.0, 0.0]]
        >>> Notes([True, False])(numbers)[..., 1].tolist()
        [[1.0, 1.0]]
    """

    weightless = True

    def __init__(self, voices: Sequence[bool], **kwargs: Any):
        super().__init__(**kwargs)
        self.voices = [bool(voice) for voice in voices]
        check_whole(len(self.voices), "voices")

    def call(self, x: jax.Array) -> jax.Array:
        """Return the notes."""
        if x.shape[-3] != len(self.voices):
            raise ShapeError("The notes are those of {n} tracks; got numbers of shape {shape}.",
                             n=len(self.voices), shape=x.shape)  # fmt: skip
        voice = jnp.array(self.voices)[:, None, None]
        chosen = jax.nn.one_hot(jnp.argmax(x, -1), x.shape[-1], dtype=x.dtype)
        hard = jnp.where(voice, chosen, (x > 0).astype(x.dtype))
        soft = jnp.where(voice, jax.nn.softmax(x, -1), jax.nn.sigmoid(x))
        notes = (soft + jax.lax.stop_gradient(hard - soft))[..., :-1]
        # hard - soft + soft is 1 or 0 but for rounding
        notes = notes + jax.lax.stop_gradient(hard[..., :-1] - notes)
        return jnp.moveaxis(notes, -3, -1)
