"""Products of many small matrices through the native kernels, in programs that are traced already.

``jax.vmap`` makes of each product of matrices one of batches of them, which XLA computes matrix by
matrix with a library for large ones: it packs both anew each time. `with_native_products` puts
native kernels in the place of such products, wherever they came from; whoever wrote them need not
know of it. Single products stay what they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum import native

# Narrower matrices do not fill a vector, and larger ones are no small matrices.
_NARROWEST, _LARGEST = 8, 2**16


def with_native_products(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of arrays that multiplies batches of small matrices natively.

    Derivatives have been taken before: the kernels have none.

    Example:
        >>> a, b = jnp.ones((3, 10, 8)), jnp.ones((3, 8, 16))
        >>> with_native_products(jax.vmap(jnp.matmul))(a, b)[0, 0, :2].tolist()
        [8.0, 8.0]
    """

    def run(*given: Any) -> Any:
        if not native.status().present:
            return function(*given)
        leaves, structure = jax.tree.flatten(given)
        made: list[Any] = []

        def flat(*leaves: Any) -> list[Any]:
            results, tree = jax.tree.flatten(function(*jax.tree.unflatten(structure, leaves)))
            made[:] = [tree]
            return results

        traced = jax.make_jaxpr(flat)(*leaves)
        return jax.tree.unflatten(made[0], _evaluated(traced, leaves))

    return run


def _evaluated(traced: Any, given: Sequence[Any]) -> list[Any]:
    """Evaluate a traced program, with other kernels for some of its products."""
    from jax.extend import core  # here, because it imports much that nobody else needs

    jaxpr = traced.jaxpr
    used = Counter(v for eqn in jaxpr.eqns for v in eqn.invars if not isinstance(v, core.Literal))
    used.update(v for v in jaxpr.outvars if not isinstance(v, core.Literal))
    values: dict[Any, Any] = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*traced.consts, *given]))
    # A product that is only transposed is computed transposed.
    swapped = {
        eqn.invars[0]
        for eqn in jaxpr.eqns
        if eqn.primitive.name == "transpose"
        and eqn.params["permutation"] == (0, 2, 1)
        and used[eqn.invars[0]] == 1
    }
    done = set()

    def read(variable: Any) -> Any:
        return variable.val if isinstance(variable, core.Literal) else values[variable]

    for eqn in jaxpr.eqns:
        inputs = [read(v) for v in eqn.invars]
        name, out = eqn.primitive.name, eqn.outvars
        if name == "dot_general" and _suits(eqn):
            values[out[0]] = _product(eqn, inputs[0], inputs[1], out[0] in swapped)
            done.add(out[0])
        elif name == "transpose" and eqn.invars[0] in swapped & done:
            values[out[0]] = inputs[0]
        elif name in ("jit", "pjit"):
            values.update(zip(out, _evaluated(eqn.params["jaxpr"], inputs)))
        else:
            bound = eqn.primitive.get_bind_params(_rewritten(eqn.params))
            functions, params = (
                bound if isinstance(bound, tuple) else ((), bound)
            )  # JAX before 0.10.2
            results = eqn.primitive.bind(*functions, *inputs, **params)
            several = eqn.primitive.multiple_results
            values.update(zip(out, results if several else [results]))
    return [read(v) for v in jaxpr.outvars]


def _rewritten(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a loop or a branch, with what it runs evaluated like the rest."""
    from jax.extend import core

    def rewrite(value: Any) -> Any:
        if isinstance(value, core.ClosedJaxpr):
            shapes = [jax.ShapeDtypeStruct(v.aval.shape, v.aval.dtype) for v in value.jaxpr.invars]
            if any(v.aval.weak_type for v in value.jaxpr.invars if hasattr(v.aval, "weak_type")):
                return value
            return jax.make_jaxpr(lambda *given: _evaluated(value, given))(*shapes)
        if isinstance(value, tuple) and value and isinstance(value[0], core.ClosedJaxpr):
            return tuple(map(rewrite, value))
        return value

    return {name: rewrite(value) for name, value in params.items()}


def _suits(eqn: Any) -> bool:
    """Tell whether a product is one of batches of small matrices, in single precision."""
    (left, right), batch = eqn.params["dimension_numbers"]
    a, b = (v.aval for v in eqn.invars)
    plain = tuple(map(tuple, batch)) == ((0,), (0,)) and len(left) == len(right) == 1
    single = a.dtype == b.dtype == eqn.outvars[0].aval.dtype == jnp.float32
    if not (plain and single and a.ndim == b.ndim == 3 and 0 not in a.shape + b.shape):
        return False
    inner, (_, rows, columns) = a.shape[left[0]], eqn.outvars[0].aval.shape
    return min(rows, columns) >= _NARROWEST and inner * max(rows, columns) <= _LARGEST


def _product(eqn: Any, a: Any, b: Any, swap: bool) -> Any:
    """Return the product of two batches of matrices, transposed if asked for."""
    (left, right), _batch = eqn.params["dimension_numbers"]
    members, rows, columns = eqn.outvars[0].aval.shape
    a_transposed, b_transposed = left[0] == 1, right[0] == 2
    if swap:  # (a b)' = b' a'
        a, b, rows, columns = b, a, columns, rows
        a_transposed, b_transposed = not b_transposed, not a_transposed
    return native.call(
        "MaeumProducts",
        native.float32(members, rows, columns),
        a,
        b,
        a_transposed=np.bool_(a_transposed),
        b_transposed=np.bool_(b_transposed),
    )
