"""The attribute ``activation`` of layers, which may be assigned as it is given."""

from __future__ import annotations

from typing import Any

from maeum import activations


class ActivationAttribute:
    """An attribute that takes what `maeum.activations.get` takes: a name, a function or None."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, layer: Any, owner: type | None = None) -> Any:
        if layer is None:
            return self
        try:
            return vars(layer)[self.name]
        except KeyError:
            raise AttributeError(self.name) from None

    def __set__(self, layer: Any, value: Any) -> None:
        vars(layer)[self.name] = activations.get(value)
