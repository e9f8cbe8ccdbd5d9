"""The circle loss: embeddings of one class close together, those of others far apart."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.masks import with_mask
from maeum.losses.loss import LossFunctionWrapper
from maeum.ops.alignment import as_array


def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> jax.Array:
    """``softplus(logsumexp(near) + logsumexp(far))`` for each row (Sun et al., 2020, equation 8).

    Pairs count by their cosine, each with a weight that grows with its distance from the optimum.

    Args:
        y_true: class numbers, shape ``(batch,)``.
        y_pred: embeddings of length 1, shape ``(batch, n)``.
        ref_labels: the classes of the embeddings to compare with; those of the batch by default.
        ref_embeddings: these embeddings; those of the batch by default.
        remove_diagonal: whether a row is not compared with the one at its own place.
        gamma: the scale of the similarities.
        margin: how far the two kinds of pairs shall lie apart.

    Returns:
        Shape ``(batch,)``; rows without loss are masked, as in Keras.

    >>> float(circle([0, 1], [[1.0, 0.0], [-1.0, 0.0]])[0])  # no pair of one class
    0.0
    """
    y_pred = as_array(y_pred)
    labels = as_array(y_true).reshape(-1)
    others = y_pred if ref_embeddings is None else as_array(ref_embeddings, y_pred.dtype)
    other_labels = labels if ref_labels is None else as_array(ref_labels).reshape(-1)
    distances = jnp.maximum(1 - y_pred @ others.T, 0)
    same = labels[:, None] == other_labels
    other = ~same
    if remove_diagonal:
        same &= ~jnp.eye(same.shape[0], same.shape[1], dtype=bool)
    near = -gamma * (margin + distances) * (margin - distances)
    far = gamma * jnp.maximum(1 + margin - distances, 0) * (1 - margin - distances)
    values = jax.nn.softplus(_logsumexp(near, same) + _logsumexp(far, other))
    return with_mask(values, values > 0)


def _logsumexp(x: jax.Array, counted: jax.Array) -> jax.Array:
    """Return log(sum(exp(x))) of what counts; without any, so low that it ends in 0, not NaN."""
    return jax.nn.logsumexp(jnp.where(counted, x, jnp.finfo(x.dtype).min / 4), axis=1)


class Circle(LossFunctionWrapper):
    """The mean of `circle`, over the rows that have a loss.

    Args:
        gamma: the scale of the similarities.
        margin: how far the two kinds of pairs shall lie apart.
        remove_diagonal: whether a row is not compared with itself.
        reduction: see `Loss`.
        name: its name.
        dtype: see `Loss`.
    """

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str = "circle",
        dtype: Any = None,
    ):
        own = {"gamma": gamma, "margin": margin, "remove_diagonal": remove_diagonal}
        super().__init__(circle, reduction, name, dtype, **own)
