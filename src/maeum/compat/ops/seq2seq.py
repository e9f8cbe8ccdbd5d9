"""``tf.contrib.seq2seq``: the loss of sequences."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from maeum import ops
from maeum.compat.ops.recording import op

__all__ = ["sequence_loss"]


@op("sequence_loss", arrays=3)
def sequence_loss(
    logits: Any, targets: Any, weights: Any, average_across_timesteps: bool = True,
    average_across_batch: bool = True, softmax_loss_function: Any = None, name: Any = None,
) -> Any:  # fmt: skip
    """The weighted cross-entropy of sequences.

    Args:
        logits: (batch, steps, classes).
        targets: the classes (batch, steps).
        weights: how much each step counts (batch, steps).
        average_across_timesteps, average_across_batch: along which axes the mean is taken.
        softmax_loss_function: another loss of ``labels`` and ``logits``.
        name: a name.
    """
    loss = softmax_loss_function or ops.sparse_softmax_cross_entropy
    found = jnp.asarray(loss(labels=targets, logits=logits)) * weights
    if average_across_timesteps and average_across_batch:
        return jnp.sum(found) / (jnp.sum(weights) + 1e-12)
    if average_across_batch:
        return jnp.sum(found, 0) / (jnp.sum(weights, 0) + 1e-12)
    if average_across_timesteps:
        return jnp.sum(found, 1) / (jnp.sum(weights, 1) + 1e-12)
    return found
