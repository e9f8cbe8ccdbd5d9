"""``.meta`` files read again: the operations of a graph, by what they compute."""

from __future__ import annotations

import base64
import functools
import importlib
import json
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from maeum.compat.graph.errors import NotFoundError, UnimplementedError
from maeum.compat.graph.graph import Graph, Tensor, get_default_graph
from maeum.compat.graph.kinds import Kind
from maeum.compat.graph.types import TensorShape, as_dtype
from maeum.compat.ops.convert import convert_to_tensor
from maeum.compat.ops.ignoring import check_others
from maeum.compat.ops.recording import KINDS
from maeum.compat.ops.variables import GraphVariable, assign, assign_add, assign_sub
from maeum.compat.surface import MODULES
from maeum.compat.train.gradients import gradients
from maeum.compat.train.meta import OWN
from maeum.compat.train.optimizers import step_of
from maeum.compat.train.saver import Saver
from maeum.core import registry
from maeum.core.errors import ModelFileError
from maeum.core.files import read_bytes

__all__ = ["import_meta_graph"]

_ASSIGNING = {"Assign": assign, "AssignAdd": assign_add, "AssignSub": assign_sub}


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
    meta_graph_or_file: Any,
    clear_devices: bool = False,
    import_scope: str | None = None,
    **others: Any,
) -> Any:
    """Add the operations of a ``.meta`` file to the default graph; return what restores it.

    Raises:
        NotFoundError: if there is no such file.
        ModelFileError: if it is none of Maeum's.
    """
    check_others("import_meta_graph", others)
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
            known = {**KINDS, **OWN}.get(kind or "") or _opaque(told["type"], name)
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
