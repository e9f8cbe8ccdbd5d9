"""Connectionist temporal classification: labels whose places in a sequence are not known."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.graph import op
from maeum.core.masks import each_row

_NEVER = -1e5  # the logarithm of a probability that is none, with finite slopes


@op(mask=each_row("target", "output", "target_length", "output_length"))
def ctc_loss(
    target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0
) -> jax.Array:
    """Return minus the logarithm of the probability that a sequence reads as its labels.

    The sum over every way to stretch the labels over the steps, with blanks between them, is
    computed step by step (Graves et al., 2006, equations 6 to 8).

    Args:
        target: class numbers, shape ``(batch, labels)``.
        output: logits, shape ``(batch, steps, classes)``.
        target_length: how many labels of each row count, shape ``(batch,)``.
        output_length: how many steps of each row count, shape ``(batch,)``.
        mask_index: the number of the blank.

    Returns:
        One value for each row, shape ``(batch,)``.

    >>> import numpy as np
    >>> logits = np.log([[[0.5, 0.5]]])  # one step: the blank, or the label 1
    >>> round(float(ctc_loss([[1]], logits, [1], [1])[0]), 6)  # -log(0.5)
    0.693147
    """
    labels = jnp.asarray(target, jnp.int32)
    output = jnp.asarray(output)
    output = output.astype(jnp.promote_types(output.dtype, jnp.float32))
    lengths, steps = (jnp.asarray(n, jnp.int32) for n in (target_length, output_length))
    rows, most = labels.shape
    blanks = jnp.full((rows, most + 1), mask_index)
    path = jnp.concatenate(
        [jnp.stack([blanks[:, 1:], labels], -1).reshape(rows, -1), blanks[:, :1]], 1
    )
    # A label may follow the one before it without a blank, unless it is the same once more.
    skips = jnp.pad(path[:, 2:] != path[:, :-2], ((0, 0), (2, 0)))
    skips &= jnp.arange(path.shape[1]) % 2 == 1
    log_p = jax.nn.log_softmax(output)
    emitted = jnp.take_along_axis(log_p, path[:, None, :], axis=-1).swapaxes(0, 1)

    def behind(alpha: jax.Array, by: int) -> jax.Array:
        return jnp.pad(alpha, ((0, 0), (by, 0)), constant_values=_NEVER)[:, : alpha.shape[1]]

    def step(alpha: jax.Array, now: tuple) -> tuple[jax.Array, None]:
        log_p, number = now
        reached = jnp.logaddexp(alpha, behind(alpha, 1))
        reached = jnp.where(skips, jnp.logaddexp(reached, behind(alpha, 2)), reached)
        return jnp.where((number < steps)[:, None], reached + log_p, alpha), None

    # Before the first step the path stands before its first blank.
    start = jnp.full(path.shape, _NEVER, output.dtype).at[:, 0].set(0)
    first = jnp.where(jnp.arange(path.shape[1]) < 2, emitted[0], _NEVER)
    start = jnp.where((steps > 0)[:, None], first, start)
    numbers = jnp.arange(1, output.shape[1])
    alpha, _ = jax.lax.scan(step, start, (emitted[1:], numbers))
    last = jnp.take_along_axis(alpha, 2 * lengths[:, None], axis=1)[:, 0]
    label = jnp.take_along_axis(alpha, jnp.maximum(2 * lengths[:, None] - 1, 0), axis=1)[:, 0]
    return -jnp.where(lengths > 0, jnp.logaddexp(last, label), last)
