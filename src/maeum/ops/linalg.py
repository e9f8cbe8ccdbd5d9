"""Linear algebra: decompositions, inverses, equations and norms of matrices.

Matrices are the last two axes; those before are a stack of them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.checks import check_choice
from maeum.core.errors import DataError, ShapeError
from maeum.core.graph import op
from maeum.core.masks import last_axes
from maeum.ops.arrays import floating, is_traced, numpy_op
from maeum.ops.differentiation import jvp
from maeum.ops.reductions import norm

__all__ = [
    "cholesky",
    "cholesky_inverse",
    "det",
    "eig",
    "eigh",
    "inv",
    "jvp",
    "lstsq",
    "lu_factor",
    "matrix_rank",
    "norm",
    "pinv",
    "qr",
    "solve",
    "solve_triangular",
    "svd",
]


def _matrix(x: Any, square: bool = False) -> jax.Array:
    """Return floating matrices, or raise `ShapeError`."""
    x = floating(x)
    if x.ndim < 2 or (square and x.shape[-1] != x.shape[-2]):
        raise ShapeError(
            "{kind} with two axes or more is expected; got shape {shape}.",
            kind="A square matrix" if square else "A matrix",
            shape=x.shape,
        )
    return x


_square = functools.partial(_matrix, square=True)
_of_square = functools.partial(numpy_op, signature="x", convert=_square, mask=last_axes(2))

det = _of_square(jnp.linalg.det, doc="The determinant: ``(..., n, n) -> (...)``.")
inv = _of_square(jnp.linalg.inv, doc="The inverse of square matrices.")
slogdet = _of_square(
    lambda x: tuple(jnp.linalg.slogdet(x)),
    doc="The sign of the determinant, and the logarithm of its absolute value.",
    name="slogdet",
)
logdet = _of_square(
    lambda x: jnp.linalg.slogdet(x)[1],
    doc="The logarithm of the determinant's absolute value.",
    name="logdet",
)
eig = _of_square(
    lambda x: tuple(jnp.linalg.eig(x)),
    doc="The (complex) eigenvalues and eigenvectors: ``(..., n), (..., n, n)``. Only on CPUs.",
    name="eig",
)
eigh = _of_square(
    lambda x: tuple(jnp.linalg.eigh(x)),
    doc="The eigenvalues, the smallest first, and eigenvectors of symmetric matrices.",
    name="eigh",
)
pinv = numpy_op(
    jnp.linalg.pinv,
    "x, rcond=None",
    "Moore and Penrose's pseudo-inverse; singular values below ``rcond`` times the largest are 0.",
    convert=_matrix,
    mask=last_axes(2),
)


@op(mask=last_axes(2))
def cholesky(x: Any, upper: bool = False) -> jax.Array:
    """The triangular matrix L for which ``x = L L^T`` (or ``U^T U`` if ``upper``).

    Raises:
        ShapeError: unless the matrices are square.
        DataError: if a matrix is not positive definite. Inside a compiled program, which cannot
            raise, its result is NaN.
    """
    found = jnp.linalg.cholesky(_square(x), upper=upper)
    if not is_traced(found) and np.isnan(np.asarray(found)).any():
        raise DataError("Only positive definite matrices have a Cholesky decomposition.")
    return found


@op(mask=last_axes(2))
def cholesky_inverse(x: Any, upper: bool = False) -> jax.Array:
    """The inverse of the matrix whose Cholesky decomposition is ``x``."""
    x = _square(x)
    eye = jnp.broadcast_to(jnp.eye(x.shape[-1], dtype=x.dtype), x.shape)
    inverse = jax.scipy.linalg.solve_triangular(x, eye, lower=not upper)
    turned = jnp.swapaxes(inverse, -1, -2)
    return inverse @ turned if upper else turned @ inverse


@op(mask=last_axes(2))
def lu_factor(x: Any) -> tuple[jax.Array, jax.Array]:
    """The decomposition ``P L U``: both triangles in one matrix, and the rows' exchanges."""
    x = _matrix(x)
    factor: Callable = jax.scipy.linalg.lu_factor
    for _ in range(x.ndim - 2):
        factor = jax.vmap(factor)
    return factor(x)


@op(mask=last_axes(2))
def qr(x: Any, mode: str = "reduced") -> tuple[jax.Array, jax.Array]:
    """The decomposition into an orthonormal matrix Q and an upper triangle R.

    Args:
        x: matrices ``(..., n, m)``.
        mode: ``"reduced"`` (Q has ``min(n, m)`` columns) or ``"complete"`` (it has ``n``).
    """
    check_choice(mode, ("reduced", "complete"), "mode of qr")
    return tuple(jnp.linalg.qr(_matrix(x), mode))


@op(mask=last_axes(2))
def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The decomposition ``U diag(s) V^T`` into singular values, the largest first.

    Args:
        x: matrices ``(..., n, m)``.
        full_matrices: whether U and V are square.
        compute_uv: whether to return ``(U, s, V^T)``, or only ``s``.
    """
    found = jnp.linalg.svd(_matrix(x), full_matrices, compute_uv)
    return tuple(found) if compute_uv else found


@op(mask=last_axes(2))
def matrix_rank(x: Any, tol: float | None = None) -> jax.Array:
    """How many singular values lie above ``tol`` (times the largest), or above their errors."""
    return jnp.linalg.matrix_rank(_matrix(x), tol).astype(jnp.int32)


@op
def solve(a: Any, b: Any) -> jax.Array:
    """The ``x`` for which ``a x = b``.

    Shapes: ``(..., n, n), (..., n, m) -> (..., n, m)``, or ``(..., n)`` for one vector b each.

    Raises:
        ShapeError: unless the matrices are square and have as many rows as b.
    """
    return _by_columns(jnp.linalg.solve, *_operands(a, b))


@op
def solve_triangular(a: Any, b: Any, lower: bool = False) -> jax.Array:
    """`solve` for matrices of which only one triangle is looked at."""
    solve = functools.partial(jax.scipy.linalg.solve_triangular, lower=lower)
    return _by_columns(solve, *_operands(a, b))


def _by_columns(solve: Callable[..., jax.Array], a: jax.Array, b: jax.Array) -> jax.Array:
    """Return ``solve(a, b)`` for a vector b, one for each matrix, or for columns."""
    return solve(a, b[..., None])[..., 0] if b.ndim == a.ndim - 1 else solve(a, b)


def _operands(a: Any, b: Any) -> tuple[jax.Array, jax.Array]:
    a, b = _square(a), floating(b)
    rows = b.shape[-1] if b.ndim == a.ndim - 1 else b.shape[-2] if b.ndim > 1 else None
    if rows != a.shape[-1]:
        raise ShapeError(
            "A matrix of shape {a} solves for right sides with as many rows; got shape {b}.",
            a=a.shape,
            b=b.shape,
        )
    return a, b


@op
def lstsq(a: Any, b: Any, rcond: float | None = None) -> jax.Array:
    """The ``x`` for which ``|a x - b|`` is smallest, and the shortest such.

    Shapes: ``(n, k), (n, m) -> (k, m)``, or ``(n,) -> (k,)``.
    """
    return jnp.linalg.lstsq(_matrix(a), floating(b), rcond)[0]
