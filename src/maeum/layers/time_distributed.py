"""A layer that is applied to every step of sequences."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ConfigError, ShapeError
from maeum.core.graph import map_structure
from maeum.core.loops import scan
from maeum.core.masks import with_mask
from maeum.layers.checks import title
from maeum.layers.layer import Layer


class Wrapper(Layer):
    """Base of the layers around one other layer, which they hold as ``layer``.

    Args:
        layer: the layer.

    Raises:
        ConfigError: for something that is not a layer.
    """

    supports_masking = True

    def __init__(self, layer: Any, **kwargs: Any):
        super().__init__(**kwargs)
        if not isinstance(layer, Layer):
            own, name = type(self).__name__, getattr(layer, "__name__", "Dense")
            raise ConfigError("{wrapper} wraps a layer, such as {name}(...); got {layer!r}.",
                              wrapper=own, name=name, layer=layer)  # fmt: skip
        self.layer = layer

    def build(self, input_shape: Any) -> None:
        """Build the layer inside."""
        if not self.layer.built:
            self.layer.build(input_shape)


class TimeDistributed(Wrapper):
    """Apply one layer, with the same weights, to every step of sequences.

    A layer without state is applied to all steps at once, as if they were rows of a larger batch;
    one with variables that are not trained, such as BatchNormalization, runs step by step.

    Shapes: ``(batch, steps, ...)``, and what the layer makes of ``(batch, ...)`` at each step. A
    mask of as many axes as the layer takes is given to it, one of steps as the mask of the rows
    of each step; a step of which everything is masked is masked in the output.

    Args:
        layer: the layer.

    Raises:
        ConfigError: for something that is not a layer.
        ShapeError: for inputs with fewer than 3 axes, or a mask that does not fit.

    Example:
        >>> import numpy as np
        >>> from maeum.layers import Conv2D
        >>> videos = np.ones((2, 10, 28, 28, 1), "float32")
        >>> TimeDistributed(Conv2D(4, 3))(videos).shape
        (2, 10, 26, 26, 4)
    """

    input_rank = 3

    def build(self, input_shape: Any) -> None:
        """Build the layer for the inputs of one step."""
        several = any(isinstance(n, (list, tuple)) for n in input_shape)
        if several or len(input_shape) < 3:
            raise ShapeError("{layer} takes sequences (batch, steps, ...) with at least 3 axes; "
                             "got shape {shape}.", layer=title(self),
                             shape=input_shape)  # fmt: skip
        super().build((input_shape[0], *input_shape[2:]))

    def call(self, inputs: jax.Array, training: bool = False, mask: Any = None) -> Any:
        """Apply the layer to every step."""
        mask = self._checked_mask(inputs, mask)
        in_steps = self.layer.stateful or any(not w.trainable for w in self.layer.weights)
        return (self._step_by_step if in_steps else self._at_once)(inputs, mask)

    def _at_once(self, x: jax.Array, mask: Any) -> Any:
        batch, steps = x.shape[:2]
        outputs = self._apply(_folded(x), None if mask is None else _folded(mask))
        return map_structure(lambda y: y.reshape(batch, steps, *y.shape[1:]), outputs)

    def _step_by_step(self, x: jax.Array, mask: Any) -> Any:
        def step(state: Any, inputs: tuple) -> tuple[Any, Any]:
            return state, self._apply(*inputs)

        in_time = jnp.swapaxes(x, 0, 1), None if mask is None else jnp.swapaxes(mask, 0, 1)
        outputs = scan(step, None, in_time)[1]
        return map_structure(lambda y: jnp.swapaxes(y, 0, 1), outputs)

    def _apply(self, x: jax.Array, mask: Any) -> Any:
        layer = self.layer
        takes = "mask" in layer.call_arguments
        if mask is None or not (takes or layer.supports_masking):
            return layer(x)
        if mask.ndim > 1:
            return layer(with_mask(x, mask))
        # One bool for each row, which is all there is to mask where a row has no steps.
        rows = takes and x.ndim == 2 and not layer.masks_entries
        return layer(x, mask=mask) if rows else layer(x)

    def _checked_mask(self, x: jax.Array, mask: Any) -> Any:
        if mask is None:
            return None
        mask = jnp.asarray(mask)
        if mask.shape[:2] != x.shape[:2]:
            raise ShapeError("{layer} takes a mask that begins with (batch, steps), here "
                             "{expected}; got {given}.", layer=title(self), expected=x.shape[:2],
                             given=mask.shape)  # fmt: skip
        return mask

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mask of the outputs."""
        if mask is None:
            return None
        inner = None
        if mask.ndim > 2 and self.layer.supports_masking:
            inner = self.layer.compute_mask(_folded(inputs), _folded(mask))
        if inner is not None and not isinstance(inner, (list, tuple)):
            return inner.reshape(*mask.shape[:2], *inner.shape[1:])
        return mask.any(tuple(range(2, mask.ndim))) if mask.ndim > 2 else mask


def _folded(x: jax.Array) -> jax.Array:
    """Return the steps as rows of one large batch."""
    return x.reshape(x.shape[0] * x.shape[1], *x.shape[2:])
