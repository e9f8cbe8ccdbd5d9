"""The space of a search and the values of one trial: what a ``build(hp)`` is given."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from maeum.core.errors import ConfigError, UnknownNameError, nearest
from maeum.tuner.choices import Boolean, Choice, Fixed
from maeum.tuner.hyperparameter import HyperParameter, Parent, Value
from maeum.tuner.ranges import Float, Int

_KINDS = {kind.__name__: kind for kind in (Int, Float, Choice, Boolean, Fixed)}


class HyperParameters:
    """A space of hyper-parameters, and current values.

    Each method that asks for one (`Int`, `Float`, `Choice`, `Boolean`, `Fixed`) puts it into the
    space when it is first asked for, and returns its current value: the default, unless a search
    has set another. A hyper-parameter whose conditions do not hold has no value, and None is
    returned for it.

    Attributes:
        space: the hyper-parameters, in the order in which they were asked for.
        values: the values by name, of those whose conditions hold.

    Example:
        >>> hp = HyperParameters()
        >>> hp.Int("units", 32, 512, step=32), hp.Choice("activation", ["relu", "tanh"])
        (32, 'relu')
        >>> hp.values["units"] = 64
        >>> hp.Int("units", 32, 512, step=32)
        64
    """

    def __init__(self) -> None:
        self.space: list[HyperParameter] = []
        self.values: dict[str, Any] = {}
        self._by_name: dict[str, list[HyperParameter]] = {}
        self._name_scopes: list[str] = []
        self._conditions: list[Parent] = []
        # The conditional scopes that were entered: a search looks for values that activate each.
        self.active_scopes: list[list[Parent]] = []
        self.inactive_scopes: list[list[Parent]] = []

    # ---- what a builder asks for -----------------------------------------------------------------

    def Int(
        self,
        name: str,
        min_value: int,
        max_value: int,
        step: int | None = None,
        sampling: str | None = "linear",
        default: int | None = None,
        parent_name: str | None = None,
        parent_values: Sequence[Value] | Value | None = None,
    ) -> Any:
        """Return a whole number from ``min_value`` to ``max_value``, both included.

        Args:
            name: its name.
            min_value, max_value: the bounds.
            step: the distance of two neighbours; with a logarithmic sampling, their ratio.
            sampling: ``"linear"``, ``"log"`` or ``"reverse_log"``.
            default: ``min_value`` if not given.
            parent_name, parent_values: it has a value only if the hyper-parameter of that name has
                one of those values.

        Raises:
            ConfigError: for a range that holds nothing, or does not fit its sampling.
        """
        with self._maybe_conditional(parent_name, parent_values):
            given = min_value, max_value, step, sampling, default
            return self._retrieve(Int(self._scoped(name), *given, self._conditions))

    def Float(
        self,
        name: str,
        min_value: float,
        max_value: float,
        step: float | None = None,
        sampling: str | None = "linear",
        default: float | None = None,
        parent_name: str | None = None,
        parent_values: Sequence[Value] | Value | None = None,
    ) -> Any:
        """Return a real number from ``min_value`` to ``max_value``; see `Int` for the arguments."""
        with self._maybe_conditional(parent_name, parent_values):
            given = min_value, max_value, step, sampling, default
            return self._retrieve(Float(self._scoped(name), *given, self._conditions))

    def Choice(
        self,
        name: str,
        values: Sequence[Value],
        ordered: bool | None = None,
        default: Value | None = None,
        parent_name: str | None = None,
        parent_values: Sequence[Value] | Value | None = None,
    ) -> Any:
        """Return one of ``values``.

        Args:
            name: its name.
            values: numbers, strings, or truth values.
            ordered: whether their order means anything; that of numbers does by default.
            default: the first value if not given.
            parent_name, parent_values: see `Int`.
        """
        with self._maybe_conditional(parent_name, parent_values):
            chosen = Choice(self._scoped(name), values, ordered, default, self._conditions)
            return self._retrieve(chosen)

    def Boolean(
        self,
        name: str,
        default: bool = False,
        parent_name: str | None = None,
        parent_values: Sequence[Value] | Value | None = None,
    ) -> Any:
        """Return True or False; see `Int` for the arguments."""
        with self._maybe_conditional(parent_name, parent_values):
            return self._retrieve(Boolean(self._scoped(name), default, self._conditions))

    def Fixed(
        self,
        name: str,
        value: Value,
        parent_name: str | None = None,
        parent_values: Sequence[Value] | Value | None = None,
    ) -> Any:
        """Return ``value``: it is in the space, but not tuned."""
        with self._maybe_conditional(parent_name, parent_values):
            return self._retrieve(Fixed(self._scoped(name), value, self._conditions))

    @contextlib.contextmanager
    def name_scope(self, name: str) -> Iterator[None]:
        """Put ``name/`` before the names within the block."""
        self._name_scopes.append(str(name))
        try:
            yield
        finally:
            self._name_scopes.pop()

    @contextlib.contextmanager
    def conditional_scope(
        self, parent_name: str, parent_values: Sequence[Value] | Value
    ) -> Iterator[None]:
        """Let what is asked for within the block have values under a condition only.

        Args:
            parent_name: the name of a hyper-parameter that was asked for before.
            parent_values: those of its values for which the others play a part.

        Raises:
            UnknownNameError: if there is no such hyper-parameter.

        Example:
            >>> hp = HyperParameters()
            >>> kind = hp.Choice("kind", ["mlp", "cnn"])
            >>> with hp.conditional_scope("kind", ["cnn"]):
            ...     print(hp.Int("filters", 8, 64))
            None
        """
        scoped = self._scoped(parent_name)
        if not self._exists(scoped, self._conditions):
            raise UnknownNameError("A condition asks for the hyper-parameter {name!r}, which is "
                                   "not in the space.{hint}", name=scoped,
                                   hint=nearest(scoped, self._by_name))  # fmt: skip
        self._conditions.append(Parent(scoped, parent_values))  # type: ignore[arg-type]
        active = self._hold(self._conditions)
        (self.active_scopes if active else self.inactive_scopes).append(list(self._conditions))
        try:
            yield
        finally:
            self._conditions.pop()

    def get(self, name: str) -> Any:
        """Return the current value of a hyper-parameter.

        Raises:
            UnknownNameError: if there is none of that name.
            ConfigError: if its conditions do not hold.
        """
        scoped = self._scoped(name)
        if scoped in self.values:
            return self.values[scoped]
        if scoped in self._by_name:
            raise ConfigError("The hyper-parameter {name!r} has no value: its conditions do not "
                              "hold.", name=scoped)  # fmt: skip
        raise UnknownNameError("There is no hyper-parameter {name!r}.{hint}", name=scoped,
                               hint=nearest(scoped, self._by_name))  # fmt: skip

    __getitem__ = get

    def __contains__(self, name: str) -> bool:
        return self._scoped(name) in self.values

    # ---- the space -------------------------------------------------------------------------------

    def is_active(self, hyperparameter: HyperParameter | str) -> bool:
        """Tell whether the conditions of a hyper-parameter hold, or of any one of that name."""
        if isinstance(hyperparameter, HyperParameter):
            return self._hold(hyperparameter.conditions)
        return any(self._hold(each.conditions) for each in self._by_name.get(hyperparameter, ()))

    def merge(
        self, hps: HyperParameters | Iterable[HyperParameter], overwrite: bool = True
    ) -> None:
        """Take over hyper-parameters into the space, with their defaults as values.

        Args:
            hps: a space, or some of its hyper-parameters.
            overwrite: whether those that are there already are put in again, too.
        """
        for each in list(hps.space if isinstance(hps, HyperParameters) else hps):
            if overwrite or not self.has(each):
                self._register(each, overwrite)

    def has(self, hyperparameter: HyperParameter) -> bool:
        """Tell whether the space has one of this name with the same conditions."""
        return self._exists(hyperparameter.name, hyperparameter.conditions)

    def ensure_active_values(self) -> None:
        """Give defaults to those that lack a value, and take it from those without a part."""
        for each in self.space:
            if not self.is_active(each.name):
                self.values.pop(each.name, None)
            elif self.is_active(each):
                self.values.setdefault(each.name, each.default)

    def copy(self) -> HyperParameters:
        """Return an equal one that changes on its own."""
        return self.from_config(self.get_config())

    def get_config(self) -> dict[str, Any]:
        """Return the space and the values as plain data."""
        space = [{"class_name": type(e).__name__, "config": e.get_config()} for e in self.space]
        return {"space": space, "values": dict(self.values)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> HyperParameters:
        """Return what `get_config` described."""
        found = cls()
        for each in config["space"]:
            found._add(_KINDS[each["class_name"]].from_config(each["config"]))
        found.values = dict(config["values"])
        return found

    def __repr__(self) -> str:
        return f"<HyperParameters {self.values}>"

    # ---- within ----------------------------------------------------------------------------------

    def _retrieve(self, hyperparameter: HyperParameter) -> Any:
        if not self.has(hyperparameter):
            return self._register(hyperparameter)
        return self.values.get(hyperparameter.name) if self.is_active(hyperparameter) else None

    def _register(self, hyperparameter: HyperParameter, overwrite: bool = False) -> Any:
        name = hyperparameter.name
        if any(condition.name == name for condition in hyperparameter.conditions):
            raise ConfigError("The hyper-parameter {name!r} cannot depend on one of the same name.",
                              name=name)  # fmt: skip
        self._add(hyperparameter)
        if not self.is_active(hyperparameter):
            return None
        if overwrite or name not in self.values:
            self.values[name] = hyperparameter.default
        return self.values[name]

    def _add(self, hyperparameter: HyperParameter) -> None:
        """Put one into the space, in the place of one that it equals in name and conditions."""
        own = hyperparameter.name, hyperparameter.conditions
        for group in (self._by_name.setdefault(hyperparameter.name, []), self.space):
            places = [i for i, each in enumerate(group) if (each.name, each.conditions) == own]
            if places:
                group[places[0]] = hyperparameter
            else:
                group.append(hyperparameter)

    def _exists(self, name: str, conditions: Sequence[Parent]) -> bool:
        return any(each.conditions == list(conditions) for each in self._by_name.get(name, ()))

    def _hold(self, conditions: Iterable[Parent]) -> bool:
        return all(condition.is_active(self.values) for condition in conditions)

    def _scoped(self, name: str) -> str:
        return "/".join([*self._name_scopes, str(name)])

    @contextlib.contextmanager
    def _maybe_conditional(self, name: str | None, values: Any) -> Iterator[None]:
        if not name:
            yield
            return
        with self.conditional_scope(name, values):
            yield
