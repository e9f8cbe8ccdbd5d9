"""How a cell runs over a sequence: the whole sequence at once where it can, else step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ConfigError, ShapeError
from maeum.core.loops import scan
from maeum.layers.checks import whole_number

Step = Callable[[Any, Any], tuple[Any, Any]]


def check_cell(cell: Any) -> Any:
    """Return ``cell``, or raise `ConfigError` if it is none."""
    if isinstance(cell, type):
        raise ConfigError("A cell is an object: write {name}(...).", name=cell.__name__)
    if not hasattr(cell, "call") or not hasattr(cell, "state_size"):
        raise ConfigError("A cell of a recurrent layer has a method call(inputs, states), which "
                          "returns the output and the new states, and an attribute state_size: the "
                          "size of its state, or a list of sizes; got {cell!r}.",
                          cell=cell)  # fmt: skip
    return cell


def initial_states(cell: Any, batch_size: int, dtype: Any) -> list[Any]:
    """Return the states with which ``cell`` begins: a list of arrays, or of lists of them."""
    if hasattr(cell, "get_initial_state"):
        states = cell.get_initial_state(batch_size=batch_size)
        return list(states) if isinstance(states, (list, tuple)) else [states]
    sizes = cell.state_size
    sizes = list(sizes) if isinstance(sizes, (list, tuple)) else [sizes]
    return [jnp.zeros((batch_size, *state_shape(size, cell)), dtype) for size in sizes]


def state_shape(size: Any, cell: Any) -> tuple[int, ...]:
    """Return the shape of one row of a state, whose size is a number or a shape itself."""
    sizes = size if isinstance(size, (list, tuple)) else (size,)
    return tuple(whole_number(n, "state_size", 1, cell) for n in sizes)


def run_cell(
    cell: Any, x: jax.Array, states: list[Any], mask: jax.Array | None, training: bool
) -> tuple[jax.Array, jax.Array, list[Any]]:
    """Run a cell over sequences ``x`` of shape ``(batch, steps, ...)``.

    Args:
        cell: the cell; one with a method ``sequence`` takes the whole sequence.
        x: the sequences.
        states: the states before the first step.
        mask: bools ``(batch, steps)``: where False, the states stay, and the output is the one
            before.
        training: whether it runs as in training.

    Returns:
        The outputs ``(batch, steps, ...)``, the last one, and the states after it.
    """
    if getattr(cell, "sequence", None) is not None:
        return cell.sequence(x, states, mask, training)

    def step(x: jax.Array, states: Any) -> tuple[Any, Any]:
        return cell(x, states) if callable(cell) else cell.call(x, states)

    return loop(step, x, states, mask)


def loop(
    step: Step, x: jax.Array, states: list[Any], mask: jax.Array | None
) -> tuple[jax.Array, jax.Array, list[Any]]:
    """Run ``output, states = step(x_t, states)`` over the steps of ``x``; see `run_cell`."""

    def masked_step(states: Any, inputs: tuple) -> tuple[Any, Any]:
        x, kept = inputs
        output, new = _checked(step(x, states), states)
        if kept is not None:
            new = jax.tree.map(lambda n, s: jnp.where(_beside(kept, s), n, s), new, states)
        return new, output

    in_time = (jnp.swapaxes(x, 0, 1), None if mask is None else mask.T)
    after, outputs = scan(masked_step, states, in_time)
    outputs = jnp.swapaxes(outputs, 0, 1)
    first = jax.tree.leaves(states)[0]
    shape = (outputs.shape[0], *outputs.shape[2:])
    # The output before the first step: of most cells, the first state.
    before = first if first.shape == shape else jnp.zeros(shape)
    before = before.astype(outputs.dtype)
    if mask is not None:
        outputs = _repeated(outputs, mask, before)
    return outputs, outputs[:, -1] if outputs.shape[1] else before, after


def _checked(result: Any, states: Any) -> tuple[Any, Any]:
    """Return a step's output and its states, in the structure of the states before."""
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise ConfigError("The call(inputs, states) of a cell returns two things, the output and "
                          "the new states; got {name}.", name=type(result).__name__)  # fmt: skip
    output, new = result
    before, after = jax.tree.leaves(states), jax.tree.leaves(new)
    if [a.shape for a in before] != [a.shape for a in after]:
        raise ShapeError("The new states that a cell returns have the shapes of the old ones, "
                         "{before}; got {after}.", before=[a.shape for a in before],
                         after=[a.shape for a in after])  # fmt: skip
    leaves = [new.astype(old.dtype) for new, old in zip(after, before)]
    return output, jax.tree.unflatten(jax.tree.structure(states), leaves)


def _beside(mask: jax.Array, array: jax.Array) -> jax.Array:
    """Return a mask with axes of size 1 for those of ``array`` that it lacks."""
    return mask.reshape(mask.shape + (1,) * (array.ndim - mask.ndim))


def _repeated(outputs: jax.Array, mask: jax.Array, before: jax.Array) -> jax.Array:
    """Replace the output of each masked step by the one of the last step that is not masked."""
    steps = jnp.arange(mask.shape[1])
    last = jax.lax.cummax(jnp.where(mask, steps, -1), axis=1)
    index = _beside(last, outputs)
    chosen = jnp.take_along_axis(outputs, jnp.maximum(index, 0), axis=1)
    return jnp.where(index >= 0, chosen, before[:, None])
