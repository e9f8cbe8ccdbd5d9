"""Layers that merge several inputs into one output, and functions for them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from maeum import ops
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.messages import _
from maeum.layers.checks import shapes_of_list, title
from maeum.layers.layer import Layer


class Merge(Layer):
    """Base of the layers that merge their inputs entry by entry.

    Inputs with fewer axes than others are broadcast: axes of size 1 are inserted after the batch.
    The output is masked where every input is.
    """

    supports_masking = True

    def merge(self, inputs: list[jax.Array], masks: list[Any]) -> jax.Array:
        """Return the merged inputs; masks have the inputs' number of axes, or are None."""
        raise NotImplementedError

    def build(self, input_shape: Any) -> None:
        """Check that the shapes of the inputs fit together."""
        shapes = shapes_of_list(input_shape, self)
        rank = max(map(len, shapes))
        aligned = [(*s[:1], *(1,) * (rank - len(s)), *s[1:]) for s in shapes]
        for axis, sizes in enumerate(zip(*aligned)):
            if len({n for n in sizes if n is not None and (n != 1 or axis == 0)}) > 1:
                raise self._misfit(shapes, _("they differ along axis {axis}", axis=axis))

    def call(self, inputs: Sequence[jax.Array], mask: Any = None) -> jax.Array:
        """Merge the inputs."""
        masks = [
            None if m is None else _to_rank(m, x.ndim, -1)
            for x, m in zip(inputs, mask or [None] * len(inputs))
        ]
        rank = max(x.ndim for x in inputs)
        return self.merge(
            [_to_rank(x, rank) for x in inputs],
            [None if m is None else _to_rank(m, rank) for m in masks],
        )

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return where any input counts; None if one of them has no mask."""
        if mask is None:
            return None
        self._check_masks(inputs, mask)
        if any(m is None for m in mask):
            return None
        return functools.reduce(jnp.logical_or, (getattr(m, "value", m) for m in mask))

    def _check_masks(self, inputs: Any, mask: Any) -> None:
        lists = all(isinstance(part, (list, tuple)) for part in (inputs, mask))
        if not lists or len(inputs) != len(mask):
            raise ConfigError("{layer} takes a list of inputs, and a list with a mask (or None) "
                              "for each.", layer=title(self))  # fmt: skip

    def _two_shapes(self, input_shape: Any) -> list[tuple]:
        shapes = shapes_of_list(input_shape, self)
        if len(shapes) != 2:
            raise ShapeError("{layer} takes two inputs; got {n}.", layer=title(self), n=len(shapes))
        return shapes

    def _misfit(self, shapes: Sequence[tuple], why: str) -> ShapeError:
        return ShapeError("{layer} cannot merge inputs of shapes {shapes}: {why}.",
                          layer=title(self), shapes=", ".join(map(str, shapes)),
                          why=why)  # fmt: skip


def _to_rank(x: jax.Array, rank: int, position: int = 1) -> jax.Array:
    """Insert axes of size 1 at ``position`` until ``x`` has ``rank`` axes."""
    while x.ndim < rank:
        x = jnp.expand_dims(x, position)
    return x


class Add(Merge):
    """The sum of the inputs."""

    def merge(self, inputs: list[jax.Array], masks: list[Any]) -> jax.Array:
        """Add the inputs."""
        return functools.reduce(jnp.add, inputs)


class Subtract(Merge):
    """The first input minus the second."""

    def build(self, input_shape: Any) -> None:
        """Check that there are two inputs whose shapes fit."""
        super().build(self._two_shapes(input_shape))

    def merge(self, inputs: list[jax.Array], masks: list[Any]) -> jax.Array:
        """Subtract the second input from the first."""
        return inputs[0] - inputs[1]


class Multiply(Merge):
    """The product of the inputs; masked entries count as 1, and as 0 where all are masked."""

    def merge(self, inputs: list[jax.Array], masks: list[Any]) -> jax.Array:
        """Multiply the inputs."""
        factors = [x if m is None else jnp.where(m, x, 1) for x, m in zip(inputs, masks)]
        product = functools.reduce(jnp.multiply, factors)
        if any(m is None for m in masks):
            return product
        return jnp.where(functools.reduce(jnp.logical_or, masks), product, 0)


class Average(Merge):
    """The mean of the inputs."""

    def merge(self, inputs: list[jax.Array], masks: list[Any]) -> jax.Array:
        """Average the inputs."""
        return functools.reduce(jnp.add, inputs) / len(inputs)


class Maximum(Merge):
    """The largest of the inputs, entry by entry; masked entries do not count."""

    def merge(self, inputs: list[jax.Array], masks: list[Any]) -> jax.Array:
        """Take the largest entries."""
        return _extreme(jnp.maximum, inputs, masks)


class Minimum(Merge):
    """The smallest of the inputs, entry by entry; masked entries do not count."""

    def merge(self, inputs: list[jax.Array], masks: list[Any]) -> jax.Array:
        """Take the smallest entries."""
        return _extreme(jnp.minimum, inputs, masks)


def _extreme(choose: Callable, inputs: list[jax.Array], masks: list[Any]) -> jax.Array:
    """Reduce with ``choose``; where only one of two counts, it is taken as it is."""
    chosen, known = inputs[0], masks[0]
    for x, mask in zip(inputs[1:], masks[1:]):
        if mask is not None:
            x = jnp.where(mask, x, chosen)
        if known is not None:
            chosen = jnp.where(known, chosen, x)
        chosen = choose(chosen, x)
        known = None if mask is None or known is None else known | mask
    return chosen


class Concatenate(Merge):
    """The inputs one after the other along ``axis``.

    Args:
        axis: the axis along which their sizes may differ.

    Raises:
        ShapeError: if the inputs differ along another axis.
    """

    def __init__(self, axis: int = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = axis

    def build(self, input_shape: Any) -> None:
        """Check that the inputs agree along the other axes."""
        shapes = shapes_of_list(input_shape, self)
        rank = len(shapes[0])
        if any(len(shape) != rank for shape in shapes):
            raise self._misfit(shapes, _("they differ in the number of axes"))
        if not -rank <= self.axis < rank:
            raise self._misfit(shapes, _("they have no axis {axis}", axis=self.axis))
        for axis, sizes in enumerate(zip(*shapes)):
            if axis != self.axis % rank and len(set(sizes) - {None}) > 1:
                raise self._misfit(shapes, _("they differ along axis {axis}", axis=axis))

    def call(self, inputs: Sequence[jax.Array]) -> jax.Array:  # type: ignore[override]
        """Concatenate the inputs."""
        return ops.concatenate(inputs, self.axis)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the masks one after the other; an input without one counts everywhere."""
        if mask is None:
            return None
        self._check_masks(inputs, mask)
        if all(m is None for m in mask):
            return None
        full = [
            jnp.broadcast_to(True if m is None else _to_rank(m, x.ndim, -1), x.shape)
            for x, m in zip(inputs, mask)
        ]
        return jnp.any(jnp.concatenate(full, self.axis), axis=-1)


