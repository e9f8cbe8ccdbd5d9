"""The CTC loss: labels without their places in the sequence."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ShapeError
from maeum.core.masks import mask_of
from maeum.losses.loss import FunctionLoss
from maeum.ops.alignment import as_array
from maeum.ops.ctc import ctc_loss


def ctc(y_true: Any, y_pred: Any) -> jax.Array:
    """`ops.ctc.ctc_loss` of padded labels (Graves et al., 2006).

    Args:
        y_true: class numbers from 1, shape ``(batch, labels)``; 0, the blank, pads them.
        y_pred: logits, shape ``(batch, steps, classes)``; steps that their mask excludes do not
            count.

    Raises:
        ShapeError: if they have other numbers of axes.

    >>> import numpy as np
    >>> round(float(ctc([[1, 0]], np.log([[[0.5, 0.5]]]))[0]), 6)  # -log(0.5)
    0.693147
    """
    labels, y_pred = as_array(y_true), as_array(y_pred)
    if labels.ndim != 2 or y_pred.ndim != 3:
        raise ShapeError(
            "CTC compares labels of shape (batch, labels) with logits of shape (batch, steps, "
            "classes); got {y_true} and {y_pred}.",
            y_true=labels.shape,
            y_pred=y_pred.shape,
        )
    mask = mask_of(y_pred)
    steps = jnp.full(labels.shape[:1], y_pred.shape[1])
    if mask is not None:
        steps = jnp.sum(jnp.asarray(mask, jnp.int32), axis=1)
    return ctc_loss(labels, y_pred, jnp.sum(labels != 0, axis=-1), steps)


class CTC(FunctionLoss, of=ctc):
    """The mean of `ctc`."""
