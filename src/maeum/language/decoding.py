"""Writing token by token: one compiled loop for recurrent and for attention networks.

A `Decoder` knows one step of a network: the tokens of one position and the state so far give the
logits of the next position and the new state. `generate` runs it over prompts of any lengths in
one compiled loop whose length is given at run time; `stream` is the same loop, looked into on the
way.

Example:
    >>> import jax.numpy as jnp
    >>> def step(values, tokens, state, position):  # after n comes n + 1
    ...     return values[tokens], state
    >>> table = jnp.roll(jnp.eye(5), 1, axis=1)
    >>> counting = Decoder(step, lambda rows, length: (), lambda: table, vocabulary=5)
    >>> generate(counting, [[0], [2, 3]], length=3, temperature=0)
    [[1, 2, 3], [4, 0, 1]]
    >>> generate(counting, [[0], [2]], length=9, temperature=0, end=4)
    [[1, 2, 3], [3]]
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import ConfigError, DataError
from maeum.core.randomness import check_seed, make_key, next_seed
from maeum.language.sampling import Sampling, draw
from maeum.text.batches import check_whole

_LEAST = 64  # tokens that there is room for, at least: fewer programs are compiled


@dataclass(eq=False)
class Decoder:
    """One step of a network that writes token by token.

    Attributes:
        step: a pure function ``step(values, tokens, state, position) -> logits, state``. The
            tokens ``(rows,)`` stand at ``position``, the logits ``(rows, vocabulary)`` are those
            of the token behind them. Every array of the state has the rows as its first axis.
        start: ``start(rows, length) -> state`` before the first token, with room for ``length``
            positions.
        values: returns what the step reads (the weights), any structure of arrays.
        vocabulary: the number of tokens.
        longest: the most positions that it can take; None if there is no limit.
    """

    step: Callable[[Any, jax.Array, Any, jax.Array], tuple[jax.Array, Any]]
    start: Callable[[int, int], Any]
    values: Callable[[], Any]
    vocabulary: int
    longest: int | None = None
    _programs: dict[str, Any] = field(default_factory=dict, repr=False)

    def program(self, name: str, function: Callable) -> Callable:
        """Return a function of this decoder, compiled; every name is compiled once."""
        if name not in self._programs:
            self._programs[name] = jax.jit(functools.partial(function, self.step))
        return self._programs[name]


class _Writing(NamedTuple):
    """What is carried from step to step."""

    tokens: jax.Array  # (rows, room)
    place: jax.Array  # the position that is fed next
    state: Any
    done: jax.Array  # (rows,)


class _Task(NamedTuple):
    """What stays: all of it is an input of the program, so that none of it compiles anew."""

    lengths: jax.Array  # (rows,) tokens of each prompt
    written: jax.Array  # (rows,) tokens that were written before this stretch
    wanted: Any  # tokens that each row gets in all
    end: Any  # the token that ends a row; -1 for none
    key: jax.Array
    settings: tuple


def generate(
    decoder: Decoder,
    prompts: Sequence[Sequence[int]],
    length: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    end: int | None = None,
    seed: int | None = None,
) -> list[list[int]]:
    """Write on from prompts of any lengths, all at once.

    What a row draws follows from the seed, its number and its own tokens: the same seed gives the
    same tokens. Where the network takes so many positions only, the later half of what there is
    is read again when they are used up.

    Args:
        decoder: the network's step; see `decoder_of`.
        prompts: the tokens that each row begins with, at least one.
        length: the most tokens that are written.
        temperature, top_k, top_p: see `Sampling`.
        end: the token that ends a row; it is not returned.
        seed: what the draws follow from; another one each time by default.

    Returns:
        The new tokens of each row.

    Raises:
        DataError: for no prompts, an empty one, or tokens outside the vocabulary.
        ConfigError: for options that make no sense.
    """
    options = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "end": end}
    made: list[list[int]] = [[] for _ in prompts]
    for new in stream(decoder, prompts, length, seed=seed, every=None, **options):
        made = [a + b for a, b in zip(made, new)]
    return made


def stream(
    decoder: Decoder,
    prompts: Sequence[Sequence[int]],
    length: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    end: int | None = None,
    seed: int | None = None,
    every: int | None = 1,
) -> Iterator[list[list[int]]]:
    """Write as `generate` does, and yield the new tokens of each row after every few steps.

    Args:
        decoder, prompts, length, temperature, top_k, top_p, end, seed: as for `generate`.
        every: the steps between two looks; None for none before the end.
    """
    sampling = Sampling(temperature, top_k, top_p)
    texts = check_prompts(decoder, prompts)
    check_whole(length, "length")
    if every is not None:
        check_whole(every, "every")
    if end is not None and not 0 <= end < decoder.vocabulary:
        raise ConfigError(
            f"end is a token from 0 to {decoder.vocabulary - 1}, or None; got {end!r}."
        )
    seed = next_seed() if seed is None else check_seed(seed)
    key = make_key(seed, "generate")
    settings = sampling.numbers(decoder.vocabulary)
    program = decoder.program(sampling.kind, functools.partial(_write, sampling.kind))
    written = [0] * len(texts)
    over = [False] * len(texts)
    while not all(over):
        contexts = [_context(text, length - n, decoder) for text, n in zip(texts, written)]
        lengths = [len(context) for context in contexts]
        need = max(n + length - w for n, w, o in zip(lengths, written, over) if not o)
        room, positions = _room(need, decoder)
        tokens = np.zeros((len(texts), room), np.int32)
        for row, context in enumerate(contexts):
            tokens[row, : len(context)] = context
        task = _Task(
            jnp.asarray(lengths, jnp.int32),
            jnp.asarray(written, jnp.int32),
            length,
            -1 if end is None else end,
            key,
            settings,
        )
        writing = _Writing(
            jnp.asarray(tokens),
            jnp.int32(0),
            decoder.start(len(texts), positions),
            jnp.asarray(over),
        )
        last, place, values = min(need - 1, positions), 0, decoder.values()
        while place < last and not all(over):
            first = min(n for n, o in zip(lengths, over) if not o) - 1
            until = last if every is None else min(last, max(place, first) + every)
            writing = program(values, writing, task, until)
            place = until
            found = np.asarray(writing.tokens[:, : until + 1])
            new = []
            for row, text in enumerate(texts):
                fresh = [] if over[row] else found[row, lengths[row] :].tolist()
                fresh = fresh[len(text) - _length_at_start(text, fresh, written, row) :]
                new.append(fresh)
            yield from _settled(new, texts, written, over, length, end)
