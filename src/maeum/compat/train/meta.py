"""``.meta`` files: the graph of a checkpoint, as JSON.

What is written of an operation are its name, what it computes, by the name of that here, and its
arguments. Nothing of a file is run. Operations that functions of a script made (``py_func``, loops)
are there again after `import_meta_graph`, but cannot run; all others can.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np

from maeum import initializers
from maeum.compat.graph.graph import Graph, Operation, Tensor, get_default_graph
from maeum.compat.graph.types import DType, TensorShape, as_dtype
from maeum.compat.ops.groups import NO_OP
from maeum.compat.ops.ignoring import check_others
from maeum.compat.ops.placeholders import DEFAULT, PLACEHOLDER
from maeum.compat.ops.recording import CONSTANT, KINDS, TEXT
from maeum.compat.ops.variables import VARIABLE
from maeum.compat.train.gradients import Gradient
from maeum.core import registry
from maeum.core.files import write_atomically

__all__ = ["export_meta_graph"]

OWN = {"const": CONSTANT, "text": TEXT, "placeholder": PLACEHOLDER, "noop": NO_OP,
        "default": DEFAULT}  # fmt: skip
_ASSIGNING = ("Assign", "AssignAdd", "AssignSub")


def export_meta_graph(filename: Any = None, graph: Graph | None = None, saver: Any = None,
                      **others: Any) -> dict[str, Any]:  # fmt: skip
    """Write a graph, and return what is written."""
    check_others("export_meta_graph", others)
    graph = graph or get_default_graph()
    names = {id(kind): name for name, kind in KINDS.items()}
    names |= {id(kind): name for name, kind in OWN.items()}
    content = {
        "format": 1,
        "operations": [_told(op, names) for op in graph.get_operations()],
        "collections": {
            key: [one.name for one in graph.get_collection(key) if hasattr(one, "name")]
            for key in graph.get_all_collection_keys() if isinstance(key, str)
        },
        "saved": {} if saver is None else {k: v.name for k, v in saver._variables.items()},
    }  # fmt: skip
    if filename is not None:
        write_atomically(filename, json.dumps(content).encode())
    return content


def _told(op: Operation, names: dict[int, str]) -> dict[str, Any]:
    kind = op.operation
    found: dict[str, Any] = {
        "name": op.name, "type": op.type, "control": [c.name for c in op.control_inputs],
        "outputs": [[None if t.shape.unknown else t.shape.as_list(), t.dtype.name]
                    for t in op.outputs],
    }  # fmt: skip
    try:
        if kind is VARIABLE:
            variable = op.outputs[0]
            return {**found, "kind": "variable", "trainable": variable.trainable}
        if isinstance(kind, Gradient):
            return {**found, "kind": "gradients", "args": _encoded(op.args)}
        if kind.name in _ASSIGNING and len(kind.writes) == 1:
            return {**found, "kind": "assign", "args": _encoded((kind.writes[0], *op.args))}
        if getattr(kind, "recipe", None) is not None:
            recipe, count = kind.recipe
            args = (kind.variables[:count], kind.variables[count:], op.args)
            return {**found, "kind": "step", "recipe": recipe, "args": _encoded(args)}
        if id(kind) in names:
            return {**found, "kind": names[id(kind)], "args": _encoded(op.args),
                    "names": list(getattr(op, "names", ()))}  # fmt: skip
    except _UntoldError:
        pass
    return found


class _UntoldError(Exception):
    """An argument that no file can hold."""


def _encoded(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Tensor):
        return {"tensor": value.name}
    if isinstance(value, bytes):
        return {"bytes": value.decode("latin-1")}
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        if array.dtype == object:
            return {"texts": _encoded(array.ravel().tolist()), "shape": list(array.shape)}
        data = base64.b64encode(array.tobytes()).decode()
        return {"array": data, "dtype": array.dtype.str, "shape": list(array.shape)}
    if isinstance(value, DType):
        return {"dtype": value.name}
    if isinstance(value, TensorShape):
        return {"sizes": None if value.unknown else value.as_list()}
    if isinstance(value, initializers.Initializer):
        return {"initializer": registry.serialize(value)}
    if isinstance(value, (list, tuple)):
        return {type(value).__name__: [_encoded(one) for one in value]}
    if isinstance(value, type):
        return {"dtype": as_dtype(value).name}
    raise _UntoldError
