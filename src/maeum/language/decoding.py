"""Writing token by token: one compiled loop for recurrent and for attention networks.

A `Decoder` knows one step of a network: the tokens of one position and the state so far give the
logits of the next position and the new state. `generate` runs it over prompts of any lengths in
one compiled loop whose length is given at run time; `stream` is the same loop, a few steps at a
time.

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
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_whole
from maeum.core.errors import ConfigError, DataError
from maeum.core.randomness import check_seed, make_key, next_seed
from maeum.language.sampling import Sampling, draw
from maeum.text.padding import pad_sequences

Step = Callable[[jax.Array, Any, Any], tuple[jax.Array, Any]]

_LEAST = 64  # tokens that there is room for, at least: fewer programs are compiled


@dataclass(eq=False)
class Decoder:
    """One step of a network that writes token by token.

    Attributes:
        step: a pure function ``step(values, tokens, state, position) -> logits, state``. The
            tokens ``(rows,)`` stand at ``position``, the logits ``(rows, vocabulary)`` are those
            of the token after them. Every array of the state has the rows as its first axis.
        start: ``start(rows, length) -> state`` before the first token, with room for ``length``
            positions.
        values: returns what the step reads (the weights), any structure of arrays.
        vocabulary: the number of tokens.
        longest: the most positions that it can take; None if there is no limit.
        never: tokens that are never written, such as the one for unknown words.
    """

    step: Callable[[Any, jax.Array, Any, jax.Array], tuple[jax.Array, Any]]
    start: Callable[[int, int], Any]
    values: Callable[[], Any]
    vocabulary: int
    longest: int | None = None
    never: tuple[int, ...] = ()

    def run(self, function: Callable, *args: Any, **static: Any) -> Any:
        """Return ``function(step, *args, **static)``, compiled once for every function.

        Args:
            function: a function of a module. The ``step(tokens, state, position)`` that it gets
                is this decoder's: it reads ``values``, and never writes what is not to be written.
            args: arrays.
            static: constants of the program.
        """
        return self._program(function, self.values(), *args, **static)

    def step_with(self, values: Any) -> Step:
        """Return ``step`` with its values, and the tokens that are ``never`` written at -inf."""
        allowed = np.isin(np.arange(self.vocabulary), self.never, invert=True)

        def step(tokens: jax.Array, state: Any, position: Any) -> tuple[jax.Array, Any]:
            logits, state = self.step(values, tokens, state, position)
            return (jnp.where(allowed, logits, -jnp.inf) if self.never else logits), state

        return step

    @functools.cached_property
    def _program(self) -> Callable:
        def program(function: Callable, values: Any, *args: Any, **static: Any) -> Any:
            return function(self.step_with(values), *args, **static)

        return jax.jit(program, static_argnums=0, static_argnames="kind")


class _Writing(NamedTuple):
    """What is carried from step to step."""

    tokens: jax.Array  # (rows, room)
    place: jax.Array  # the position that is fed next
    state: Any
    done: jax.Array  # (rows,)


class _Limits(NamedTuple):
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
    options: dict[str, Any] = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    made: list[list[int]] = [[] for prompt in prompts]
    for new in stream(decoder, prompts, length, end=end, seed=seed, every=None, **options):
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
        every: yield after so many steps; None for once at the end.
    """
    sampling = Sampling(temperature, top_k, top_p)
    rows = [_Row(prompt) for prompt in check_prompts(decoder, prompts)]
    check_whole(length, "length")
    if every is not None:
        check_whole(every, "every")
    check_end(decoder, end)
    seed = next_seed() if seed is None else check_seed(seed)
    key = make_key(seed, "generate")
    settings = sampling.numbers(decoder.vocabulary)
    while not all(row.over for row in rows):
        contexts = [_context(row.tokens, length - row.written, decoder) for row in rows]
        lengths, before = [len(context) for context in contexts], [row.written for row in rows]
        need = max(n + length - row.written for n, row in zip(lengths, rows) if not row.over)
        room, last = room_for(need, decoder)
        count, had = (jnp.asarray(numbers, jnp.int32) for numbers in (lengths, before))
        limits = _Limits(count, had, length, -1 if end is None else end, key, settings)
        writing = _Writing(
            jnp.asarray(pad_sequences(contexts, room, padding="post")),
            jnp.int32(0),
            decoder.start(len(rows), room - 1),
            jnp.asarray([row.over for row in rows]),
        )
        place = 0
        while place < last and not all(row.over for row in rows):
            first = min(n for n, row in zip(lengths, rows) if not row.over) - 1
            place = last if every is None else min(last, max(place, first) + every)
            writing = decoder.run(_write, writing, limits, place, kind=sampling.kind)
            found = np.asarray(writing.tokens)[:, : place + 1].tolist()
            seen = [n + row.written - old for n, row, old in zip(lengths, rows, before)]
            yield [row.take(each[n:], length, end) for row, each, n in zip(rows, found, seen)]


