"""Functions of ``tf.nn`` whose arguments have another order in TensorFlow 2."""

from __future__ import annotations

from typing import Any

from maeum.compat.ops import nn

__all__ = [
    "dropout", "sigmoid_cross_entropy_with_logits", "softmax_cross_entropy_with_logits",
    "sparse_softmax_cross_entropy_with_logits",
]  # fmt: skip


def dropout(
    x: Any, rate: Any, noise_shape: Any = None, seed: Any = None, name: str | None = None
) -> Any:
    """Entries set to 0 with a probability, the others scaled up."""
    return nn.dropout(x, noise_shape=noise_shape, seed=seed, name=name, rate=rate)


def softmax_cross_entropy_with_logits(
    labels: Any, logits: Any, axis: int = -1, name: str | None = None
) -> Any:
    """``-sum(labels log(softmax(logits)))`` for each row."""
    return nn.softmax_cross_entropy_with_logits_v2(
        labels=labels, logits=logits, axis=axis, name=name
    )


def sparse_softmax_cross_entropy_with_logits(
    labels: Any, logits: Any, name: str | None = None
) -> Any:
    """`softmax_cross_entropy_with_logits` for the numbers of classes."""
    return nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name=name)


def sigmoid_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, name: str | None = None
) -> Any:
    """``-z log(p) - (1 - z) log(1 - p)`` for ``p = sigmoid(logits)``, entry by entry."""
    return nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits, name=name)
