"""What builds the models of a search."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from maeum.core.errors import ArgumentError, not_implemented
from maeum.tuner.hyperparameters import HyperParameters


class HyperModel:
    """A space of models: subclass it, and write ``build``, and ``fit`` where training is tuned.

    Args:
        name: its name.
        tunable: whether what ``build`` asks for is tuned, rather than left at its defaults.

    Example:
        >>> import maeum as mm
        >>> class Net(HyperModel):
        ...     def build(self, hp):
        ...         units = hp.Int("units", 8, 64, step=8)
        ...         layers = [mm.layers.Dense(units, activation="relu"), mm.layers.Dense(1)]
        ...         model = mm.Sequential([mm.Input((4,)), *layers])
        ...         model.compile("adam", "mse")
        ...         return model
        ...     def fit(self, hp, model, *args, **kwargs):
        ...         return model.fit(*args, batch_size=hp.Choice("batch_size", [16, 32]), **kwargs)
        >>> Net().build(HyperParameters()).count_params()
        49
    """

    def __init__(self, name: str | None = None, tunable: bool = True):
        self.name, self.tunable = name, tunable

    def build(self, hp: HyperParameters) -> Any:
        """Return a compiled model with the current values of ``hp``."""
        raise not_implemented(self, "build")

    def declare_hyperparameters(self, hp: HyperParameters) -> None:
        """Put hyper-parameters into the space before the first model is built."""

    def fit(self, hp: HyperParameters, model: Any, *args: Any, **kwargs: Any) -> Any:
        """Train a model.

        Args:
            hp: the current values.
            model: what ``build`` returned.
            args, kwargs: what ``search`` was given, with callbacks of the search among them.

        Returns:
            A `History`, a dict of metrics, or the number to minimize.
        """
        return model.fit(*args, **kwargs)

    @property
    def trains_as_usual(self) -> bool:
        """Whether ``fit`` is the one of this class, which trains the model with what is given."""
        return type(self).fit is HyperModel.fit


class DefaultHyperModel(HyperModel):
    """A space of models that a function builds.

    Args:
        build: ``build(hp)``, which returns a compiled model.
    """

    def __init__(self, build: Callable[[HyperParameters], Any]):
        super().__init__(getattr(build, "__name__", None))
        self._build = build

    def build(self, hp: HyperParameters) -> Any:
        """Return what the function builds."""
        return self._build(hp)


def get_hypermodel(hypermodel: Any) -> HyperModel:
    """Return a `HyperModel`, made of a function where that is given.

    Raises:
        ArgumentError: if it is neither.
    """
    if isinstance(hypermodel, HyperModel):
        return hypermodel
    if not callable(hypermodel) or inspect.isclass(hypermodel):
        raise ArgumentError("hypermodel is a function build(hp) that returns a compiled model, or "
                            "a HyperModel object; got {given!r}.", given=hypermodel)  # fmt: skip
    return DefaultHyperModel(hypermodel)


def explore(hypermodel: HyperModel, space: HyperParameters) -> HyperParameters:
    """Return the space with all that ``build`` asks for, within every condition.

    A model is built with the defaults, and then with values that fulfil each condition that was
    not met. What cannot be built with some values is left to the trials to tell.

    Args:
        hypermodel: what builds.
        space: what is known beforehand.

    Raises:
        Exception: what ``build`` raises, if it does so before it asked for anything.
    """
    found = space.copy()
    hypermodel.declare_hyperparameters(found)
    wanted: list[list[Any]] = [[]]
    seen: list[list[Any]] = []
    while wanted:
        conditions = wanted.pop()
        seen.append(conditions)
        hp = found.copy()
        hp.values = {}
        for condition in conditions:
            hp.values[condition.name] = condition.values[0]
        hp.ensure_active_values()
        try:
            hypermodel.build(hp if hypermodel.tunable else hp.copy())
        except Exception:
            if not hp.space:
                raise
        found.merge((each for each in hp.space if not found.has(each)), overwrite=False)
        reached = [*seen, *wanted, *hp.active_scopes]
        for scope in hp.inactive_scopes:
            if scope not in reached:
                wanted.append(scope)
                reached.append(scope)
    found.values = dict(space.values)
    return found
