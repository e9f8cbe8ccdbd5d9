"""The losses of generators and discriminators, and penalties on a discriminator's slope.

A discriminator's outputs are logits, one for each image: the higher, the more real. ``real`` are
those of real images, ``made`` those of images that the generator made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from maeum.core.functional import value_and_input_grad


class AdversarialLoss(NamedTuple):
    """What a discriminator and a generator minimise.

    Attributes:
        discriminator: takes the logits of real and of made images; returns a loss for each pair.
        generator: the same for the generator.
        compares: whether only the difference of a pair counts, so that the generator's loss needs
            the logits of real images, and a logit by itself means nothing.
        penalties: the weights of the penalties that the loss is used with, by name.
    """

    discriminator: Callable[[Any, Any], Any]
    generator: Callable[[Any, Any], Any]
    compares: bool = False
    penalties: dict[str, float] = {}


def _surprise(logits: Any) -> Any:
    """Return ``-log sigmoid(logits)``."""
    return jax.nn.softplus(-logits)


def _cross_entropy(real: Any, made: Any) -> Any:
    return _surprise(real) + _surprise(-made)


LOSSES = {
    # Goodfellow et al. (2014), equation 1: the generator minimises log(1 - D(G(z))).
    "minimax": AdversarialLoss(_cross_entropy, lambda real, made: -_surprise(-made)),
    # There, too, section 3: its slope does not vanish where the discriminator is sure.
    "non_saturating": AdversarialLoss(_cross_entropy, lambda real, made: _surprise(made)),
    # Mao et al. (2017), equation 9: labels 0 and 1.
    "least_squares": AdversarialLoss(
        lambda real, made: 0.5 * (jnp.square(real - 1) + jnp.square(made)),
        lambda real, made: 0.5 * jnp.square(made - 1),
    ),
    # Arjovsky et al. (2017), with the penalty of Gulrajani et al. (2017).
    "wasserstein": AdversarialLoss(
        lambda real, made: made - real,
        lambda real, made: -made,
        compares=True,
        penalties={"gradient_penalty": 10.0},
    ),
    # Jolicoeur-Martineau (2019), with both penalties of Huang et al. (2024).
    "relativistic": AdversarialLoss(
        lambda real, made: _surprise(real - made),
        lambda real, made: _surprise(made - real),
        compares=True,
        penalties={"r1": 0.1, "r2": 0.1},
    ),
}

PENALTIES = ("r1", "r2", "gradient_penalty")


def logits_and_slopes(discriminate: Callable[[Any], Any], images: Any) -> tuple[Any, Any]:
    """Return the logits of images, and the squared norms of their slopes by the pixels.

    Args:
        discriminate: takes images and returns a logit for each, which depends on it alone.
        images: an array ``(rows, ...)``.
    """

    def total(images: Any) -> tuple[Any, Any]:
        logits = discriminate(images)
        return jnp.sum(logits), logits

    (_sum, logits), slopes = value_and_input_grad(total, images)
    return logits, jnp.sum(jnp.square(slopes).reshape(len(slopes), -1), -1)


def gradient_penalty(
    discriminate: Callable[[Any], Any], real: Any, made: Any, fractions: Any
) -> Any:
    """Return ``mean((|slope| - 1)^2)`` at points between real and made images.

    Args:
        discriminate: takes images and returns logits.
        real, made: images.
        fractions: for each pair how far the point lies towards the made image, ``(rows,)``.
    """
    far = fractions.reshape(-1, *[1] * (real.ndim - 1))
    _logits, squares = logits_and_slopes(discriminate, real + far * (made - real))
    # A root has no slope at 0, where a new discriminator may well be.
    return jnp.mean(jnp.square(jnp.sqrt(squares + 1e-12) - 1))
