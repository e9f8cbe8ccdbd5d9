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
from maeum.training.objectives import Objectives


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
            article = "the class" if isinstance(layer, type) else "the object"
            raise ConfigError(
                "augment is a layer or a list of layers, such as [RandomFlip('horizontal'), "
                f"MixUp()]; got {article} {layer!r}."
            )
    return tuple(layers)


def augmented(layers: tuple[Layer, ...], batch: tuple, objectives: Objectives) -> tuple:
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
            f"augment changes the one input of a model, and this one has {len(inputs)}. Put the "
            "layers into the model, before the input that they are for."
        )
    images = inputs[0]
    targets, targets_structure = jax.tree.flatten(y)
    for layer in layers:
        if getattr(layer, "mixes_labels", False):
            labels = _labels(layer, targets, objectives, y)
            mixed = layer({"images": images, "labels": labels})
            changed, targets = mixed["images"], [mixed["labels"]]
        else:
            changed = layer(images)
        _check(layer, images, changed)
        images = changed
    x = jax.tree.unflatten(inputs_structure, [images])
    return x, jax.tree.unflatten(targets_structure, targets), sample_weight


def _labels(layer: Layer, targets: list, objectives: Objectives, y: Any) -> jax.Array:
    """Return the targets as numbers that can be mixed."""
    own = type(layer).__name__
    if len(targets) != 1:
        raise ConfigError(
            f"{own} mixes the pictures and one array of labels; y has {len(targets)} arrays."
        )
    if objectives.takes_class_numbers(y):
        raise DataError(
            f"{own} cannot mix class numbers: half a 2 and half a 4 is no 3. Give one-hot labels, "
            "y=maeum.utils.to_categorical(y), and the loss 'categorical_crossentropy'."
        )
    labels = targets[0]
    return labels if jnp.issubdtype(labels.dtype, jnp.floating) else labels.astype(jnp.float32)


def _check(layer: Layer, before: Any, after: Any) -> None:
    shape = getattr(after, "shape", None)
    if shape != before.shape:
        raise ShapeError(
            f"The layer {layer.name!r} ({type(layer).__name__}) of augment turns inputs of shape "
            f"{before.shape} into {shape}. The network gets the same shape in training and "
            "otherwise; a layer that changes it belongs into the model."
        )
    if layer.weights:
        raise ConfigError(
            f"The layer {layer.name!r} ({type(layer).__name__}) of augment has weights, which are "
            "neither trained nor saved there. Put it into the model."
        )
