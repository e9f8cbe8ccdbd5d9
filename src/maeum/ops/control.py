"""Control flow inside compiled programs: branches, loops, maps and scans.

Functions that are given here run on arrays. On symbolic tensors the whole loop becomes one node of
the graph; a file can hold it if its functions are registered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ConfigError, ShapeError
from maeum.core.graph import is_symbolic, map_structure, op, symbolic_leaves
from maeum.core.masks import each_row
from maeum.ops.arrays import as_array, checking_shapes
from maeum.ops.indexing import where


def _arrays(structure: Any) -> Any:
    """Return a structure of arrays: a variable among them as its value."""
    return map_structure(lambda x: None if x is None else as_array(x), structure)


# ---- branches ------------------------------------------------------------------------------------


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """The result of ``true_fn()`` if ``pred`` is true, else that of ``false_fn()``.

    Where the functions return symbolic tensors, both are computed and one is chosen.

    Args:
        pred: one bool, which may be computed.
        true_fn: a function without arguments.
        false_fn: another, whose result has the same structure, shapes and dtypes.

    >>> float(cond(jnp.array(2.0) > 1, lambda: 1.0, lambda: 0.0))
    1.0
    """
    if not is_symbolic(pred):
        return _cond(pred, true_fn, false_fn)
    results = true_fn(), false_fn()
    if not symbolic_leaves(results):
        return _cond(pred, true_fn, false_fn)
    one, two = (jax.tree.leaves(result, is_leaf=is_symbolic) for result in results)
    if [x.shape for x in one] != [x.shape for x in two]:
        raise ShapeError(
            "Both branches of cond() return the same structure and shapes; got {one} and {two}.",
            one=[x.shape for x in one],
            two=[x.shape for x in two],
        )
    chosen = iter([where(pred, x, y) for x, y in zip(one, two)])
    return map_structure(lambda _: next(chosen), results[0])


_branch = checking_shapes(jax.lax.cond)


@op
def _cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    pred = as_array(pred).astype(bool)
    return _branch(pred, lambda: _arrays(true_fn()), lambda: _arrays(false_fn()))


@op
def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """The result of ``branches[index](*operands)``; an index outside takes the nearest.

    >>> float(switch(1, [jnp.sin, jnp.abs], -2.0))
    2.0
    """
    return jax.lax.switch(as_array(index).astype(int), branches, *_arrays(operands))


# ---- loops ---------------------------------------------------------------------------------------


@op
def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    maximum_iterations: int | None = None,
) -> Any:
    """Repeat ``loop_vars = body(*loop_vars)`` while ``cond(*loop_vars)``.

    Args:
        cond: returns one bool.
        body: returns new values, of the same shapes and dtypes.
        loop_vars: a tuple or list of values, or a single one.
        maximum_iterations: how often at most.

    Returns:
        The last values, as a tuple, or the single one.

    >>> int(while_loop(lambda i: i < 5, lambda i: i + 2, 0))
    6
    """
    several = isinstance(loop_vars, (tuple, list))
    values = _arrays(tuple(loop_vars) if several else (loop_vars,))

    def go_on(state: tuple) -> Any:
        count, values = state
        more = as_array(cond(*values)).reshape(()).astype(bool)
        return more if maximum_iterations is None else more & (count < maximum_iterations)

    def step(state: tuple) -> tuple:
        count, values = state
        made = body(*values)
        made = tuple(made) if several else (made,)
        return count + 1, jax.tree.map(lambda x, old: as_array(x).astype(old.dtype), made, values)

    _, values = jax.lax.while_loop(go_on, step, (jnp.int32(0), values))
    return values if several else values[0]


@op
def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    """Repeat ``value = body_fun(i, value)`` for ``i`` from ``lower`` to ``upper - 1``.

    >>> int(fori_loop(0, 4, lambda i, total: total + i, 0))
    6
    """
    return jax.lax.fori_loop(_bound(lower), _bound(upper), body_fun, _arrays(init_val))


def _bound(n: Any) -> Any:
    return n if isinstance(n, int) else as_array(n)


@op
def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> tuple[Any, Any]:
    """Repeat ``carry, y = f(carry, x)`` over the first axis of ``xs``.

    Args:
        f: the step; the carry keeps its shapes and dtypes.
        init: the first carry, any structure of arrays.
        xs: a structure of arrays whose first axis is run over, or None.
        length: the number of steps, if ``xs`` does not say it.
        reverse: whether to begin at the end.
        unroll: how many steps are compiled as one; True for all.

    Returns:
        The last carry, and the ``y`` stacked along a new first axis.

    Raises:
        ConfigError: if the number of steps is unknown, or ``unroll`` is below 1.

    >>> total, sums = scan(lambda s, x: (s + x, s + x), 0, jnp.array([1, 2, 3]))
    >>> int(total), sums.tolist()
    (6, [1, 3, 6])
    """
    if not isinstance(unroll, bool) and (not isinstance(unroll, int) or unroll < 1):
        raise ConfigError("unroll is True, False or at least 1; got {unroll!r}.", unroll=unroll)
    if xs is None and length is None:
        raise ConfigError("scan() runs over xs, or so many steps as length says; give one.")
    return jax.lax.scan(f, _arrays(init), _arrays(xs), length, reverse, unroll)


@op
def associative_scan(
    f: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0
) -> Any:
    """``f`` applied from the first entry along an axis up to each one, in parallel.

    ``f`` is associative, ``f(f(a, b), c) == f(a, f(b, c))``, and takes and returns a structure like
    ``elems``.

    Raises:
        ShapeError: if the arrays differ in the size of the axis.

    >>> associative_scan(jnp.add, jnp.array([1, 2, 3])).tolist()
    [1, 3, 6]
    """
    elems = _arrays(elems)
    sizes = {x.shape[axis] for x in jax.tree.leaves(elems)}
    if len(sizes) > 1:
        raise ShapeError(
            "Arrays that are scanned together have one size along axis {axis}; got {sizes}.",
            axis=axis,
            sizes=sorted(sizes),
        )
    return jax.lax.associative_scan(f, elems, reverse, axis)


# ---- maps ----------------------------------------------------------------------------------------


@op(mask=each_row("xs"))
def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """``f`` of each entry along the first axis of a structure of arrays, one after the other.

    >>> map(lambda x: x * x, jnp.array([1, 2])).tolist()
    [1, 4]
    """
    return jax.lax.map(f, _arrays(xs))


@op(mask=each_row("elements"))
def vectorized_map(function: Callable[[Any], Any], elements: Any) -> Any:
    """``function`` of each entry along the first axis of a structure of arrays, all at once."""
    return jax.vmap(function)(_arrays(elements))


def vectorize(
    pyfunc: Callable[..., Any], *, excluded: Any = None, signature: str | None = None
) -> Callable[..., Any]:
    """Return ``pyfunc`` for arrays: it is called for each entry, with broadcasting.

    Args:
        pyfunc: a function of numbers, or of arrays that ``signature`` describes.
        excluded: the positions and names of arguments that are handed over as they are.
        signature: the last axes that belong to one call, as in ``"(n,m),(m)->(n)"``.

    >>> vectorize(lambda a, b: a + b)(jnp.array([1, 2]), jnp.array([[3], [4]])).tolist()
    [[4, 5], [5, 6]]
    """
    if not callable(pyfunc):
        raise ConfigError("vectorize() takes a function; got {value!r}.", value=pyfunc)
    return jnp.vectorize(pyfunc, excluded=excluded or set(), signature=signature)
