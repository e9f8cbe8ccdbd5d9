"""Random tensors: each has other values in every run, which follow from the seeds."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.compat.graph.graph import get_default_graph
from maeum.compat.graph.types import as_dtype
from maeum.compat.ops.arrays import sizes
from maeum.compat.ops.recording import exported, op
from maeum.core.randomness import check_seed
from maeum.core.randomness import set_random_seed as seed_everything
from maeum.ops import random as numbers


def set_random_seed(seed: int) -> None:
    """Let the random numbers of the default graph, and what computes at once, follow from a seed.

    The numbers are Maeum's own, so they are not those that TensorFlow gives for the seed.
    """
    graph = get_default_graph()
    graph.seed = check_seed(seed)
    seed_everything(seed)


@op("random_normal", arrays=0, random=True, static=("shape",))
def random_normal(
    key: Any, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32",
    seed: Any = None, name: Any = None,
) -> Any:  # fmt: skip
    """Normal numbers."""
    return _dtyped(numbers.normal(key, sizes(shape)) * stddev + mean, dtype)


@op("truncated_normal", arrays=0, random=True, static=("shape",))
def truncated_normal(
    key: Any, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32",
    seed: Any = None, name: Any = None,
) -> Any:  # fmt: skip
    """Normal numbers that are within two standard deviations of the mean."""
    return _dtyped(numbers.truncated_normal(key, sizes(shape)) * stddev + mean, dtype)


@op("random_uniform", arrays=0, random=True, static=("shape",))
def random_uniform(
    key: Any, shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = "float32",
    seed: Any = None, name: Any = None,
) -> Any:  # fmt: skip
    """Numbers that are spread evenly; the upper bound is not among them."""
    top = 1 if maxval is None else maxval
    unit = numbers.uniform(key, sizes(shape))
    if as_dtype(dtype).is_integer:
        return (
            _dtyped(jnp.minimum(jnp.floor(unit * (top - minval)), top - minval - 1), dtype) + minval
        )
    return _dtyped(unit * (top - minval) + minval, dtype)


@op("random_shuffle", random=True)
def random_shuffle(key: Any, value: Any, seed: Any = None, name: Any = None) -> Any:
    """The rows in another order."""
    value = jnp.asarray(value)
    return value[jnp.argsort(numbers.bits(key, value.shape[:1]))]


@op("Multinomial", random=True, static=("num_samples",))
def multinomial(
    key: Any, logits: Any, num_samples: Any, seed: Any = None, name: Any = None,
    output_dtype: Any = None,
) -> Any:  # fmt: skip
    """Classes that are drawn by logits, so many for each row."""
    logits, n = jnp.asarray(logits), int(num_samples)
    unit = numbers.uniform(key, (logits.shape[0], n, logits.shape[1])) + np.float32(2**-25)
    return jnp.argmax(logits[:, None] - jnp.log(-jnp.log(unit)), -1).astype(jnp.int32)


@op("random_gamma", arrays=0, random=True, static=("shape",))
def random_gamma(
    key: Any, shape: Any, alpha: Any, beta: Any = 1.0, dtype: Any = "float32", seed: Any = None,
    name: Any = None,
) -> Any:  # fmt: skip
    """Numbers of gamma distributions."""
    own = jax.random.wrap_key_data(jnp.asarray(key), impl="threefry2x32")
    alpha = jnp.asarray(alpha, jnp.float32)
    drawn = jax.random.gamma(own, alpha, (*sizes(shape), *alpha.shape))
    return _dtyped(drawn / jnp.asarray(beta), dtype)


@op("random_crop", random=True, static=("size",))
def random_crop(key: Any, value: Any, size: Any, seed: Any = None, name: Any = None) -> Any:
    """A block of a size, somewhere in a tensor."""
    value, wanted = jnp.asarray(value), sizes(size)
    room = np.array([n - m + 1 for n, m in zip(value.shape, wanted)])
    first = jnp.floor(numbers.uniform(key, (len(wanted),)) * room).astype(jnp.int32)
    return jax.lax.dynamic_slice(value, list(first), wanted)


def _dtyped(x: Any, dtype: Any) -> Any:
    return x.astype(as_dtype(dtype).dtype)


__all__ = exported(globals())
