"""Layers that put texts and whole numbers into bins by a hash, without a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from maeum.core import graph
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.core.hosting import is_text
from maeum.layers.category_encoding import check_mode, encoded, encoded_shape, refuse_sparse
from maeum.layers.checks import shapes_of_list, title, whole_number
from maeum.layers.host_layer import HostLayer, text_array
from maeum.layers.layer import Layer
from maeum.text.hashing import bucket, fingerprint, joined


class _Hashed(HostLayer):
    """Base of the layers that hash.

    They run in Python on the host: texts before the program, whole numbers by a call from it.
    """

    input_dtype = None
    casts_inputs = False
    _kinds = "iu"  # the kinds of numbers that may stand for whole ones in a program

    def _set_up(self, num_bins: Any, output_mode: str, sparse: bool, modes: tuple) -> None:
        self.num_bins = whole_number(num_bins, "num_bins", 1, self)
        self.output_mode = check_mode(output_mode, modes, self)
        self.sparse = refuse_sparse(sparse, self)
        if self.output_mode == "int" and self.dtype not in ("int32", "int64"):
            raise ConfigError("{layer} with output_mode='int' returns whole numbers: its dtype is "
                              "'int64' or 'int32'; got {dtype!r}.", layer=type(self).__name__,
                              dtype=self.dtype)  # fmt: skip
        # Numbers of bins fit into 32 bits, which is what programs compute with.
        self.output_dtype = "int32" if self.output_mode == "int" else self.dtype

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; on symbolic inputs, record a node and return symbolic outputs."""
        leaves: list[Any] = []
        graph.map_structure(leaves.append, (args, kwargs))
        traced = any(isinstance(leaf, jax.core.Tracer) for leaf in leaves)
        # A traced whole number comes from a program, which calls the host for it.
        return (
            Layer.__call__(self, *args, **kwargs) if traced else super().__call__(*args, **kwargs)
        )

    def _infer(self, args: tuple, kwargs: dict) -> Any:
        for tensor in graph.symbolic_leaves((args, kwargs)):
            if not is_text(tensor) and tensor.dtype.kind not in self._kinds:
                raise ConfigError("{layer} takes texts or whole numbers; got {dtype}. Give its "
                                  "Input dtype='string' or 'int32'.", layer=title(self),
                                  dtype=tensor.dtype.name)  # fmt: skip
        shape = self.compute_output_shape(graph.map_structure(lambda t: t.shape, args[0]))
        return graph.SymbolicTensor(shape, self.output_dtype, self.name)


