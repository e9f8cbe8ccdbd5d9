"""Making a model again: from itself, or from its description."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from maeum.core import graph, registry
from maeum.core.errors import ConfigError, ModelFileError
from maeum.core.graph import SymbolicTensor
from maeum.core.randomness import check_seed, next_seed
from maeum.layers.input import Input, InputLayer
from maeum.layers.layer import Layer
from maeum.models.model import Model
from maeum.models.sequential import Sequential
from maeum.saving import archive


def clone_model(
    model: Any,
    input_tensors: Any = None,
    clone_function: Callable[[Layer], Layer] | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
    *,
    seed: int | None = None,
) -> Any:
    """Return a model of the same architecture with weights of its own, newly initialized.

    Args:
        model: the model. One that is compiled gives a copy that is compiled in the same way.
        input_tensors: the symbolic inputs of the copy, in the structure of the model's; new ones
            by default.
        clone_function: returns the layer of the copy for each layer of the model, which may be
            the same one; by default a new one of the same configuration.
        call_function: ``call_function(layer, *args, **kwargs)`` returns what stands for the
            layer's output in the copy of a functional model; by default the layer is called.
        recursive: whether the two functions reach the layers of models inside, too.
        seed: the seed of the copy; another one than the model's by default.

    Raises:
        ConfigError: for functions where there is no graph to walk through.

    Example:
        >>> import maeum as mm
        >>> model = mm.Sequential([mm.Input((3,)), mm.layers.Dense(2)])
        >>> copy = clone_model(model)
        >>> bool((copy.get_weights()[0] == model.get_weights()[0]).all())
        False
    """
    seed = next_seed() if seed is None else check_seed(seed)
    with registry.reference_scope():
        if input_tensors is None and clone_function is None and call_function is None:
            description = archive.architecture(model)
            copy = archive.from_architecture({**description, "seed": seed})
        else:
            copy = _Cloning(clone_function, call_function, recursive).copy(model, input_tensors)
            copy.reseed(seed)
        if getattr(model, "compiled", False) and not copy.compiled:
            arguments = registry.serialize(
                {"optimizer": model.optimizer, **model.compile_arguments}
            )
            copy.compile(**registry.deserialize(arguments))
    return copy


class _Cloning:
    """A walk through a model that makes another one; each layer is made once."""

    def __init__(self, clone: Any, call: Any, recursive: bool):
        self.clone, self.call, self.recursive = clone, call, recursive
        self.made: dict[int, Any] = {}

    def layer(self, layer: Any) -> Any:
        """Return the layer of the copy for a layer of the model."""
        if id(layer) not in self.made:
            inside = self.recursive and isinstance(layer, Model) and (
                isinstance(layer, Sequential) or layer.graph is not None
            )  # fmt: skip
            if inside:
                self.made[id(layer)] = self.copy(layer, None)
            elif self.clone is not None:
                self.made[id(layer)] = self.clone(layer)
            else:
                new = type(layer).from_config(layer.whole_config())
                new._auto_named = layer._auto_named
                self.made[id(layer)] = new
        return self.made[id(layer)]

    def copy(self, model: Any, inputs: Any) -> Any:
        if isinstance(model, Sequential):
            return self._stack(model, inputs)
        if not isinstance(model, Model) or model.graph is None:
            raise ConfigError("input_tensors, clone_function and call_function walk through a "
                              "graph, and {name!r} has none; clone_model(model) copies it.",
                              name=getattr(model, "name", model))  # fmt: skip
        return self._graph(model, inputs)

    def _stack(self, model: Sequential, inputs: Any) -> Sequential:
        if self.call is not None and not self.recursive:
            raise ConfigError("call_function is for functional models: the layers of a Sequential "
                              "are listed, not called.")  # fmt: skip
        layers: list[Any] = [self.layer(layer) for layer in model.layers]
        from maeum import tree  # which slows the import of Maeum otherwise

        given = tree.flatten(inputs) if inputs is not None else []
        if len(given) > 1 or not all(map(graph.is_symbolic, given)):
            raise ConfigError("`input_tensors` of a Sequential is one symbolic tensor; got "
                              "{given!r}.", given=inputs)  # fmt: skip
        first = given or model._tensors[:1]
        if first:
            layers.insert(0, first[0] if given else _like(first[0]))
        return Sequential(layers, model.trainable, model.name)

    def _graph(self, model: Model, inputs: Any) -> Model:
        old: graph.Graph = model.graph  # type: ignore[assignment]
        inputs = graph.map_structure(_like, old.inputs) if inputs is None else inputs
        try:
            from maeum import tree

            tree.assert_same_structure(inputs, old.inputs)
        except ValueError as error:
            raise ConfigError("`input_tensors` must have the same structure as model.input: "
                              "{error}", error=error) from None  # fmt: skip
        given = graph.symbolic_leaves(inputs)
        if len(given) != len(old.input_tensors):
            raise ConfigError("`input_tensors` are symbolic tensors; got {given!r}.", given=inputs)
        new_of: dict[int, Any] = {id(t): new for t, new in zip(old.input_tensors, given)}

        def fill(leaf: Any) -> Any:
            return new_of[id(leaf)] if graph.is_symbolic(leaf) else leaf

        for node in old.nodes:
            tensors = graph.symbolic_leaves(node.outputs)
            if all(id(tensor) in new_of for tensor in tensors):
                continue
            args, kwargs = (graph.map_structure(fill, part) for part in (node.args, node.kwargs))
            operation = node.operation
            if isinstance(operation, Layer) and not isinstance(operation, InputLayer):
                operation = self.layer(operation)
            call = self.call if isinstance(operation, Layer) else None
            outputs = call(operation, *args, **kwargs) if call else operation(*args, **kwargs)
            new_of.update(
                (id(tensor), new) for tensor, new in zip(tensors, graph.symbolic_leaves(outputs))
            )
        outputs = graph.map_structure(fill, old.outputs)
        copy = Model(inputs, outputs, name=model.name, trainable=model.trainable)
        if old.attached:
            attached = [new_of[id(tensor)] for tensor in old.attached]
            copy._set_graph(graph.Graph(copy.input, copy.output, attached))
        return copy


def _like(tensor: SymbolicTensor) -> SymbolicTensor:
    """Return a new input like a symbolic tensor."""
    name = tensor.name.rpartition("/")[2] or None
    return Input(batch_shape=tensor.shape, dtype=tensor.dtype, name=name)


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the model that ``model.to_json()`` described, with new weights.

    Args:
        json_string: what ``to_json`` returned.
        custom_objects: classes and functions of yours that it uses, by name.

    Raises:
        ModelFileError: if the text describes no model.
        UnknownNameError: if it uses a class that is not known.
    """
    with archive.reading("The text"), registry.custom_object_scope(custom_objects):
        try:
            description = json.loads(json_string)
        except (TypeError, ValueError) as error:
            raise ModelFileError("This is not the JSON of a model: {error}.", error=error) from None
        return archive.from_architecture(description)
