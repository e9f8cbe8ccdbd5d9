"""Members in chunks: those of a chunk take each step together, and each core works on a chunk."""

from __future__ import annotations

import concurrent.futures
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np

from maeum.core.runtime import processors
from maeum.core.variable import put_values, take_values
from maeum.training.interrupts import Stop
from maeum.training.member_groups import MemberPrograms
from maeum.training.member_programs import MembersProgram, chosen
from maeum.training.member_rows import MemberRows
from maeum.training.running import StepsPerCall
from maeum.training.state import State

Logs = dict[str, Any]
# Rows in their order, the first step, the one behind the last, the rows of a step, who takes them.
Batches = tuple[Any, int, int, int, Any]
# Stacked parameters and variables, and the place of a member in them.
Kept = tuple[tuple[Any, Any], int]
_BYTES = 3 << 19  # of the states of a chunk: with more, members are faster one by one
_MOST = 16  # members in a chunk


@dataclass
class Chunk:
    """Members that take each step together.

    Attributes:
        members: their numbers; behind the last one others stand twice, to fill the chunk.
        state: their states, stacked.
        keys: the key of each, of shape ``(members, 2)``.
        best: where the weights of the best epoch of each stand.
        held_out: the batches that they are validated with, once they are known.
    """

    members: list[int]
    state: State
    keys: np.ndarray
    best: list[Kept | None]
    held_out: list[Batches] | None = None


