"""Symbolic tensors: what stands for an array that is not there yet, in structures of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import ConfigError
from maeum.core.messages import _
from maeum.core.variable import Variable


class SymbolicTensor:
    """A value that a graph will compute: a shape (None where unknown), a dtype and its origin."""

    sparse = ragged = False  # which Keras's tensors may be

    sparse = ragged = False  # as Keras's may be

    def __init__(self, shape: Iterable[int | None], dtype: Any = "float32", name: str = ""):
        self.shape = tuple(None if n is None else int(n) for n in shape)
        self.dtype = tensor_dtype(dtype)
        self.name = name
        self.mask: SymbolicTensor | None = None  # the one that its layer hands on with it
        self.node: Any = None  # the call that makes it
        self.index = 0

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __repr__(self) -> str:
        return f"<SymbolicTensor shape={self.shape} dtype={self.dtype.name} name={self.name!r}>"

    def __bool__(self) -> bool:
        raise TypeError(_(
            "A symbolic tensor has no value yet, so it cannot decide an `if` or `while`. "
            "Write such code in the call() of a layer, with maeum.ops or jax.lax."
        ))  # fmt: skip

    def __array__(self, *args: Any, **kwargs: Any) -> np.ndarray:
        raise TypeError(_(
            "A symbolic tensor has no value yet, so NumPy and JAX functions cannot take it. "
            "Use the functions of maeum.ops, a layer, or Lambda(function)."
        ))  # fmt: skip

    __jax_array__ = __array__
    # So that `array + tensor` and `variable + tensor` are left to the tensor.
    __array_priority__ = Variable.__array_priority__ + 1

    def __iter__(self) -> Any:
        raise TypeError(_("A symbolic tensor cannot be iterated over; index it instead."))


def tensor_dtype(dtype: Any) -> np.dtype:
    """Return the dtype of a symbolic tensor: of 32 bits rather than 64, or ``str`` for texts.

    Raises:
        ConfigError: for a dtype of something else than numbers, booleans and texts.
    """
    found = np.dtype(str if isinstance(dtype, str) and dtype == "string" else dtype)
    if found.kind == "U":
        return np.dtype(str)
    if any(jnp.issubdtype(found, kind) for kind in (np.number, np.bool_)):
        return np.dtype(jax.dtypes.canonicalize_dtype(found))
    raise ConfigError(
        "A symbolic tensor stands for numbers, or for texts (dtype 'string'); got {name}.",
        name=found.name,
    )


def is_symbolic(value: Any) -> bool:
    """Tell whether ``value`` is a symbolic tensor."""
    return isinstance(value, SymbolicTensor)


def symbolic_leaves(structure: Any) -> list[SymbolicTensor]:
    """Return the symbolic tensors in a structure of tuples, lists and dicts, in order."""
    return [leaf for leaf in leaves(structure) if is_symbolic(leaf)]


def leaves(structure: Any) -> Iterator[Any]:
    """Yield the leaves of a structure of tuples, lists and dicts, in order."""
    if isinstance(structure, Mapping):  # by sorted key, as JAX and Keras take them apart
        structure = [structure[key] for key in sorted(structure, key=str)]
    elif not isinstance(structure, (tuple, list)):
        yield structure
        return
    for part in structure:
        yield from leaves(part)


def map_structure(function: Callable, structure: Any) -> Any:
    """Apply ``function`` to every leaf of a structure of tuples, lists and dicts."""
    if isinstance(structure, Mapping):
        return {key: map_structure(function, part) for key, part in structure.items()}
    if isinstance(structure, (tuple, list)):
        parts = [map_structure(function, part) for part in structure]
        return type(structure)(*parts) if hasattr(structure, "_fields") else type(structure)(parts)
    return function(structure)
