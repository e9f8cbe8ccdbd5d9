"""Predictions: the outputs of a model for many rows or for one, as fast as the device allows."""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np

from maeum.callbacks import CallbackList
from maeum.core.compiling import Compiled, compiled
from maeum.core.config import changes
from maeum.core.errors import DataError
from maeum.core.randomness import at_step, make_key
from maeum.core.scope import current_scope
from maeum.layers import Lambda, Layer
from maeum.training.arrays import row_count, shapes_of, take_rows
from maeum.training.options import check_callbacks
from maeum.training.sources import check_count, is_stream
from maeum.training.streams import batch_parts, in_turn

_BLOCK_ROWS = 4096  # at most so many rows are computed at once,
_BLOCK_ENTRIES = 1 << 22  # and so many numbers in the largest array on the way
_LOOKS = 300  # at whether the outputs are there, before waiting for them: some 30 us


class Predictor:
    """The compiled forward pass of a model.

    Rows are computed in blocks of a few fixed sizes (a smaller last block is filled up and cut
    off again), so that data of any length share a few compiled programs. A batch whose arrays
    leave the cache is computed piece by piece inside the program, where the rows allow it.
    """

    def __init__(self, model: Any):
        self.model = model
        self._count = 0

    def __call__(
        self, x: Any, batch_size: int | None, steps: int | None = None, callbacks: Any = None
    ) -> Any:
        """Return the outputs for ``x`` as NumPy arrays; see `maeum.Model.predict`."""
        batch_size, steps = check_count(batch_size, "batch_size"), check_count(steps, "steps")
        callbacks = check_callbacks(callbacks)
        hooks = CallbackList(callbacks, model=self.model, epochs=1, steps=steps, verbose=0)
        if batch_size is None and steps is None and hooks.wants("predict"):
            batch_size = 32  # who counts batches counts on Keras's
        hooks.call("on_predict_begin", {})
        parts = []
        for number, (program, block, rows) in enumerate(self._batches(x, batch_size, steps)):
            hooks.call("on_predict_batch_begin", number, {})
            parts.append(self._block(program, block, rows))
            hooks.call("on_predict_batch_end", number, {"outputs": parts[-1]})
        hooks.call("on_predict_end", {})
        if not parts:
            raise DataError("There are no rows to predict: x is empty.")
        if len(parts) == 1:
            return parts[0]
        return jax.tree.map(lambda *blocks: np.concatenate(blocks), *parts)

    def _batches(
        self, x: Any, size: int | None, steps: int | None
    ) -> Iterator[tuple[Compiled, Any, int]]:
        """Yield batches of equal sizes, each with its program and how many of its rows count."""
        prepare = self.model.trainer.prepare
        if is_stream(x):
            for item in itertools.islice(in_turn(x), steps):
                part = prepare(batch_parts(item)[0], None, None)[0]
                yield self._program(part, row_count(part)), part, row_count(part)
            return
        x = prepare(x, None, None)[0]
        rows = row_count(x)
        if not rows:
            return
        if size is None and steps is not None:
            size = max(1, -(-rows // steps))
        program = self._program(x, size or 0)
        fixed = program.facts["fixed_rows"]
        if size is None:
            size = fixed or self._best_rows(x, program)
            if rows < size and not fixed:
                size = 1 << max(rows - 1, 0).bit_length()
        size = min(size, rows) if steps is None and rows <= size and size > 2 * rows else size
        stop = rows if steps is None else min(rows, steps * size)
        if stop % size and fixed:
            raise DataError(
                "{name!r} is stateful: it keeps a state for each of the {fixed} rows of a "
                "batch, and {rows} rows leave a batch that is not full. Give a number of rows "
                "that is a multiple of the batch size.",
                name=self.model.name,
                fixed=fixed,
                rows=stop,
            )
        for start in range(0, stop, size):
            block = x if size == rows else take_rows(x, slice(start, start + size))
            count = min(size, rows - start)
            if count < size:
                block = jax.tree.map(lambda a: _filled(a, size), block)
            yield program, block, count

    def _best_rows(self, x: Any, program: Compiled) -> int:
        """Return how many rows of ``x`` are computed fastest at once: a power of two."""
        rows = max(row_count(x), 1)
        entries = max(program.facts["entries"], sum(a.size for a in jax.tree.leaves(x)) // rows)
        return min(_BLOCK_ROWS, 1 << max(5, (_BLOCK_ENTRIES // entries).bit_length() - 1))

    def _block(self, program: Compiled, block: Any, rows: int) -> Any:
        key = self._next_key() if program.drew else None
        eagerly = self.model.trainer.run_eagerly
        with jax.disable_jit() if eagerly else contextlib.nullcontext():  # which costs less
            outputs = program(block, key=key)
        # Copies: what comes from the device is read-only.
        if isinstance(outputs, jax.Array):
            # A small network has computed a row before a thread that waits for it would wake up.
            for _ in range(_LOOKS):
                if outputs.is_ready():  # type: ignore[attr-defined]
                    break
            return np.asarray(outputs)[:rows].copy()
        return jax.tree.map(lambda a: a[:rows].copy(), jax.device_get(outputs))

    def _program(self, x: Any, rows: int) -> Compiled:
        """Return the compiled forward pass, traced with the first ``rows`` of ``x`` (or some)."""
        name = ("predict", jax.tree.structure(x))
        known = self.model.compiled_functions.get(name)
        if known is not None and known.seen == changes():
            return known
        first = take_rows(x, slice(0, rows or self.model.fixed_rows or 32))
        self.model.ensure_built_for(first)
        return compiled(
            self.model, name, self._outputs, (shapes_of(first),), look=self._look(row_count(first))
        )

    def _look(self, rows: int) -> Callable[[Any], dict[str, Any]]:
        """Return what looks at the traced program: how many numbers it computes for each row."""

        def look(traced: Any) -> dict[str, Any]:
            entries = max([1, *_entries(traced.jaxpr, rows)]) // rows or 1
            by_row, fixed = _acts_by_row(self.model), self.model.fixed_rows
            return {"entries": entries, "by_row": by_row, "fixed_rows": fixed}

        return look

    def _next_key(self) -> Any:
        """Return another key for every block, as dropout that never rests wants it."""
        self._count += 1
        return at_step(make_key(self.model.seed, "predict"), self._count)

    def _outputs(self, x: Any) -> Any:
        step, scope = self.model.predict_step, current_scope()
        pieces = 1 if scope is None or scope.abstract else self._pieces(x)
        if pieces == 1:
            return step((x,))
        cut = jax.tree.map(lambda a: a.reshape(pieces, -1, *a.shape[1:]), x)
        outputs = jax.lax.map(lambda piece: step((piece,)), cut)
        return jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), outputs)

    def _pieces(self, x: Any) -> int:
        """Return into how many equal pieces a batch is divided."""
        rows = row_count(x)
        program = self._program(x, rows)
        best = self._best_rows(x, program)
        surely = program.facts["by_row"] and not (program.drew or program.assigned)
        if not surely or rows <= best:
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