class Chunks:
    """The members of a training, in chunks.

    Args:
        models: the models.
        programs: what trains and validates them.
        rows: what each learns from.
        held_out: what each is validated with.
        shuffle: whether each epoch has its own order.
        keeps: whether the weights of the best epoch are kept.
        at_once: the members of a chunk; chosen by default.
        stop: whether somebody asked the training to stop.
        pool: threads, one for each core.

    Attributes:
        restores: whether members end with the weights that are kept, rather than with their last.
        best_weights: of members that end with their last ones, the weights that are kept.
    """

    def __init__(
        self,
        models: Sequence[Any],
        programs: MemberPrograms,
        rows: MemberRows,
        held_out: MemberRows | None,
        shuffle: bool,
        keeps: bool,
        at_once: int | None,
        stop: Stop,
        pool: concurrent.futures.Executor,
    ) -> None:
        self.models, self.programs, self.stop = models, programs, stop
        self.rows, self.held_out, self.shuffle, self.keeps = rows, held_out, shuffle, keeps
        self.left = set(range(len(models)))
        self.restores, self.best_weights = True, dict[int, dict[str, np.ndarray]]()
        self.first_step = [int(model.trainer.counter.value) for model in models]
        self.pool, self.threads = pool, processors()
        template, stacked = self._stacked()
        models[0].reset_metrics()
        zeros = {n: np.asarray(programs.named[0][n].value) for n in template.metrics}
        keys = np.stack([np.asarray(model.trainer.key) for model in models])
        if at_once is None:
            at_once = self._best_size(template)
        self.size = min(at_once, len(models))
        each = {n: np.broadcast_to(z, (self.size, *z.shape)) for n, z in zeros.items()}
        self.zeros = jax.device_put(each)
        self.data = jax.device_put(rows.source.data)
        self.held_data = None
        if held_out is not None:
            same = held_out.source.data is rows.source.data
            self.held_data = self.data if same else jax.device_put(held_out.source.data)
        self.paces = [StepsPerCall(None, live=False) for _phase in range(2)]
        everyone = list(range(len(models)))
        self.chunks = [
            self._filled(everyone[i : i + self.size], stacked, keys)
            for i in range(0, len(models), self.size)
        ]

    def _best_size(self, template: State) -> int:
        """Return how many members one call trains: as many as a cache holds, and each core some."""
        members = len(self.models)
        own = sum(leaf.nbytes for leaf in jax.tree.leaves(template))
        most = max(1, min(_MOST, _BYTES // max(own, 1), -(-members // self.threads)))
        if most > 1 and self.programs.train.program.native:  # kernels that work on one at a time
            return 1
        return 1 << (most.bit_length() - 1)

    def _stacked(self) -> tuple[State, State]:
        """Return the state of the first model, and those of all of them, stacked on the host."""
        template = State.of(self.models[0])
        values: dict[str, list[Any]] = {name: [] for name in template.by_name()}
        for named in self.programs.named:
            for name, value in zip(values, take_values([named[name] for name in values])):
                values[name].append(np.asarray(value))
        stacked: dict[str, Any] = {name: np.stack(arrays) for name, arrays in values.items()}
        return template, template.with_values(stacked)

    def _filled(self, members: list[int], stacked: State, keys: Any) -> Chunk:
        filled = [*members, *members[:1] * (self.size - len(members))]
        state = jax.device_put(jax.tree.map(lambda a: a[filled], stacked))
        return Chunk(filled, state, keys[filled], [None] * len(filled))

    # ---- an epoch --------------------------------------------------------------------------------

    def epoch(self) -> dict[int, tuple[Logs, bool]] | None:
        """Train all members for an epoch.

        Returns:
            The logs of each member that is left, and whether its loss was finite; None if the
            epoch was interrupted, which is then as if it had not begun.
        """
        before = [chunk.state for chunk in self.chunks]
        found = [*self.pool.map(self._epoch, self.chunks)]  # the first compiles, others wait
        if self.stop.asked:
            for chunk, state in zip(self.chunks, before):
                chunk.state = state
            return None
        for member in self.left:
            full, rest = self.rows.steps(member)
            self.first_step[member] += full + (rest > 0)
        return {m: logs for each in found for m, logs in each.items() if m in self.left}

    def _epoch(self, chunk: Chunk) -> dict[int, tuple[Logs, bool]]:
        before = chunk.state
        chunk.state = self._reset(chunk)
        orders = [
            self.rows.order(
                m, self.models[m].seed if self.shuffle else None, self.first_step[m] % 2**32
            )
            for m in chunk.members
        ]
        batches = _batches(self.rows, chunk.members, orders)
        logs, finite = self._pass(chunk, self.programs.train, batches, self.data)
        if not finite.all():
            chunk.state = _chosen(finite, chunk.state, before)
        if self.held_out is not None and not self.stop.asked:
            chunk.state = self._reset(chunk)
            if chunk.held_out is None:  # which are the same rows in every epoch
                orders = [self.held_out.order(m, None, 0) for m in chunk.members]
                chunk.held_out = list(_batches(self.held_out, chunk.members, orders))
            assert self.programs.test is not None
            told, _ = self._pass(chunk, self.programs.test, chunk.held_out, self.held_data)
            logs |= {f"val_{name}": values for name, values in told.items()}
        return {
            m: ({name: _plain(v[i]) for name, v in logs.items()}, bool(finite[i]))
            for i, m in enumerate(chunk.members)
        }

    def _reset(self, chunk: Chunk) -> State:
        return replace(chunk.state, metrics=self.zeros)

    def _pass(
        self,
        chunk: Chunk,
        program: MembersProgram,
        batches: Iterable[Batches],
        data: Any,
    ) -> tuple[Logs, np.ndarray]:
        """Take all steps over some rows; return the logs and whether the losses were finite."""
        inputs = {text: values[chunk.members] for text, values in program.inputs.items()}
        logs: Logs = {}
        pace = self.paces[program is self.programs.test]
        finite = np.ones(len(chunk.members), bool)
        for placed, start, stop, size, active in batches:
            place = start
            while place < stop:
                if self.stop.asked:
                    return logs, finite
                until = min(stop, place + pace.count)
                began = time.perf_counter()
                chunk.state, found, fine = program(
                    chunk.state, chunk.keys, inputs, data, placed, place, until, size, active
                )
                # A compiled function returns a dict sorted by key.
                found = {name: np.asarray(found[name]) for name in program.program.names}
                for name, value in found.items():
                    if active is None or name not in logs:
                        logs[name] = value
                    else:
                        which = active.reshape(-1, *[1] * (value.ndim - 1))
                        logs[name] = np.where(which, value, logs[name])
                finite &= np.asarray(fine)
                pace.took(until - place, time.perf_counter() - began)
                place = until
        return logs, finite

    # ---- between epochs --------------------------------------------------------------------------

    def note_best(self, better: Collection[int]) -> None:
        """Keep the weights of members for which this epoch was the best so far."""
        for chunk in self.chunks if self.keeps else ():
            now = chunk.state.parameters, chunk.state.variables
            for place, member in enumerate(chunk.members):
                if chunk.best[place] is None or member in better:
                    chunk.best[place] = now, place

    def finish(self, members: Collection[int]) -> None:
        """Give members that are over their states, and go on with the others in fewer chunks."""
        if not members:
            return
        self._put(members)
        self.left -= set(members)
        needed = -(-len(self.left) // self.size)
        if needed < len(self.chunks):
            self._pack()

    def put_rest(self) -> None:
        """Give all members that are left their states."""
        self._put(self.left)

    def put_states(self) -> None:
        """Give all members that are left the states that they would go on from."""
        self._put(self.left, last=True)

    def best(self) -> dict[int, dict[str, np.ndarray]]:
        """Return what is kept of the best epochs of members beside their variables, by name."""
        found = dict(self.best_weights)
        for chunk in self.chunks:
            for place, member in reversed([*enumerate(chunk.members)]):
                kept = chunk.best[place]
                if kept is not None and member in self.left:
                    found[member] = _on_host(kept)
        return found

    def go_on(self, over: Collection[int], best: dict[int, dict[str, np.ndarray]]) -> None:
        """Take over from an earlier process who is over, and what is kept of the others."""
        self.left -= set(over)
        self.best_weights = {member: best[member] for member in over if member in best}
        for chunk in self.chunks:
            for place, member in enumerate(chunk.members):
                if member in best:
                    chunk.best[place] = ({n: a[None] for n, a in best[member].items()}, {}), 0
        if self.left and over:
            self._pack()

    def _put(self, members: Collection[int], last: bool = False) -> None:
        for chunk in self.chunks:
            places = {m: i for i, m in reversed(list(enumerate(chunk.members))) if m in members}
            if not places:
                continue
            host = {name: np.asarray(value) for name, value in chunk.state.by_name().items()}
            for member, place in places.items():
                values = {name: value[place] for name, value in host.items()}
                kept = None if last else chunk.best[place]
                if kept is not None and self.restores:
                    values |= _on_host(kept)
                elif kept is not None:
                    best, known = _on_host(kept), self.models[member].named_variables()
                    self.best_weights[member] = {name: best[name] for name in known}
                named = self.programs.named[member]
                copies = jax.device_put([np.array(values[name]) for name in host])
                put_values([named[name] for name in host], copies)

    def _pack(self) -> None:
        """Put the members that are left together, so that there are no more chunks than needed."""
        places = {m: (c, i) for c in self.chunks for i, m in enumerate(c.members) if m in self.left}
        left = sorted(places)
        packed = []
        for first in range(0, len(left), self.size):
            members = left[first : first + self.size]
            filled = [*members, *members[:1] * (self.size - len(members))]
            at = [places[m] for m in filled]
            state: Any = _gathered([chunk.state for chunk, _ in at], [i for _, i in at])
            keys = np.stack([chunk.keys[i] for chunk, i in at])
            packed.append(Chunk(filled, state, keys, [chunk.best[i] for chunk, i in at]))
        self.chunks = packed


def _batches(rows: MemberRows, members: list[int], orders: list[np.ndarray]) -> Iterator[Batches]:
    """Yield the orders, the first step, the one behind the last, their size, and who takes them.

    Members have about as many rows. Full batches that all of them have come first; then those
    that some have, and the smaller last ones, size by size.
    """
    size = rows.batch_size
    full, rest = (np.array(part) for part in zip(*(rows.steps(m) for m in members)))
    padded = np.zeros((len(orders), rows.longest * size), np.int32)
    for row, order, own in zip(padded, orders, full):
        row[: own * size] = order[: own * size]
    placed = jax.device_put(padded)
    if full.min():
        yield placed, 0, int(full.min()), size, None
    if full.max() > full.min():
        for step in range(full.min(), full.max()):
            yield placed, step, step + 1, size, full > step
    for last in sorted(set(rest[rest > 0].tolist())):
        own = np.zeros((len(orders), last), np.int32)
        for i in np.flatnonzero(rest == last):
            own[i] = orders[i][full[i] * size :]
        yield jax.device_put(own), 0, 1, last, rest == last


def _plain(value: Any) -> Any:
    return float(value) if np.ndim(value) == 0 else np.asarray(value)


def _on_host(kept: Kept) -> dict[str, np.ndarray]:
    """Return the weights of one member by name."""
    parts, place = kept
    return {name: np.asarray(a)[place] for part in parts for name, a in part.items()}


_chosen = jax.jit(chosen)


def _gathered(parts: list[Any], places: list[int]) -> Any:
    """Return the entries at places of stacked structures, stacked."""
    return jax.device_put(
        jax.tree.map(lambda *a: np.stack([np.asarray(x)[i] for x, i in zip(a, places)]), *parts)
    )
