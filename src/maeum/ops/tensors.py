"""What is an array, and turning things into arrays and back."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import ConfigError, DataError
from maeum.core.graph import is_symbolic
from maeum.ops.arrays import as_array
from maeum.ops.elementwise import cast
from maeum.ops.sorting import check_dense


def convert_to_tensor(
    x: Any, dtype: Any = None, sparse: bool | None = None, ragged: bool | None = None
) -> Any:
    """Return an array of numbers, a (nested) list of them, a NumPy array or a variable.

    Args:
        x: what is converted; symbolic tensors stay symbolic.
        dtype: another dtype.
        sparse: accepted as in Keras; there are only dense arrays.
        ragged: likewise.

    Raises:
        ConfigError: for ``sparse=True`` or ``ragged=True``.
    """
    check_dense(bool(sparse))
    if ragged:
        raise ConfigError("Maeum has no ragged arrays; pad the rows, and leave ragged=True out.")
    if not is_symbolic(x):
        return as_array(x) if dtype is None else jnp.asarray(x, dtype)
    return x if dtype is None or x.dtype == jnp.dtype(dtype) else cast(x, dtype)


def convert_to_numpy(x: Any) -> np.ndarray:
    """Return a copy as a NumPy array.

    Raises:
        DataError: for a symbolic tensor, which has no value.
    """
    if is_symbolic(x):
        raise DataError("A symbolic tensor has no value yet; call a model on data.")
    return np.array(x)


def is_tensor(x: Any) -> bool:
    """Whether ``x`` is an array of JAX's, the only tensors there are."""
    return isinstance(x, jax.Array)


def dtype(x: Any) -> str:
    """The name of the dtype of an array, a variable or a symbolic tensor."""
    found = x.dtype if hasattr(x, "dtype") else as_array(x).dtype
    return np.dtype(found).name
