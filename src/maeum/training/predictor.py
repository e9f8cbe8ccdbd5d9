"""Predictions: the outputs of a model for many rows or for one, as fast as the device allows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np

from maeum.callbacks import CallbackList
from maeum.core.errors import DataError
from maeum.core.functional import scope_of
from maeum.core.randomness import at_step, make_key
from maeum.core.scope import Scope
from maeum.core.variable import Variable, materialize
from maeum.layers import Lambda, Layer
from maeum.training.arrays import row_count, take_rows
from maeum.training.objectives import shapes_of
from maeum.training.sources import check_count, is_stream
from maeum.training.streams import batch_parts, in_turn

_BLOCK_ROWS = 4096  # at most so many rows are computed at once,
_BLOCK_ENTRIES = 1 << 22  # and so many numbers in the largest array on the way


class Predictor:
    """The compiled forward pass of a model.

    Rows are computed in blocks of a few fixed sizes (a smaller last block is filled up and cut
    off again), so that data of any length share a few compiled programs. A batch whose arrays
    leave the cache is computed piece by piece inside the program, where the rows allow it.
    """

    def __init__(self, model: Any):
        self.model = model
        self.variables: list[Variable] | None = None
        self.assigned: list[Variable] = []  # such as the states of recurrent layers
        self.fixed_rows: int | None = None  # of a batch, if states are kept for each of them
        self.random = False  # whether the outputs depend on random numbers
        self.by_row = False  # whether those of a row surely depend on no other row
        self.entries = 1  # of one row, in the largest array on the way to the outputs
        self._count = 0
        self._run = jax.jit(self._outputs)

    def __call__(self, x: Any, batch_size: int | None, steps: int | None, callbacks: list) -> Any:
        """Return the outputs for ``x`` as NumPy arrays."""
        batch_size, steps = check_count(batch_size, "batch_size"), check_count(steps, "steps")
        hooks = CallbackList(callbacks, self.model, {"epochs": 1, "steps": steps, "verbose": 0})
        if batch_size is None and steps is None and hooks.wants_batches("predict"):
            batch_size = 32  # who counts batches counts on Keras's
        hooks.call("on_predict_begin", {})
        parts = []
        for number, (block, rows) in enumerate(self._batches(x, batch_size, steps)):
            hooks.call("on_predict_batch_begin", number, {})
            parts.append(self._block(block, rows))
            hooks.call("on_predict_batch_end", number, {"outputs": parts[-1]})
        hooks.call("on_predict_end", {})
        if not parts:
            raise DataError("There are no rows to predict: x is empty.")
        if len(parts) == 1:
            return parts[0]
        return jax.tree.map(lambda *blocks: np.concatenate(blocks), *parts)

    def _batches(self, x: Any, size: int | None, steps: int | None) -> Iterator[tuple[Any, int]]:
        if is_stream(x):
            for item in itertools.islice(in_turn(x), steps):
                part = self.model._prepare(batch_parts(item)[0], None, None)[0]
                yield part, row_count(part)
            return
        x = self.model._prepare(x, None, None)[0]
        rows = row_count(x)
        if not rows:
            return
        if size is None and steps is not None:
            size = max(1, -(-rows // steps))
        elif size is None:
            self._ensure_discovered(x, self.model.fixed_rows or 32)
            size = self.fixed_rows or self._best_rows(x, rows)
            if rows < size and not self.fixed_rows:
                size = 1 << max(rows - 1, 0).bit_length()
        size = min(size, rows) if steps is None and rows <= size and size > 2 * rows else size
        stop = rows if steps is None else min(rows, steps * size)
        self._ensure_discovered(x, size)
        if stop % size and self.fixed_rows:
            raise DataError(
                f"{self.model.name!r} is stateful: it keeps a state for each of the "
                f"{self.fixed_rows} rows of a batch, and {stop} rows leave a batch that is "
                "not full. Give a number of rows that the size of the batch divides."
            )
        for start in range(0, stop, size):
            block = x if size == rows else take_rows(x, slice(start, start + size))
            count = min(size, rows - start)
            if count < size:
                block = jax.tree.map(lambda a: _filled(a, size), block)
            yield block, count

    def _best_rows(self, x: Any, rows: int) -> int:
        """Return how many of the ``rows`` of ``x`` are computed fastest at once: a power of two."""
        entries = max(self.entries, sum(a.size for a in jax.tree.leaves(x)) // rows)
        return min(_BLOCK_ROWS, 1 << max(5, (_BLOCK_ENTRIES // entries).bit_length() - 1))

    def _block(self, block: Any, rows: int) -> Any:
        self._ensure_discovered(block, rows)
        assert self.variables is not None
        key = self._next_key() if self.random else None
        result, updates = self._run([v._value for v in self.variables], block, key)
        for variable, value in zip(self.assigned, updates):
            variable._value = value
        outputs = jax.device_get(result)
        # Copies: what comes from the device is read-only.
        if isinstance(outputs, np.ndarray):
            return outputs[:rows].copy()
        return jax.tree.map(lambda a: a[:rows].copy(), outputs)

    def _ensure_discovered(self, x: Any, rows: int) -> None:
        """Look at the first ``rows`` of ``x``, once."""
        if self.variables is None:
            self.variables = self._discover(take_rows(x, slice(0, rows)))
            self.fixed_rows = self.model.fixed_rows
            materialize(self.variables)

    def _discover(self, block: Any) -> list[Variable]:
        """Return the variables that the forward pass reads; note how large its arrays become."""
        self.model._ensure_built_for(block)
        scope = Scope(abstract=True)

        def run(block: Any) -> Any:
            with scope:
                return self.model.predict_step((block,))

        program = jax.make_jaxpr(run)(shapes_of(block))
        self.random, self.assigned = scope.drew, list(scope.updates)
        self.by_row = not (scope.drew or scope.updates) and _acts_by_row(self.model)
        rows = row_count(block)
        self.entries = max([1, *_entries(program.jaxpr, rows)]) // rows or 1
        return list(scope.reads)

    def _next_key(self) -> Any:
        """Return another key for every block, as dropout that never rests wants it."""
        self._count += 1
        return at_step(make_key(self.model.seed, "predict"), self._count)

    def _outputs(self, values: list, x: Any, key: Any) -> Any:
        assert self.variables is not None
        with scope_of(self.model, dict(zip(self.variables, values)), key=key) as scope:
            pieces = self._pieces(x)
            if pieces == 1:
                outputs = self.model.predict_step((x,))
                return outputs, [scope.updates[v] for v in self.assigned]
            cut = jax.tree.map(lambda a: a.reshape(pieces, -1, *a.shape[1:]), x)
            outputs = jax.lax.map(lambda piece: self.model.predict_step((piece,)), cut)
            return jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), outputs), []

    def _pieces(self, x: Any) -> int:
        """Return into how many equal pieces a batch is divided."""
        rows = row_count(x)
        best = self._best_rows(x, max(rows, 1))
        if not self.by_row or rows <= best:
            return 1
        # Pieces much smaller than the best would cost more than they gain.
        return next((n for n in range(-(-rows // best), 2 * rows // best + 1) if rows % n == 0), 1)


def _acts_by_row(model: Any) -> bool:
    """Tell whether a model surely computes each row from that row alone.

    So do the layers of Maeum when they predict; what users wrote may not.
    """
    parts = model.named_layers().values()
    graphs = (part.graph for part in parts if getattr(part, "graph", None) is not None)
    return all(
        type(part).__module__.startswith("maeum.") and not isinstance(part, Lambda)
        for part in parts
    ) and all(isinstance(node.operation, Layer) for graph in graphs for node in graph.nodes)


def _entries(program: Any, rows: int) -> Iterator[int]:
    """Yield the sizes of the arrays of ``rows`` rows that a program computes."""
    from jax.extend.core import jaxprs_in_params  # slows the import of Maeum otherwise

    for equation in program.eqns:
        shapes = (v.aval.shape for v in equation.outvars if hasattr(v.aval, "shape"))
        yield from (math.prod(shape) for shape in shapes if shape and shape[0] == rows)
        for inner in jaxprs_in_params(equation.params):
            yield from _entries(inner, rows)


def _filled(array: Any, rows: int) -> np.ndarray:
    """Repeat the last row until there are ``rows``."""
    array = np.asarray(array)
    return np.concatenate([array, np.repeat(array[-1:], rows - len(array), axis=0)])
