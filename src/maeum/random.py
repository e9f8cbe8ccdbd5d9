"""Random numbers, under Keras's names.

Every function takes a ``seed``: a whole number gives the same numbers each time, a `SeedGenerator`
the next ones at each call, and None others at each call. In the ``call`` of a layer all of them
belong to the compiled program: the numbers are those of the model's seed (or the generator's) and
of the step, never constants. A key of two words, as JAX has them, is taken too.

Example:
    >>> normal((2,), seed=1).tolist() == normal((2,), seed=1).tolist()
    True
    >>> generator = SeedGenerator(1)
    >>> normal((2,), seed=generator).tolist() == normal((2,), seed=generator).tolist()
    False
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ConfigError, ShapeError
from maeum.core.graph import op
from maeum.core.masks import each_entry, each_row
from maeum.core.randomness import fold, key_words
from maeum.core.seed_generator import SeedGenerator, draw_seed, global_seed_generator
from maeum.ops import noise
from maeum.ops import random as engine
from maeum.ops.arrays import as_array, floating

__all__ = [
    "SeedGenerator",
    "beta",
    "binomial",
    "categorical",
    "draw_seed",
    "dropout",
    "gamma",
    "global_seed_generator",
    "normal",
    "randint",
    "shuffle",
    "truncated_normal",
    "uniform",
]

Shape = Sequence[int]


def _float(dtype: Any, what: str) -> Any:
    dtype = jnp.dtype(dtype or "float32")
    if not jnp.issubdtype(dtype, jnp.floating):
        raise ConfigError(
            "{what}() draws floating numbers; got dtype={dtype}.", what=what, dtype=dtype.name
        )
    return dtype


def normal(
    shape: Shape, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None
) -> jax.Array:
    """Normally distributed numbers.

    Args:
        shape: the shape of the result.
        mean: the mean.
        stddev: the standard deviation.
        dtype: a floating dtype, float32 by default.
        seed: a whole number, a `SeedGenerator` or None.
    """
    dtype = _float(dtype, "normal")
    return engine.normal(draw_seed(seed), shape, dtype) * _as(stddev, dtype) + _as(mean, dtype)


def truncated_normal(
    shape: Shape, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None
) -> jax.Array:
    """Normally distributed numbers within two standard deviations of the mean.

    Args:
        shape: the shape of the result.
        mean: the mean.
        stddev: the standard deviation before cutting.
        dtype: a floating dtype, float32 by default.
        seed: a whole number, a `SeedGenerator` or None.
    """
    dtype = _float(dtype, "truncated_normal")
    drawn = engine.truncated_normal(draw_seed(seed), shape, dtype)
    return drawn * _as(stddev, dtype) + _as(mean, dtype)


def uniform(
    shape: Shape, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: Any = None
) -> jax.Array:
    """Numbers spread evenly over ``minval <= x < maxval``.

    Args:
        shape: the shape of the result.
        minval: the lowest number.
        maxval: the number that all are below.
        dtype: a floating dtype, float32 by default.
        seed: a whole number, a `SeedGenerator` or None.

    Raises:
        ConfigError: for another dtype.
    """
    dtype = _float(dtype, "uniform")
    low, high = _as(minval, jnp.float32), _as(maxval, jnp.float32)
    drawn = engine.uniform(draw_seed(seed), shape) * (high - low) + low
    # Rounding may reach the upper end, which does not belong to the numbers.
    return jnp.where(drawn < high, drawn, low).astype(dtype)


def randint(
    shape: Shape, minval: Any, maxval: Any, dtype: Any = "int32", seed: Any = None
) -> jax.Array:
    """Whole numbers, each of ``minval <= x < maxval`` as likely as another.

    Args:
        shape: the shape of the result.
        minval: the lowest number.
        maxval: the number that all are below.
        dtype: a dtype of whole numbers.
        seed: a whole number, a `SeedGenerator` or None.

    Raises:
        ConfigError: for another dtype.
    """
    dtype = jnp.dtype(dtype or "int32")
    if not jnp.issubdtype(dtype, jnp.integer):
        raise ConfigError("randint() draws whole numbers; got dtype={dtype}.", dtype=dtype.name)
    low, high = (_as(limit, jnp.int32) for limit in (minval, maxval))
    span = jnp.where(high > low, high.astype(jnp.uint32) - low.astype(jnp.uint32), 1)
    key = draw_seed(seed)
    # 64 random bits modulo the span, so that no number is noticeably more likely than another.
    high_bits, low_bits = (engine.bits(fold(key, part), shape) for part in ("high", "low"))
    factor = (jnp.uint32(2**16) % span) ** 2 % span
    drawn = ((high_bits % span) * factor + low_bits % span) % span
    return (low + drawn.astype(jnp.int32)).astype(dtype)


@op(mask=each_row("logits"))
def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None) -> jax.Array:
    """Class numbers, drawn by the softmax of each row.

    Shapes: ``(batch, classes) -> (batch, num_samples)``.

    Args:
        logits: unnormalized logarithms of probabilities.
        num_samples: how many are drawn for each row.
        dtype: the dtype of the numbers.
        seed: a whole number, a `SeedGenerator` or None.

    Raises:
        ShapeError: unless the logits have two axes.
    """
    logits = floating(logits)
    if logits.ndim != 2:
        raise ShapeError("Logits have shape (batch, classes); got {shape}.", shape=logits.shape)
    unit = engine.uniform(draw_seed(seed), (logits.shape[0], num_samples, logits.shape[1]))
    gumbel = -jnp.log(-jnp.log(unit + jnp.float32(2**-25)))
    return jnp.argmax(logits[:, None] + gumbel.astype(logits.dtype), -1).astype(dtype)


@op(mask=each_entry)
def random_dropout(
    inputs: Any, rate: float, noise_shape: Sequence[int | None] | None = None, seed: Any = None
) -> jax.Array:
    """``inputs`` with a fraction of the entries 0 and the others scaled up by ``1 / (1 - rate)``.

    Args:
        inputs: an array.
        rate: the fraction, between 0 and 1.
        noise_shape: 1 along the axes whose entries drop together, None for the input's own size.
        seed: a whole number, a `SeedGenerator` or None.
    """
    key = draw_seed(seed) if 0 < rate < 1 else None
    return noise.dropout(inputs, rate, key, noise_shape)


dropout = random_dropout  # in a graph it is not to be taken for `maeum.ops.dropout`


@op
def shuffle(x: Any, axis: int = 0, seed: Any = None) -> jax.Array:
    """``x`` with the entries of an axis in random order, in another one for each of the rest.

    Args:
        x: an array.
        axis: the axis that is shuffled.
        seed: a whole number, a `SeedGenerator` or None.
    """
    x = as_array(x)
    order = jnp.argsort(engine.bits(draw_seed(seed), x.shape), axis)
    return jnp.take_along_axis(x, order, axis)


def gamma(shape: Shape, alpha: Any, dtype: Any = None, seed: Any = None) -> jax.Array:
    """Numbers of the gamma distribution with shape ``alpha`` and scale 1.

    Args:
        shape: the shape of the result.
        alpha: the distribution's parameter; broadcasts to ``shape``.
        dtype: a floating dtype, float32 by default.
        seed: a whole number, a `SeedGenerator` or None.
    """
    dtype = _float(dtype, "gamma")
    return jax.random.gamma(_jax_key(seed), _as(alpha, dtype), tuple(shape), dtype)


def beta(shape: Shape, alpha: Any, beta: Any, dtype: Any = None, seed: Any = None) -> jax.Array:
    """Numbers of the beta distribution, between 0 and 1.

    Args:
        shape: the shape of the result.
        alpha: the first parameter; broadcasts to ``shape``.
        beta: the second one.
        dtype: a floating dtype, float32 by default.
        seed: a whole number, a `SeedGenerator` or None.
    """
    dtype = _float(dtype, "beta")
    return jax.random.beta(_jax_key(seed), _as(alpha, dtype), _as(beta, dtype), tuple(shape), dtype)


def binomial(
    shape: Shape, counts: Any, probabilities: Any, dtype: Any = None, seed: Any = None
) -> jax.Array:
    """How many of ``counts`` trials succeed, each with its probability.

    Args:
        shape: the shape of the result.
        counts: the number of trials; broadcasts to ``shape``.
        probabilities: that of a success.
        dtype: a floating dtype, float32 by default.
        seed: a whole number, a `SeedGenerator` or None.
    """
    dtype = _float(dtype, "binomial")
    counts, p = floating(counts), floating(probabilities)
    return jax.random.binomial(_jax_key(seed), counts, p, tuple(shape), dtype)


def _as(value: Any, dtype: Any) -> jax.Array:
    return as_array(value).astype(dtype)


def _jax_key(seed: Any) -> Any:
    """Return a key for the distributions that only ``jax.random`` has."""
    return jax.random.wrap_key_data(jnp.stack(key_words(draw_seed(seed))), impl="threefry2x32")
