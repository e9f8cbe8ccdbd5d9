"""The functional side of a model: the graph of layers and ops that it was made from."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from maeum.core import graph, registry
from maeum.core.errors import ConfigError, DataError
from maeum.core.graph import Graph, SymbolicTensor
from maeum.core.hosting import HostPart, is_text
from maeum.core.masks import mask_of, with_mask
from maeum.core.messages import _
from maeum.layers.layer import Layer
from maeum.models.building import Builder
from maeum.training.arrays import (
    as_array,
    as_arrays,
    check_input,
    check_texts,
    holds_text,
    match_names,
    row_count,
)
from maeum.training.part_losses import leaf_names
from maeum.training.steps import unpack_x_y_sample_weight


class NoGraphError(ConfigError, AttributeError):
    """A model without a graph was asked for what only a graph has."""


class Functional(Builder):
    """A model as far as it runs the graph between symbolic tensors, if it has one."""

    graph: Graph | None = None
    _host: HostPart | None = None  # what turns texts into numbers before the program
    _any_size = False  # whether the sizes of the inputs are those of the first data, not declared

    def __init__(self, **options: Any):
        super().__init__(**options)
        self._component: dict[int, str] = {}  # the names of the layers, by their id

    def _set_graph(self, made: Graph) -> None:
        layers = [o for o in made.operations if isinstance(o, Layer)]
        self._component = component_names(layers, self.name)
        self.graph, self._host = made, HostPart(made)
        self._graph_variables = made.variables  # but those that layers hold are theirs
        if made.variables:
            held = {id(variable) for layer in layers for variable in layer.weights}
            self._graph_variables = [v for v in made.variables if id(v) not in held]
        self.built = True
        self._adopt()

    def _children(self) -> Iterator[tuple[str, Any]]:
        if self.graph is not None:
            for operation in self.graph.operations:
                if isinstance(operation, Layer):
                    yield self._component[id(operation)], operation
        yield from super()._children()

    @property
    def takes_texts(self) -> bool:
        """Whether texts may be among the inputs."""
        return bool(self._host)

    @property
    def inputs(self) -> list[SymbolicTensor]:
        """The symbolic inputs of a model that was made from a graph."""
        return self._require_graph().input_tensors

    @property
    def outputs(self) -> list[SymbolicTensor]:
        """The symbolic outputs of a model that was made from a graph."""
        return self._require_graph().output_tensors

    @property
    def input(self) -> Any:
        """The symbolic input, or the structure of inputs."""
        return self._require_graph().inputs

    @property
    def output(self) -> Any:
        """The symbolic output, or the structure of outputs."""
        return self._require_graph().outputs

    @property
    def input_shape(self) -> Any:
        """The shape of the input, with None for the rows."""
        return graph.map_structure(lambda tensor: tensor.shape, self.input)

    @property
    def output_shape(self) -> Any:
        """The shape of the output, with None for the rows."""
        return graph.map_structure(lambda tensor: tensor.shape, self.output)

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs."""
        return [self._tensor_name(tensor) for tensor in self.inputs] if self.graph else []

    def _tensor_name(self, tensor: SymbolicTensor) -> str:
        operation = tensor.node.operation  # type: ignore[union-attr]
        return self._component.get(id(operation), tensor.name or operation.name)

    @property
    def output_names(self) -> list[str]:
        """The names of the outputs: their keys, or those of the layers that they come from."""
        if self.graph is None:
            return []
        return leaf_names(self.graph.outputs, [self._tensor_name(one) for one in self.outputs])

    def _require_graph(self) -> Graph:
        if self.graph is None:
            raise NoGraphError(
                "{name!r} was not made from symbolic inputs, so it has no symbolic inputs "
                "and outputs. Give it an Input, or look at its layers.",
                name=self.name,
            )
        return self.graph

    # ---- calling ---------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; texts become numbers on the way in."""
        if self._host and args and holds_text(args[0]):
            args = (self._read_texts(args[0]), *args[1:])
        return super().__call__(*args, **kwargs)

    def _read_texts(self, x: Any) -> Any:
        """Return what the program takes for inputs with texts, symbolic ones too."""
        if graph.symbolic_leaves(x):
            assert self._host is not None
            return single(self._host.run(self._graph_inputs(x)))
        return self.match_inputs(as_arrays(x, "x", texts=True))

    def call(self, inputs: Any) -> Any:
        """Run the graph, from the point where all is numbers; a subclass writes its own."""
        if self.graph is None:
            raise NotImplementedError(
                _(
                    "{kind} has neither a graph nor a call(inputs); write one.",
                    kind=type(self).__name__,
                )
            )
        if self._host:
            program = self._host.program
            arrays = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        else:
            program, arrays = self.graph, self._graph_inputs(inputs)
        arrays = [self._as_declared(a, t) for a, t in zip(arrays, program.input_tensors)]
        return program.run(arrays, lambda node, args, kwargs: node.operation(*args, **kwargs))

    def _graph_inputs(self, inputs: Any) -> list[Any]:
        """Return one value for every input tensor of the graph, in their order."""
        declared = self._require_graph().inputs
        if isinstance(declared, SymbolicTensor) and isinstance(inputs, (np.ndarray, jax.Array)):
            return [inputs]  # nothing to sort out, and one row is predicted in microseconds
        found = _in_structure(declared, inputs)
        if found is not None:
            return found
        if isinstance(inputs, Mapping):
            by_key = isinstance(declared, Mapping) and not set(self.input_names) <= set(inputs)
            names = sorted(declared) if by_key else self.input_names
            unknown = [key for key in inputs if key not in names]
            if unknown:
                warnings.warn(_(
                    "x has {unknown}, which {name!r} does not take; its inputs are {inputs}.",
                    unknown=", ".join(map(repr, unknown)), name=self.name,
                    inputs=", ".join(names),
                ), stacklevel=4)  # fmt: skip
            inputs = match_names(inputs, names, "x")
        given = inputs if isinstance(inputs, (list, tuple)) else [inputs]
        given = [leaf for part in given for leaf in (part if isinstance(part, list) else [part])]
        if len(given) != len(self.inputs):
            raise DataError(
                "{name!r} takes these inputs: {inputs}; got {count}. A list stands for several "
                "inputs; give the rows of one input as one array: numpy.stack(x).",
                name=self.name,
                inputs=", ".join(self.input_names),
                count=len(given),
            )
        return given

    def _check_rebuilt(self, shape: tuple[int | None, ...]) -> None:
        declared = self.graph.inputs if self.graph is not None else None
        if not isinstance(declared, SymbolicTensor) or self._any_size:
            return
        pairs = zip(shape, declared.shape)
        if len(shape) != declared.ndim or any(None not in p and p[0] != p[1] for p in pairs):
            raise ConfigError(
                "{name!r} has been built for inputs of shape {declared}; got {shape}.",
                name=self.name,
                declared=declared.shape,
                shape=shape,
            )

    def _check_input(self, array: Any, tensor: SymbolicTensor) -> None:
        shape = (None,) * tensor.ndim if self._any_size else tensor.shape
        check_input(array, shape, tensor.name)

    def _as_declared(self, array: Any, tensor: SymbolicTensor) -> Any:
        """Give an input the dtype that its Input declares, and its number of axes."""
        if array is None:
            self._check_optional(tensor)
            return None
        array = _with_rank(jnp.asarray(array), tensor)
        self._check_input(array, tensor)
        if array.dtype == tensor.dtype:
            return array
        return with_mask(array.astype(tensor.dtype), mask_of(array))

    def _check_optional(self, tensor: SymbolicTensor) -> None:
        operation = tensor.node.operation if tensor.node is not None else None
        if not getattr(operation, "optional", False):
            raise DataError(
                "{name!r} was given None for its input {input!r}. Give an array, or declare it as "
                "Input(..., optional=True).",
                name=self.name,
                input=self._tensor_name(tensor),
            )

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return nothing: the layers inside attach the masks themselves."""
        return None

    def match_inputs(self, x: Any) -> Any:
        """Fit what the user gave to the declared inputs: order, missing last axes, shapes.

        Texts become numbers here, on the host: what is returned is what the program takes.
        """
        if self.graph is None:
            return x
        if isinstance(x, (list, tuple)) and len(x) > 1 and isinstance(self.graph.inputs, Mapping):
            warnings.warn(_(
                "{name!r} takes its inputs by name; a list is taken in the order {inputs}.",
                name=self.name, inputs=", ".join(self.input_names),
            ), stacklevel=4)  # fmt: skip
        arrays = self._graph_inputs(x)
        for i, tensor in enumerate(self.inputs):
            if arrays[i] is None:
                self._check_optional(tensor)
                continue
            if is_text(tensor):
                check_texts(arrays[i], tensor.name)
            elif self._host:  # beside texts, numbers may have come as objects
                arrays[i] = as_array(arrays[i], tensor.name)
            arrays[i] = _with_rank(arrays[i], tensor)
            self._check_input(arrays[i], tensor)
        return single(self._host.run(arrays) if self._host else arrays)

    def parts_of(self, data: Any) -> tuple[Any, Any, Any]:
        """Return ``(x, y, sample_weight)`` of a batch, with the targets that the model learns."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        return x, self.targets_of(x, y), sample_weight

    def check_targets(self, y: Any) -> None:
        """Raise an error for targets that a step of one's own cannot use; called on the host."""

    def cause_of_nonfinite_loss(self, logs: Mapping[str, Any]) -> str | None:
        """Return a sentence on why the loss is not finite, if a model knows more than its rate.

        Its variables are those that the step left; it gets back earlier ones afterwards.

        Args:
            logs: what the step told in which it was not.
        """
        return None

    def targets_of(self, x: Any, y: Any) -> Any:
        """Return the targets of a batch: ``y``, unless a model has its own, as an autoencoder."""
        return y

    def _declared_outputs(self, x: Any) -> Any:
        """Return the shapes of the outputs for data like ``x``, if the graph knows them."""
        if self.graph is None or type(self).call is not Functional.call:
            return None
        if self._any_size or any(None in tensor.shape[1:] for tensor in self.outputs):
            return None
        rows = row_count(x)

        def shape(tensor: SymbolicTensor) -> jax.ShapeDtypeStruct:
            sizes = tuple(rows if n is None else n for n in tensor.shape)
            return jax.ShapeDtypeStruct(sizes, tensor.dtype)

        return graph.map_structure(shape, self.output)


