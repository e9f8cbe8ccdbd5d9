"""The layer that is checked: ways to make it, to run it, and inputs for it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core import functional, graph
from maeum.core.errors import ConfigError
from maeum.layers import Input, Layer

KEY = 7


class Broken(Exception):
    """What is wrong, and how to fix it."""


def demand(condition: Any, message: str) -> None:
    """Raise `Broken` with the message unless the condition holds."""
    if not condition:
        raise Broken(message)


class Subject:
    """The layer under test: ways to make it, and inputs for it."""

    def __init__(self, layer: Any, shape: Any, inputs: Any, init: Mapping[str, Any] | None):
        self.layer, self.init = layer, dict(init or {})
        if init and not isinstance(layer, type):
            raise ConfigError("init= gives arguments to a layer class; got {layer!r}.", layer=layer)
        first = self.make()
        if not isinstance(first, Layer):
            raise ConfigError("check_layer takes a layer, or what makes one; got {layer!r}.",
                              layer=layer)  # fmt: skip
        self.title = f"{type(first).__name__} ({first.name!r})"
        if inputs is None:
            rng = np.random.default_rng(KEY)
            several = isinstance(shape, list)
            shapes = [graph.check_shape(s, "input_shape") for s in (shape if several else [shape])]
            sizes = [[3 if n is None else n for n in s] for s in shapes]
            drawn = [rng.normal(size=(4, *s)).astype("float32") for s in sizes]
            inputs = drawn if several else drawn[0]
        self.inputs = graph.map_structure(_four_rows, inputs)

    def make(self) -> Layer:
        """Return a new layer without weights."""
        if isinstance(self.layer, Layer):
            return type(self.layer).from_config(self.layer.whole_config())
        return self.layer(**self.init)

    def rows(self, count: int = 4) -> Any:
        """Return the first ``count`` rows of the inputs."""
        return graph.map_structure(lambda x: jnp.asarray(x[:count]), self.inputs)

    @functools.cached_property
    def built(self) -> Layer:
        """A layer with weights, which the checks share: none of them may change it."""
        layer = self.make()
        layer(self.rows())
        return layer

    def symbolic(self) -> Any:
        """Return symbolic inputs with any number of rows."""
        return graph.map_structure(lambda x: Input(x.shape[1:], dtype=x.dtype), self.inputs)


def _four_rows(array: Any) -> np.ndarray:
    array = np.asarray(array)
    if not array.ndim or not len(array):
        raise ConfigError("inputs need a batch axis with at least one row; got {array!r}.",
                          array=array)  # fmt: skip
    array = array.astype({"f": "float32", "i": "int32"}.get(array.dtype.kind, array.dtype))
    return np.resize(array, (4, *array.shape[1:]))


def apply(layer: Layer, values: Any, inputs: Any, training: bool = False) -> Any:
    """Return the outputs of the layer as a pure function of its weights and inputs."""
    key = jax.random.PRNGKey(KEY)
    return functional.apply(layer, values, inputs, training=training, key=key)[0]


def run(layer: Layer, inputs: Any, training: bool = False) -> Any:
    """Return the outputs of the layer with its own weights."""
    return apply(layer, functional.values(layer), inputs, training)


def same(one: Any, two: Any, tolerance: float = 0.0) -> bool:
    """Return whether two structures hold the same numbers in the same shapes."""
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(two))
    return all(
        a.shape == b.shape and np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)
        for a, b in pairs
    )
