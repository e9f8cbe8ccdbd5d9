"""The searches under KerasTuner's names: a `Tuner` with its `Oracle`."""

from __future__ import annotations

import inspect
from typing import Any

from maeum.core.errors import ArgumentError, nearest
from maeum.tuner.bayesian import BayesianOptimizationOracle
from maeum.tuner.grid_search import GridSearchOracle
from maeum.tuner.hyperband import HyperbandOracle, SuccessiveHalvingOracle
from maeum.tuner.oracle import Oracle
from maeum.tuner.random_search import RandomSearchOracle, RefinedSearchOracle
from maeum.tuner.tuner import Tuner


class Search(Tuner):
    """Base of the searches that make their oracle themselves.

    Args:
        hypermodel: a function ``build(hp)`` that returns a compiled model, or a `HyperModel`.
        objective: what is looked for; see `Oracle`.
        options: those of the search's oracle, of `Oracle` and of `Tuner`, by name.

    Raises:
        ArgumentError: for an option that there is not, with the nearest one.
    """

    oracle_class: type[Oracle]

    def __init__(self, hypermodel: Any = None, objective: Any = None, **options: Any):
        own, common, rest = map(_names, (self.oracle_class, Oracle, Tuner))
        known = {*own, *common, *rest} - {"oracle", "hypermodel", "objective"}
        for name in options:
            if name not in known:
                raise ArgumentError("{search} has no argument {name!r}.{hint}", name=name,
                                    search=type(self).__name__,
                                    hint=nearest(name, known))  # fmt: skip
        tuning = {name: value for name, value in options.items() if name in rest}
        asking = {name: value for name, value in options.items() if name not in tuning}
        super().__init__(self.oracle_class(objective=objective, **asking), hypermodel, **tuning)


class RandomSearch(Search):
    """Search at random: ``max_trials`` (10) draws from the space, none twice.

    Example:
        >>> import numpy as np
        >>> import maeum as mm
        >>> from maeum.tuner import RandomSearch
        >>> def build(hp):
        ...     units = hp.Int("units", 4, 16, step=4)
        ...     layers = [mm.layers.Dense(units, activation="relu"), mm.layers.Dense(1)]
        ...     model = mm.Sequential([mm.Input((3,)), *layers])
        ...     rate = hp.Float("learning_rate", 1e-3, 1e-1, sampling="log")
        ...     model.compile(mm.optimizers.Adam(rate), "mse")
        ...     return model
        >>> x = np.random.default_rng(0).normal(size=(64, 3))
        >>> tuner = RandomSearch(build, "val_loss", max_trials=3, seed=1, overwrite=True)
        >>> tuner.search(x, x.sum(1), epochs=2, validation_split=0.25, verbose=0)
        >>> sorted(tuner.get_best_hyperparameters()[0].values)
        ['learning_rate', 'units']
        >>> tuner.get_best_models()[0].predict(x, verbose=0).shape
        (64, 1)
    """

    oracle_class = RandomSearchOracle

    def __init__(
        self, hypermodel: Any = None, objective: Any = None, max_trials: int = 10, **options: Any
    ):
        super().__init__(hypermodel, objective, max_trials=max_trials, **options)


class RefinedSearch(Search):
    """Search coarse to fine: at random, then closer around the best; see `RefinedSearchOracle`."""

    oracle_class = RefinedSearchOracle


class GridSearch(Search):
    """Search every combination, or the first ``max_trials`` of them; see `GridSearchOracle`."""

    oracle_class = GridSearchOracle


class Hyperband(Search):
    """Search by brackets of successive halving; see `HyperbandOracle`."""

    oracle_class = HyperbandOracle


class SuccessiveHalving(Search):
    """Search by halving: all trials for a few epochs, the best for more; see its oracle."""

    oracle_class = SuccessiveHalvingOracle


class BayesianOptimization(Search):
    """Search where earlier trials say that it is good; see `BayesianOptimizationOracle`."""

    oracle_class = BayesianOptimizationOracle


def _names(kind: type) -> list[str]:
    parameters = inspect.signature(kind).parameters.values()
    return [each.name for each in parameters if each.kind != each.VAR_KEYWORD]
