"""Predictions: the outputs of a model for many rows or for one, as fast as the device allows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from inspect import isfunction
from typing import Any

import jax
import numpy as np

from maeum.callbacks import CallbackList
from maeum.core.compiling import Compiled, compiled
from maeum.core.errors import DataError
from maeum.core.randomness import at_step, make_key
from maeum.core.row_independence import rows_are_independent
from maeum.core.scope import Scope, current_scope
from maeum.layers import Lambda, Layer
from maeum.layers.embedding import check_vocabularies, has_vocabulary
from maeum.training.arrays import row_count, shapes_of, take_rows
from maeum.training.options import check_callbacks
from maeum.training.py_dataset import PyDataset
from maeum.training.sources import check_count, is_stream, limited
from maeum.training.streams import batch_parts, in_turn, loaded

_BLOCK_ROWS = 4096  # at most so many rows are computed at once,
_BLOCK_ENTRIES = 1 << 22  # and so many numbers in the largest array on the way
_TRACED_ROWS = 31, 64  # with which a program is traced that may mix them
_LOOKS = 300  # at whether the outputs are there, before waiting for them: some 30 us


class Predictor:
    """The compiled forward pass of a model.

    Where no row sees another, rows are computed in blocks of a few fixed sizes (a smaller last
    block is filled up and cut off again), so that data of any length share a few compiled
    programs, and a batch whose arrays leave the cache is computed piece by piece inside the
    program. Elsewhere batches are what they are in evaluation: 32 rows, and what is left.
    """

    def __init__(self, model: Any):
        self.model = model
        self._count = 0

    def __call__(
        self, x: Any, batch_size: int | None, steps: int | None = None, callbacks: Any = None
    ) -> Any:
        """Return the outputs for ``x`` as NumPy arrays; see `maeum.Model.predict`."""
        steps = check_count(steps, "steps")
        batch_size, steps = limited(check_count(batch_size, "batch_size"), steps)
        callbacks = check_callbacks(callbacks)
        hooks = CallbackList(callbacks, model=self.model, epochs=1, steps=steps, verbose=0)
        if batch_size is None and steps is None and hooks.wants("predict"):
            batch_size = 32  # who counts batches counts on Keras's
        hooks.call("on_predict_begin", {})
        parts = []
        for number, (program, block, rows) in enumerate(self._batches(x, batch_size, steps)):
            hooks.call("on_predict_batch_begin", number, {})
            parts.append(self._block(program, block, rows))
            if program.facts["has_vocabulary"] and _holds_nan(parts[-1]):
                first = sum(map(row_count, parts[:-1]))
                check_vocabularies(self.model, block, np.arange(first, first + row_count(block)))
            hooks.call("on_predict_batch_end", number, {"outputs": parts[-1]})
        hooks.call("on_predict_end", {})
        if not parts:
            raise DataError("There are no rows to predict: x is empty.")
        if len(parts) == 1:
            return parts[0]
        return jax.tree.map(lambda *blocks: np.concatenate(blocks), *parts)

    def _batches(
        self, x: Any, size: int | None, steps: int | None
    ) -> Iterator[tuple[Compiled, Any, int | None]]:
        """Yield batches, each with its program and how many of its outputs count; None for all."""
        prepare = self.model.trainer.prepare
        if is_stream(x):
            items = _told(x) if isinstance(x, PyDataset) else in_turn(x)
            for item in itertools.islice(items, steps):
                part = prepare(batch_parts(item)[0], None, None)[0]
                yield self._program(part, row_count(part)), part, None
            return
        x = prepare(x, None, None)[0]
        rows = row_count(x)
        if not rows:
            return
        if size is None and steps is not None:
            size = max(1, -(-rows // steps))
        program = self._program(x, size or 0)
        fixed, by_row = program.facts["fixed_rows"], program.facts["by_row"]
        if size is None and not by_row:
            size = fixed or 32
        elif size is None:
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
            if count < size and by_row:
                block = jax.tree.map(lambda a: _filled(a, size), block)
            yield program, block, count if by_row else None

    def _best_rows(self, x: Any, program: Compiled) -> int:
        """Return how many rows of ``x`` are computed fastest at once: a power of two."""
        rows = max(row_count(x), 1)
        entries = max(program.facts["entries"], sum(a.size for a in jax.tree.leaves(x)) // rows)
        return min(_BLOCK_ROWS, 1 << max(5, (_BLOCK_ENTRIES // entries).bit_length() - 1))

    def _block(self, program: Compiled, block: Any, rows: int | None) -> Any:
        key = self._next_key() if program.drew else None
        if self.model.trainer.run_eagerly:
            with jax.disable_jit():
                outputs = program(block, key=key)
        else:
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
        if known is not None and known.is_current():
            return known
        first = take_rows(x, slice(0, rows or self.model.fixed_rows or 32))
        self.model.ensure_built_for(first)
        return compiled(
            self.model, name, self._outputs, (shapes_of(first),), look=self._look(shapes_of(first))
        )

    def _look(self, first: Any) -> Callable[[Any], dict[str, Any]]:
        """Return what looks at the traced program: how many numbers it computes for each row.

        And whether it computes each row by itself.
        """

        def look(traced: Any) -> dict[str, Any]:
            rows, fixed = row_count(first), self.model.fixed_rows
            entries = max([1, *_entries(traced.jaxpr, rows)]) // rows or 1
            by_row = fixed is None and (_acts_by_row(self.model) or self._proved_by_row(first))
            return {
                "entries": entries,
                "by_row": by_row,
                "fixed_rows": fixed,
                "has_vocabulary": has_vocabulary(self.model),
            }

        return look

    def _proved_by_row(self, x: Any) -> bool:
        """Tell whether the program shows that each row is computed from that row alone."""

        def traced(rows: int) -> Any:
            def run(x: Any) -> Any:
                with Scope(abstract=True):
                    return self.model.predict_step((x,))

            other = jax.tree.map(lambda a: jax.ShapeDtypeStruct((rows, *a.shape[1:]), a.dtype), x)
            return jax.make_jaxpr(run)(other)

        one, two = _TRACED_ROWS
        try:
            return rows_are_independent(traced(one), traced(two), one)
        except Exception:  # whatever a model of the user raises for another number of rows
            return False

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
    """Tell whether a model surely computes each row from that row alone, by what it consists of.

    So do the layers of Maeum when they predict, unless they work along the axis of the rows;
    what users wrote may not.
    """
    parts = model.named_layers().values()
    graphs = (part.graph for part in parts if getattr(part, "graph", None) is not None)
    return all(map(_is_layer_by_row, parts)) and all(
        isinstance(node.operation, Layer) for graph in graphs for node in graph.nodes
    )


def _is_layer_by_row(layer: Any) -> bool:
    if not type(layer).__module__.startswith("maeum.") or isinstance(layer, Lambda):
        return False
    held = [value for value in vars(layer).values() if isfunction(value)]
    axes = [getattr(layer, name, None) for name in ("axis", "axes")]
    return 0 not in jax.tree.leaves(axes) and all(
        function.__module__.startswith("maeum.") for function in held
    )


def _entries(program: Any, rows: int) -> Iterator[int]:
    """Yield the sizes of the arrays of ``rows`` rows that a program computes."""
    from jax.extend.core import jaxprs_in_params  # slows the import of Maeum otherwise

    for equation in program.eqns:
        shapes = (v.aval.shape for v in equation.outvars if hasattr(v.aval, "shape"))
        yield from (math.prod(shape) for shape in shapes if shape and shape[0] == rows)
        for inner in jaxprs_in_params(equation.params):
            yield from _entries(inner, rows)


def _told(dataset: PyDataset) -> Iterator:
    """Iterate once over a data set, which is told of it."""
    dataset.on_epoch_begin()
    try:
        yield from loaded(dataset)
    finally:
        dataset.on_epoch_end()


def _filled(array: Any, rows: int) -> np.ndarray:
    """Repeat the last row until there are ``rows``."""
    array = np.asarray(array)
    return np.concatenate([array, np.repeat(array[-1:], rows - len(array), axis=0)])


def _holds_nan(outputs: Any) -> bool:
    return any(a.dtype.kind == "f" and np.isnan(a).any() for a in jax.tree.leaves(outputs))
