"""Losses between distributions: Kullback-Leibler divergence and Poisson."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.settings import epsilon
from maeum.losses.loss import FunctionLoss
from maeum.ops.alignment import align


def kl_divergence(y_true: Any, y_pred: Any) -> jax.Array:
    """``sum(y_true log(y_true / y_pred))`` along the last axis.

    Both are probabilities of shape ``(..., n)``, clipped to ``[1e-7, 1]``. Cross-entropy is this
    plus the entropy of the targets: ``H(P, Q) = H(P) + KL(P, Q)``.

    >>> float(kl_divergence([0.5, 0.5], [0.5, 0.5]))
    0.0
    """
    y_true, y_pred = (jnp.clip(y, epsilon(), 1) for y in align(y_true, y_pred))
    return jnp.sum(y_true * jnp.log(y_true / y_pred), axis=-1)


def poisson(y_true: Any, y_pred: Any) -> jax.Array:
    """``mean(y_pred - y_true log(y_pred))`` along the last axis: counts against their rate.

    >>> float(poisson([0.0, 0.0], [1.0, 2.0]))
    1.5
    """
    y_true, y_pred = align(y_true, y_pred)
    return jnp.mean(y_pred - y_true * jnp.log(y_pred + epsilon()), axis=-1)


class KLDivergence(FunctionLoss, of=kl_divergence):
    """The mean of `kl_divergence`."""


class Poisson(FunctionLoss, of=poisson):
    """The mean of `poisson`."""
