"""Beam search: the likeliest texts, searched among a few at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_number, check_whole
from maeum.core.errors import ConfigError
from maeum.language.decoding import Decoder, Step, check_end, check_prompts, room_for
from maeum.text.padding import pad_sequences


class Beam(NamedTuple):
    """A text that a beam search found: its new tokens, and the log of its probability."""

    tokens: list[int]
    score: float


class _Search(NamedTuple):
    tokens: jax.Array  # (rows, width, room)
    place: jax.Array
    state: Any  # rows * width first
    scores: jax.Array  # (rows, width) sums of log probabilities
    counts: jax.Array  # (rows, width) new tokens, the one that ends included
    done: jax.Array  # (rows, width)


def beam_search(
    decoder: Decoder,
    prompts: Sequence[Sequence[int]],
    length: int,
    *,
    width: int = 4,
    length_penalty: float = 0.0,
    end: int | None = None,
) -> list[list[Beam]]:
    """Look for the likeliest texts that go on from each prompt.

    At every step the ``width`` best beginnings of each row are kept. They are compared by
    ``log p / ((5 + n) / 6) ** length_penalty`` with ``n`` new tokens (Wu et al., 2016, "Google's
    neural machine translation system"), so that a penalty above 0 favours longer texts. With a
    width of 1 this is greedy decoding.

    Args:
        decoder: the network's step; see `decoder_of`.
        prompts: the tokens that each row begins with, at least one.
        length: the most tokens that are written.
        width: how many beginnings are kept.
        length_penalty: the exponent above; 0 compares the probabilities.
        end: the token that ends a text; it counts for its probability, but is not returned.

    Returns:
        For each row the texts that were found, the best one first.

    Raises:
        DataError: for no prompts, an empty one, or tokens outside the vocabulary.
        ConfigError: for options that make no sense, or more positions than the network takes.

    Example:
        >>> table = jnp.log(jnp.array([[0.1, 0.6, 0.3], [0.4, 0.3, 0.3], [0.05, 0.9, 0.05]]))
        >>> decoder = Decoder(
        ...     lambda values, tokens, state, position: (values[tokens], state),
        ...     lambda rows, length: (), lambda: table, vocabulary=3)
        >>> [[best, second]] = beam_search(decoder, [[0]], 2, width=2)
        >>> best.tokens, round(float(np.exp(best.score)), 3)  # greedy: [1, 0], 0.24
        ([2, 1], 0.27)
    """
    texts = check_prompts(decoder, prompts)
    check_whole(length, "length")
    check_whole(width, "width")
    check_end(decoder, end)
    check_number(length_penalty, "length_penalty")
    lengths = [len(text) for text in texts]
    longest = max(lengths)
    need = longest + length
    if decoder.longest is not None and need > decoder.longest + 1:
        raise ConfigError("The network takes {n} positions; the longest prompt has {prompt} and "
                          "{length} are to follow. Give a length of at most {most}, or draw "
                          "instead of beam search.", n=decoder.longest, prompt=longest,
                          length=length, most=max(decoder.longest + 1 - longest, 0))  # fmt: skip
    room, last = room_for(need, decoder)
    tokens = pad_sequences(texts, room, padding="post")[:, None].repeat(width, axis=1)
    # All beams begin alike: only the first counts until they part.
    scores = np.where(np.arange(width) == 0, 0.0, -np.inf) * np.ones((len(texts), 1))
    search = _Search(
        jnp.asarray(tokens),
        jnp.int32(0),
        decoder.start(len(texts) * width, room - 1),
        jnp.asarray(scores, jnp.float32),
        jnp.zeros((len(texts), width), jnp.int32),
        jnp.zeros((len(texts), width), bool),
    )
    limits = (jnp.asarray(lengths, jnp.int32), length, -1 if end is None else end)
    found = decoder.run(_extend, search, limits, float(length_penalty), last)
    tokens, scores, counts = map(np.asarray, (found.tokens, found.scores, found.counts))
    return [
        [
            Beam(_without(tokens[row, k, n : n + counts[row, k]].tolist(), end), float(score))
            for k, score in enumerate(scores[row])
            if score > -np.inf
        ]
        for row, n in enumerate(lengths)
    ]


def _extend(step: Step, search: _Search, limits: tuple, penalty: Any, until: Any) -> _Search:
    """Feed the positions up to ``until``, and keep the best beams of each row."""
    lengths, wanted, end = limits
    rows, width = search.tokens.shape[:2]

    def body(now: _Search) -> _Search:
        logits, state = step(now.tokens[:, :, now.place].reshape(-1), now.state, now.place)
        log_p = jax.nn.log_softmax(logits.astype(jnp.float32)).reshape(rows, width, -1)
        size = log_p.shape[-1]
        # A text that has ended goes on with nothing, for free.
        nothing = jnp.where(jnp.arange(size) == 0, 0.0, -jnp.inf)
        log_p = jnp.where(now.done[..., None], nothing, log_p)
        scores = (now.scores[..., None] + log_p).reshape(rows, -1)
        counts = now.counts + ~now.done
        weights = ((5.0 + counts) / 6.0) ** penalty
        ranks = scores / jnp.repeat(weights, size, axis=1)
        best = jax.lax.top_k(ranks, width)[1]
        given = (now.place + 1 < lengths)[:, None]  # still within the prompt: nothing is chosen
        parents = jnp.where(given, jnp.arange(width), best // size)
        chosen = jnp.where(given, now.tokens[:, :, now.place + 1], best % size)
        scores = jnp.where(given, now.scores, jnp.take_along_axis(scores, best, axis=1))
        counts = jnp.where(given, 0, jnp.take_along_axis(counts, parents, axis=1))
        done = jnp.take_along_axis(now.done, parents, axis=1)
        ended = (~done & (chosen == end)) | (counts >= wanted)
        flat = (parents + width * jnp.arange(rows)[:, None]).reshape(-1)
        state = jax.tree.map(lambda a: a[flat], state)
        tokens = jnp.take_along_axis(now.tokens, parents[..., None], axis=1)
        tokens = tokens.at[:, :, now.place + 1].set(chosen.astype(jnp.int32))
        return _Search(tokens, now.place + 1, state, scores, counts, done | (ended & ~given))

    def going(now: _Search) -> jax.Array:
        return (now.place < until) & ~now.done.all()

    return jax.lax.while_loop(going, body, search)


def _without(tokens: list[int], end: int | None) -> list[int]:
    return tokens[: tokens.index(end)] if end in tokens else tokens
