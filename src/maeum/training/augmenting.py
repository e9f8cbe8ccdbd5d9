"""Changing the batch of a training step at random, before the network sees it.

Layers get the inputs. Those that mix labels as well (`MixUp`, `CutMix`, or a layer of your own
with ``mixes_labels = True``) take and return ``{"images": inputs, "labels": targets}``.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.layers.layer import Layer
from maeum.training.losses_and_metrics import LossesAndMetrics


def augmenting_layers(augment: Any) -> tuple[Layer, ...]:
    """Return the layers that ``compile(augment=...)`` was given: None, one, or a list of them.

    Raises:
        ConfigError: for anything else.
    """
    layers = augment if isinstance(augment, (list, tuple)) else [augment]
    if augment is None:
        return ()
    for layer in layers:
        if not isinstance(layer, Layer):
            raise ConfigError(
                "augment is a layer or a list of layers, such as [RandomFlip('horizontal'), "
                "MixUp()]; got {layer!r}.",
                layer=layer,
            )
    return tuple(layers)


def augmented(layers: tuple[Layer, ...], batch: tuple, compiled: LossesAndMetrics) -> tuple:
    """Return a batch ``(x, y, sample_weight)`` as the layers change it, one after the other.

    Raises:
        ConfigError: if the model has several inputs or targets, or a layer has weights.
        DataError: if class numbers should be mixed.
        ShapeError: if a layer changes the shape of the inputs.
    """
    x, y, sample_weight = batch
    inputs, inputs_structure = jax.tree.flatten(x)
    if len(inputs) != 1:
        raise ConfigError(
            "augment changes the one input of a model, and this one has {count}. Put the "
            "layers into the model, before the input that they are for.",
            count=len(inputs),
        )
    images = inputs[0]
    targets, targets_structure = jax.tree.flatten(y)
    for layer in layers:
        if getattr(layer, "mixes_labels", False):
            labels = _labels(layer, targets, compiled, y)
            mixed = layer({"images": images, "labels": labels})
            changed, targets = mixed["images"], [mixed["labels"]]
        else:
            changed = layer(images)
        _check(layer, images, changed)
        images = changed
    x = jax.tree.unflatten(inputs_structure, [images])
    return x, jax.tree.unflatten(targets_structure, targets), sample_weight


def _labels(layer: Layer, targets: list, compiled: LossesAndMetrics, y: Any) -> jax.Array:
    """Return the targets as numbers that can be mixed."""
    kind = type(layer).__name__
    if len(targets) != 1:
        raise ConfigError(
            "{kind} mixes the images and one array of labels; y has {count} arrays.",
            kind=kind,
            count=len(targets),
        )
    if compiled.takes_class_numbers(y):
        raise DataError(
            "{kind} cannot mix class numbers: half a 2 and half a 4 is not a 3. Give one-hot "
            "labels, y=maeum.utils.to_categorical(y), and the loss "
            "'categorical_crossentropy'.",
            kind=kind,
        )
    labels = targets[0]
    return labels if jnp.issubdtype(labels.dtype, jnp.floating) else labels.astype(jnp.float32)


def _check(layer: Layer, before: Any, after: Any) -> None:
    shape = getattr(after, "shape", None)
    if shape != before.shape:
        raise ShapeError(
            "The layer {name!r} ({kind}) of augment turns inputs of shape {shape} into "
            "{changed}. The network gets the same shape in training and otherwise; a layer "
            "that changes it belongs in the model.",
            name=layer.name,
            kind=type(layer).__name__,
            shape=before.shape,
            changed=shape,
        )
    if layer.weights:
        raise ConfigError(
            "The layer {name!r} ({kind}) of augment has weights, which are neither trained "
            "nor saved there. Put it into the model.",
            name=layer.name,
            kind=type(layer).__name__,
        )