class Dot(Merge):
    """The sum of products of two inputs along ``axes``, sample by sample.

    Shapes: ``(batch, n), (batch, n) -> (batch, 1)``; otherwise the batch axis, the other axes of
    the first input, then those of the second.

    Args:
        axes: the axis, or the axis of each input, over which to sum.
        normalize: whether to divide by the norms first: the cosine of the angle.

    Raises:
        ConfigError: if ``axes`` is neither an int nor two of them.
        ShapeError: if the inputs differ along them.
    """

    def __init__(self, axes: int | Sequence[int], normalize: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        pair = (axes, axes) if isinstance(axes, int) else axes
        several = isinstance(pair, (list, tuple)) and len(pair) == 2
        if not several or not all(isinstance(axis, int) for axis in pair):
            raise ConfigError("The axes of Dot must be one axis or two; got {axes!r}.", axes=axes)
        self.axes = tuple(pair)
        self.normalize = normalize

    def build(self, input_shape: Any) -> None:
        """Check that the inputs agree along the axes."""
        shapes = self._two_shapes(input_shape)
        for shape, axis in zip(shapes, self.axes):
            if not -len(shape) < axis < len(shape) or axis == 0:
                why = _("axis {axis} is the batch, or does not exist", axis=axis)
                raise self._misfit(shapes, why)
        a, b = (shape[axis] for shape, axis in zip(shapes, self.axes))
        if None not in (a, b) and a != b:
            why = _("along axes {axes} their sizes are {a} and {b}", axes=self.axes, a=a, b=b)
            raise self._misfit(shapes, why)

    def call(self, inputs: Sequence[jax.Array]) -> jax.Array:  # type: ignore[override]
        """Sum the products of the inputs."""
        x, y = inputs
        if self.normalize:
            x, y = ops.normalize(x, self.axes[0]), ops.normalize(y, self.axes[1])
        products = ops.batch_dot(x, y, self.axes)
        return jnp.expand_dims(products, -1) if products.ndim == 1 else products

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """Return None: the output is not masked."""
        return None


def add(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Call `Add` on a list of inputs."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Call `Subtract` on a list of two inputs."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Call `Multiply` on a list of inputs."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Call `Average` on a list of inputs."""
    return Average(**kwargs)(inputs)


def maximum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Call `Maximum` on a list of inputs."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Call `Minimum` on a list of inputs."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Sequence[Any], axis: int = -1, **kwargs: Any) -> Any:
    """Call `Concatenate` on a list of inputs."""
    return Concatenate(axis, **kwargs)(inputs)


def dot(
    inputs: Sequence[Any], axes: int | Sequence[int] = -1, normalize: bool = False, **kwargs: Any
) -> Any:
    """Call `Dot` on a list of two inputs."""
    return Dot(axes, normalize, **kwargs)(inputs)
