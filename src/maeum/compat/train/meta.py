"""``.meta`` files: the graph of a checkpoint, as JSON.

What is written of an operation are its name, what it computes, by the name of that here, and its
arguments. Nothing of a file is run. Operations that functions of a script made (``py_func``, loops)
are there again after `import_meta_graph`, but cannot run; all others can.
"""

from __future__ import annotations

import base64
import functools
import importlib
import json
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from maeum import initializers
from maeum.compat.graph.errors import NotFoundError, UnimplementedError
from maeum.compat.graph.graph import Graph, Operation, Tensor, get_default_graph
from maeum.compat.graph.kinds import Kind
from maeum.compat.graph.types import DType, TensorShape, as_dtype
from maeum.compat.ops.convert import convert_to_tensor
from maeum.compat.ops.groups import NO_OP
from maeum.compat.ops.placeholders import DEFAULT, PLACEHOLDER
from maeum.compat.ops.recording import CONSTANT, KINDS, TEXT
from maeum.compat.ops.variables import VARIABLE, GraphVariable, assign, assign_add, assign_sub
from maeum.compat.surface import MODULES
from maeum.compat.train.gradients import Gradient, gradients
from maeum.compat.train.optimizers import step_of
from maeum.compat.train.saver import Saver
from maeum.core import registry
from maeum.core.errors import ModelFileError
from maeum.core.files import read_bytes, write_atomically

__all__ = ["export_meta_graph", "import_meta_graph"]

_OWN = {"const": CONSTANT, "text": TEXT, "placeholder": PLACEHOLDER, "noop": NO_OP,
        "default": DEFAULT}  # fmt: skip
_ASSIGNING = {"Assign": assign, "AssignAdd": assign_add, "AssignSub": assign_sub}


def export_meta_graph(filename: Any = None, graph: Graph | None = None, saver: Any = None,
                      **_: Any) -> dict[str, Any]:  # fmt: skip
    """Write a graph, and return what is written."""
    graph = graph or get_default_graph()
    names = {id(kind): name for name, kind in KINDS.items()}
    names |= {id(kind): name for name, kind in _OWN.items()}
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


def _decoded(value: Any, tensor: Callable[[str], Any]) -> Any:
    if not isinstance(value, dict):
        return value
    if "array" in value:
        data = base64.b64decode(value["array"])
        return np.frombuffer(data, value["dtype"]).reshape(value["shape"])
    if "texts" in value:
        found = np.empty(int(np.prod(value["shape"])), object)
        found[:] = _decoded(value["texts"], tensor)
        return found.reshape(value["shape"])
    ((kind, content),) = value.items()
    readers: dict[str, Callable[[Any], Any]] = {
        "tensor": tensor, "bytes": lambda text: text.encode("latin-1"), "dtype": as_dtype,
        "sizes": TensorShape, "initializer": registry.deserialize,
    }  # fmt: skip
    if kind in readers:
        return readers[kind](content)
    parts = [_decoded(one, tensor) for one in content]
    return tuple(parts) if kind != "list" else parts


@functools.cache
def _import_kinds() -> None:
    """Import all modules of this room that have kinds."""
    for module in MODULES.values():
        for source in module.sources:
            if source.startswith(("maeum.compat.ops.", "maeum.compat.layers.")):
                importlib.import_module(source)


def import_meta_graph(
    meta_graph_or_file: Any, clear_devices: bool = False, import_scope: str | None = None, **_: Any
) -> Any:
    """Add the operations of a ``.meta`` file to the default graph; return what restores it.

    Raises:
        NotFoundError: if there is no such file.
        ModelFileError: if it is none of Maeum's.
    """
    if not os.path.exists(meta_graph_or_file):
        raise NotFoundError("There is no file {path}.", path=meta_graph_or_file)
    try:
        content = json.loads(read_bytes(meta_graph_or_file))
    except ValueError:
        raise ModelFileError("{path} is no graph of Maeum's: TensorFlow's own are not read.",
                             path=meta_graph_or_file) from None  # fmt: skip
    _import_kinds()
    graph = get_default_graph()
    prefix = f"{import_scope}/" if import_scope else ""
    with graph.name_scope(None):
        for told in content["operations"]:
            _add(graph, told, prefix)
    for key, names in content["collections"].items():
        known = {id(one) for one in graph.get_collection(key)}
        for name in names:
            thing = graph.as_graph_element(f"{prefix}{name}")
            if id(thing) not in known:
                graph.add_to_collection(key, thing)
    saved = {k: graph.get_tensor_by_name(f"{prefix}{v}") for k, v in content["saved"].items()}
    return Saver(saved or None, allow_empty=True)


def _add(graph: Graph, told: dict[str, Any], prefix: str) -> None:
    name = f"{prefix}{told['name']}"
    if name in graph._operations:  # an initializer, which came with its variable
        return

    def tensor(full: str) -> Any:
        return graph.get_tensor_by_name(f"{prefix}{full}")

    controls = [graph.get_operation_by_name(f"{prefix}{c}") for c in told["control"]]
    with graph.control_dependencies(controls):
        kind, args = told.get("kind"), _decoded(told.get("args"), tensor)
        outputs = [Tensor(shape, dtype) for shape, dtype in told["outputs"]]
        if kind == "variable":
            sizes = [n or 1 for n in told["outputs"][0][0] or ()]
            zeros = convert_to_tensor(np.zeros(sizes, as_dtype(told["outputs"][0][1]).dtype))
            GraphVariable(zeros, told["trainable"], [], name=name)
        elif kind == "gradients":
            gradients(args[0], args[1], args[2], name=name)
        elif kind == "step":
            variables, state, given = map(list, args)
            step_of(told["type"], told["recipe"], variables, state, tuple(given), name)
        elif kind == "assign":
            _ASSIGNING[told["type"]](args[0], args[1], name=name)
        else:
            known = {**KINDS, **_OWN}.get(kind or "") or _opaque(told["type"], name)
            made = graph.add(known, args or (), {}, outputs, name)
            made.names = told.get("names", ())  # type: ignore[attr-defined]


def _opaque(type_: str, name: str) -> Kind:
    def refuse(*_: Any) -> Any:
        raise UnimplementedError(
            "{name!r} ({type}) was made by a function of the script, so that it cannot run after "
            "import_meta_graph(). Build the graph by the script, and restore its variables.",
            name=name, type=type_,
        )  # fmt: skip

    return Kind(type_, refuse, constant=False)
