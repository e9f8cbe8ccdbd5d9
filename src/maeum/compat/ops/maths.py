"""Mathematical functions: entry by entry, along axes, products of matrices, comparisons."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy as jsp
import numpy as np

from maeum import ops
from maeum.compat.graph.graph import Tensor
from maeum.compat.graph.types import as_dtype
from maeum.compat.ops.arrays import axis_of, static
from maeum.compat.ops.recording import as_argument, exported, line, op

Function = Callable[..., Any]


def _one(name: str, function: Function, doc: str, x: str = "x") -> Function:
    return line(
        name, lambda value: function(jnp.asarray(value)), f"{x}, name=None", doc, entries=True
    )


def _floating(function: Function) -> Function:
    return lambda x: function(x if jnp.issubdtype(x.dtype, jnp.inexact) else x.astype(jnp.float32))


def _two(name: str, function: Function, doc: str, names: str = "x, y") -> Function:
    return line(
        name, lambda x, y: _both(function, x, y), f"{names}, name=None", doc, arrays=2, entries=True
    )


def _both(function: Function, x: Any, y: Any) -> Any:
    """Compute on the host what is known there, such as the sizes of shapes."""
    if static(x) and static(y):
        found = getattr(np, function.__name__, None)
        if found is not None:
            # A plain number takes the dtype of its partner, as it does for JAX.
            return np.asarray(found(x, y), jnp.result_type(jax.eval_shape(function, x, y)))
    return function(jnp.asarray(x), jnp.asarray(y))


# ---- entry by entry --------------------------------------------------------------------------

abs = _one("Abs", jnp.abs, "Absolute values.")
acos = _one("Acos", jnp.arccos, "Inverse cosine.")
acosh = _one("Acosh", jnp.arccosh, "Inverse hyperbolic cosine.")
asin = _one("Asin", jnp.arcsin, "Inverse sine.")
asinh = _one("Asinh", jnp.arcsinh, "Inverse hyperbolic sine.")
atan = _one("Atan", jnp.arctan, "Inverse tangent.")
atanh = _one("Atanh", jnp.arctanh, "Inverse hyperbolic tangent.")
ceil = _one("Ceil", jnp.ceil, "The next whole number above.")
cos = _one("Cos", jnp.cos, "Cosine.")
cosh = _one("Cosh", jnp.cosh, "Hyperbolic cosine.")
digamma = _one("Digamma", jsp.special.digamma, "The derivative of lgamma.")
erf = _one("Erf", ops.erf, "The error function.")
erfc = _one("Erfc", ops.erfc, "1 minus the error function.")
exp = _one("Exp", jnp.exp, "e to the power.")
expm1 = _one("Expm1", jnp.expm1, "exp(x) - 1, exact near 0.")
floor = _one("Floor", jnp.floor, "The next whole number below.")
imag = _one("Imag", jnp.imag, "The imaginary part.", "input")
is_finite = _one("IsFinite", jnp.isfinite, "Whether entries are finite.")
is_inf = _one("IsInf", jnp.isinf, "Whether entries are infinite.")
is_nan = _one("IsNan", jnp.isnan, "Whether entries are NaN.")
lgamma = _one("Lgamma", jsp.special.gammaln, "The logarithm of the gamma function.")
log = _one("Log", jnp.log, "The natural logarithm.")
log1p = _one("Log1p", jnp.log1p, "log(1 + x), exact near 0.")
log_sigmoid = _one("LogSigmoid", ops.log_sigmoid, "log(sigmoid(x)).")
logical_not = _one("LogicalNot", jnp.logical_not, "Not.")
negative = _one("Neg", jnp.negative, "The opposite numbers.")
real = _one("Real", jnp.real, "The real part.", "input")
reciprocal = _one("Reciprocal", jnp.reciprocal, "1 / x.")
rint = _one("Rint", jnp.rint, "The nearest whole number.")
round = _one("Round", jnp.round, "The nearest whole number, the even one of two.")
rsqrt = _one("Rsqrt", jax.lax.rsqrt, "1 / sqrt(x).")
sigmoid = _one("Sigmoid", _floating(ops.sigmoid), "1 / (1 + exp(-x)).")
sign = _one("Sign", jnp.sign, "-1, 0 or 1.")
sin = _one("Sin", jnp.sin, "Sine.")
sinh = _one("Sinh", jnp.sinh, "Hyperbolic sine.")
softplus = _one("Softplus", ops.softplus, "log(1 + exp(x)).", "features")
softsign = _one("Softsign", ops.softsign, "x / (1 + |x|).", "features")
sqrt = _one("Sqrt", jnp.sqrt, "The square root.")
square = _one("Square", jnp.square, "The square.")
stop_gradient = _one("StopGradient", jax.lax.stop_gradient, "The values, as constants.", "input")
tan = _one("Tan", jnp.tan, "Tangent.")
tanh = _one("Tanh", jnp.tanh, "Hyperbolic tangent.")

add = _two("Add", jnp.add, "The sum.")
atan2 = _two("Atan2", jnp.arctan2, "The angle of (x, y).", "y, x")
divide = _two("truediv", jnp.true_divide, "The quotient.")
divide_no_nan = _two("DivNoNan", ops.divide_no_nan, "The quotient, 0 where it is divided by 0.")
equal = _two("Equal", jnp.equal, "Whether entries are equal.")
floordiv = _two("floordiv", jnp.floor_divide, "The quotient without what is behind the point.")
floormod = _two("FloorMod", jnp.mod, "What a division leaves, with the sign of y.")
greater = _two("Greater", jnp.greater, "Whether x is larger.")
greater_equal = _two("GreaterEqual", jnp.greater_equal, "Whether x is not smaller.")
less = _two("Less", jnp.less, "Whether x is smaller.")
less_equal = _two("LessEqual", jnp.less_equal, "Whether x is not larger.")
logical_and = _two("LogicalAnd", jnp.logical_and, "And.")
logical_or = _two("LogicalOr", jnp.logical_or, "Or.")
logical_xor = _two("LogicalXor", jnp.logical_xor, "Either, not both.")
maximum = _two("Maximum", jnp.maximum, "The larger one.")
minimum = _two("Minimum", jnp.minimum, "The smaller one.")
multiply = _two("Mul", jnp.multiply, "The product.")
not_equal = _two("NotEqual", jnp.not_equal, "Whether entries differ.")
pow = _two("Pow", jnp.power, "x to the power of y.")
squared_difference = _two("SquaredDifference", lambda x, y: jnp.square(x - y), "(x - y) ** 2.")
subtract = _two("Sub", jnp.subtract, "The difference.")
mul, sub, neg, mod, truediv, realdiv = multiply, subtract, negative, floormod, divide, divide


@op("div", arrays=2, entries=True)
def div(x: Any, y: Any, name: Any = None) -> Any:
    """The quotient; of whole numbers without what is behind the point, as in Python 2."""
    x, y = (value if static(value) else jnp.asarray(value) for value in (x, y))
    whole = jnp.issubdtype(jnp.result_type(x, y), jnp.integer)
    return _both(jnp.floor_divide if whole else jnp.true_divide, x, y)


@op("AddN")
def add_n(inputs: Any, name: Any = None) -> Any:
    """The sum of several tensors."""
    return sum(map(jnp.asarray, inputs[1:]), jnp.asarray(inputs[0]))


accumulate_n = add_n


@op("clip_by_value")
def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: Any = None) -> Any:
    """The values, kept between two bounds."""
    return jnp.clip(jnp.asarray(t), clip_value_min, clip_value_max)


@op("clip_by_norm")
def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: Any = None) -> Any:
    """A tensor, shortened to a norm if it is longer."""
    t = jnp.asarray(t)
    norm = jnp.sqrt(jnp.sum(t * t, axis_of(axes), keepdims=True))
    return t * clip_norm / jnp.maximum(norm, clip_norm)


@op("global_norm")
def global_norm(t_list: Any, name: Any = None) -> Any:
    """The norm of several tensors together."""
    return _norm([t for t in t_list if t is not None])


def _norm(tensors: list) -> Any:
    return jnp.sqrt(sum(jnp.sum(jnp.square(t)) for t in tensors))


@op("clip_by_global_norm", wrap=list)
def _clipped(t_list: Any, clip_norm: Any, use_norm: Any, name: Any = None) -> list:
    norm = _norm(t_list) if use_norm is None else use_norm
    return [t * (clip_norm / jnp.maximum(norm, clip_norm)) for t in t_list] + [norm]


def clip_by_global_norm(
    t_list: Any, clip_norm: Any, use_norm: Any = None, name: str | None = None
) -> tuple[list, Any]:
    """Several tensors, shortened together, and the norm that they had; None stays None."""
    t_list = list(t_list)
    *clipped, norm = _clipped([t for t in t_list if t is not None], clip_norm, use_norm, name=name)
    left = iter(clipped)
    return [None if t is None else next(left) for t in t_list], norm


# ---- along axes ------------------------------------------------------------------------------


def _along(name: str, function: Function, doc: str) -> Function:
    def reduced(x: Any, axis: Any, keepdims: Any, indices: Any, keep: Any) -> Any:
        return function(
            jnp.asarray(x), axis=axis_of(indices if axis is None else axis),
            keepdims=builtins.bool(keepdims or keep),
        )  # fmt: skip

    signature = (
        "input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None"
    )
    return line(name, reduced, signature, doc, static=("axis", "reduction_indices"))


def _mean(x: Any, axis: Any, keepdims: bool) -> Any:
    """The mean; that of whole numbers is a whole number, as TensorFlow has it."""
    found = jnp.mean(x, axis, keepdims=keepdims)
    return found if jnp.issubdtype(x.dtype, jnp.inexact) else jnp.trunc(found).astype(x.dtype)


reduce_all = _along("All", jnp.all, "Whether all hold.")
reduce_any = _along("Any", jnp.any, "Whether any holds.")
reduce_logsumexp = _along("ReduceLogSumExp", ops.logsumexp, "log(sum(exp(x))).")
reduce_max = _along("Max", jnp.max, "The largest.")
reduce_mean = _along("Mean", _mean, "The mean.")
reduce_min = _along("Min", jnp.min, "The smallest.")
reduce_prod = _along("Prod", jnp.prod, "The product.")
reduce_sum = _along("Sum", jnp.sum, "The sum.")
reduce_std = _along("reduce_std", jnp.std, "The standard deviation.")
reduce_variance = _along("reduce_variance", jnp.var, "The variance.")


@op("ArgMax", static=("axis", "dimension"))
def argmax(
    input: Any, axis: Any = None, name: Any = None, dimension: Any = None, output_type: Any = None
) -> Any:
    """The place of the largest entry along an axis, the first by default."""
    axis = dimension if axis is None else axis
    return jnp.argmax(jnp.asarray(input), 0 if axis is None else axis_of(axis)).astype(jnp.int32)


@op("ArgMin", static=("axis", "dimension"))
def argmin(
    input: Any, axis: Any = None, name: Any = None, dimension: Any = None, output_type: Any = None
) -> Any:
    """The place of the smallest entry along an axis, the first by default."""
    axis = dimension if axis is None else axis
    return jnp.argmin(jnp.asarray(input), 0 if axis is None else axis_of(axis)).astype(jnp.int32)


@op("Cumsum", static=("axis",))
def cumsum(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: Any = None
) -> Any:
    """The sums of all entries so far."""
    return _cumulated(jnp.cumsum, jnp.asarray(x), int(axis), exclusive, reverse, 0)


@op("Cumprod", static=("axis",))
def cumprod(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: Any = None
) -> Any:
    """The products of all entries so far."""
    return _cumulated(jnp.cumprod, jnp.asarray(x), int(axis), exclusive, reverse, 1)


def _cumulated(
    function: Function, x: Any, axis: int, exclusive: bool, reverse: bool, first: int
) -> Any:
    x = jnp.flip(x, axis) if reverse else x
    found = function(x, axis)
    if exclusive:
        found = jnp.roll(found, 1, axis)
        begins = [slice(None)] * x.ndim
        begins[axis] = slice(0, 1)
        found = found.at[tuple(begins)].set(first)
    return jnp.flip(found, axis) if reverse else found


@op("segment_sum", arrays=2, host=True, outputs=lambda x, ids: [Tensor(None, x.dtype)])
def segment_sum(data: Any, segment_ids: Any, name: Any = None) -> Any:
    """The sums of segments, by the numbers of their segments."""
    data, ids = np.asarray(data), np.asarray(segment_ids)
    found = np.zeros((int(ids.max(initial=-1)) + 1, *data.shape[1:]), data.dtype)
    np.add.at(found, ids, data)
    return found


@op("unsorted_segment_sum", arrays=2, static=("num_segments",))
def unsorted_segment_sum(data: Any, segment_ids: Any, num_segments: Any, name: Any = None) -> Any:
    """The sums of segments, by the numbers of their segments."""
    return jax.ops.segment_sum(jnp.asarray(data), jnp.asarray(segment_ids), int(num_segments))


@op("Bincount")
def bincount(
    arr: Any, weights: Any = None, minlength: Any = None, maxlength: Any = None,
    dtype: Any = "int32", name: Any = None,
) -> Any:  # fmt: skip
    """How often each number appears."""
    return jnp.bincount(jnp.asarray(arr), weights, minlength=int(minlength or 0))


@op("confusion_matrix", arrays=2, host=True, outputs=lambda a, b, n, dtype, w: [
    Tensor([n, n], dtype)])  # fmt: skip
def confusion_matrix(
    labels: Any, predictions: Any, num_classes: Any = None, dtype: Any = "int32", name: Any = None,
    weights: Any = None,
) -> Any:  # fmt: skip
    """How often each class (rows) was predicted as each (columns)."""
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    n = num_classes or int(max(labels.max(), predictions.max())) + 1
    found = np.zeros((n, n), as_dtype(dtype).dtype)
    np.add.at(found, (labels, predictions), 1 if weights is None else np.asarray(weights))
    return found


# ---- matrices --------------------------------------------------------------------------------


@op("MatMul", arrays=2)
def matmul(
    a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, adjoint_a: bool = False,
    adjoint_b: bool = False, a_is_sparse: bool = False, b_is_sparse: bool = False,
    name: Any = None,
) -> Any:  # fmt: skip
    """The product of matrices, or of stacks of them."""
    a, b = jnp.asarray(a), jnp.asarray(b)
    a = jnp.swapaxes(a, -1, -2) if transpose_a or adjoint_a else a
    b = jnp.swapaxes(b, -1, -2) if transpose_b or adjoint_b else b
    return ops.matmul(a, b)


@op("Tensordot", arrays=2)
def tensordot(a: Any, b: Any, axes: Any, name: Any = None) -> Any:
    """The sums of products over axes of both."""
    return jnp.tensordot(jnp.asarray(a), jnp.asarray(b), axes)


@op("Einsum", arrays=0)
def _einsum(equation: str, inputs: Any, name: Any = None) -> Any:
    return jnp.einsum(equation, *inputs)


def einsum(equation: str, *inputs: Any, name: str | None = None) -> Any:
    """Sums of products by Einstein's notation."""
    return _einsum(equation, [as_argument(each) for each in inputs], name=name)


