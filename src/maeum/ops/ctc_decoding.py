"""Labels from the outputs of a network that was trained with `ctc_loss`."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.graph import op
from maeum.ops.arrays import as_array, wide


@op
def ctc_decode(
    inputs: Any,
    sequence_lengths: Any,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int | None = 0,
) -> tuple[jax.Array, jax.Array]:
    """Return the likeliest labels of sequences.

    Args:
        inputs: logits, shape ``(batch, steps, classes)``.
        sequence_lengths: how many steps of each row count, shape ``(batch,)``.
        strategy: ``"greedy"`` takes the likeliest class of each step; ``"beam_search"`` the
            likeliest labels, summed over all ways to stretch them (Hannun et al., 2014).
        beam_width: how many beginnings the search goes on with.
        top_paths: how many results the search returns.
        merge_repeated: whether the greedy strategy counts neighbours of one class once.
        mask_index: the number of the blank; the last class for None.

    Returns:
        The labels ``(top_paths, batch, steps)``, filled up with -1, and their scores ``(batch,
        top_paths)``: the logarithms of their probabilities; for the greedy strategy minus the sum
        of the largest logits.

    Raises:
        ConfigError: for another strategy, or more results than beginnings.
        ShapeError: for inputs of another number of axes.
    """
    check_choice(strategy, ("greedy", "beam_search"), "strategy")
    x, lengths = wide(inputs), as_array(sequence_lengths).astype(jnp.int32)
    if x.ndim != 3:
        raise ShapeError("Inputs are (batch, steps, classes); got shape {shape}.", shape=x.shape)
    blank = x.shape[-1] - 1 if mask_index is None else mask_index
    if strategy == "greedy":
        return _greedy(x, lengths, merge_repeated, blank)
    if top_paths > beam_width:
        raise ConfigError(
            "A search with {width} beginnings has no {paths} results; raise beam_width.",
            width=beam_width,
            paths=top_paths,
        )
    search = functools.partial(_search, width=beam_width, best=top_paths, blank=blank)
    paths, scores = jax.vmap(search)(jax.nn.log_softmax(x), lengths)
    return paths.swapaxes(0, 1), scores


def _greedy(
    x: jax.Array, lengths: jax.Array, merge_repeated: bool, blank: int
) -> tuple[jax.Array, jax.Array]:
    counts = jnp.arange(x.shape[1]) < lengths[:, None]
    labels = jnp.where(counts, jnp.argmax(x, -1), blank)
    score = jnp.where(counts, jnp.max(x, -1), 0)
    kept = labels != blank
    if merge_repeated:
        kept &= jnp.pad(labels[:, 1:] != labels[:, :-1], ((0, 0), (1, 0)), constant_values=True)
    order = jnp.argsort(~kept, axis=-1)  # stable: what is kept comes first, in its order
    labels = jnp.take_along_axis(jnp.where(kept, labels, -1), order, -1)
    return labels[None], -jnp.sum(score, 1, keepdims=True)


class _Beam(NamedTuple):
    """Beginnings: labels (width, steps), how many, and log-probabilities by what came last."""

    labels: jax.Array
    number: jax.Array
    with_blank: jax.Array
    with_label: jax.Array


def _search(
    log_p: jax.Array, length: jax.Array, width: int, best: int, blank: int
) -> tuple[jax.Array, jax.Array]:
    """Search the labels of one sequence; ``log_p`` is ``(steps, classes)``."""
    steps = len(log_p)
    never = jnp.full(width, -jnp.inf, log_p.dtype)
    start = _Beam(
        jnp.full((width, steps), -1),
        jnp.zeros(width, int),
        never.at[0].set(0),
        never,
    )

    def step(beam: _Beam, now: tuple) -> tuple[_Beam, None]:
        number, log_p = now
        grown = _grown(beam, log_p, width, blank)
        return jax.tree.map(
            lambda new, old: jnp.where(number < length, new, old), grown, beam
        ), None

    beam, _ = jax.lax.scan(step, start, (jnp.arange(steps), log_p))
    scores, places = jax.lax.top_k(jnp.logaddexp(beam.with_blank, beam.with_label), best)
    return beam.labels[places], scores


def _grown(beam: _Beam, log_p: jax.Array, width: int, blank: int) -> _Beam:
    """Return the likeliest beginnings after one more step."""
    classes = jnp.arange(len(log_p))
    total = jnp.logaddexp(beam.with_blank, beam.with_label)
    last = jnp.take_along_axis(beam.labels, jnp.maximum(beam.number - 1, 0)[:, None], 1)[:, 0]
    empty = beam.number == 0
    # The labels stay: after a blank, or because the last one goes on.
    stay_blank = total + log_p[blank]
    stay_label = jnp.where(empty, -jnp.inf, beam.with_label + log_p[last])
    # One more label: the same one once more needs a blank between.
    same = (classes == last[:, None]) & ~empty[:, None]
    before = jnp.where(same, beam.with_blank[:, None], total[:, None])
    more = jnp.where(classes == blank, -jnp.inf, before + log_p)
    # Where that makes labels that are among the beginnings, both belong together.
    at = jnp.arange(beam.labels.shape[1])
    shortened = jnp.where(at == beam.number[:, None] - 1, -1, beam.labels)
    parent = jnp.all(beam.labels[:, None] == shortened, -1) & ~empty  # (parent, child)
    parent &= jnp.isfinite(total)[:, None] & jnp.isfinite(total)
    joined = jnp.where(parent, more[:, jnp.maximum(last, 0)], -jnp.inf)
    stay_label = jnp.logaddexp(stay_label, jax.nn.logsumexp(joined, 0))
    taken = jnp.any(parent[:, :, None] & (classes == last[:, None]), 1)
    more = jnp.where(taken, -jnp.inf, more)

    likely = jnp.concatenate([jnp.logaddexp(stay_blank, stay_label), more.ravel()])
    _, chosen = jax.lax.top_k(likely, width)
    stays = chosen < width
    origin = jnp.where(stays, chosen, (chosen - width) // len(log_p))
    label = (chosen - width) % len(log_p)
    labels, count = beam.labels[origin], beam.number[origin]
    grows = ~stays[:, None] & (at == count[:, None])
    return _Beam(
        jnp.where(grows, label[:, None], labels),
        jnp.where(stays, count, count + 1),
        jnp.where(stays, stay_blank[origin], -jnp.inf),
        jnp.where(stays, stay_label[origin], likely[chosen]),
    )
