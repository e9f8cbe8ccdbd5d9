"""TensorFlow 1's initializers, and how an initializer becomes the initial value of a variable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from maeum import initializers
from maeum.compat.graph.graph import Tensor
from maeum.compat.graph.types import as_dtype
from maeum.compat.ops.arrays import sizes
from maeum.compat.ops.convert import convert_to_tensor
from maeum.compat.ops.recording import as_numpy, exported, op
from maeum.core.errors import ConfigError


@op("initial_value", arrays=0, random=True, static=("shape",))
def _drawn(key: Any, made: Any, shape: Any, dtype: Any, seed: Any = None, name: Any = None) -> Any:
    return jnp.asarray(made.draw(key, sizes(shape), as_dtype(dtype).dtype))


class Initializer:
    """Makes the initial value of a variable for a shape; an operation of the graph.

    Args:
        made: one of `maeum.initializers`.
        dtype: the dtype, where none is asked for.
        seed: the seed of its numbers.
    """

    def __init__(self, made: Any, dtype: Any = "float32", seed: int | None = None):
        self.made, self.dtype, self.seed = made, dtype, seed

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        """Return the tensor for a shape."""
        return _drawn(self.made, shape, dtype or self.dtype, self.seed)


def zeros_initializer(dtype: Any = "float32") -> Initializer:
    """Zeros."""
    return Initializer(initializers.Zeros(), dtype)


def ones_initializer(dtype: Any = "float32") -> Initializer:
    """Ones."""
    return Initializer(initializers.Ones(), dtype)


def constant_initializer(
    value: Any = 0, dtype: Any = "float32", verify_shape: bool = False
) -> Callable:
    """One number, or an array whose entries fill the shape."""
    array = as_numpy(value)

    def made(shape: Any, dtype: Any = dtype, partition_info: Any = None) -> Any:
        wanted = sizes(shape)
        full = array.reshape(wanted) if array.size > 1 else np.full(wanted, array)
        return convert_to_tensor(full, dtype)

    return made


def random_normal_initializer(
    mean: float = 0.0, stddev: float = 1.0, seed: int | None = None, dtype: Any = "float32"
) -> Initializer:
    """Normal numbers."""
    return Initializer(initializers.RandomNormal(mean, stddev), dtype, seed)


def truncated_normal_initializer(
    mean: float = 0.0, stddev: float = 1.0, seed: int | None = None, dtype: Any = "float32"
) -> Initializer:
    """Normal numbers that are within two standard deviations."""
    return Initializer(initializers.TruncatedNormal(mean, stddev), dtype, seed)


def random_uniform_initializer(
    minval: float = 0, maxval: float | None = 1, seed: int | None = None, dtype: Any = "float32"
) -> Initializer:
    """Numbers that are spread evenly."""
    return Initializer(
        initializers.RandomUniform(minval, 1 if maxval is None else maxval), dtype, seed
    )


def variance_scaling_initializer(
    scale: float = 1.0, mode: str = "fan_in", distribution: str = "truncated_normal",
    seed: int | None = None, dtype: Any = "float32",
) -> Initializer:  # fmt: skip
    """Numbers whose variance follows from the sizes of the layer (He et al., 2015)."""
    distribution = "truncated_normal" if distribution == "normal" else distribution
    made = initializers.VarianceScaling(scale, mode.lower(), distribution)
    return Initializer(made, dtype, seed)


def glorot_uniform_initializer(seed: int | None = None, dtype: Any = "float32") -> Initializer:
    """Numbers spread evenly, by the sizes on both sides (Glorot and Bengio, 2010)."""
    return Initializer(initializers.GlorotUniform(), dtype, seed)


def glorot_normal_initializer(seed: int | None = None, dtype: Any = "float32") -> Initializer:
    """Normal numbers, by the sizes on both sides (Glorot and Bengio, 2010)."""
    return Initializer(initializers.GlorotNormal(), dtype, seed)


def he_normal(seed: int | None = None) -> Initializer:
    """Normal numbers, by the size of what comes in (He et al., 2015)."""
    return Initializer(initializers.HeNormal(), seed=seed)


def he_uniform(seed: int | None = None) -> Initializer:
    """Numbers spread evenly, by the size of what comes in (He et al., 2015)."""
    return Initializer(initializers.HeUniform(), seed=seed)


def lecun_normal(seed: int | None = None) -> Initializer:
    """Normal numbers, by the size of what comes in (LeCun et al., 1998)."""
    return Initializer(initializers.LecunNormal(), seed=seed)


def orthogonal_initializer(
    gain: float = 1.0, seed: int | None = None, dtype: Any = "float32"
) -> Initializer:
    """Orthogonal matrices (Saxe et al., 2014)."""
    return Initializer(initializers.Orthogonal(gain), dtype, seed)


def xavier_initializer(
    uniform: bool = True, seed: int | None = None, dtype: Any = "float32"
) -> Initializer:
    """Numbers by the sizes on both sides (Glorot and Bengio, 2010)."""
    return (glorot_uniform_initializer if uniform else glorot_normal_initializer)(seed, dtype)


def contrib_variance_scaling_initializer(
    factor: float = 2.0, mode: str = "FAN_IN", uniform: bool = False, seed: int | None = None,
    dtype: Any = "float32",
) -> Initializer:  # fmt: skip
    """Numbers whose variance follows from the sizes of the layer (He et al., 2015)."""
    distribution = "uniform" if uniform else "truncated_normal"
    return variance_scaling_initializer(factor, mode, distribution, seed, dtype)


def initial_value(initializer: Any, shape: Any, dtype: Any) -> Any:
    """Return the tensor that an initializer gives.

    It may be one of these or of `maeum.initializers`, a class of them, a name, a function of a
    shape, a tensor or an array.
    """
    if isinstance(initializer, type):
        initializer = initializer()
    if any(initializer is f for f in (zeros_initializer, ones_initializer)):
        initializer = initializer()  # the function itself, in the place of what it returns
    if isinstance(initializer, str):
        initializer = initializers.get(initializer)
    if isinstance(initializer, initializers.Initializer):
        initializer = Initializer(initializer)
    if not callable(initializer):
        return convert_to_tensor(initializer, dtype)
    if shape is None:
        raise ConfigError("A variable with an initializer needs a shape.")
    try:
        found = initializer(shape, dtype=dtype)
    except TypeError:
        found = initializer(shape)
    return found if isinstance(found, Tensor) else convert_to_tensor(found, dtype)


__all__ = exported(globals())
