"""Normalization with statistics that are taken from the data once, before the training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from maeum import ops
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.core.settings import epsilon
from maeum.layers.checks import axis_of, known_size, title, whole_number
from maeum.layers.layer import Layer
from maeum.layers.preprocessing import finite_numbers

_AT_ONCE = 2**22  # numbers that are held in double precision at once while adapting


class Normalization(Layer):
    """Scale features to mean 0 and variance 1 with statistics of the data, or undo that.

    ``(inputs - mean) / sqrt(variance)``; the two are given, or found by `adapt`. Until then they
    are 0 and 1.

    Args:
        axis: the axis, or axes, of the features: each entry has a mean and variance of its own.
            None for one mean and variance of everything.
        mean: the mean, a number or one for each feature.
        variance: the variance, in the same form.
        invert: compute ``inputs * sqrt(variance) + mean``.

    Raises:
        ConfigError: if only one of ``mean`` and ``variance`` is given, or they do not fit.
        ShapeError: if an axis is out of range, or its size unknown.

    Example:
        >>> import numpy as np
        >>> layer = Normalization()
        >>> layer.adapt(np.array([[1.0, 10.0], [3.0, 30.0]]))
        >>> layer(np.array([[3.0, 20.0]])).tolist()
        [[1.0, 0.0]]
    """

    supports_masking = True
    fixed_by_build = frozenset({"axis"})
    mean: Any
    variance: Any

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        axes = () if axis is None else (axis,) if isinstance(axis, int) else axis
        self.axis = tuple(whole_number(a, "axis", -99, self) for a in axes)
        self.invert = bool(invert)
        if (mean is None) != (variance is None):
            raise ConfigError("Normalization takes mean and variance together, or neither (and "
                              "then adapt). Got mean={mean!r} and variance={variance!r}.",
                              mean=mean, variance=variance)  # fmt: skip
        self._given = mean is not None
        if self._given:
            self.mean = finite_numbers(mean, "mean", self)
            self.variance = finite_numbers(variance, "variance", self)
            self._check_given()

    def _check_given(self) -> None:
        if self.mean.shape != self.variance.shape or self.mean.ndim > len(self.axis):
            raise ConfigError("The mean and variance of Normalization are numbers, or arrays with "
                              "the sizes of axis={axis}; got shapes {mean} and {variance}.",
                              axis=self.axis, mean=self.mean.shape,
                              variance=self.variance.shape)  # fmt: skip
        if (self.variance < 0).any():
            raise ConfigError("A variance must be at least 0; got {variance}.",
                              variance=self.variance.tolist())  # fmt: skip

    def build(self, input_shape: Any) -> None:
        """Make the mean and the variance, unless they were given."""
        rank = len(input_shape)
        # Axes that were given from the end may belong to inputs with more axes later on.
        kept = sorted(self.axis, key=lambda axis: axis_of(axis, rank, self))
        sizes = tuple(known_size(input_shape, axis, self) for axis in kept)
        self.input_axes = dict(zip(kept, sizes))
        size_of = {axis % rank: size for axis, size in self.input_axes.items()}
        self._sizes, self._broadcast = sizes, tuple(size_of.get(a, 1) for a in range(rank))
        if self._given:
            pairs = zip(reversed(self.mean.shape), reversed(sizes))
            if any(n not in (1, size) for n, size in pairs):
                raise ShapeError("{layer} has a mean of shape {shape}, but its features along "
                                 "axis={axis} have the sizes {sizes}.", layer=title(self),
                                 shape=self.mean.shape, axis=self.axis, sizes=sizes)  # fmt: skip
            return
        self.mean = self.add_weight("mean", sizes, "zeros", trainable=False)
        self.variance = self.add_weight("variance", sizes, "ones", trainable=False)
        self.count = self.add_weight("count", (), "zeros", dtype="int32", trainable=False)

    def adapt(self, data: Any) -> None:
        """Take the mean and the variance from data.

        Args:
            data: an array or table, or batches of them: a list, a generator, a loader. Of a batch
                that is a tuple, such as ``(x, y)``, the first part counts.

        Raises:
            ConfigError: if mean and variance were given.
            DataError: for data without rows, or with values that are not finite numbers.
            ShapeError: for batches that differ in shape.
        """
        if self._given:
            raise ConfigError("{layer} was given its mean and variance; omit them to adapt it to "
                              "data.", layer=title(self))  # fmt: skip
        rows, count, mean, variance = 0, 0, np.zeros(()), np.zeros(())
        for x in _batches(data):
            if not self.built:
                self.build((None, *x.shape[1:]))
            self._check_adapted(x)
            kept = {axis % x.ndim for axis in self.input_axes}
            others = tuple(a for a in range(x.ndim) if a not in kept)
            entries = x.size // max(int(np.prod(self._sizes)), 1)
            # Two parts together, without the loss of digits of a sum of squares (Chan et al.).
            fraction = entries / (count + entries)
            delta = x.mean(others) - mean
            variance = variance * (1 - fraction) + x.var(others) * fraction
            variance = variance + delta**2 * fraction * (1 - fraction)
            mean = mean + delta * fraction
            count, rows = count + entries, rows + len(x)
        if not count:
            raise DataError("Normalization.adapt was given no rows.")
        self.mean.assign(mean.astype(self.dtype))
        self.variance.assign(variance.astype(self.dtype))
        self.count.assign(np.int32(min(rows, 2**31 - 1)))

    def _check_adapted(self, x: np.ndarray) -> None:
        fits = x.ndim == len(self._broadcast) and all(
            x.shape[axis] == size for axis, size in self.input_axes.items()
        )
        if not fits:
            raise ShapeError("{layer} is made for {rank} axes with the sizes {input_axes} (by "
                             "axis); adapt got shape {shape}.", layer=title(self),
                             rank=len(self._broadcast), input_axes=self.input_axes,
                             shape=x.shape)  # fmt: skip
        if not np.isfinite(x).all():
            raise DataError("Normalization.adapt was given values that are NaN or infinite; fill "
                            "them in, or drop their rows.")  # fmt: skip

    def call(self, x: jax.Array) -> jax.Array:
        """Normalize ``x``, or undo it."""

        def spread(statistic: Any) -> jax.Array:
            array = ops.broadcast_to(ops.cast(statistic, self.dtype), self._sizes)
            return ops.reshape(array, self._broadcast[max(len(self._broadcast) - x.ndim, 0) :])

        x = ops.cast(x, self.dtype)
        mean, deviation = spread(self.mean), ops.sqrt(spread(self.variance))
        deviation = ops.maximum(deviation, epsilon())
        return x * deviation + mean if self.invert else (x - mean) / deviation


def _batches(data: Any) -> Iterator[np.ndarray]:
    """Yield arrays in double precision, some rows at a time, from an array or from batches."""
    whole = hasattr(data, "__array__") or (
        isinstance(data, (list, tuple)) and not any(hasattr(_first(p), "shape") for p in data)
    )
    if isinstance(data, (str, Mapping)) or not (whole or isinstance(data, Iterable)):
        raise DataError("Normalization.adapt takes an array, or batches of them; got {kind}.",
                        kind=type(data).__name__)  # fmt: skip
    for part in [data] if whole else map(_first, data):
        try:
            x = np.asarray(part)
            few = max(_AT_ONCE // max(x[:1].size, 1), 1)
            for start in range(0, len(x), few):
                yield x[start : start + few].astype(np.float64)
        except (TypeError, ValueError, IndexError):
            raise DataError("Normalization.adapt takes arrays of numbers, with rows; got {part!r}.",
                            part=part) from None  # fmt: skip


def _first(part: Any) -> Any:
    return part[0] if isinstance(part, (tuple, list)) and part else part
