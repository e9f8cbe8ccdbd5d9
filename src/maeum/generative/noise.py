"""Noise that denoising autoencoders take away: layers that corrupt their input while training."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core import registry
from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError
from maeum.core.randomness import fold
from maeum.layers import GaussianNoise
from maeum.layers.checks import number
from maeum.layers.checks import rate as check_rate
from maeum.layers.dropout import RandomNoise
from maeum.ops.noise import keep_mask


@registry.builtin
class MaskingNoise(RandomNoise):
    """Set a fraction of the entries to 0 while training, and leave the others as they are.

    That is what sets it apart from `maeum.layers.Dropout`, which scales them up (Vincent et al.,
    "Extracting and composing robust features with denoising autoencoders", 2008).

    Args:
        rate: the fraction, at least 0 and below 1.
        seed: the layer's own random seed, a whole number.

    Raises:
        ConfigError: for a rate outside 0 to 1, or 1.

    Example:
        >>> import numpy as np
        >>> noisy = MaskingNoise(0.5, seed=1)(np.ones((4, 100), "float32"), training=True)
        >>> sorted(set(np.asarray(noisy).ravel().tolist()))
        [0.0, 1.0]
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any):
        super().__init__(seed=seed, **kwargs)
        self.rate = check_rate(rate, "rate", self, below_one=True)

    def apply_noise(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Set entries of ``x`` to 0."""
        return jnp.where(keep_mask(key, self.rate, x.shape), x, 0)


@registry.builtin
class SaltAndPepperNoise(MaskingNoise):
    """Set a fraction of the entries to the least or the largest value while training.

    Args:
        rate: the fraction, at least 0 and below 1; half of it becomes the one value, half the
            other.
        low: the least value.
        high: the largest value.
        seed: the layer's own random seed, a whole number.

    Raises:
        ConfigError: for a rate outside 0 to 1, or 1.

    Example:
        >>> import numpy as np
        >>> x = np.full((4, 100), 0.5, "float32")
        >>> noisy = SaltAndPepperNoise(0.5, seed=1)(x, training=True)
        >>> sorted(set(np.asarray(noisy).ravel().tolist()))
        [0.0, 0.5, 1.0]
    """

    def __init__(
        self,
        rate: float,
        low: float = 0.0,
        high: float = 1.0,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(rate, seed, **kwargs)
        self.low, self.high = number(low, "low", of=self), number(high, "high", of=self)

    def apply_noise(self, x: jax.Array, key: jax.Array) -> jax.Array:
        """Set entries of ``x`` to ``low`` or ``high``."""
        salted = keep_mask(fold(key, "salt"), 0.5, x.shape)
        extremes = jnp.where(salted, self.high, self.low).astype(x.dtype)
        return jnp.where(keep_mask(key, self.rate, x.shape), x, extremes)


KINDS = {
    "gaussian": GaussianNoise,
    "masking": MaskingNoise,
    "salt_and_pepper": SaltAndPepperNoise,
}


def as_noise(noise: Any, amount: float | None) -> RandomNoise:
    """Return the layer that a name and an amount stand for, or a layer that was given.

    Raises:
        UnknownNameError: for a name that no noise has.
        ConfigError: for something else, or an amount beside a layer.
    """
    if isinstance(noise, RandomNoise):
        if amount is not None:
            raise ConfigError("{noise!r} is a layer that knows how much noise it makes; give it "
                              "without amount.", noise=noise)  # fmt: skip
        return noise
    if not isinstance(noise, str):
        raise ConfigError("noise is one of {known}, or a layer such as "
                          "maeum.layers.GaussianNoise(0.3); got {noise!r}.",
                          known=", ".join(map(repr, KINDS)), noise=noise)  # fmt: skip
    kind = KINDS[check_choice(noise, tuple(KINDS), "noise")]
    return kind(0.3 if amount is None else amount)
