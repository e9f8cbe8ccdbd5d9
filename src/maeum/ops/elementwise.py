"""Arithmetic and mathematical functions of each entry, under NumPy's names.

Two arrays are broadcast against each other. `divide` of whole numbers gives floating ones;
`floor_divide` and `mod` round towards minus infinity.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import DataError
from maeum.core.graph import op
from maeum.core.masks import each_entry, last_axis, new_axis
from maeum.core.messages import _
from maeum.ops.arrays import as_array, floating, numpy_op

_of_one = functools.partial(numpy_op, signature="x", mask=each_entry)
_of_two = functools.partial(numpy_op, signature="x1, x2", arrays=2, mask=each_entry)
_of_bits = functools.partial(numpy_op, signature="x, y", arrays=2, mask=each_entry)

# ---- arithmetic ----------------------------------------------------------------------------------

add = _of_two(jnp.add, doc="``x1 + x2``.")
subtract = _of_two(jnp.subtract, doc="``x1 - x2``.")
multiply = _of_two(jnp.multiply, doc="``x1 * x2``.")
divide = true_divide = _of_two(jnp.divide, doc="``x1 / x2``, in floating numbers.")
floor_divide = _of_two(jnp.floor_divide, doc="``x1 // x2``: the quotient, rounded down.")
mod = _of_two(jnp.mod, doc="``x1 % x2``: the remainder, which has the sign of ``x2``.")
fmod = _of_two(jnp.fmod, doc="The remainder of ``x1 / x2``, which has the sign of ``x1``.")
power = _of_two(jnp.power, doc="``x1 ** x2``.")
maximum = _of_two(jnp.maximum, doc="The larger one; NaN if one of the two is NaN.")
minimum = _of_two(jnp.minimum, doc="The smaller one; NaN if one of the two is NaN.")
fmax = _of_two(jnp.fmax, doc="The larger one; if one of the two is NaN, the other.")
fmin = _of_two(jnp.fmin, doc="The smaller one; if one of the two is NaN, the other.")
gcd = _of_two(jnp.gcd, doc="The greatest common divisor of whole numbers.")
lcm = _of_two(jnp.lcm, doc="The least common multiple of whole numbers.")
hypot = _of_two(jnp.hypot, doc="``sqrt(x1^2 + x2^2)``, without overflow.")
heaviside = _of_two(jnp.heaviside, doc="0 below 0, 1 above, and ``x2`` where ``x1`` is 0.")
nextafter = _of_two(jnp.nextafter, doc="The next floating number after ``x1`` towards ``x2``.")
negative = _of_one(jnp.negative, doc="``-x``.")
absolute = abs = _of_one(jnp.absolute, doc="``|x|``.")
fabs = _of_one(jnp.fabs, doc="``|x|``, in floating numbers.")
reciprocal = _of_one(jnp.reciprocal, doc="``1 / x``.")
square = _of_one(jnp.square, doc="``x^2``.")
sqrt = _of_one(jnp.sqrt, doc="The square root.")
cbrt = _of_one(jnp.cbrt, doc="The cube root.")
rsqrt = _of_one(jax.lax.rsqrt, doc="``1 / sqrt(x)``.", convert=floating)

# ---- exponentials and logarithms -----------------------------------------------------------------

exp = _of_one(jnp.exp, doc="``e^x``.")
exp2 = _of_one(jnp.exp2, doc="``2^x``.")
expm1 = _of_one(jnp.expm1, doc="``e^x - 1``, exact near 0.")
log = _of_one(jnp.log, doc="The natural logarithm.")
log1p = _of_one(jnp.log1p, doc="``log(1 + x)``, exact near 0.")
log2 = _of_one(jnp.log2, doc="The logarithm to base 2.")
log10 = _of_one(jnp.log10, doc="The logarithm to base 10.")
logaddexp = _of_two(jnp.logaddexp, doc="``log(e^x1 + e^x2)``, without overflow.")
logaddexp2 = _of_two(jnp.logaddexp2, doc="``log2(2^x1 + 2^x2)``, without overflow.")

# ---- angles --------------------------------------------------------------------------------------

sin = _of_one(jnp.sin, doc="The sine of an angle in radians.")
cos = _of_one(jnp.cos, doc="The cosine of an angle in radians.")
tan = _of_one(jnp.tan, doc="The tangent of an angle in radians.")
arcsin = _of_one(jnp.arcsin, doc="The angle between -pi/2 and pi/2 whose sine is ``x``.")
arccos = _of_one(jnp.arccos, doc="The angle between 0 and pi whose cosine is ``x``.")
arctan = _of_one(jnp.arctan, doc="The angle between -pi/2 and pi/2 whose tangent is ``x``.")
arctan2 = _of_two(jnp.arctan2, doc="The angle between -pi and pi of the point (x2, x1).")
sinh = _of_one(jnp.sinh, doc="The hyperbolic sine, ``(e^x - e^-x) / 2``.")
cosh = _of_one(jnp.cosh, doc="The hyperbolic cosine, ``(e^x + e^-x) / 2``.")
arcsinh = _of_one(jnp.arcsinh, doc="The number whose hyperbolic sine is ``x``.")
arccosh = _of_one(jnp.arccosh, doc="The number from 0 on whose hyperbolic cosine is ``x``.")
arctanh = _of_one(jnp.arctanh, doc="The number whose hyperbolic tangent is ``x``.")
deg2rad = _of_one(jnp.deg2rad, doc="An angle in degrees, in radians.")
rad2deg = _of_one(jnp.rad2deg, doc="An angle in radians, in degrees.")
sinc = _of_one(jnp.sinc, doc="``sin(pi x) / (pi x)``, and 1 at 0.", convert=floating)

# ---- special functions ---------------------------------------------------------------------------

i0 = _of_one(jnp.i0, doc="The modified Bessel function of the first kind, of order 0.")
erf = _of_one(
    jax.lax.erf,
    doc="The error function, ``2 / sqrt(pi) * integral of exp(-t^2) from 0 to x``.",
    convert=floating,
)
erfc = _of_one(jax.lax.erfc, doc="``1 - erf(x)``, exact for large ``x``.", convert=floating)
erfinv = _of_one(
    jax.lax.erf_inv, doc="The number whose `erf` is ``x``.", convert=floating, name="erfinv"
)

# ---- rounding ------------------------------------------------------------------------------------

floor = _of_one(jnp.floor, doc="The next whole number downwards.", convert=floating)
ceil = _of_one(jnp.ceil, doc="The next whole number upwards.", convert=floating)


@op(mask=each_entry)
def trunc(x: Any) -> jax.Array:
    """The next whole number towards 0; whole numbers stay as they are."""
    x = as_array(x)
    return jnp.trunc(x) if jnp.issubdtype(x.dtype, jnp.inexact) else x


@op(mask=each_entry)
def round(x: Any, decimals: int = 0) -> jax.Array:
    """The nearest number with so many decimals, the even one of two that are as near.

    Negative decimals round to tens, hundreds and so on.
    """
    x = as_array(x)
    if jnp.issubdtype(x.dtype, jnp.inexact) or decimals >= 0:
        return x if x.dtype == jnp.bool_ else jnp.round(x, decimals)
    return jnp.round(x.astype(jnp.float32), decimals).astype(x.dtype)


@op(mask=each_entry)
def clip(x: Any, x_min: Any, x_max: Any) -> jax.Array:
    """``x``, but ``x_min`` where it is below that, and ``x_max`` where it is above.

    Either limit may be None.
    """
    x = as_array(x)
    x = x.astype(jnp.int32) if x.dtype == jnp.bool_ else x
    low, high = (None if limit is None else as_array(limit) for limit in (x_min, x_max))
    return jnp.clip(x, low, high)


# ---- comparisons and logic -----------------------------------------------------------------------

equal = _of_two(jnp.equal, doc="Whether ``x1 == x2``.")
not_equal = _of_two(jnp.not_equal, doc="Whether ``x1 != x2``.")
greater = _of_two(jnp.greater, doc="Whether ``x1 > x2``.")
greater_equal = _of_two(jnp.greater_equal, doc="Whether ``x1 >= x2``.")
less = _of_two(jnp.less, doc="Whether ``x1 < x2``.")
less_equal = _of_two(jnp.less_equal, doc="Whether ``x1 <= x2``.")
isclose = numpy_op(
    jnp.isclose,
    "x1, x2, rtol=1e-05, atol=1e-08, equal_nan=False",
    "Whether ``|x1 - x2| <= atol + rtol |x2|``.",
    arrays=2,
    mask=each_entry,
)
allclose = numpy_op(
    jnp.allclose,
    "x1, x2, rtol=1e-05, atol=1e-08, equal_nan=False",
    "Whether `isclose` holds for all entries.",
    arrays=2,
)
logical_and = _of_two(jnp.logical_and, doc="Whether both are true.")
logical_or = _of_two(jnp.logical_or, doc="Whether one of the two is true, or both.")
logical_xor = _of_two(jnp.logical_xor, doc="Whether just one of the two is true.")
logical_not = _of_one(jnp.logical_not, doc="Whether ``x`` is false.")
isnan = _of_one(jnp.isnan, doc="Whether ``x`` is not a number.")
isinf = _of_one(jnp.isinf, doc="Whether ``x`` is infinite.")
isposinf = _of_one(jnp.isposinf, doc="Whether ``x`` is plus infinity.")
isneginf = _of_one(jnp.isneginf, doc="Whether ``x`` is minus infinity.")
isfinite = _of_one(jnp.isfinite, doc="Whether ``x`` is neither infinite nor NaN.")
isreal = _of_one(jnp.isreal, doc="Whether the imaginary part of ``x`` is 0.")
signbit = _of_one(jnp.signbit, doc="Whether ``x`` has a minus sign, as -0.0 has.")
nan_to_num = numpy_op(
    jnp.nan_to_num,
    "x, nan=0.0, posinf=None, neginf=None",
    "``x`` with numbers for NaN and the infinities: by default 0 and the largest there are.",
    mask=each_entry,
)

# ---- bits ----------------------------------------------------------------------------------------

bitwise_and = _of_bits(jnp.bitwise_and, doc="The bits that both have.")
bitwise_or = _of_bits(jnp.bitwise_or, doc="The bits that one of the two has, or both.")
bitwise_xor = _of_bits(jnp.bitwise_xor, doc="The bits that just one of the two has.")
bitwise_left_shift = left_shift = _of_bits(jnp.left_shift, doc="``x`` times ``2^y``, in bits.")
bitwise_right_shift = right_shift = _of_bits(
    jnp.right_shift, doc="``x`` divided by ``2^y``, in bits; a sign stays."
)
bitwise_invert = bitwise_not = _of_one(
    jnp.bitwise_not, doc="Every bit turned round.", name="bitwise_invert"
)

# ---- complex numbers -----------------------------------------------------------------------------

real = _of_one(jnp.real, doc="The real part.")
imag = _of_one(jnp.imag, doc="The imaginary part.")
conjugate = conj = _of_one(jnp.conjugate, doc="The number with its imaginary part negated.")
angle = _of_one(jnp.angle, doc="The angle of a complex number, in radians.", convert=floating)
polar = numpy_op(
    lambda length, turned: jax.lax.complex(length * jnp.cos(turned), length * jnp.sin(turned)),
    "abs_, angle",
    "The complex number of this absolute value and this angle in radians.",
    arrays=2,
    convert=floating,
    mask=each_entry,
    name="polar",
)


@op(mask=last_axis)
def view_as_complex(x: Any) -> jax.Array:
    """Complex numbers from pairs of a real and an imaginary part: ``(..., 2) -> (...)``.

    Raises:
        DataError: unless the last axis has size 2.
    """
    x = floating(x)
    if x.ndim == 0 or x.shape[-1] != 2:
        raise DataError(
            "A complex number is made of two: the last axis has size 2; got shape {shape}.",
            shape=x.shape,
        )
    return jax.lax.complex(x[..., 0], x[..., 1])


@op(mask=new_axis)
def view_as_real(x: Any) -> jax.Array:
    """The real and the imaginary part of complex numbers, side by side: ``(...) -> (..., 2)``."""
    x = as_array(x)
    return jnp.stack([jnp.real(x), jnp.imag(x)], -1)


# ---- dtypes and choices --------------------------------------------------------------------------


@op(mask=each_entry)
def ldexp(x1: Any, x2: Any) -> jax.Array:
    """``x1 * 2^x2`` for whole ``x2``.

    Raises:
        TypeError: if ``x2`` holds other numbers.
    """
    x1, x2 = as_array(x1), as_array(x2)
    if not jnp.issubdtype(x2.dtype, jnp.integer):
        message = _("The exponents of ldexp are whole numbers; got {dtype}.", dtype=x2.dtype)
        raise TypeError(message)
    return jnp.ldexp(x1, x2)


@op(mask=each_entry)
def divide_no_nan(x1: Any, x2: Any) -> jax.Array:
    """``x1 / x2``, and 0 (with gradient 0) wherever ``x2`` is 0.

    >>> divide_no_nan([1.0, 2.0], [0.0, 4.0]).tolist()
    [0.0, 0.5]
    """
    x1, x2 = as_array(x1), as_array(x2)
    return jnp.where(x2 == 0, 0, x1 / jnp.where(x2 == 0, 1, x2))


@op(mask=each_entry)
def stop_gradient(variable: Any) -> jax.Array:
    """The value of a tensor or variable, through which no gradient flows."""
    return jax.lax.stop_gradient(as_array(variable))


@op(mask=each_entry)
def cast(x: Any, dtype: Any) -> jax.Array:
    """``x`` with another dtype."""
    return as_array(x).astype(dtype)


@op(mask=each_entry)
def saturate_cast(x: Any, dtype: Any) -> jax.Array:
    """``x`` with another dtype; what that cannot hold becomes the nearest number that it can.

    >>> saturate_cast([-5, 300], "uint8").tolist()
    [0, 255]
    """
    x, dtype = as_array(x), jnp.dtype(dtype)
    if jnp.bool_ in (x.dtype, dtype) or jnp.issubdtype(dtype, jnp.complexfloating):
        return x.astype(dtype)
    info = jnp.finfo if jnp.issubdtype(dtype, jnp.floating) else jnp.iinfo
    low, high = (_held(float(limit), x.dtype) for limit in (info(dtype).min, info(dtype).max))
    return jnp.clip(x, low, high).astype(dtype)


def _held(limit: float, dtype: Any) -> Any:
    """Return the number nearest to a limit that a dtype can hold, on the side of 0."""
    if jnp.issubdtype(dtype, jnp.floating):
        near = np.asarray(limit).astype(dtype)
        beyond = not np.isfinite(near) or np.abs(near.astype(float)) > np.abs(limit)
        return jnp.nextafter(near, jnp.zeros((), dtype)) if beyond else near
    info = jnp.iinfo(dtype)
    return np.clip(int(limit), info.min, info.max).astype(dtype)


@op(mask=each_entry)
def copy(x: Any) -> jax.Array:
    """A copy of ``x``."""
    return jnp.copy(as_array(x))


@op(mask=last_axis)
def view(x: Any, dtype: Any = None) -> jax.Array:
    """The same bits, read as another dtype; the size of the last axis follows from its width."""
    return as_array(x).view(dtype)