def _in_structure(declared: Any, given: Any) -> list[Any] | None:
    """Return the arrays that were given in the structure of nested inputs; None in any other.

    A flat structure is left to those who know names and the order of a list.
    """
    flat = [declared] if not isinstance(declared, (Mapping, list, tuple)) else declared
    parts = flat.values() if isinstance(flat, Mapping) else flat
    if not any(isinstance(part, (Mapping, list, tuple)) for part in parts):
        return None
    found: list[Any] = []

    def walk(declared: Any, given: Any) -> bool:
        if isinstance(declared, Mapping):
            fits = isinstance(given, Mapping) and set(declared) <= set(given)
            keys = sorted(declared, key=str)
            return fits and all(walk(declared[key], given[key]) for key in keys)
        if isinstance(declared, (list, tuple)):
            fits = isinstance(given, (list, tuple)) and len(declared) == len(given)
            return fits and all(map(walk, declared, given))
        found.append(given)
        return not isinstance(given, (Mapping, list, tuple))

    return found if walk(declared, given) else None


def _with_rank(array: Any, tensor: SymbolicTensor) -> Any:
    """Return an array with the last axis of one entry that its input has, or has not."""
    if tensor.shape[-1:] == (1,) and array.ndim == tensor.ndim - 1:
        return array[..., None]
    if array.ndim == tensor.ndim + 1 and array.shape[-1] == 1 and tensor.ndim:
        return array[..., 0]
    return array


def component_names(layers: list[Layer], owner: str) -> dict[int, str]:
    """Name layers within a model: their own names, numbered where nobody chose them.

    Raises:
        ConfigError: if two layers were given the same name.
    """
    layers = list({id(layer): layer for layer in layers}.values())
    chosen = [layer._name for layer in layers if layer._name is not None and not layer._auto_named]
    twice = {name for name in chosen if chosen.count(name) > 1}
    if twice:
        raise ConfigError(
            "{model!r} has two layers named {name!r}; names are unique within a model.",
            model=owner,
            name=twice.pop(),
        )
    taken = set(chosen)
    names: dict[int, str] = {}
    for layer in layers:
        name = layer.name
        if layer._name is None or layer._auto_named:
            base = registry.snake_case(type(layer).__name__)
            name = layer._name or base
            count = 1
            while name in taken:
                name, count = f"{base}_{count}", count + 1
            if layer._name is None:
                layer._name, layer._auto_named = name, True
        taken.add(name)
        names[id(layer)] = name
    return names


def single(structure: Any) -> Any:
    """Return the only entry of a list or tuple of one, which is what Keras makes of it, too."""
    one = isinstance(structure, (list, tuple)) and len(structure) == 1
    return structure[0] if one else structure
