"""What a network has learnt and what its layers return: filters and feature maps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import jax
import numpy as np

from maeum.core.errors import ConfigError
from maeum.core.functional import built_variables
from maeum.core.messages import _
from maeum.inspect.programs import as_inputs, blockwise, program
from maeum.inspect.walking import path_of, shapes, walk
from maeum.layers import (
    Conv1DTranspose,
    Conv2DTranspose,
    Conv3DTranspose,
    DepthwiseConv1D,
    DepthwiseConv2D,
    Layer,
    SeparableConv1D,
    SeparableConv2D,
)
from maeum.layers.convolution import Convolution

_DEPTHWISE = (DepthwiseConv1D, DepthwiseConv2D)
_SEPARABLE = (SeparableConv1D, SeparableConv2D)
_TRANSPOSED = (Conv1DTranspose, Conv2DTranspose, Conv3DTranspose)


def filters(model: Any, layer: Any) -> np.ndarray:
    """Return the filters of a convolution.

    Args:
        model: a built model.
        layer: the layer, its name, or its path if it is in a model inside (``"base/conv1"``).

    Returns:
        ``(filters, rows, columns, channels)``, for 1D and 3D convolutions with as many spatial
        axes as they have. A depthwise filter sees one channel; of a separable convolution these
        are the depthwise filters.

    Raises:
        UnknownNameError: for a name that no layer has, or several.
        ConfigError: for a layer that is not a convolution.
        NotBuiltError: for a model without weights yet.

    Example:
        >>> import maeum as mm
        >>> model = mm.Sequential([mm.Input((28, 28, 1)), mm.layers.Conv2D(8, 3, name="first")])
        >>> filters(model, "first").shape
        (8, 3, 3, 1)
    """
    built_variables(model)
    layers = {path: own for path, own in model.named_layers().items() if path}
    path = path_of(layer, layers, model)
    found = layers[path]
    if not isinstance(found, Convolution):
        convolutions = [p for p, own in layers.items() if isinstance(own, Convolution)]
        raise ConfigError("The layer {path!r} is a {kind}, which has no filters. Convolutions of "
                          "{name!r}: {convolutions}.", path=path, kind=type(found).__name__,
                          name=model.name,
                          convolutions=", ".join(convolutions[:20]) or _("none"))  # fmt: skip
    separable = isinstance(found, _SEPARABLE)
    kernel = getattr(found, "depthwise_kernel" if separable else "kernel").numpy()
    if separable or isinstance(found, _DEPTHWISE):  # (..., channels, how many see each)
        kernel = kernel.reshape(*kernel.shape[:-2], 1, -1)
    return np.moveaxis(kernel, -2 if isinstance(found, _TRANSPOSED) else -1, 0)


def feature_maps(model: Any, x: Any, layers: Iterable[Any] | Any = None) -> dict[str, np.ndarray]:
    """Return the outputs of the layers of a model.

    Args:
        model: a built model from `Sequential` or ``Model(inputs, outputs)``.
        x: ``(n, ...)``, a batch of inputs such as images.
        layers: one or several layers, names, or paths; by default all whose output is a batch of
            maps ``(n, rows, columns, channels)``. Layers of models inside the model have paths
            such as ``"base/conv1"``; the second call of a layer has ``"conv1:2"``.

    Returns:
        The outputs by path, in the order in which they are computed.

    Raises:
        UnknownNameError: for a name that no layer has; the nearest one is named.
        ConfigError: for a model without a graph, or without maps.
        DataError, ShapeError, NotBuiltError: as `input_gradients`.

    Example:
        >>> import maeum as mm
        >>> model = mm.Sequential([mm.Input((8, 8, 3)), mm.layers.Conv2D(4, 3, name="first")])
        >>> {name: maps.shape for name, maps in feature_maps(model, np.ones((2, 8, 8, 3))).items()}
        {'first': (2, 6, 6, 4)}
    """
    x = as_inputs(model, x)
    known = shapes(model, x)
    if layers is None:
        wanted = [path for path, (_layer, shape) in known.items() if len(shape) == 4]
        if not wanted:
            raise ConfigError("No layer of {name!r} has maps (n, rows, columns, channels); name "
                              "the layers whose outputs are wanted: {layers}.", name=model.name,
                              layers=", ".join(list(known)[:20]))  # fmt: skip
    else:
        several = isinstance(layers, Iterable) and not isinstance(layers, (str, Layer))
        asked = {path_of(layer, known, model) for layer in (layers if several else [layers])}
        wanted = [path for path in known if path in asked]

    def run(x: jax.Array) -> dict[str, jax.Array]:
        kept: dict[str, jax.Array] = {}

        def visit(path: str, layer: Layer, outputs: Any) -> Any:
            if path in wanted:
                kept[path] = outputs
            return outputs

        walk(model, x, visit)
        return kept

    found = blockwise(program(model, f"maps {wanted}", run), x)
    return {path: found[path] for path in wanted}
