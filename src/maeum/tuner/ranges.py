"""Hyper-parameters that are numbers of a range."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from maeum.core.checks import check_choice, is_number
from maeum.core.errors import ArgumentError, ConfigError
from maeum.tuner.hyperparameter import HyperParameter, Parent, index_of

SAMPLINGS = ("linear", "log", "reverse_log")
_GRID = 10  # so many values stand for a range without steps, in a grid


class Numerical(HyperParameter):
    """A range of numbers, evenly on a line, or on one of logarithms.

    Args:
        name: its name.
        min_value, max_value: the bounds, both included.
        step: the distance of two neighbours, or their ratio where ``sampling`` is logarithmic.
        sampling: ``"linear"``; ``"log"``, for values over several orders of magnitude;
            ``"reverse_log"``, finest close to ``max_value``.
        default: ``min_value`` if not given.
        conditions: it plays a part only if all of these hold.

    Raises:
        ConfigError: for a range that holds nothing, or does not fit its sampling.
    """

    def __init__(
        self,
        name: str,
        min_value: float,
        max_value: float,
        step: float | None = None,
        sampling: str | None = "linear",
        default: float | None = None,
        conditions: Iterable[Parent] | None = None,
    ):
        super().__init__(name, default, conditions)
        self.min_value, self.max_value, self.step = min_value, max_value, step
        self.sampling = "linear" if sampling is None else str(sampling).lower()
        check_choice(self.sampling, SAMPLINGS, "sampling")
        self._check()

    def _check(self) -> None:
        low, high, step, logarithmic = (
            self.min_value, self.max_value, self.step, self.sampling != "linear",
        )  # fmt: skip
        if not low <= high:
            raise ConfigError("The hyper-parameter {name!r} goes from min_value={low} to "
                              "max_value={high}, which is less.", name=self.name, low=low,
                              high=high)  # fmt: skip
        if logarithmic and low <= 0:
            raise ConfigError("The hyper-parameter {name!r} is sampled by {sampling!r}, which "
                              "takes values above 0; min_value is {low}.", name=self.name,
                              sampling=self.sampling, low=low)  # fmt: skip
        if step is not None and step <= (1 if logarithmic else 0):
            raise ConfigError("The step of the hyper-parameter {name!r} is above {least} (with "
                              "sampling={sampling!r}); got {step}.", name=self.name, step=step,
                              least=int(logarithmic), sampling=self.sampling)  # fmt: skip
        if self._default is not None and not low <= float(self._default) <= high:
            raise ConfigError("The default of the hyper-parameter {name!r} lies between {low} and "
                              "{high}; got {default!r}.", name=self.name, low=low, high=high,
                              default=self._default)  # fmt: skip

    @property
    def default(self) -> Any:
        """The value where nothing else is said."""
        return self.min_value if self._default is None else self._default

    @property
    def values(self) -> tuple[Any, ...]:
        """All values, in their order; of a range without steps, ten spread evenly."""
        if self.step is None:
            middles = (self.prob_to_value((i + 0.5) / _GRID) for i in range(_GRID))
            return tuple(sorted(set(middles)))
        found = (self._at(i) for i in range(self._count()))
        return tuple(sorted(found))

    def prob_to_value(self, prob: float) -> Any:
        """Return the value for a cumulative probability in [0, 1)."""
        if self.step is not None:
            return self._at(index_of(prob, self._count()))
        return min(self.max_value, max(self.min_value, self._between(prob, self.max_value)))

    def value_to_prob(self, value: Any) -> float:
        """Return the cumulative probability of a value: the middle of its interval."""
        if self.step is None:
            return self._position(value, self.max_value)
        low, high = self.min_value, self.max_value
        if self.sampling == "linear":
            index: float = (value - low) // self.step
        else:
            inner = value if self.sampling == "log" else high + low - value
            index = math.log(inner / low, self.step)
        return (index + 0.5) / self._count()

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again, as plain data."""
        own = {name: getattr(self, name) for name in ("min_value", "max_value", "step", "sampling")}
        return {**super().get_config(), **own}

    def _between(self, prob: float, high: float) -> float:
        """Return the number at a part of the way to ``high``."""
        low = self.min_value
        if self.sampling == "linear":
            return prob * (high - low) + low
        if self.sampling == "log":
            return low * math.pow(high / low, prob)
        return high + low - low * math.pow(high / low, 1 - prob)

    def _position(self, value: float, high: float) -> float:
        """Return the part of the way at which a number lies: the inverse of `_between`."""
        low = self.min_value
        if high == low:
            return 0.5
        if self.sampling == "linear":
            return (value - low) / (high - low)
        if self.sampling == "log":
            return math.log(value / low) / math.log(high / low)
        return 1 - math.log((high + low - value) / low) / math.log(high / low)

    def _count(self) -> int:
        assert self.step is not None
        if self.sampling == "linear":
            return int((self.max_value - self.min_value) // self.step + 1)
        return int(math.log(self.max_value / self.min_value, self.step) + 1e-8) + 1

    def _at(self, index: int) -> float:
        assert self.step is not None
        low = self.min_value
        if self.sampling == "linear":
            return low + index * self.step
        power = low * math.pow(self.step, index)
        return power if self.sampling == "log" else self.max_value + low - power


class Int(Numerical):
    """Whole numbers; without a step and ``sampling="linear"``, each of them.

    Example:
        >>> Int("layers", 6, 13, step=3).values, Int("batch", 2, 32, step=2, sampling="log").values
        ((6, 9, 12), (2, 4, 8, 16, 32))
    """

    def __init__(
        self,
        name: str,
        min_value: int,
        max_value: int,
        step: int | None = None,
        sampling: str | None = "linear",
        default: int | None = None,
        conditions: Iterable[Parent] | None = None,
    ):
        low, high = _whole(min_value, "min_value"), _whole(max_value, "max_value")
        if step is not None:
            step = _whole(step, "step")
        elif sampling in (None, "linear"):
            step = 1
        default = None if default is None else _whole(default, "default")
        super().__init__(name, low, high, step, sampling, default, conditions)

    def prob_to_value(self, prob: float) -> int:
        """Return the value for a cumulative probability in [0, 1)."""
        if self.step is not None:
            return self._at(index_of(prob, self._count()))
        high = int(self.max_value)
        return min(high, int(self._between(prob, high + 1)))  # each number has an interval

    def value_to_prob(self, value: Any) -> float:
        """Return the cumulative probability of a value: the middle of its interval."""
        if self.step is None:
            return self._position(value + 0.5, self.max_value + 1)
        return super().value_to_prob(value)

    def _at(self, index: int) -> int:
        return int(super()._at(index))


class Float(Numerical):
    """Real numbers; without a step, every number of the range.

    Example:
        >>> Float("learning_rate", 1e-3, 10, sampling="log").prob_to_value(0.5)
        0.1
        >>> Float("rate", 0, 1, step=0.25).values
        (0.0, 0.25, 0.5, 0.75, 1.0)
    """

    def __init__(
        self,
        name: str,
        min_value: float,
        max_value: float,
        step: float | None = None,
        sampling: str | None = "linear",
        default: float | None = None,
        conditions: Iterable[Parent] | None = None,
    ):
        low, high = _real(min_value, "min_value"), _real(max_value, "max_value")
        step = None if step is None else _real(step, "step")
        default = None if default is None else _real(default, "default")
        super().__init__(name, low, high, step, sampling, default, conditions)


def _whole(value: Any, name: str) -> int:
    number = _real(value, name)
    if number != int(number):
        raise ConfigError("{name} of hp.Int is a whole number; got {value!r}.", name=name,
                          value=value)  # fmt: skip
    return int(number)


def _real(value: Any, name: str) -> float:
    if not is_number(value) or not math.isfinite(value):
        raise ArgumentError("{name} of a hyper-parameter is a finite number; got {value!r}.",
                            name=name, value=value)  # fmt: skip
    return float(value)