class Hashing(_Hashed):
    """Put texts or whole numbers into ``num_bins`` bins by a hash: always into the same one.

    The hash is FarmHash's fingerprint, or SipHash-2-4 where there is a ``salt``; a whole number is
    hashed as its digits. So the numbers are those of Keras.

    Args:
        num_bins: the number of bins, that of masked values included.
        mask_value: a value that always gets bin 0, which no other gets then.
        salt: one or two whole numbers, for a hash of your own.
        output_mode: ``"int"``, or ``"one_hot"``, ``"multi_hot"`` or ``"count"``; see
            `CategoryEncoding`.
        sparse: only False.

    Raises:
        ConfigError: for arguments that do not go together.
        DataError: for something else than texts and whole numbers.

    Example:
        >>> Hashing(3)([["A"], ["B"], ["C"], ["D"], ["E"]]).ravel().tolist()
        [1, 0, 1, 1, 2]
    """

    _kinds = "iuf"

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: int | Sequence[int] | None = None,
        output_mode: str = "int",
        sparse: bool = False,
        *,
        dtype: Any = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.dtype = numbers_dtype(dtype, output_mode)
        self._set_up(num_bins, output_mode, sparse, ("int", "one_hot", "multi_hot", "count"))
        self.mask_value = mask_value
        self.salt = check_salt(salt, self)

    def call(self, inputs: Any) -> Any:
        """Return the bins, in the output mode."""
        x = inputs if isinstance(inputs, jax.Array) else np.asarray(inputs)
        if isinstance(x, np.ndarray) and x.dtype.kind == "f":  # as Keras, which cuts digits off
            x = x.astype(np.int64)
        bins = on_host(self._bins, x)
        if self.output_mode == "int":
            return bins
        return encoded(bins, self.output_mode, self.num_bins, self.dtype)

    def _whole(self, x: Any) -> np.ndarray:
        """Return the whole numbers that an Input without a dtype made floats of."""
        array = np.asarray(x)
        if array.dtype.kind != "f":
            return array
        most = 2 ** (np.finfo(array.dtype).nmant + 1)
        inexact = ~((array == np.floor(array)) & (np.abs(array) < most))
        if inexact.any():
            raise DataError("{layer} takes texts or whole numbers; {value} as {dtype} is none, or "
                            "has lost digits. Give its Input dtype='string' or 'int32'.",
                            layer=title(self), value=array[inexact][0],
                            dtype=array.dtype)  # fmt: skip
        return array.astype(np.int64)

    def _bins(self, x: Any) -> np.ndarray:
        values, shape, masked = hashable(self._whole(x), self)
        count = self.num_bins
        keep = self.mask_value is not None and count > 1
        known: dict[Any, int] = {}
        for value in set(values):
            text = value if isinstance(value, str) else str(int(value))
            known[value] = bucket(text, count - keep, self.salt) + keep
        if keep:
            known[masked(self.mask_value)] = 0
        return np.array([known[value] for value in values], np.int32).reshape(shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs for inputs of ``input_shape``."""
        return encoded_shape(tuple(input_shape), self.output_mode, self.num_bins)


class HashedCrossing(_Hashed):
    """Put pairs (or more) of features into ``num_bins`` bins by a hash: ``layer([a, b])``.

    Each combination of values always gets the same bin, the one that Keras gives it.

    Args:
        num_bins: the number of bins.
        output_mode: ``"int"`` or ``"one_hot"``.
        sparse: only False.
        name: the layer's name.
        dtype: that of the output.

    Raises:
        ConfigError: for arguments that do not go together.
        ShapeError: unless there are two inputs at least, all of the same shape: ``()``,
            ``(batch,)`` or ``(batch, 1)``.
        DataError: for something else than texts and whole numbers.

    Example:
        >>> HashedCrossing(5)([["A", "B", "A"], [101, 101, 102]]).tolist()
        [1, 4, 3]
    """

    def __init__(
        self,
        num_bins: int,
        output_mode: str = "int",
        sparse: bool = False,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        self.dtype = numbers_dtype(dtype, output_mode)
        self._set_up(num_bins, output_mode, sparse, ("int", "one_hot"))

    def call(self, inputs: Any) -> Any:
        """Return the bins, in the output mode."""
        several = isinstance(inputs, (list, tuple)) and len(inputs) > 1
        arrays = [x if isinstance(x, jax.Array) else np.asarray(x) for x in inputs]
        self._check_shapes([x.shape for x in arrays] if several else [()])
        bins = on_host(self._bins, *arrays)
        if self.output_mode == "int":
            return bins
        return encoded(bins, self.output_mode, self.num_bins, self.dtype)

    def _bins(self, *arrays: Any) -> np.ndarray:
        columns = [hashable(x, self) for x in arrays]
        known: dict[tuple, int] = {}
        rows = list(zip(*(values for values, _shape, _masked in columns)))
        for row in set(rows):
            crossed = 0xDECAFCAFFE
            for value in row:
                text = isinstance(value, str)
                own = fingerprint(value.encode()) if text else int(value) & (2**64 - 1)
                crossed = joined(crossed, own)
            known[row] = crossed % self.num_bins
        return np.array([known[row] for row in rows], np.int32).reshape(columns[0][1])

    def _check_shapes(self, shapes: Any) -> None:
        first = tuple(shapes[0])
        fits = len(first) < 2 or (len(first) == 2 and first[1] == 1)
        if len(shapes) < 2 or not fits or any(tuple(s) != first for s in shapes[1:]):
            raise ShapeError("{layer} takes a list of two inputs or more, all of one shape: (), "
                             "(batch,) or (batch, 1); got {shapes}.", layer=title(self),
                             shapes=list(shapes))  # fmt: skip

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs for inputs of these shapes."""
        shapes = shapes_of_list(input_shape, self)
        self._check_shapes(shapes)
        return encoded_shape(shapes[0], self.output_mode, self.num_bins)


def on_host(function: Any, *arrays: Any) -> Any:
    """Return ``function(*arrays)``, int32 of their shape, also where the arrays are traced."""
    if not any(isinstance(x, jax.core.Tracer) for x in arrays):
        return function(*arrays)
    shape = jax.ShapeDtypeStruct(arrays[0].shape, np.int32)
    return jax.pure_callback(function, shape, *arrays, vmap_method="sequential")


def numbers_dtype(dtype: Any, output_mode: str) -> str:
    """Return the dtype of a layer that returns whole numbers, or vectors in the other modes."""
    default = "int64" if output_mode == "int" else "float32"
    return np.dtype(getattr(dtype, "compute_dtype", dtype) or default).name


def check_salt(salt: Any, layer: Any) -> list[int] | None:
    """Return the two numbers of a salt, or raise `ConfigError`."""
    pair = [salt, salt] if isinstance(salt, int) and not isinstance(salt, bool) else salt
    whole = isinstance(pair, (list, tuple)) and all(isinstance(n, int) for n in pair)
    if pair is not None and not (whole and len(pair) == 2):
        raise ConfigError("The salt of {layer} is a whole number, or two of them; got {salt!r}.",
                          layer=type(layer).__name__, salt=salt)  # fmt: skip
    return None if pair is None else list(pair)


def hashable(x: Any, layer: Any) -> tuple[list, tuple[int, ...], Any]:
    """Return the texts or whole numbers of an array, its shape, and what makes one like them."""
    array = np.asarray(x)
    if array.dtype.kind in "iu":
        return array.ravel().tolist(), array.shape, int
    if array.dtype.kind in "OSU":
        texts, shape = text_array(array)
        return texts, shape, str
    raise DataError("{layer} takes texts or whole numbers; got {dtype}.", layer=title(layer),
                    dtype=array.dtype)  # fmt: skip
