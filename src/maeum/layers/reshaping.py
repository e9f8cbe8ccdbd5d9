"""Layers that rearrange their inputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import jax

from maeum import ops
from maeum.core.errors import ConfigError, ShapeError
from maeum.layers.checks import check_data_format, exact_rank, title, whole_number
from maeum.layers.layer import Layer


class Flatten(Layer):
    """Make one axis of all axes but the batch: ``(batch, a, b, ...) -> (batch, a * b * ...)``.

    Args:
        data_format: ``"channels_first"`` to bring the first axis after the batch to the end
            before; ``"channels_last"`` by default.

    Example:
        >>> import numpy as np
        >>> Flatten()(np.ones((2, 28, 28), "float32")).shape
        (2, 784)
    """

    input_rank = 1

    def __init__(self, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = check_data_format(data_format)

    def call(self, x: jax.Array) -> jax.Array:
        """Flatten ``x``."""
        if self.data_format == "channels_first" and x.ndim > 1:
            x = ops.moveaxis(x, 1, -1)
        return ops.reshape(x, (x.shape[0], math.prod(x.shape[1:])))


class Reshape(Layer):
    """Give each sample another shape: ``(batch, ...) -> (batch, *target_shape)``.

    Args:
        target_shape: the new shape, without the batch axis; one size may be -1, for what is left.

    Raises:
        ConfigError: for invalid sizes.
        ShapeError: if the number of entries differs from that of the new shape.
    """

    input_rank = 1

    def __init__(self, target_shape: Sequence[int], **kwargs: Any):
        super().__init__(**kwargs)
        sizes = (target_shape,) if isinstance(target_shape, int) else tuple(target_shape)
        self.target_shape = tuple(whole_number(n, "size in target_shape", -1) for n in sizes)
        if self.target_shape.count(-1) > 1:
            raise ConfigError("Only one size in target_shape may be -1; got {target_shape!r}.",
                              target_shape=target_shape)  # fmt: skip

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the new shape, whose -1 is known if all sizes of the input are."""
        rows, *sizes = input_shape
        rest = math.prod(n for n in self.target_shape if n != -1)
        left = None if None in sizes or not rest else math.prod(sizes) // rest
        return (rows, *(left if n == -1 else n for n in self.target_shape))

    def call(self, x: jax.Array) -> jax.Array:
        """Reshape ``x``."""
        try:
            return ops.reshape(x, (x.shape[0], *self.target_shape))
        except ShapeError:
            raise ShapeError("{layer} cannot reshape samples of shape {shape} ({n} entries) to "
                             "{target}.", layer=title(self), shape=x.shape[1:],
                             n=math.prod(x.shape[1:]),
                             target=self.target_shape) from None  # fmt: skip


class Permute(Layer):
    """Exchange the axes of each sample: ``Permute((2, 1))`` transposes.

    Args:
        dims: for each axis of the output, the axis of the input that it was; counted from 1,
            after the batch.

    Raises:
        ConfigError: if ``dims`` is not a permutation of 1, 2, ...
    """

    def __init__(self, dims: Sequence[int], **kwargs: Any):
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ConfigError("The dims of Permute are the axes 1, 2, ... in another order (the "
                              "batch, axis 0, stays); got {dims!r}.", dims=dims)  # fmt: skip

    def build(self, input_shape: Any) -> None:
        """Check the number of axes."""
        exact_rank(input_shape, len(self.dims) + 1, self)

    def call(self, x: jax.Array) -> jax.Array:
        """Permute the axes of ``x``."""
        return ops.transpose(x, (0, *self.dims))


class RepeatVector(Layer):
    """Repeat each sample: ``(batch, features) -> (batch, n, features)``.

    Args:
        n: how often, at least 1.
    """

    def __init__(self, n: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.n = whole_number(n, "n", 1, self)

    def build(self, input_shape: Any) -> None:
        """Check the number of axes."""
        exact_rank(input_shape, 2, self)

    def call(self, x: jax.Array) -> jax.Array:
        """Repeat ``x``."""
        return ops.repeat(ops.expand_dims(x, 1), self.n, axis=1)


class Masking(Layer):
    """Mask the steps at which every feature equals ``mask_value``, and set them to 0.

    Shapes: ``(batch, steps, features)``; the mask has shape ``(batch, steps)`` and is True where
    a step counts.

    Args:
        mask_value: the value that stands for "nothing here"; NaN stands for NaN.
    """

    supports_masking = True
    weightless = True
    input_rank = 2

    def __init__(self, mask_value: float = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.mask_value = mask_value

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return which steps count."""
        if self.mask_value != self.mask_value:  # NaN equals nothing, itself included
            return ops.any(ops.logical_not(ops.isnan(inputs)), axis=-1)
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)

    def call(self, x: jax.Array) -> jax.Array:
        """Set the masked steps of ``x`` to 0."""
        return ops.where(ops.expand_dims(self.compute_mask(x), -1), x, 0)


class Identity(Layer):
    """Pass the input on."""

    supports_masking = True
    weightless = True

    def call(self, x: Any) -> Any:
        """Return ``x``."""
        return x
