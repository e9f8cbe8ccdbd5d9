"""``tf.gradients``: the operations between some tensors, differentiated as a whole.

The operation holds the tensors and what lies between them. When a program is traced, that part of
the graph is evaluated once, under ``jax.vjp``, and whoever else needs its values takes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from maeum.compat.graph.errors import InvalidArgumentError
from maeum.compat.graph.graph import Operation, Tensor, get_default_graph
from maeum.compat.graph.kinds import Evaluation, ancestors
from maeum.compat.ops.ignoring import check_others
from maeum.compat.ops.recording import as_argument

__all__ = ["gradients", "hessians"]


@dataclass(frozen=True, eq=False)
class Gradient:
    """The gradients of the sum of some tensors.

    Args:
        ys: those tensors.
        xs: the tensors by which they are differentiated.
        path: the operations between them, in order.
    """

    ys: Sequence[Tensor]
    xs: Sequence[Tensor]
    path: Sequence[Operation]
    name: str = "gradients"

    host, random, static, shape_only, writes = False, False, (), False, ()

    def evaluate(self, operation: Operation, run: Evaluation) -> Sequence[Any]:
        """Compute the gradients, and the values of the operations between on the way."""
        made = dict.fromkeys(t for each in self.path for t in each.outputs)
        rest = {t: value for t, value in run.values.items() if t not in made}
        leaves = [x for x in self.xs if x not in made]
        inner = [x for x in self.xs if x in made]

        def forward(values: list, changes: list) -> tuple[list, list]:
            known = Evaluation(
                rest | dict(zip(leaves, values)), run.start, run.readers, run.seed, run.number,
                versions=run.versions,
            )  # fmt: skip
            change = dict(zip(inner, changes))
            for each in self.path:
                known.run([each])
                for tensor in each.outputs:
                    if tensor in change:
                        known.values[tensor] = known.values[tensor] + change[tensor]
            return [known.of(y, operation) for y in self.ys], [known.values[t] for t in made]

        values = [jnp.asarray(run.of(x, operation)) for x in leaves]
        changes = [jnp.zeros(*self._like(x, made, forward, values)) for x in inner]
        ys, back, found = jax.vjp(forward, values, changes, has_aux=True)
        for tensor, value in zip(made, found):
            run.values.setdefault(tensor, value)
        seeds = run.filled(operation, operation.args[2]) or [None] * len(ys)
        grads = [_seed(y, seed) for y, seed in zip(ys, seeds)]
        of = dict(zip([*leaves, *inner], [g for part in back(grads) for g in part]))
        return [of[x] for x in self.xs]

    @staticmethod
    def _like(x: Tensor, made: Any, forward: Any, values: list) -> tuple[tuple, Any]:
        if x.shape.is_fully_defined():
            return tuple(x.shape), x.dtype.dtype
        shapes = jax.eval_shape(lambda: forward(values, [])[1])
        found = shapes[list(made).index(x)]
        return found.shape, found.dtype


def _seed(y: Any, seed: Any) -> Any:
    y = jnp.asarray(y)
    return (
        jnp.ones_like(y) if seed is None else jnp.broadcast_to(jnp.asarray(seed, y.dtype), y.shape)
    )


def gradients(
    ys: Any, xs: Any, grad_ys: Any = None, name: str = "gradients",
    colocate_gradients_with_ops: bool = False, gate_gradients: bool = False,
    aggregation_method: Any = None, stop_gradients: Any = None, unconnected_gradients: Any = None,
) -> list:  # fmt: skip
    """Return the gradients of the sum of ``ys`` by each of ``xs``; None for what it is free of.

    Args:
        ys: a tensor, or several.
        xs: a tensor, or several.
        grad_ys: factors of the ys; 1 by default.
        name: the name of the operation.
        colocate_gradients_with_ops, gate_gradients, aggregation_method: accepted; XLA decides.
        stop_gradients: tensors that count as constants.
        unconnected_gradients: "zero" for zeros in the place of None.
    """
    ys = list(ys) if isinstance(ys, (list, tuple)) else [ys]
    xs = list(xs) if isinstance(xs, (list, tuple)) else [xs]
    for y in ys:
        if not y.dtype.is_floating:
            raise InvalidArgumentError("{y} has no gradient, since it is of whole numbers.", y=y)
    stops = [stop_gradients] if isinstance(stop_gradients, Tensor) else list(stop_gradients or ())
    path, reached = _between(ys, xs, stops)
    wanted = list(dict.fromkeys(x for x in xs if x in reached and x.dtype.is_floating))
    found: dict[Tensor, Tensor] = {}
    if wanted:
        seeds = None if grad_ys is None else [as_argument(g) for g in _listed(grad_ys)]
        outputs = [Tensor(x.shape, x.dtype) for x in wanted]
        graph = get_default_graph()
        kind = Gradient(ys, wanted, path)
        # What has to run before would, of a layer between, run before that layer's gradient.
        with graph.control_dependencies(None):
            made = graph.add(kind, (ys, wanted, seeds), {}, outputs, name)
        found = dict(zip(wanted, made.outputs))
    if unconnected_gradients is not None and "zero" in str(unconnected_gradients).lower():
        from maeum.compat.ops.arrays import zeros_like

        return [found[x] if x in found else zeros_like(x) for x in xs]
    return [found.get(x) for x in xs]


def _listed(given: Any) -> list:
    return list(given) if isinstance(given, (list, tuple)) else [given]


def _between(ys: list, xs: list, stops: list) -> tuple[list[Operation], set[Tensor]]:
    """Return the operations between, and the xs that the ys depend on."""
    wanted, stopped = set(xs), set(stops)
    on_path: set[Operation] = set()
    path: list[Operation] = []
    used: dict[Operation, set[Tensor]] = {}
    for each in ancestors([y.node for y in ys], lambda tensor: False):
        if each.operation.host or each.operation.writes:
            continue
        inputs = [t for t in each.inputs if t not in stopped]
        direct = {t for t in inputs if t in wanted}
        if direct or any(t.node in on_path for t in inputs):
            on_path.add(each)
            path.append(each)
            used[each] = direct
    # Only what leads to the ys: each ancestor in the path does, since it is an ancestor.
    reached = set().union(*used.values()) if used else set()
    return path, reached | {y for y in ys if y in wanted}


def hessians(ys: Any, xs: Any, name: str = "hessians", **others: Any) -> list:
    """Return the matrices of second derivatives of the sum of ``ys`` by vectors."""
    check_others("hessians", others)
    from maeum.compat.ops.arrays import stack, unstack

    found = []
    for x in _listed(xs):
        slopes = unstack(gradients(ys, x)[0])
        found.append(stack([gradients(slope, x)[0] for slope in slopes]))
    return found
