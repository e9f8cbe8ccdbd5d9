"""A module: named variables and other modules, found wherever its attributes hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import Any

import numpy as np

from maeum.core.config import Configurable, accepted_arguments
from maeum.core.errors import ShapeError
from maeum.core.messages import _
from maeum.core.registry import snake_case
from maeum.core.seed_generator import SeedGenerator
from maeum.core.threads import CompiledFunctions
from maeum.core.variable import Variable

# Of these a module has many, and they hold nothing: each `fit` walks through all attributes.
_PLAIN = frozenset({bool, bytes, float, int, str, type(None), FunctionType})


class Module(Configurable):
    """Base of layers and models: what they consist of, by path.

    Variables and modules may be held as attributes, and in lists, tuples and dicts of them; their
    paths follow from where they are held, such as ``blocks/0/kernel``.
    """

    # Attributes that hold modules which are not part of this one.
    _untracked: frozenset[str] = frozenset(
        {"_arguments", "_first", "_nodes", "_compiled_functions"}
    )
    _untraced = Configurable._untraced | {"_nodes", "_compiled_functions", "_last_losses"}
    _compiled_functions: CompiledFunctions | None = None
    _name: str | None = None
    _auto_named = False  # whether a model, rather than the user, chose the name
    _trainable = True
    built = False

    def _children(self) -> Iterator[tuple[str, Module]]:
        """Yield the layers directly inside this one, with the path under which each is held."""
        for attribute, value in self._tracked():
            yield from held(Module, attribute, value)

    def _own_variables(self) -> Iterator[Variable]:
        for attribute, value in self._tracked():
            yield from (variable for _path, variable in held(Variable, attribute, value))

    def _tracked(self) -> Iterator[tuple[str, Any]]:
        """Yield the attributes that may hold parts of this module."""
        for attribute, value in vars(self).items():
            if type(value) not in _PLAIN and attribute not in self._untracked:
                yield attribute, value

    def named_layers(self) -> dict[str, Module]:
        """Return this layer (path ``""``) and every layer inside it, each once, by path."""
        found: dict[str, Module] = {}
        seen: set[int] = set()

        def walk(path: str, layer: Module) -> None:
            if id(layer) in seen:
                return
            seen.add(id(layer))
            found[path] = layer
            for name, child in layer._children():
                walk(f"{path}/{name}" if path else name, child)

        walk("", self)
        return found

    def named_variables(self) -> dict[str, Variable]:
        """Return every variable of this layer and of those inside it, each once, by path."""
        found: dict[str, Variable] = {}
        seen: set[int] = set()
        for path, layer in self.named_layers().items():
            own = {id(v): v for v in layer._own_variables() if id(v) not in seen}
            for variable in sorted(own.values(), key=lambda v: not v.trainable):
                seen.add(id(variable))
                key = name = f"{path}/{variable.name}" if path else variable.name
                count = 1
                while key in found:
                    key, count = f"{name}_{count}", count + 1
                found[key] = variable
        return found

    def named_generators(self) -> dict[str, Variable]:
        """Return the state of every `SeedGenerator` that the layers hold, by path."""
        return {
            f"{path}/{place}/{generator.state.name}".lstrip("/"): generator.state
            for path, layer in self.named_layers().items()
            for attribute, value in layer._tracked()
            for place, generator in held(SeedGenerator, attribute, value)
        }

    def named_state(self) -> dict[str, Variable]:
        """Return every variable that programs of this module may use, by its name in files."""
        return self.named_variables() | self.named_generators()

    def traced_attributes(self) -> dict[str, Any]:
        """Return the attributes that programs of this module may depend on, by name."""
        return {k: v for k, v in vars(self).items() if k not in self._untraced}

    @property
    def compiled_functions(self) -> CompiledFunctions:
        """What `maeum.core.compiling.compiled` made for this module, by name."""
        if self._compiled_functions is None:
            object.__setattr__(self, "_compiled_functions", CompiledFunctions())
        return self._compiled_functions  # type: ignore[return-value]

    @property
    def name(self) -> str:
        """The layer's name."""
        return self._name or snake_case(type(self).__name__)

    @property
    def trainable(self) -> bool:
        """Whether an optimizer may change the variables; setting it reaches the layers inside."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for layer in self.named_layers().values():
            layer._trainable = bool(value)

    @property
    def weights(self) -> list[Variable]:
        """Every variable, layer by layer, the trainable ones of each layer first."""
        return list(self.named_variables().values())

    variables = weights

    @property
    def trainable_weights(self) -> list[Variable]:
        """The variables that an optimizer may change."""
        if not self._trainable:
            return []
        frozen = {
            id(v)
            for layer in self.named_layers().values()
            if not layer._trainable
            for v in layer.weights
        }
        return [v for v in self.weights if v.trainable and id(v) not in frozen]

    trainable_variables = trainable_weights

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The variables that no optimizer may change."""
        trainable = {id(v) for v in self.trainable_weights}
        return [v for v in self.weights if id(v) not in trainable]

    non_trainable_variables = non_trainable_weights

    def get_weights(self) -> list[np.ndarray]:
        """Return the values of `weights` as NumPy arrays."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: list[Any]) -> None:
        """Assign the values of `weights`, in their order.

        Raises:
            ShapeError: if their number or shapes differ; nothing is assigned then.
        """
        variables = self.weights
        if len(variables) != len(weights):
            hint = "" if self.built else _(" Build it first, by calling it or giving an Input.")
            raise ShapeError(
                "{name!r} has {n} weights; got {given} arrays.{hint}",
                name=self.name,
                n=len(variables),
                given=len(weights),
                hint=hint,
            )
        arrays = [np.asarray(w) for w in weights]
        for variable, array in zip(variables, arrays):
            if variable.shape != array.shape:
                raise ShapeError(
                    "The weight {path!r} has shape {shape}; got {given}.",
                    path=variable.path,
                    shape=variable.shape,
                    given=array.shape,
                )
        for variable, array in zip(variables, arrays):
            variable.assign(array)

    def count_params(self) -> int:
        """Return the number of entries in all weights."""
        return sum(v.size for v in self.weights)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this layer again."""
        config = super().get_config()
        config["name"] = self.name
        if config.get("data_format", "") is None:  # the file means what the layer was made with
            config["data_format"] = getattr(self, "data_format", None)
        if "trainable" in config or not self._trainable:
            config["trainable"] = self._trainable
        return config

    def _changed_arguments(self) -> dict[str, Any]:
        """Ignore variables and layers that took the place of an argument."""
        first = self._first or {}
        return {
            name: value
            for name, value in super()._changed_arguments().items()
            if _holds_state(first[name]) or not _holds_state(value)
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a layer from what `get_config` returned."""
        config = dict(config)
        extra = {k: config.pop(k) for k in ("name", "trainable", "dtype") if k in config}
        known = accepted_arguments(cls)  # type: ignore[arg-type]
        for key in [k for k in extra if k in known or known[-1:] == ["**"]]:
            config[key] = extra.pop(key)
        layer = super().from_config(config)
        layer._name = extra.get("name", layer._name)
        layer._trainable = extra.get("trainable", layer._trainable)
        return layer


def held(kind: Any, path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what is of a kind in an attribute: itself, or in lists, tuples and dicts, by path."""
    if isinstance(value, kind):
        yield path, value
    elif isinstance(value, (Mapping, list, tuple)):
        for key, part in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from held(kind, f"{path}/{key}", part)


def _holds_state(value: Any) -> bool:
    return any(held((Module, Variable), "", value))
