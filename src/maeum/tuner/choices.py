"""Hyper-parameters that are one of some values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from maeum.core.checks import is_number
from maeum.core.errors import ConfigError
from maeum.tuner.hyperparameter import HyperParameter, Parent, Value, index_of, plain


class Choice(HyperParameter):
    """One of some values: numbers, strings, or truth values.

    Args:
        name: its name.
        values: the values; not of different kinds.
        ordered: whether their order means anything: that of numbers does.
        default: the first value if not given.
        conditions: it plays a part only if all of these hold.

    Raises:
        ConfigError: if there are no values, or they are of different kinds.
    """

    def __init__(
        self,
        name: str,
        values: Sequence[Value],
        ordered: bool | None = None,
        default: Value | None = None,
        conditions: Iterable[Parent] | None = None,
    ):
        super().__init__(name, default, conditions)
        self._values = [plain(value) for value in values]
        kinds = {"number" if is_number(value) else type(value).__name__ for value in self._values}
        if len(kinds) != 1:
            raise ConfigError("The hyper-parameter {name!r} chooses among values of one kind: "
                              "numbers, strings, or True and False; got {values!r}.", name=name,
                              values=list(values))  # fmt: skip
        if self._default is not None and self._default not in self._values:
            raise ConfigError("The default of the hyper-parameter {name!r} is one of {values!r}; "
                              "got {default!r}.", name=name, values=self._values,
                              default=default)  # fmt: skip
        if ordered and kinds != {"number"}:
            raise ConfigError("The values of the hyper-parameter {name!r} are no numbers, which "
                              "alone are ordered; got ordered=True.", name=name)  # fmt: skip
        self.ordered = kinds == {"number"} if ordered is None else bool(ordered)

    @property
    def values(self) -> tuple[Any, ...]:
        """The values, in the order given."""
        return tuple(self._values)

    @property
    def default(self) -> Any:
        """The value where nothing else is said."""
        return self._values[0] if self._default is None else self._default

    def prob_to_value(self, prob: float) -> Any:
        """Return the value for a cumulative probability in [0, 1)."""
        return self._values[index_of(prob, len(self._values))]

    def value_to_prob(self, value: Any) -> float:
        """Return the cumulative probability of a value: the middle of its interval."""
        return (self._values.index(value) + 0.5) / len(self._values)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again, as plain data."""
        return {**super().get_config(), "values": self._values, "ordered": self.ordered}


class Boolean(HyperParameter):
    """True or False."""

    def __init__(
        self, name: str, default: bool = False, conditions: Iterable[Parent] | None = None
    ):
        super().__init__(name, default, conditions)
        if not isinstance(self._default, bool):
            raise ConfigError("The default of the hyper-parameter {name!r} is True or False; got "
                              "{default!r}.", name=name, default=default)  # fmt: skip

    values = (True, False)

    def prob_to_value(self, prob: float) -> bool:
        """Return the value for a cumulative probability in [0, 1)."""
        return bool(prob >= 0.5)

    def value_to_prob(self, value: Any) -> float:
        """Return the cumulative probability of a value: the middle of its interval."""
        return 0.75 if value else 0.25


class Fixed(HyperParameter):
    """One value that is not tuned."""

    def __init__(self, name: str, value: Value, conditions: Iterable[Parent] | None = None):
        super().__init__(name, value, conditions)
        self.value = self._default

    @property
    def values(self) -> tuple[Any, ...]:
        """The value."""
        return (self.value,)

    def prob_to_value(self, prob: float) -> Any:
        """Return the value."""
        return self.value

    def value_to_prob(self, value: Any) -> float:
        """Return the middle."""
        return 0.5

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again, as plain data."""
        config = super().get_config()
        return {"name": config["name"], "conditions": config["conditions"], "value": self.value}
