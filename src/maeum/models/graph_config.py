"""A graph as JSON: its layers once each, and the nodes that call them in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from maeum.core import graph, registry
from maeum.core.errors import ModelFileError
from maeum.layers.input import Input
from maeum.layers.layer import Layer


def describe(model: Any) -> dict[str, Any]:
    """Return the configuration of a model that was made from a graph."""
    made: graph.Graph = model.graph
    layers = [o for o in made.operations if isinstance(o, Layer)]
    index_of = {id(layer): i for i, layer in enumerate(layers)}
    position: dict[int, list[int]] = {}
    nodes: list[dict[str, Any]] = []

    def leaf(value: Any) -> dict[str, Any]:
        if graph.is_symbolic(value):
            return {"tensor": position[id(value)]}
        return {"value": registry.serialize(value)}

    for tensor in made.input_tensors:
        if tensor.node not in made.nodes:  # the middle of another graph
            position[id(tensor)] = [len(nodes), 0]
            nodes.append({"input": describe_tensor(tensor)})
    for node in made.nodes:
        entry: dict[str, Any]
        if id(node.operation) in index_of:
            entry = {"layer": index_of[id(node.operation)]}
        else:
            entry = {"op": registry.serialize(node.operation.function)}
        if node.inputs:
            entry["args"] = encode(list(node.args), leaf)
            entry["kwargs"] = encode(node.kwargs, leaf)
        for i, tensor in enumerate(graph.symbolic_leaves(node.outputs)):
            position.setdefault(id(tensor), [len(nodes), i])
        nodes.append(entry)
    return {
        "name": model.name,
        "trainable": model._trainable,
        **describe_layers(layers, model._component),
        "nodes": nodes,
        "inputs": encode(made.inputs, leaf),
        "outputs": encode(made.outputs, leaf),
    }


def rebuild(config: dict[str, Any]) -> tuple[Any, Any]:
    """Return the symbolic inputs and outputs of the graph that `describe` described."""
    layers = make_layers(config)
    made: list[list[graph.SymbolicTensor]] = []

    def leaf(kind: str, content: Any) -> Any:
        return made[content[0]][content[1]] if kind == "tensor" else registry.deserialize(content)

    try:
        for entry in config["nodes"]:
            if "input" in entry:
                made.append([make_tensor(entry["input"])])
                continue
            if "op" in entry:
                operation = registry.deserialize(entry["op"])
            else:
                operation = layers[entry["layer"]]
            if "args" in entry:
                outputs = operation(*decode(entry["args"], leaf), **decode(entry["kwargs"], leaf))
            else:
                outputs = operation.output
            made.append(graph.symbolic_leaves(outputs))
        return decode(config["inputs"], leaf), decode(config["outputs"], leaf)
    except (KeyError, IndexError, TypeError) as error:
        raise ModelFileError(
            f"The graph of {config.get('name')!r} is damaged: {error!r}."
        ) from error


def describe_layers(layers: Iterable[Layer], component: Mapping[int, str]) -> dict[str, Any]:
    """Return the configurations of layers, with the names that they have in their model."""
    described, automatic = [], []
    for layer in layers:
        entry = registry.serialize(layer)
        name = component.get(id(layer), layer._name)
        if name != layer._name:
            entry["config"]["name"] = name
        if name is not None and (layer._auto_named or name != layer._name):
            automatic.append(name)
        described.append(entry)
    return {"layers": described, "named_by_model": automatic}


def make_layers(config: Mapping[str, Any]) -> list[Layer]:
    """Return the layers that `describe_layers` described."""
    layers = [registry.deserialize(layer) for layer in config["layers"]]
    for layer in layers:
        if not isinstance(layer, Layer):
            raise ModelFileError(
                f"{config.get('name')!r} has something that is no layer: {layer!r}."
            )
        layer._auto_named = layer._name in config.get("named_by_model", ())
    return layers


def describe_tensor(tensor: graph.SymbolicTensor) -> dict[str, Any]:
    """Return the arguments of the `Input` that gives such a tensor."""
    return {
        "batch_shape": list(tensor.shape),
        "dtype": tensor.dtype.name,
        "name": tensor.name.rpartition("/")[2] or None,
    }


def make_tensor(config: Mapping[str, Any]) -> graph.SymbolicTensor:
    """Return the tensor that `describe_tensor` described."""
    return Input(batch_shape=config["batch_shape"], dtype=config["dtype"], name=config["name"])


def describe_call(arguments: Any) -> dict[str, Any]:
    """Return the shapes and dtypes of the arrays that a model was called with first."""

    def leaf(value: Any) -> dict[str, Any]:
        if not hasattr(value, "shape"):
            return {"value": registry.serialize(value)}
        return {"array": {"shape": list(value.shape), "dtype": np.dtype(value.dtype).name}}

    return encode(arguments, leaf)


def make_call(config: dict[str, Any]) -> Any:
    """Return the arguments that `describe_call` described, with symbolic tensors for arrays."""

    def leaf(kind: str, content: Any) -> Any:
        if kind == "array":
            shape = graph.check_shape(content["shape"], "The shape of an input")
            return graph.SymbolicTensor(shape, content["dtype"])
        return registry.deserialize(content)

    return decode(config, leaf)


def encode(value: Any, leaf: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """Return a structure of lists, tuples and dicts as JSON in which each part says what it is."""
    if isinstance(value, (list, tuple)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [encode(part, leaf) for part in value]}
    if isinstance(value, Mapping):
        return {"dict": {key: encode(part, leaf) for key, part in value.items()}}
    return leaf(value)


def decode(value: dict[str, Any], leaf: Callable[[str, Any], Any]) -> Any:
    """Return the structure that `encode` wrote."""
    [(kind, content)] = value.items()
    if kind == "dict":
        return {key: decode(part, leaf) for key, part in content.items()}
    if kind in ("list", "tuple"):
        parts = [decode(part, leaf) for part in content]
        return tuple(parts) if kind == "tuple" else parts
    return leaf(kind, content)
