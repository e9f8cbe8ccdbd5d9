"""One hyper-parameter: which values it may have, and how a number in [0, 1) becomes one.

Names and meanings are KerasTuner's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from maeum.core.errors import ArgumentError

Value = bool | int | float | str


@dataclass(frozen=True)
class Parent:
    """The condition that another hyper-parameter has one of some values.

    Args:
        name: the name of that hyper-parameter.
        values: its values for which the condition holds.
    """

    name: str
    values: Sequence[Value]

    def __post_init__(self) -> None:
        given = self.values if isinstance(self.values, (list, tuple)) else [self.values]
        object.__setattr__(self, "values", [plain(value) for value in given])

    def is_active(self, values: Mapping[str, Any]) -> bool:
        """Tell whether it holds for these values, by name."""
        return self.name in values and values[self.name] in self.values

    def get_config(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"class_name": "Parent", "config": {"name": self.name, "values": list(self.values)}}


class HyperParameter:
    """Base of the kinds of hyper-parameters.

    Args:
        name: its name; with the same conditions, there is one of a name.
        default: its value where nothing else is said.
        conditions: it plays a part only if all of these hold.
    """

    def __init__(self, name: str, default: Any = None, conditions: Iterable[Parent] | None = None):
        self.name = str(name)
        self._default = None if default is None else plain(default)
        self.conditions = list(conditions or ())

    @property
    def default(self) -> Any:
        """The value where nothing else is said."""
        return self._default

    @property
    def values(self) -> tuple[Any, ...]:
        """All values, in their order; of a range without steps, ten spread evenly."""
        raise NotImplementedError

    def prob_to_value(self, prob: float) -> Any:
        """Return the value for a cumulative probability in [0, 1)."""
        raise NotImplementedError

    def value_to_prob(self, value: Any) -> float:
        """Return the cumulative probability of a value: the middle of its interval."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again, as plain data."""
        conditions = [condition.get_config() for condition in self.conditions]
        return {"name": self.name, "default": self._default, "conditions": conditions}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Return what `get_config` described."""
        conditions = [Parent(**condition["config"]) for condition in config["conditions"]]
        return cls(**{**config, "conditions": conditions})

    def __repr__(self) -> str:
        told = (f"{key}={v!r}" for key, v in self.get_config().items() if key != "conditions")
        return f"{type(self).__name__}({', '.join(told)})"


def plain(value: Any) -> Value:
    """Return a value as one of Python's own, which JSON has.

    Raises:
        ArgumentError: if it is neither a number, nor a string, nor a truth value.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (bool, int, float, str)):
        return value
    raise ArgumentError("The values of hyper-parameters are numbers, strings, True and False; got "
                        "{value!r}.", value=value)  # fmt: skip


def index_of(prob: float, count: int) -> int:
    """Return which of ``count`` equal intervals of [0, 1) a probability lies in."""
    return min(int(prob * count), count - 1)