@dataclass
class _Row:
    """A text that is being written: all of its tokens, and how many of them are new."""

    tokens: list[int]
    written: int = 0
    over: bool = False

    def take(self, found: list[int], length: int, end: int | None) -> list[int]:
        """Add new tokens, and return them; what comes after the end does not count."""
        if self.over:
            return []
        found = found[: length - self.written]
        if end in found:
            found, self.over = found[: found.index(end)], True
        self.tokens += found
        self.written += len(found)
        self.over = self.over or self.written >= length
        return found


def _write(step: Step, writing: _Writing, limits: _Limits, until: Any, kind: str) -> _Writing:
    """Feed the positions up to ``until``, and choose what comes after each."""
    rows = jnp.arange(writing.tokens.shape[0])
    row_keys = jax.vmap(lambda row: jax.random.fold_in(limits.key, row))(rows)

    def body(now: _Writing) -> _Writing:
        logits, state = step(now.tokens[:, now.place], now.state, now.place)
        number = now.place + 1 - limits.lengths  # of the new token, in this stretch
        keys = jax.vmap(jax.random.fold_in)(row_keys, jnp.maximum(number + limits.written, 0))
        chosen = draw(logits, keys, kind, limits.settings)
        given = number < 0  # still within the prompt
        chosen = jnp.where(now.done, 0, chosen)
        chosen = jnp.where(given, now.tokens[:, now.place + 1], chosen)
        tokens = now.tokens.at[:, now.place + 1].set(chosen)
        ended = (chosen == limits.end) | (number + limits.written + 1 >= limits.wanted)
        return _Writing(tokens, now.place + 1, state, now.done | (~given & ended))

    def going(now: _Writing) -> jax.Array:
        return (now.place < until) & ~now.done.all()

    return jax.lax.while_loop(going, body, writing)


def check_prompts(decoder: Decoder, prompts: Any) -> list[list[int]]:
    """Return prompts as lists of tokens, or raise `DataError`."""
    if isinstance(prompts, (str, bytes)) or not hasattr(prompts, "__len__"):
        raise DataError("prompts is a list of lists of tokens; got {value:.60}.",
                        value=repr(prompts))  # fmt: skip
    checked = []
    for row, prompt in enumerate(prompts):
        tokens = np.asarray(prompt)
        if tokens.ndim != 1 or (tokens.size and tokens.dtype.kind not in "iu"):
            raise DataError("Prompt {row} is a list of whole numbers; got {value:.60}.", row=row,
                            value=repr(prompt))  # fmt: skip
        if not tokens.size:
            raise DataError("Prompt {row} is empty. Give at least one token to begin with, such as "
                            "the one for the start of a text.", row=row)  # fmt: skip
        outside = tokens[(tokens < 0) | (tokens >= decoder.vocabulary)]
        if outside.size:
            raise DataError("Prompt {row} has the token {token}; there are 0 to {last}.", row=row,
                            token=outside[0], last=decoder.vocabulary - 1)  # fmt: skip
        checked.append(tokens.tolist())
    if not checked:
        raise DataError("There is no prompt.")
    return checked


def check_end(decoder: Decoder, end: int | None) -> None:
    """Raise `ConfigError` unless ``end`` is None or a token."""
    if end is None:
        return
    whole = isinstance(end, (int, np.integer)) and not isinstance(end, bool)
    if not whole or not 0 <= end < decoder.vocabulary:
        raise ConfigError("end is a token from 0 to {last}, or None; got {value!r}.",
                          last=decoder.vocabulary - 1, value=end)  # fmt: skip


def _context(text: list[int], wanted: int, decoder: Decoder) -> list[int]:
    """Return what is read (again) before the next stretch: all of it, or the later part."""
    longest = decoder.longest
    if longest is None or len(text) + min(wanted, max(1, longest // 4)) <= longest + 1:
        return text
    return text[-max(1, longest // 2) :]


def room_for(need: int, decoder: Decoder) -> tuple[int, int]:
    """Return the room for tokens, and the last position that is fed."""
    room = max(_LEAST, 1 << (need - 1).bit_length()) + 1
    if decoder.longest is not None:
        room = min(room, decoder.longest + 1)
    return room, min(need, room) - 1
