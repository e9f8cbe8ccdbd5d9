"""Dtypes and shapes as TensorFlow shows them, on NumPy's dtypes and Python's tuples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import jax
import numpy as np

from maeum.core.errors import ConfigError, ShapeError


class DType:
    """A dtype under TensorFlow's name, which NumPy and JAX take as one of theirs.

    Numbers are computed in 32 bits, as everywhere in Maeum: ``float64`` and ``int64`` are names of
    ``float32`` and ``int32``.

    >>> DType("float32") == np.float32, np.zeros(1, DType("int32")).dtype.name
    (True, 'int32')
    """

    def __init__(self, name: str):
        self.name = name
        found = np.dtype(object if name == "string" else name)
        self.dtype = found if name == "string" else np.dtype(jax.dtypes.canonicalize_dtype(found))

    @property
    def as_numpy_dtype(self) -> Any:
        """The scalar type of NumPy."""
        return self.dtype.type

    @property
    def base_dtype(self) -> DType:
        """The dtype itself."""
        return self

    @property
    def kind(self) -> str:
        """NumPy's letter of the kind; that of texts for strings."""
        return "U" if self.name == "string" else self.dtype.kind

    is_floating = property(lambda self: self.dtype.kind == "f" or self.name == "bfloat16")
    is_integer = property(lambda self: self.dtype.kind in "iu")
    is_bool = property(lambda self: self.dtype.kind == "b")
    is_complex = property(lambda self: self.dtype.kind == "c")
    size = property(lambda self: self.dtype.itemsize)
    itemsize = size

    def __getattr__(self, name: str) -> Any:
        if name not in ("str", "char"):  # what else is asked of a dtype of NumPy's
            raise AttributeError(name)
        return getattr(self.dtype, name)

    @property
    def _limits(self) -> Any:
        return np.finfo(self.dtype) if self.is_floating else np.iinfo(self.dtype)  # type: ignore

    @property
    def min(self) -> Any:
        """The smallest number."""
        return self._limits.min

    @property
    def max(self) -> Any:
        """The largest number."""
        return self._limits.max

    def __eq__(self, other: object) -> bool:
        if isinstance(other, DType):
            return self.dtype == other.dtype
        try:
            return other is not None and self.dtype == as_dtype(other).dtype
        except ConfigError:
            return False

    def __hash__(self) -> int:
        return hash(self.dtype)

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __str__(self) -> str:
        return f"<dtype: '{self.name}'>"


NAMES = (
    "float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64", "uint8",
    "uint16", "uint32", "uint64", "bool", "complex64", "complex128", "string",
)  # fmt: skip
DTYPES = {name: DType(name) for name in NAMES}
STRING = DTYPES["string"]


def as_dtype(given: Any) -> DType:
    """Return a dtype for TensorFlow's, NumPy's or Python's name of it, or the thing itself.

    Raises:
        ConfigError: for what is none.
    """
    if isinstance(given, DType):
        return given
    if given is str or given is bytes or given is object:
        return STRING
    if isinstance(given, str) and given in DTYPES:
        return DTYPES[given]
    try:
        found = np.dtype(given)
    except TypeError:
        raise ConfigError("{given!r} is no dtype, such as tf.float32.", given=given) from None
    if found.kind in "USO":
        return STRING
    return DTYPES[jax.dtypes.canonicalize_dtype(found).name]


class Dimension(int):
    """The size of an axis: a number that also knows itself as ``value``, as in TensorFlow 1."""

    @property
    def value(self) -> int:
        """The number."""
        return int(self)


class UnknownDimension:
    """The size of an axis that is not known: its ``value`` is None."""

    value = None

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, UnknownDimension)

    def __hash__(self) -> int:
        return hash(None)

    def __repr__(self) -> str:
        return "?"


