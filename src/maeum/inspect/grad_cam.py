"""Where in an image the last feature maps found what speaks for a class."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core.errors import ConfigError
from maeum.core.messages import _
from maeum.inspect.programs import as_inputs, blockwise, channel_axis, program, score, targets
from maeum.inspect.walking import path_of, shapes, walk
from maeum.layers import Layer
from maeum.layers.convolution import Convolution


def grad_cam(
    model: Any, x: Any, target: Any = None, layer: Any = None, resize: bool = True
) -> np.ndarray:
    """Return where the feature maps of a layer speak for a class (Grad-CAM).

    Each map is weighted with the mean gradient of the class's score with respect to it; what is
    positive of the weighted sum remains. Source: Selvaraju et al. (2017), "Grad-CAM: visual
    explanations from deep networks", arXiv:1610.02391.

    Args:
        model: a built model from `Sequential` or ``Model(inputs, outputs)``.
        x: ``(n, rows, columns, channels)``, a batch of images.
        target: the class, or one for each image; by default the model's own answers.
        layer: a layer with maps, its name, or its path; by default what the network makes of its
            last convolution before the size of the maps changes again (its normalization and
            activation included).
        resize: whether the result gets the size of the images, or has that of the maps.

    Returns:
        ``(n, rows, columns)``, none of it negative; in units of the score, not scaled.

    Raises:
        UnknownNameError: for a layer that is not there; the nearest one is named.
        ConfigError: for a layer without maps, or a model without a convolution.
        DataError, ShapeError, NotBuiltError: as `input_gradients`.

    Example:
        >>> import maeum as mm
        >>> model = mm.Sequential([
        ...     mm.Input((8, 8, 3)),
        ...     mm.layers.Conv2D(4, 3, activation="relu"),
        ...     mm.layers.GlobalAveragePooling2D(),
        ...     mm.layers.Dense(2),
        ... ])
        >>> grad_cam(model, np.ones((5, 8, 8, 3))).shape
        (5, 8, 8)
    """
    x = as_inputs(model, x)
    known = shapes(model, x)
    if layer is None:
        path = _last_maps(model, known)
    else:
        path = path_of(layer, known, model)
        if len(known[path][1]) != 4:
            raise ConfigError("The layer {path!r} has no feature maps: its output has shape "
                              "{shape}. Grad-CAM needs a layer with (n, rows, columns, channels): "
                              "{layers}.", path=path, shape=(None, *known[path][1][1:]),
                              layers=", ".join(_with_maps(known)[-5:]) or _("none"))  # fmt: skip
    chosen = targets(model, x, target)
    axis = _axis(model, known[path][0])
    shape = known[path][1][1:]

    def run(x: jax.Array, target: jax.Array) -> jax.Array:
        def scores(change: jax.Array) -> tuple[jax.Array, jax.Array]:
            kept: list[jax.Array] = []

            def visit(here: str, layer: Layer, outputs: Any) -> Any:
                if here != path:
                    return outputs
                kept.append(outputs)
                return outputs + change

            return score(walk(model, x, visit), target).sum(), kept[0]

        slopes, maps = jax.grad(scores, has_aux=True)(jnp.zeros((len(x), *shape)))
        slopes, maps = (jnp.moveaxis(a, axis, -1) for a in (slopes, maps))
        weights = slopes.mean(axis=(1, 2), keepdims=True)
        found = jnp.maximum((weights * maps).sum(axis=-1), 0)
        if not resize:
            return found
        rows, columns = jnp.moveaxis(x, channel_axis(model), -1).shape[1:3]
        return jax.image.resize(found, (len(x), rows, columns), "linear")

    return blockwise(program(model, f"grad-cam {path} {resize}", run), x, chosen)


def _last_maps(model: Any, known: dict[str, tuple[Layer, tuple[int, ...]]]) -> str:
    """Return the last layer with maps of the size that the last convolution has."""
    maps = _with_maps(known)
    last = next((p for p in reversed(maps) if isinstance(known[p][0], Convolution)), None)
    if last is None:
        raise ConfigError("{name!r} has no convolution with feature maps (n, rows, columns, "
                          "channels), so Grad-CAM has nothing to show. gradient_saliency and "
                          "integrated_gradients work for every network.",
                          name=model.name)  # fmt: skip
    size = _size(model, known[last])
    return next(path for path in reversed(maps) if _size(model, known[path]) == size)


def _with_maps(known: dict[str, tuple[Layer, tuple[int, ...]]]) -> list[str]:
    """Return the layers whose output has rows and columns, more than one place."""
    return [p for p, (_layer, s) in known.items() if len(s) == 4 and sorted(s[1:])[1] > 1]


def _size(model: Any, place: tuple[Layer, tuple[int, ...]]) -> tuple[int, ...]:
    layer, shape = place
    return shape[2:] if _axis(model, layer) == 1 else shape[1:3]


def _axis(model: Any, layer: Any) -> int:
    """Return the axis of the channels of a layer's output."""
    own = getattr(layer, "data_format", None)
    return channel_axis(model) if own is None else 1 if own == "channels_first" else -1
