"""Texts in a graph: the part of it that runs on the host, before the compiled program.

Strings cannot enter a compiled program. In a graph a text is a symbolic tensor of a text dtype,
and a layer that takes one runs on the host, in Python. The program begins where texts have become
numbers: at the outputs of such layers, and at the inputs that were numbers from the beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from maeum.core.errors import ConfigError
from maeum.core.graph import Graph, Node, SymbolicTensor, map_structure, symbolic_leaves


class HostPart:
    """The part of a graph that takes texts.

    Attributes:
        program: the rest of the graph, from numbers to numbers; the graph itself if nothing in it
            takes texts.

    Raises:
        ConfigError: if a layer that takes texts needs what only the program computes, or if an
            output of the graph is a text.
    """

    def __init__(self, graph: Graph):
        self.inputs = graph.input_tensors
        self.nodes = [n for n in graph.nodes if n.inputs and any(map(is_text, _tensors(n)))]
        self.program = graph
        if any(is_text(tensor) for tensor in graph.output_tensors):
            raise ConfigError(
                "The outputs of a model are numbers, and one of these is a text. Turn numbers "
                "into texts after predict: lookup(model.predict(x).argmax(-1))."
            )
        if not any(map(is_text, self.inputs)) and not self.nodes:
            return
        known = {id(tensor) for tensor in self.inputs}
        for node in self.nodes:
            if any(id(tensor) not in known for tensor in node.inputs):
                raise ConfigError(
                    "The layer {name!r} works on texts, on the host, so it can take only what a "
                    "model is given; its input comes from another layer.",
                    name=node.operation.name,
                )
            known.update(id(tensor) for tensor in symbolic_leaves(node.outputs))
        self.program = Graph(self._border(graph), graph.outputs, graph.attached)

    def _border(self, graph: Graph) -> list[SymbolicTensor]:
        """Return the tensors with which the program begins, each once, in a fixed order."""
        here = {id(node) for node in self.nodes}
        made = [t for node in self.nodes for t in symbolic_leaves(node.outputs)]
        needed = {id(t) for n in graph.nodes if id(n) not in here for t in n.inputs}
        needed |= {id(tensor) for tensor in graph.output_tensors}
        numbers = [tensor for tensor in self.inputs if not is_text(tensor)]
        return [t for t in (*numbers, *made) if id(t) in needed and not is_text(t)]

    def __bool__(self) -> bool:
        return bool(self.nodes)

    def run(self, inputs: Sequence[Any]) -> list[Any]:
        """Return what the program takes for values (or symbolic tensors) of the inputs."""
        value_of = {id(tensor): value for tensor, value in zip(self.inputs, inputs)}

        def fill(leaf: Any) -> Any:
            return value_of[id(leaf)] if isinstance(leaf, SymbolicTensor) else leaf

        for node in self.nodes:
            args, kwargs = map_structure(fill, node.args), map_structure(fill, node.kwargs)
            made = node.operation(*args, **kwargs)
            outputs = symbolic_leaves(node.outputs)
            values = [made] if len(outputs) == 1 else list(made)
            value_of.update((id(tensor), value) for tensor, value in zip(outputs, values))
        return [value_of[id(tensor)] for tensor in self.program.input_tensors]


def is_text(tensor: SymbolicTensor) -> bool:
    """Tell whether a symbolic tensor stands for texts."""
    return tensor.dtype.kind == "U"


def _tensors(node: Node) -> list[SymbolicTensor]:
    return [*node.inputs, *symbolic_leaves(node.outputs)]
