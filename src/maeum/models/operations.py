"""Operations of one's own in a graph, and a graph as a function."""

from __future__ import annotations

from typing import Any

import jax

from maeum.core import graph, registry
from maeum.core.config import Configurable, accepted_arguments
from maeum.core.errors import ConfigError, DataError, not_implemented
from maeum.core.messages import _
from maeum.layers.input import InputLayer
from maeum.layers.layer import Layer


class _Kind(type):
    """Lets layers count as operations, which they are in all but their base class."""

    def __instancecheck__(cls, instance: Any) -> bool:
        own = cls is Operation and isinstance(instance, Layer)
        return own or super().__instancecheck__(instance)

    def __subclasscheck__(cls, subclass: type) -> bool:
        own = cls is Operation and issubclass(subclass, Layer)
        return own or super().__subclasscheck__(subclass)


class Operation(Configurable, metaclass=_Kind):
    """Base of what has no variables, computes from arrays, and may stand in a graph.

    Write ``call(...)`` with the functions of `maeum.ops`. For variables, write a layer.

    Args:
        name: its name; one after its class by default.

    Example:
        >>> import maeum as mm
        >>> class Scaled(mm.Operation):
        ...     def __init__(self, factor, *, name=None):
        ...         super().__init__(name=name)
        ...         self.factor = factor
        ...     def call(self, x):
        ...         return self.factor * x
        >>> x = mm.Input((3,))
        >>> mm.Model(x, Scaled(3.0)(x)).predict(mm.ops.ones((1, 3)), verbose=0).tolist()
        [[3.0, 3.0, 3.0]]
    """

    def __init__(self, name: str | None = None):
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise ConfigError("The name of an operation must be a string and cannot contain "
                              "character `/`. Got {name!r}.", name=name)  # fmt: skip
        self.name = name or registry.snake_case(type(self).__name__)
        self._nodes: list[graph.Node] = []

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs."""
        raise NotImplementedError(_("{kind} has no call yet; write one.", kind=type(self).__name__))

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return symbolic tensors like the outputs, without recording the call."""
        return graph.infer_outputs(self.call, args, kwargs)

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """Record a call on symbolic tensors, and return its symbolic outputs."""
        outputs = graph.record(self, args, kwargs, self.compute_output_spec(*args, **kwargs))
        self._nodes.append(graph.symbolic_leaves(outputs)[0].node)  # type: ignore[arg-type]
        return outputs

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute; on symbolic tensors, record the call."""
        if graph.symbolic_leaves((args, kwargs)):
            return self.symbolic_call(*args, **kwargs)
        return self.call(*args, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        if "*" in self._arguments:  # whose names nobody knows
            raise not_implemented(self, "get_config()")
        try:
            config = super().get_config()
        except ConfigError as error:
            raise not_implemented(self, "get_config()") from error
        named = "name" in accepted_arguments(type(self))  # type: ignore[arg-type]
        return {**config, "name": self.name} if named else config

    @property
    def input(self) -> Any:
        """The symbolic input (or inputs) of the first symbolic call."""
        inputs = self._first_node().inputs
        return inputs[0] if len(inputs) == 1 else inputs

    @property
    def output(self) -> Any:
        """The symbolic output (or outputs) of the first symbolic call."""
        outputs = self._first_node().outputs
        return list(outputs) if isinstance(outputs, tuple) else outputs

    def _first_node(self) -> graph.Node:
        if not self._nodes:
            raise AttributeError(_("{name!r} has not been called on a symbolic tensor yet.",
                                   name=self.name))  # fmt: skip
        return self._nodes[0]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name!r}>"


class Function(Operation):
    """What lies between some symbolic tensors and others, as a function of arrays.

    It is no model: it holds no variables of its own, and is neither trained nor saved.

    Args:
        inputs: a symbolic tensor, or a structure of them.
        outputs: what follows from them.
        name: its name.

    Raises:
        ConfigError: if the outputs do not follow from the inputs.

    Example:
        >>> import maeum as mm
        >>> a, b = mm.KerasTensor((2,)), mm.KerasTensor((2,))
        >>> total = Function([a, b], a + 2 * b)
        >>> total([mm.ops.ones(2), mm.ops.ones(2)]).tolist()
        [3.0, 3.0]
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None):
        super().__init__(name=name)
        for what, given in (("inputs", inputs), ("outputs", outputs)):
            if not graph.symbolic_leaves(given):
                raise ConfigError("`{what}` argument cannot be empty: a Function goes from "
                                  "symbolic tensors to others; got {given!r}.", what=what,
                                  given=given)  # fmt: skip
        self.graph = graph.Graph(begun(inputs), outputs)

    @property
    def inputs(self) -> list[graph.SymbolicTensor]:
        """The symbolic inputs, one after the other."""
        return self.graph.input_tensors

    @property
    def outputs(self) -> list[graph.SymbolicTensor]:
        """The symbolic outputs, one after the other."""
        return self.graph.output_tensors

    @property
    def operations(self) -> list[Any]:
        """The layers and ops in between."""
        given = {id(t.node) for t in self.inputs}
        return [n.operation for n in self.graph.nodes if n.inputs and id(n) not in given]

    def call(self, inputs: Any) -> Any:
        """Compute the outputs from inputs in the structure that was given."""
        self._check(inputs)
        values = jax.tree.leaves(inputs)
        return self.graph.run(values, lambda node, args, kwargs: node.operation(*args, **kwargs))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs for inputs of some shapes."""
        shapes = [input_shape] if len(self.inputs) == 1 else list(input_shape)
        tensors = [graph.SymbolicTensor(s, t.dtype) for s, t in zip(shapes, self.inputs)]
        outputs = self.compute_output_spec(tensors[0] if len(tensors) == 1 else tensors)
        return graph.map_structure(lambda tensor: tensor.shape, outputs)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return symbolic tensors like the outputs, without recording the call."""
        self._check(inputs)
        return super().compute_output_spec(inputs)

    def _check(self, inputs: Any) -> None:
        wanted = self.graph.inputs
        given = jax.tree.leaves(inputs)
        if len(given) != len(self.inputs) or isinstance(wanted, dict) != isinstance(inputs, dict):
            raise DataError("{name!r} got an invalid input structure: it takes {wanted!r}; got "
                            "{inputs!r}.", name=self.name, wanted=wanted,
                            inputs=inputs)  # fmt: skip
        for value, tensor in zip(given, self.inputs):
            shape = tuple(value.shape)
            fits = len(shape) == len(tensor.shape) and all(
                None in (a, b) or a == b for a, b in zip(shape, tensor.shape)
            )
            if not fits:
                raise DataError("{name!r} got incompatible inputs: it takes shape {wanted}; got "
                                "{shape}.", name=self.name, wanted=tensor.shape,
                                shape=shape)  # fmt: skip


def begun(inputs: Any) -> Any:
    """Return symbolic tensors, each of which a graph can begin with."""
    for tensor in graph.symbolic_leaves(inputs):
        if tensor.node is None:
            InputLayer(input_tensor=tensor)
    return inputs