@op("norm", static=("axis",))
def norm(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: Any = None, name: Any = None,
    keep_dims: Any = None,
) -> Any:  # fmt: skip
    """The norm of a vector, or of the entries along axes."""
    x, axis = jnp.asarray(tensor), axis_of(axis)
    keep = builtins.bool(keepdims or keep_dims)
    if ord in ("euclidean", "fro", 2):
        return jnp.sqrt(jnp.sum(jnp.square(x), axis, keepdims=keep))
    return jnp.linalg.norm(x if axis is not None else x.ravel(), ord, axis, keepdims=keep)


def _matrix(name: str, function: Function, doc: str) -> Function:
    return line(name, lambda x: function(jnp.asarray(x)), "input, name=None", doc)


cholesky = _matrix("Cholesky", jnp.linalg.cholesky, "The Cholesky factor.")
matrix_determinant = _matrix("MatrixDeterminant", jnp.linalg.det, "The determinant.")
matrix_transpose = _matrix("matrix_transpose", lambda x: jnp.swapaxes(x, -1, -2), "Transposed.")
trace = line("Trace", lambda x: jnp.trace(jnp.asarray(x), axis1=-2, axis2=-1), "x, name=None",
             "The sum of the diagonal.")  # fmt: skip
matrix_inverse = line("MatrixInverse", lambda x, adjoint: jnp.linalg.inv(
    jnp.swapaxes(jnp.asarray(x), -1, -2) if adjoint else jnp.asarray(x)),
    "input, adjoint=False, name=None", "The inverse.")  # fmt: skip
matrix_solve = line("MatrixSolve", lambda a, b, adjoint: jnp.linalg.solve(
    jnp.swapaxes(jnp.asarray(a), -1, -2) if adjoint else jnp.asarray(a), jnp.asarray(b)),
    "matrix, rhs, adjoint=False, name=None", "The solution x of A x = b.", arrays=2)  # fmt: skip
svd = line("Svd", lambda x, full, uv: _svd(jnp.asarray(x), full, uv),
           "tensor, full_matrices=False, compute_uv=True, name=None",
           "Singular values s, and u and v.", wrap=lambda found: tuple(found) if len(found) > 1
           else found[0])  # fmt: skip


def _svd(x: Any, full: bool, vectors: bool) -> Any:
    if not vectors:
        return [jnp.linalg.svd(x, compute_uv=False)]
    u, s, vh = jnp.linalg.svd(x, full)
    return [s, u, jnp.swapaxes(vh, -1, -2)]


__all__ = exported(globals())
