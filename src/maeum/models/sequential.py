"""A plain stack of layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from maeum.core import graph, registry
from maeum.core.errors import ConfigError
from maeum.layers.input import Input, InputLayer
from maeum.layers.layer import Layer
from maeum.models.model import Model, component_names


@registry.builtin
class Sequential(Model):
    """Layers one after the other.

    Args:
        layers: the layers; the first may be an `Input` (or have ``input_shape=``). Without one
            the weights are made when the first data are seen.
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
        self._first: graph.SymbolicTensor | None = None
        for layer in [layers] if isinstance(layers, Layer) else layers or []:
            self.add(layer, rebuild=False)
        self._rebuild()

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Put a layer on top.

        Raises:
            ConfigError: for something that is no layer, or an Input that is not the first.
        """
        if isinstance(layer, InputLayer):
            layer = layer.output
        if graph.is_symbolic(layer):
            if self._stack or self._first is not None:
                raise ConfigError("An Input is the first of a Sequential, and there is only one.")
            self._first = layer
        elif isinstance(layer, Layer):
            if layer in self._stack:
                raise ConfigError(
                    f"The layer {layer.name!r} is in this Sequential already. To use its weights "
                    "twice, write a functional model."
                )
            self._stack.append(layer)
            if len(self._stack) == 1 and self._first is None:
                self._first = _first_input(layer)
        else:
            hint = f" Write {layer.__name__}(...)." if isinstance(layer, type) else ""
            raise ConfigError(f"A Sequential consists of layers; got {layer!r}.{hint}")
        if rebuild:
            self._rebuild()

    def pop(self, rebuild: bool = True) -> Layer:
        """Take the last layer off and return it."""
        if not self._stack:
            raise ConfigError("There is no layer to take off.")
        layer = self._stack.pop()
        self.graph, self.built = None, False
        if rebuild:
            self._rebuild()
        return layer

    def _rebuild(self) -> None:
        """Make the graph anew, if the shape of the input is known."""
        self._component = component_names(self._stack, self.name)
        if self._first is None or not self._stack:
            return
        x: Any = self._first
        for layer in self._stack:
            x = layer(x)
        self._set_graph(graph.Graph(self._first, x))

    def _ensure_built(self, args: tuple, kwargs: dict) -> None:
        if self.built:
            return
        if not self._stack:
            raise ConfigError(f"{self.name!r} has no layers yet; add some.")
        x = args[0] if args else next(iter(kwargs.values()))
        self._first = Input(batch_shape=(None, *x.shape[1:]), dtype=x.dtype)
        self._rebuild()

    def _children(self) -> Iterator[tuple[str, Layer]]:
        for layer in self._stack:
            yield self._component.get(id(layer), layer.name), layer

    def get_config(self) -> dict[str, Any]:
        """Return what makes this model again, without its weights."""
        if type(self) is not Sequential:
            return super().get_config()
        config: dict[str, Any] = {"name": self.name, "seed": self.seed, "trainable": self._trainable}
        if self._first is not None:
            config["input"] = {
                "batch_shape": list(self._first.shape),
                "dtype": self._first.dtype.name,
                "name": self._first.name,
            }
        config["layers"] = [registry.serialize(layer) for layer in self._stack]
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a model from what `get_config` returned."""
        if cls is not Sequential:
            return super().from_config(config)
        layers = [registry.deserialize(layer) for layer in config["layers"]]
        if "input" in config:
            layers.insert(0, Input(**config["input"]))
        return cls(layers, config.get("trainable", True), config["name"], config.get("seed"))


def _first_input(layer: Layer) -> graph.SymbolicTensor | None:
    """Return the input that a first layer asks for, if it does."""
    if layer.first_shape is not None:
        return Input(batch_shape=layer.first_shape, dtype=getattr(layer, "input_dtype", None))
    if isinstance(layer, Model) and layer.graph is not None and len(layer.inputs) == 1:
        return Input(batch_shape=layer.inputs[0].shape, dtype=layer.inputs[0].dtype)
    return None
