"""What has to be kept: configuration, weights, masks, freezing, files."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum import activations
from maeum.core import graph, registry
from maeum.core.config import accepted_arguments
from maeum.core.errors import ConfigError, MaeumError
from maeum.core.masks import with_mask
from maeum.core.messages import _
from maeum.layers import Layer
from maeum.models import Model
from maeum.saving import load_model
from maeum.testing.subject import Broken, Subject, demand, run, same


def check_configuration(subject: Subject) -> None:
    """Check `get_config` and `from_config`."""
    layer = subject.make()
    try:
        json.dumps(registry.serialize(layer.get_config()))
    except (MaeumError, TypeError) as error:
        raise Broken(_(
            "get_config() cannot be written as JSON: {error} Return numbers, texts, lists, dicts "
            "and registered objects.", error=error,
        )) from None  # fmt: skip
    with registry.reference_scope():
        config = registry.serialize(layer.get_config())
        again = type(layer).from_config(config)
        same = registry.serialize(again.get_config()) == config
    demand(same and again.name == layer.name, _(
        "a layer made by from_config(get_config()) has another configuration. Hand **kwargs to "
        "super().__init__(), and return every argument from get_config() (or do not write it: it "
        "is recorded by itself)."
    ))  # fmt: skip


def check_weights(subject: Subject) -> None:
    """Check that weights are made once."""
    layer = subject.built
    weights = layer.weights
    layer(subject.rows())
    demand(layer.weights == weights, _(
        "a second call changed the weights from {before} to {after}. Make them in "
        "build(input_shape), which runs once, not in call().", before=len(weights),
        after=len(layer.weights),
    ))  # fmt: skip
    floats = [w for w in layer.trainable_weights if not np.issubdtype(w.dtype, np.floating)]
    demand(not floats, _(
        "{floats} is trainable, but not floating-point. Give add_weight a floating dtype, or "
        "trainable=False.", floats=floats,
    ))  # fmt: skip


def check_masks(subject: Subject) -> None:
    """Check that a mask has the axes of the output."""
    layer = subject.built
    inputs = subject.rows()
    if not layer.supports_masking or any(x.ndim < 3 for x in jax.tree.leaves(inputs)):
        return
    masks = graph.map_structure(
        lambda x: jnp.broadcast_to(jnp.arange(x.shape[1]) > 0, x.shape[:2]), inputs
    )
    annotated = jax.tree.map(lambda x, mask: with_mask(x + 0, mask), inputs, masks)
    outputs = layer(annotated)
    told = layer.compute_mask(inputs, masks)
    if isinstance(outputs, (list, tuple)) or told is None or isinstance(told, (list, tuple)):
        return
    demand(tuple(told.shape) == outputs.shape[: told.ndim], _(
        "the mask of the output has shape {shape}, the output {other}. A mask has the output's "
        "leading axes: write compute_mask(inputs, mask), or leave supports_masking False.",
        shape=tuple(told.shape), other=outputs.shape,
    ))  # fmt: skip


def check_freezing(subject: Subject) -> None:
    """Check ``trainable``."""
    layer = subject.built
    free = layer.trainable_weights
    layer.trainable = False
    frozen = not layer.trainable_weights
    demand(frozen and set(layer.non_trainable_weights) == set(layer.weights), _(
        "{n} weights stay trainable when trainable is False. Do not override trainable or "
        "trainable_weights, and hold layers as attributes.", n=len(layer.trainable_weights),
    ))  # fmt: skip
    layer(subject.rows())
    layer.trainable = True
    demand(layer.trainable_weights == free, _("trainable = True does not free the weights again."))


def check_saving(subject: Subject) -> None:
    """Check a model with the layer that was saved and loaded."""
    inputs = subject.symbolic()
    model = Model(inputs, subject.make()(inputs))
    expected = model.predict(subject.inputs)
    loaded = _saved_and_loaded(model)
    demand(same(loaded.get_weights(), model.get_weights()), _(
        "other weights came back from the file. Make all of them with add_weight."
    ))  # fmt: skip
    demand(same(loaded.predict(subject.inputs), expected), _(
        "a loaded model predicts other numbers. What call() uses has to be an argument of "
        "__init__ or a weight made with add_weight."
    ))  # fmt: skip


def check_attributes(subject: Subject) -> None:
    """Check that a file has what attributes are, not what they were."""
    inputs = subject.symbolic()
    layer = subject.make()
    model = Model(inputs, layer(inputs))
    names = accepted_arguments(type(layer))  # type: ignore[arg-type]
    changed = [name for name in names if _changes(layer, name)]
    if not changed:
        return
    expected = [run(model, subject.rows(), training) for training in (False, True)]
    loaded = _saved_and_loaded(model)
    found = [run(loaded, subject.rows(), training) for training in (False, True)]
    demand(same(expected, found), _(
        "the built layer was changed ({names}), and the loaded model computes other numbers. "
        "What call() uses of an argument is the attribute of the same name, read in call(); what "
        "only build() uses belongs in fixed_by_build.", names=", ".join(changed),
    ))  # fmt: skip


def _changes(layer: Layer, name: str) -> bool:
    """Change an attribute that is a fraction or an activation; return whether that was done."""
    value = getattr(layer, name, None) if name in layer.get_config() else None
    new: Any = None
    if isinstance(value, float):
        new = value / 2 or 0.25
    elif callable(value) and value in (activations.relu, activations.linear, activations.tanh):
        new = activations.tanh if value is activations.linear else activations.linear
    if new is None:
        return False
    try:
        setattr(layer, name, new)
    except (ConfigError, AttributeError):  # refused
        return False
    return True


def _saved_and_loaded(model: Model) -> Any:
    parts = [type(part) for part in model.named_layers().values()]
    own = {cls.__name__: cls for cls in parts if registry.name_of(cls) is None}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.maeum"
        model.save(path)
        return load_model(path, custom_objects=own)
