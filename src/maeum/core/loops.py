"""Loops inside a model: a step that reads and assigns variables, compiled once, run many times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.scope import Scope, current_scope
from maeum.core.variable import Variable


def scan(step: Callable[[Any, Any], tuple[Any, Any]], state: Any, xs: Any) -> tuple[Any, Any]:
    """Run ``state, y = step(state, x)`` over the first axis of ``xs``, as ``jax.lax.scan`` does.

    The step may call layers. Variables that it assigns are carried from step to step, what it adds
    to the loss is summed, and what it draws is the same in every step.

    Args:
        step: takes the state and one entry of ``xs``; it returns the next state, of the same
            shapes and dtypes, and an output.
        state: the first state, any structure of arrays.
        xs: a structure of arrays whose first axis is run over.

    Returns:
        The last state, and the outputs stacked along a new first axis.

    Example:
        >>> total, sums = scan(lambda s, x: (s + x, s + x), jnp.zeros(()), jnp.array([1.0, 2, 3]))
        >>> float(total), sums.tolist()
        (6.0, [1.0, 3.0, 6.0])
    """
    outer = current_scope() or Scope()
    assigned: list[Variable] = []
    traced: list[Scope] = []

    def body(carry: tuple, x: Any) -> tuple:
        state, values = carry
        with outer.repeated(dict(zip(assigned, values))) as inner:
            state, y = step(state, x)
        traced[:] = [inner]
        values = [inner.updates.get(v, value) for v, value in zip(assigned, values)]
        loss = sum(inner.losses[1:], inner.losses[0]) if inner.losses else None
        return (state, values), (y, loss)

    # Once for nothing but what is assigned: it has to be carried by the loop.
    first = jax.tree.map(lambda a: jax.ShapeDtypeStruct(a.shape[1:], a.dtype), xs)
    jax.eval_shape(lambda state, x: body((state, []), x), state, first)
    assigned[:] = traced[0].updates
    values = [v.value for v in assigned]
    scanned: Any = jax.lax.scan(body, (state, values), xs)
    (state, values), (ys, losses) = scanned
    outer.assign(assigned, values)
    if losses is not None:
        outer.losses.append(jnp.sum(losses))
    outer.follow(traced[0])
    return state, ys
