"""TensorFlow 2's basics: what computes at once is JAX's arrays, with ``numpy()``."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.compat.graph.types import TensorShape, as_dtype
from maeum.compat.ops.ignoring import check_others
from maeum.compat.ops.recording import as_numpy
from maeum.core.errors import ConfigError
from maeum.core.variable import Variable


def _numpy(self: Any) -> Any:
    """Return the values as NumPy's."""
    return np.asarray(self)[()]


def _get_shape(self: Any) -> TensorShape:
    """Return the sizes of the axes."""
    return TensorShape(self.shape)


_METHODS = {"numpy": _numpy, "get_shape": _get_shape}


def add_methods() -> None:
    """Give JAX's arrays the methods of TensorFlow's tensors."""
    for name, method in _METHODS.items():
        setattr(_array_class(), name, method)


def remove_methods() -> None:
    """Take them away again."""
    for name, method in _METHODS.items():
        if vars(_array_class()).get(name) is method:
            delattr(_array_class(), name)


@functools.cache
def _array_class() -> type:
    return type(jnp.zeros(()))


class EagerVariable(Variable):
    """A variable that has a value at once.

    Args:
        initial_value: the value, or a function that returns it.
        trainable: whether optimizers change it.
        name: its name.
        dtype: its dtype; that of the value by default.
        shape: its shape; that of the value by default.
    """

    def __init__(
        self, initial_value: Any = None, trainable: bool | None = None,
        validate_shape: bool = True, caching_device: Any = None, name: str | None = None,
        variable_def: Any = None, dtype: Any = None, import_scope: Any = None,
        constraint: Any = None, synchronization: Any = None, aggregation: Any = None,
        shape: Any = None, **others: Any,
    ):  # fmt: skip
        check_others("EagerVariable", others)
        value = initial_value() if callable(initial_value) else initial_value
        if value is None:
            raise ConfigError("A variable needs an initial value.")
        array = as_numpy(value, None if dtype is None else as_dtype(dtype))
        super().__init__(array, array.shape, array.dtype, trainable is not False,
                         name=(name or "Variable").replace("/", "_"),
                         constraint=constraint)  # fmt: skip
        self.own(jax.device_put(np.array(array)))

    def assign(self, value: Any, *_: Any, **others: Any) -> Any:
        """Replace the value, and return the variable."""
        check_others("assign", others)
        super().assign(value)
        return self

    def assign_add(self, value: Any, *_: Any, **others: Any) -> Any:
        """Add to the value, and return the variable."""
        check_others("assign_add", others)
        return self.assign(self.value + jnp.asarray(value))

    def assign_sub(self, value: Any, *_: Any, **others: Any) -> Any:
        """Subtract from the value, and return the variable."""
        check_others("assign_sub", others)
        return self.assign(self.value - jnp.asarray(value))

    def numpy(self) -> Any:
        """Return the value as NumPy's."""
        return super().numpy()[()]

    def read_value(self) -> Any:
        """Return the value."""
        return self.value

    def get_shape(self) -> TensorShape:
        """Return the sizes of the axes."""
        return TensorShape(self.shape)

    def __repr__(self) -> str:
        said = f"shape={self.shape} dtype={self.dtype.name}, numpy={self.numpy()}"
        return f"<tf.Variable '{self.name}:0' {said}>"
