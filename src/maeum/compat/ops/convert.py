"""From numbers, lists, arrays and texts to tensors: ``constant``, ``convert_to_tensor`` ..."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.compat.graph.errors import InvalidArgumentError
from maeum.compat.graph.graph import Tensor
from maeum.compat.graph.modes import executing_eagerly
from maeum.compat.graph.types import STRING, TensorShape, as_dtype
from maeum.compat.ops.recording import as_numpy, constant_of, op
from maeum.core.symbolic import leaves

__all__ = ["constant", "convert_to_tensor", "identity", "is_tensor"]


def constant(
    value: Any, dtype: Any = None, shape: Any = None, name: str = "Const",
    verify_shape: bool = False,
) -> Any:  # fmt: skip
    """Return a tensor of a number, a list, an array or a text.

    Raises:
        InvalidArgumentError: if it does not have as many entries as the shape.
    """
    array = as_numpy(value, None if dtype is None or as_dtype(dtype) == STRING else dtype)
    if shape is not None:
        sizes = tuple(int(n) for n in TensorShape(shape))
        if array.size not in (1, int(np.prod(sizes))):
            raise InvalidArgumentError("A constant of {n} numbers does not have the shape {shape}.",
                                       n=array.size, shape=sizes)  # fmt: skip
        full = array.size == int(np.prod(sizes))
        array = array.reshape(sizes) if full else np.full(sizes, array.reshape(())[()])
    if executing_eagerly():
        return array if array.dtype.kind == "O" else jnp.asarray(array)
    return constant_of(array, name)


@op("Identity")
def identity(input: Any, name: Any = None) -> Any:
    """The same values."""
    return input


@op("Pack")
def packed(values: Any, name: Any = None) -> Any:
    """A list of tensors as one."""
    if all(isinstance(leaf, (np.ndarray, np.generic, int, float)) for leaf in leaves(values)):
        return np.asarray(values)
    return jnp.asarray(values)


def convert_to_tensor(
    value: Any, dtype: Any = None, name: str | None = None, preferred_dtype: Any = None,
    dtype_hint: Any = None,
) -> Any:  # fmt: skip
    """Return a tensor of whatever can be one; a tensor stays itself."""
    from maeum.compat.ops.arrays import cast

    if isinstance(value, (Tensor, jax.Array)):
        return value if dtype is None or as_dtype(dtype) == value.dtype else cast(value, dtype)
    if isinstance(value, (list, tuple)) and any(isinstance(x, Tensor) for x in leaves(value)):
        made = packed(value, name=name)
        return made if dtype is None else cast(made, dtype)
    return constant(value, dtype, name=name or "Const")


def is_tensor(x: Any) -> bool:
    """Tell whether a value is a tensor, of a graph or with a value."""
    return isinstance(x, (Tensor, jax.Array))
