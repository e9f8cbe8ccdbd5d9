"""A model run layer by layer, so that each output can be inspected or changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import jax.numpy as jnp
import numpy as np

from maeum.core.errors import ConfigError, UnknownNameError, nearest
from maeum.core.graph import Node
from maeum.core.messages import _
from maeum.core.wording import some
from maeum.inspect.programs import abstractly
from maeum.layers.layer import Layer
from maeum.models import Model

Visit = Callable[[str, Layer, Any], Any]


def walk(model: Any, inputs: Any, visit: Visit) -> Any:
    """Run a model that was made from a graph, and models inside it layer by layer, too.

    Args:
        model: the model; the caller opens the scope that it runs in.
        inputs: what the model takes.
        visit: is called with the path, the layer and the output of every layer, and returns the
            output with which the run goes on. A layer's second call has the path ``"path:2"``.

    Raises:
        ConfigError: for a model without a graph.
    """
    return _walk(model, inputs, visit, "", Counter())


def _walk(model: Any, inputs: Any, visit: Visit, prefix: str, calls: Counter[str]) -> Any:
    if model.graph is None:
        raise ConfigError("The layers of {name!r} cannot be called one by one: it was not made "
                          "from symbolic inputs. Make it with Sequential or Model(inputs, "
                          "outputs); gradients with respect to its inputs are available for every "
                          "model.", name=model.name)  # fmt: skip

    def call(node: Node, args: tuple, kwargs: dict) -> Any:
        layer = node.operation
        if not isinstance(layer, Layer):
            return layer(*args, **kwargs)
        path = prefix + model._component[id(layer)]
        calls[path] += 1
        if calls[path] > 1:
            path += f":{calls[path]}"
        if args and _is_open(layer) and not kwargs.get("training"):
            outputs = _walk(layer, args[0], visit, f"{path}/", calls)
        else:
            outputs = layer(*args, **kwargs)
        return visit(path, layer, outputs)

    arrays = model._graph_inputs(inputs)
    declared = model.graph.input_tensors
    return model.graph.run([jnp.asarray(a, t.dtype) for a, t in zip(arrays, declared)], call)


def _is_open(layer: Layer) -> bool:
    """Whether ``layer`` is a model that does what its graph says, and nothing else."""
    return isinstance(layer, Model) and layer.graph is not None and type(layer).call is Model.call


def path_of(layer: Any, known: Iterable[str], model: Any) -> str:
    """Return the path of a layer: from the layer itself, its path, or its name if it is unique.

    Raises:
        UnknownNameError: for a name that no layer has, or that several have.
    """
    known = list(known)
    if isinstance(layer, Layer):
        paths = [path for path, own in model.named_layers().items() if own is layer]
        if not paths or paths[0] not in known:
            raise UnknownNameError("The layer {layer!r} is not among those of {name!r} that can be "
                                   "inspected: {known}.", layer=layer.name, name=model.name,
                                   known=some(known, 20) or _("none"))  # fmt: skip
        return paths[0]
    if layer in known:
        return str(layer)
    ends = [path for path in known if path.rpartition("/")[2] == layer]
    if len(ends) == 1:
        return ends[0]
    if ends:
        raise UnknownNameError("{name!r} has several layers {layer!r}: {paths}. Give the path.",
                               name=model.name, layer=layer, paths=", ".join(ends))  # fmt: skip
    near = nearest(layer, known) or nearest(layer, (path.rpartition("/")[2] for path in known))
    raise UnknownNameError("{name!r} has no layer {layer!r}.{hint} It has: {known}.",
                           name=model.name, layer=layer, hint=near,
                           known=some(known, 20) or _("none"))  # fmt: skip


def shapes(model: Any, x: np.ndarray) -> dict[str, tuple[Layer, tuple[int, ...]]]:
    """Return every layer by path, with the shape of its output for one row of ``x``.

    Layers with several outputs are ignored.
    """
    found: dict[str, tuple[Layer, tuple[int, ...]]] = {}

    def visit(path: str, layer: Layer, outputs: Any) -> Any:
        if hasattr(outputs, "shape"):
            found[path] = (layer, tuple(outputs.shape))
        return outputs

    abstractly(lambda x: walk(model, x, visit), x)
    return found