class TensorShape(tuple):
    """The sizes of the axes, None for one that is not known; or nothing known at all.

    >>> TensorShape([None, 3]).as_list(), TensorShape([None, 3])[1].value
    ([None, 3], 3)
    """

    unknown: bool

    def __new__(cls, sizes: Any = None) -> TensorShape:
        """Make a shape of sizes; of None, one whose very number of axes is not known."""
        if isinstance(sizes, TensorShape):
            return sizes
        if isinstance(sizes, (int, np.integer)):
            sizes = (sizes,)
        try:
            found = super().__new__(cls, map(_size, () if sizes is None else sizes))
        except (TypeError, ValueError):
            raise ShapeError(
                "A shape is a list of whole numbers and None; got {sizes!r}.", sizes=sizes
            ) from None
        found.unknown = sizes is None
        return found

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        if isinstance(index, slice):
            return TensorShape(found)
        return UnknownDimension() if found is None else Dimension(found)

    @property
    def ndims(self) -> int | None:
        """The number of axes, None if it is not known."""
        return None if self.unknown else len(self)

    rank = ndims

    @property
    def dims(self) -> list | None:
        """The sizes as `Dimension`s."""
        return None if self.unknown else [self[i] for i in range(len(self))]

    def as_list(self) -> list[int | None]:
        """Return the sizes.

        Raises:
            ShapeError: if not even their number is known.
        """
        if self.unknown:
            raise ShapeError(
                "as_list() is not defined for a tensor of unknown shape. Give its placeholder a "
                "shape, such as [None, 784]."
            )
        return list(self)

    def num_elements(self) -> int | None:
        """Return the number of entries, None if it is not known."""
        whole = self.is_fully_defined()
        return int(np.prod(tuple(self), dtype=np.int64)) if whole else None

    def is_fully_defined(self) -> bool:
        """Tell whether all sizes are known."""
        return not self.unknown and None not in tuple(self)

    def is_compatible_with(self, other: Any) -> bool:
        """Tell whether an array could have both shapes."""
        other = TensorShape(other)
        if self.unknown or other.unknown:
            return True
        pairs = zip(tuple(self), tuple(other))
        return len(self) == len(other) and all(a == b or None in (a, b) for a, b in pairs)

    def merge_with(self, other: Any) -> TensorShape:
        """Return what both know.

        Raises:
            ShapeError: if they contradict each other.
        """
        other = TensorShape(other)
        if not self.is_compatible_with(other):
            raise ShapeError("Shapes {a} and {b} are not compatible.", a=self, b=other)
        if self.unknown or other.unknown:
            return other if self.unknown else self
        return TensorShape(a if b is None else b for a, b in zip(tuple(self), tuple(other)))

    def concatenate(self, other: Any) -> TensorShape:
        """Return the sizes of both, one behind the other."""
        other = TensorShape(other)
        return TensorShape(None if self.unknown or other.unknown else (*self, *other))

    with_rank = with_rank_at_least = lambda self, rank: self
    assert_is_fully_defined = is_fully_defined

    def __add__(self, other: Any) -> TensorShape:  # type: ignore[override]
        return self.concatenate(other)

    def __bool__(self) -> bool:
        return not self.unknown

    def __eq__(self, other: object) -> bool:
        try:
            other = TensorShape(other)
        except ShapeError:
            return False
        return tuple(self) == tuple(other) and self.unknown == other.unknown

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"TensorShape({None if self.unknown else list(self)})"

    def __str__(self) -> str:
        if self.unknown:
            return "<unknown>"
        sizes = ["?" if n is None else str(n) for n in self]
        return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def _size(n: Any) -> int | None:
    n = getattr(n, "value", n) if isinstance(n, (Dimension, UnknownDimension)) else n
    if n is None:
        return None
    size = int(n)
    return None if size < 0 else size


def sizes_of(shape: Iterable[Any]) -> Iterator[int | None]:
    """Yield the sizes of a shape as plain numbers and None."""
    return (None if n is None else int(n) for n in tuple(shape))
