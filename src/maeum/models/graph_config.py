"""A graph as JSON: its layers once each, and the nodes that call them in their order."""

from __future__ import annotations

from typing import Any

from maeum.core import graph, registry
from maeum.core.errors import ModelFileError
from maeum.layers.layer import Layer


def describe(model: Any) -> dict[str, Any]:
    """Return the configuration of a model that was made from a graph."""
    made: graph.Graph = model.graph
    layers = [o for o in made.operations if isinstance(o, Layer)]
    index_of = {id(layer): i for i, layer in enumerate(layers)}
    position: dict[int, list[int]] = {}
    nodes = []
    for node in made.nodes:
        operation = node.operation
        if id(operation) in index_of:
            entry: dict[str, Any] = {"layer": index_of[id(operation)]}
        else:
            entry = {"op": registry.serialize(operation.function)}
        if node.inputs:
            entry["args"] = _encode(list(node.args), position)
            entry["kwargs"] = _encode(node.kwargs, position)
        for i, tensor in enumerate(graph.symbolic_leaves(node.outputs)):
            position[id(tensor)] = [len(nodes), i]
        nodes.append(entry)
    return {
        "name": model.name,
        "trainable": model._trainable,
        "layers": [registry.serialize(layer) for layer in layers],
        "nodes": nodes,
        "inputs": _encode(made.inputs, position),
        "outputs": _encode(made.outputs, position),
    }


def rebuild(config: dict[str, Any]) -> tuple[Any, Any]:
    """Return the symbolic inputs and outputs of the graph that `describe` described."""
    layers = [registry.deserialize(layer) for layer in config["layers"]]
    made: list[list[graph.SymbolicTensor]] = []
    try:
        for entry in config["nodes"]:
            if "op" in entry:
                operation = registry.deserialize(entry["op"])
            else:
                operation = layers[entry["layer"]]
            if "args" in entry:
                args, kwargs = _decode(entry["args"], made), _decode(entry["kwargs"], made)
                outputs = operation(*args, **kwargs)
            else:
                outputs = operation.output
            made.append(graph.symbolic_leaves(outputs))
        return _decode(config["inputs"], made), _decode(config["outputs"], made)
    except (KeyError, IndexError, TypeError) as error:
        raise ModelFileError(f"The graph of {config.get('name')!r} is damaged: {error!r}.") from error


def _encode(value: Any, position: dict[int, list[int]]) -> Any:
    if graph.is_symbolic(value):
        return {"tensor": position[id(value)]}
    if isinstance(value, (list, tuple)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_encode(part, position) for part in value]}
    if isinstance(value, dict):
        return {"dict": {key: _encode(part, position) for key, part in value.items()}}
    return {"value": registry.serialize(value)}


def _decode(value: dict[str, Any], made: list[list[graph.SymbolicTensor]]) -> Any:
    [(kind, content)] = value.items()
    if kind == "tensor":
        return made[content[0]][content[1]]
    if kind == "dict":
        return {key: _decode(part, made) for key, part in content.items()}
    if kind in ("list", "tuple"):
        parts = [_decode(part, made) for part in content]
        return tuple(parts) if kind == "tuple" else parts
    return registry.deserialize(content)
