"""A graph as JSON: its layers once each, and the nodes that call them in their order."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import fields
from typing import Any

import numpy as np

from maeum.core import graph, registry, ties
from maeum.core.errors import ModelFileError
from maeum.core.variable import Variable
from maeum.layers.input import Input
from maeum.layers.layer import Layer

# The layers and variables that were made of a description of format 2, which numbers them all.
_numbered: ContextVar[dict[int, Any] | None] = ContextVar("numbered", default=None)


def _numbering(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate what makes layers and variables, so that numbers of theirs can be looked up."""

    @functools.wraps(function)
    def made(*args: Any) -> Any:
        token = _numbered.set({}) if _numbered.get() is None else None
        try:
            return function(*args)
        finally:
            if token is not None:
                _numbered.reset(token)

    return ties.making(made)


def _make_numbered(entry: Any, make: Callable[[Any], Any]) -> Any:
    """Return what an entry describes, which may be the number of what was made before."""
    made = _numbered.get()
    assert made is not None
    if isinstance(entry, dict) and "shared" in entry:
        thing = made.get(entry["shared"])
        if type(thing).__name__ != entry.get("kind"):
            raise ModelFileError(
                "{entry} was not described before; the description is damaged.", entry=entry
            )
        return thing
    number = len(made)
    made[number] = None
    made[number] = make(entry)
    return made[number]


@ties.describing
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
        if isinstance(value, Variable):
            return {"variable": made.variables.index(value)}
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
            made_of = getattr(node.operation, "function", node.operation)
            entry = {"op": registry.serialize(made_of)}
        if node.inputs:
            entry["args"] = encode(list(node.args), leaf)
            entry["kwargs"] = encode(node.kwargs, leaf)
        for i, tensor in enumerate(graph.symbolic_leaves(node.outputs)):
            position.setdefault(id(tensor), [len(nodes), i])
        nodes.append(entry)
    config = {
        "name": model.name,
        "trainable": model._trainable,
        **describe_layers(layers, model._component),
        "nodes": nodes,
        "inputs": encode(made.inputs, leaf),
        "outputs": encode(made.outputs, leaf),
    }
    if made.variables:
        config["variables"] = _describe_variables(made, layers)
    if made.attached:
        config["attached"] = encode(made.attached, leaf)
    return config


@_numbering
def rebuild(config: dict[str, Any]) -> tuple[Any, Any, list[graph.SymbolicTensor]]:
    """Return the symbolic inputs, outputs and attached tensors of a graph that was described."""
    layers = make_layers(config)
    made: list[list[graph.SymbolicTensor]] = []

    def leaf(kind: str, content: Any) -> Any:
        if kind == "variable":
            return variables[content]
        return made[content[0]][content[1]] if kind == "tensor" else registry.deserialize(content)

    try:
        variables = [_make_variable(entry, layers) for entry in config.get("variables", ())]
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
        attached = decode(config.get("attached", {"list": []}), leaf)
        return decode(config["inputs"], leaf), decode(config["outputs"], leaf), attached
    except (KeyError, IndexError, TypeError) as error:
        raise ModelFileError(
            "The graph of {name!r} is damaged: {error!r}.", name=config.get("name"), error=error
        ) from error


def _describe_variables(made: graph.Graph, layers: list[Layer]) -> list[dict[str, Any]]:
    """Return the variables that nodes take: those of a layer by their path, others as they are."""
    held: dict[int, tuple[int, str]] = {}
    for number, layer in enumerate(layers):
        for path, variable in layer.named_variables().items():
            held.setdefault(id(variable), (number, path))
    described = []
    for variable in made.variables:
        if id(variable) not in held:
            described.append(
                ties.describe_once(variable, functools.partial(_describe_variable, variable))
            )
            continue
        number, path = held[id(variable)]
        node = next(node for node in made.nodes if node.operation is layers[number])
        call = describe_call([node.args, node.kwargs])  # with which the layer is built again
        described.append({"layer": number, "path": path, "call": call})
    return described


def _describe_variable(variable: Variable) -> dict[str, Any]:
    arguments = [field.name for field in fields(Variable) if field.init]
    return {name: registry.serialize(getattr(variable, name)) for name in arguments}


def _make_variable(entry: Mapping[str, Any], layers: list[Layer]) -> Variable:
    if "path" in entry:
        layer = layers[entry["layer"]]
        if not layer.built:
            layer._infer(*make_call(entry["call"]))
        return layer.named_variables()[entry["path"]]  # type: ignore[return-value]

    def make(entry: Mapping[str, Any]) -> Variable:
        config = {name: value for name, value in entry.items() if name != "tie"}
        return ties.make_once(entry, lambda: Variable(**registry.deserialize(config)))

    return _make_numbered(entry, make)


@ties.describing
def describe_layers(layers: Iterable[Layer], component: Mapping[int, str]) -> dict[str, Any]:
    """Return the configurations of layers, with the names that they have in their model."""
    described, automatic = [], []
    for layer in layers:
        entry = registry.serialize(layer)
        name = component.get(id(layer), layer._name)
        if name != layer._name and "config" in entry:
            entry["config"]["name"] = name
        if name is not None and (layer._auto_named or name != layer._name):
            automatic.append(name)
        described.append(entry)
    return {"layers": described, "named_by_model": automatic}


@_numbering
def make_layers(config: Mapping[str, Any]) -> list[Layer]:
    """Return the layers that `describe_layers` described."""

    def make(entry: Any) -> Layer:
        layer = registry.deserialize(entry)
        if not isinstance(layer, Layer):
            raise ModelFileError(
                "{name!r} has something that is not a layer: {layer!r}.",
                name=config.get("name"),
                layer=layer,
            )
        layer._auto_named = layer._name in config.get("named_by_model", ())
        return layer

    return [_make_numbered(entry, make) for entry in config["layers"]]


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
