"""A plain stack of layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from maeum.core import graph, registry
from maeum.core.errors import ConfigError
from maeum.layers.input import Input, InputLayer
from maeum.layers.layer import Layer
from maeum.models import graph_config
from maeum.models.functional import component_names
from maeum.models.model import Model


@registry.builtin
class Sequential(Model):
    """Layers one after the other.

    Args:
        layers: the layers; the first may be an `Input` (or have ``input_shape=``). Without one
            the weights are made when the first data are seen; data of other sizes may follow, as
            far as the layers take them.
        trainable: whether an optimizer may change it.
        name: its name.
        seed: the seed that its weights and its training follow from.

    Example:
        >>> import maeum as mm
        >>> model = mm.Sequential([mm.Input((3,)), mm.layers.Dense(2)])
        >>> model.add(mm.layers.Dense(1))
        >>> model.output_shape
        (None, 1)
    """

    _untracked = Model._untracked | {"_stack"}

    def __init__(
        self,
        layers: Iterable[Any] | None = None,
        trainable: bool = True,
        name: str | None = None,
        seed: int | None = None,
    ):
        super().__init__(name=name, trainable=trainable, seed=seed)
        self._stack: list[Layer] = []
        self._given: graph.SymbolicTensor | None = None  # the Input, if there was one
        self._tensors: list[Any] = []  # the input, and what each layer makes
        single = isinstance(layers, Layer) or graph.is_symbolic(layers)
        for layer in [layers] if single else layers or []:  # type: ignore[union-attr]
            self.add(layer, rebuild=False)
        self._rebuild()

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Put a layer on top.

        Raises:
            ConfigError: for something that is no layer, or an Input that is not the first.

        A layer that stands in it twice has the same weights in both places.
        """
        if isinstance(layer, InputLayer):
            layer = layer.output
        if graph.is_symbolic(layer):
            if self._stack or self._tensors:
                raise ConfigError("An Input is the first of a Sequential, and there is only one.")
            self._given = layer
            self._tensors = [layer]
        elif isinstance(layer, Layer):
            if not self._stack and not self._tensors:
                self._tensors = _first_input(layer)
            self._stack.append(layer)
            if rebuild:
                try:
                    self._rebuild()
                except Exception:
                    self.pop()
                    raise
        elif isinstance(layer, type):
            raise ConfigError(
                "A Sequential consists of layers; got the class {name}. Write {name}(...).",
                name=layer.__name__,
            )
        else:
            raise ConfigError("A Sequential consists of layers; got {layer!r}.", layer=layer)

    def pop(self, rebuild: bool = True) -> Layer:
        """Take the last layer off and return it."""
        if not self._stack:
            raise ConfigError("There is no layer to take off.")
        layer = self._stack.pop()
        del self._tensors[len(self._stack) + 1 :]
        if not self._stack:  # a layer to come may want another input
            self._tensors = [] if self._given is None else [self._given]
        if rebuild:
            self._rebuild()
        return layer

    def _rebuild(self) -> None:
        """Carry the graph up to the last layer, if the shape of the input is known."""
        self._component = component_names(self._stack, self.name)
        self.graph, self.built = None, False
        if not self._tensors or not self._stack:
            return
        for layer in self._stack[len(self._tensors) - 1 :]:
            self._tensors.append(layer(self._tensors[-1]))
        self._set_graph(graph.Graph(self._tensors[0], self._tensors[-1]))

    def _attach(self, layer: Layer, tensor: graph.SymbolicTensor) -> None:
        raise ConfigError(
            "A Sequential is a stack of layers and nothing else. To attach losses and "
            "metrics, make a functional model of it: Model(model.inputs, model.outputs)."
        )

    def _ensure_built(self, args: tuple, kwargs: dict) -> None:
        if self.built:
            return
        if not self._stack:
            raise ConfigError("{name!r} has no layers yet; add some.", name=self.name)
        x = args[0] if args else next(iter(kwargs.values()))
        stateful = any(layer.stateful for layer in self._stack)

        def declared(array: Any) -> graph.SymbolicTensor:
            if not hasattr(array, "shape"):
                raise ConfigError(
                    "{name!r} takes arrays; got {kind}.",
                    name=self.name,
                    kind=type(array).__name__,
                )
            rows = array.shape[0] if stateful else None
            return Input(batch_shape=(rows, *array.shape[1:]), dtype=array.dtype)

        self._tensors = [graph.map_structure(declared, x)]
        try:
            with self._whole():
                self._rebuild()
        except BaseException:
            self._tensors = []
            raise
        self._first_call = (tuple(self._tensors[:1]), {})
        self._any_size = True

    def _children(self) -> Iterator[tuple[str, Layer]]:
        for layer in self._stack:
            yield self._component.get(id(layer), layer.name), layer

    def get_config(self) -> dict[str, Any]:
        """Return what makes this model again, without its weights."""
        if type(self) is not Sequential:
            return super().get_config()
        config: dict[str, Any] = {
            "name": self.name,
            "seed": self.seed,
            "trainable": self._trainable,
        }
        if self._tensors and graph.is_symbolic(self._tensors[0]):
            config["input"] = graph_config.describe_tensor(self._tensors[0])
            config["any_size"] = self._any_size
        return {**config, **graph_config.describe_layers(self._stack, self._component)}

    @classmethod
    def _from_config(cls, config: dict[str, Any]) -> Any:
        if cls is not Sequential:
            return super()._from_config(config)
        layers: list[Any] = list(graph_config.make_layers(config))
        if "input" in config:
            layers.insert(0, graph_config.make_tensor(config["input"]))
        model = cls(layers, config.get("trainable", True), config.get("name"), config.get("seed"))
        model._any_size = config.get("any_size", False)
        return model


def _first_input(layer: Layer) -> list[graph.SymbolicTensor]:
    """Return the input that a first layer asks for, if it does."""
    if layer.first_shape is not None:
        return [Input(batch_shape=layer.first_shape, dtype=getattr(layer, "input_dtype", None))]
    if isinstance(layer, Model) and layer.graph is not None and len(layer.inputs) == 1:
        return [Input(batch_shape=layer.inputs[0].shape, dtype=layer.inputs[0].dtype)]
    return []
