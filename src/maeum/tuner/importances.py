"""Which hyper-parameters mattered: how much of the differences between trials each explains."""

from __future__ import annotations

import importlib.util
import warnings
from dataclasses import dataclass, field

import numpy as np

from maeum.core.checks import check_choice
from maeum.core.errors import DataError
from maeum.core.messages import _
from maeum.core.randomness import check_seed
from maeum.tuner.finished import Finished, has_order
from maeum.tuner.oracle import Oracle

METHODS = ("fanova", "permutation")
LEAST = 10  # finished trials, and twice as many as there are hyper-parameters
_TREES, _FOLDS, _SHUFFLES = 64, 5, 5
_OF_FANOVA = {"n_trees": 32, "max_depth": 6}  # with Optuna's 64, 1,000 trials take five minutes
_EPOCHS = "tuner/epochs"


@dataclass(frozen=True)
class Importances:
    """How much each hyper-parameter mattered.

    Attributes:
        fractions: by name, the most important first: the part of what all of them explain, so that
            they sum to 1; all are 0 if nothing is explained.
        method: ``"fanova"`` or ``"permutation"``.
        trials: how many finished trials they are told from.
        explained: how much of the differences between trials the hyper-parameters explain (R², of
            a random forest on trials that it has not seen): near 0, the rest is chance, and the
            fractions say little.
    """

    fractions: dict[str, float]
    method: str
    trials: int
    explained: float = field(default=float("nan"))

    def __str__(self) -> str:
        return ", ".join(f"{name} {value:.0%}" for name, value in self.fractions.items())


def importances(oracle: Oracle, method: str | None = None, seed: int = 0) -> Importances:
    """Return how much each hyper-parameter mattered, by the finished trials of a search.

    Numbers count by their place in their range, logarithmic ones by the logarithm; one that plays
    no part in a trial stands at its default there. Of rungs, the epochs are held apart: what a
    longer training gives is not ascribed to the values of those that climbed. Scores far worse
    than the others (more than 1.5 interquartile ranges) count as that.

    Args:
        oracle: what was searched.
        method: ``"fanova"``, functional analysis of variance (F. Hutter et al., ICML 2014), by
            Optuna; ``"permutation"``, how much worse a random forest predicts the scores of trials
            that it has not seen when the values of one are shuffled (L. Breiman, 2001), by
            scikit-learn. By default the first if Optuna is installed, otherwise the second.
        seed: what the forests and the shuffling follow from.

    Raises:
        DataError: if there are too few finished trials, or nothing was tuned.
        ConfigError: for a method that there is not.
        ModuleNotFoundError: if scikit-learn, or Optuna that was asked for, is not installed.
    """
    if method is None:
        method = "fanova" if importlib.util.find_spec("optuna") else "permutation"
    check_choice(method, METHODS, "method")
    check_seed(seed)
    finished = Finished.of(oracle)
    if not finished.tuned:
        raise DataError("Nothing was tuned: every hyper-parameter has one value.")
    least = max(LEAST, 2 * len(finished.tuned))
    if len(finished) < least:
        raise DataError("Which hyper-parameters mattered can be told from {least} finished trials "
                        "on; there are {n}.", least=least, n=len(finished))  # fmt: skip
    x, costs = _inputs(finished), finished.limited
    names = [*finished.names, *([_EPOCHS] if x.shape[1] > len(finished.names) else [])]
    if np.ptp(costs) == 0:
        return Importances(dict.fromkeys(finished.names, 0.0), method, len(finished), 0.0)
    by_shuffling, explained = _permutation(x, costs, seed)
    found = _fanova(finished, x, costs, names, seed) if method == "fanova" else by_shuffling
    own = np.maximum(found[: len(finished.names)], 0)
    own = own / own.sum() if own.sum() > 0 else own
    order = np.argsort(-own, kind="stable").tolist()
    return Importances({finished.names[i]: float(own[i]) for i in order}, method, len(finished),
                       explained)  # fmt: skip


def told_or_why_not(oracle: Oracle) -> tuple[Importances | None, str]:
    """Return the importances, or None and a sentence on why there are none."""
    try:
        return importances(oracle), ""
    except DataError as error:
        return None, str(error)
    except ModuleNotFoundError:  # scikit-learn belongs to an extra
        return None, _("Telling which hyper-parameters mattered needs scikit-learn: "
                       "pip install 'maeum[tables]'")  # fmt: skip


def _inputs(finished: Finished) -> np.ndarray:
    """Return the places ``(n, k)``, defaults where there is none; then the epochs, if they vary."""
    defaults = [float(each.value_to_prob(each.default)) for each in finished.tuned]
    x = np.where(np.isnan(finished.places), defaults, finished.places)
    if len(set(finished.epochs.tolist())) == 1:
        return x
    rungs = np.unique(finished.epochs, return_inverse=True)[1]
    return np.column_stack([x, rungs / rungs.max()])


def _permutation(x: np.ndarray, costs: np.ndarray, seed: int) -> tuple[np.ndarray, float]:
    """Return ``(k,)`` importances on trials that a forest has not seen, and its R² on these."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.model_selection import KFold

    n, k = x.shape
    predicted, found, random = np.zeros(n), np.zeros(k), np.random.default_rng(seed)
    for train, test in KFold(_FOLDS, shuffle=True, random_state=seed % 2**32).split(x):
        forest = RandomForestRegressor(_TREES, random_state=seed % 2**32).fit(
            x[train], costs[train]
        )
        # As they are, then each column shuffled some times: predicted at once, which is quicker.
        asked = np.repeat(x[test][None], 1 + k * _SHUFFLES, axis=0)
        for place in range(1, len(asked)):
            column = asked[place, :, (place - 1) // _SHUFFLES]
            column[:] = random.permutation(column)
        said = forest.predict(asked.reshape(-1, k)).reshape(len(asked), len(test))
        errors = ((said - costs[test]) ** 2).sum(axis=1)
        found += errors[1:].reshape(k, _SHUFFLES).mean(axis=1) - errors[0]
        predicted[test] = said[0]
    return found / n, float(1 - np.mean((costs - predicted) ** 2) / costs.var())


def _fanova(
    finished: Finished, x: np.ndarray, costs: np.ndarray, names: list[str], seed: int
) -> np.ndarray:
    """Return ``(k,)`` the fractions of the variance that each explains by itself."""
    import optuna

    distributions: dict[str, optuna.distributions.BaseDistribution] = {}
    columns: dict[str, list] = {}
    for number, name in enumerate(names):
        hp = finished.tuned[number] if number < len(finished.tuned) else None
        if hp is None or has_order(hp):
            distributions[name] = optuna.distributions.FloatDistribution(0.0, 1.0)
            columns[name] = x[:, number].tolist()
        else:
            count = len(hp.values)
            distributions[name] = optuna.distributions.CategoricalDistribution(range(count))
            columns[name] = [min(int(place * count), count - 1) for place in x[:, number].tolist()]
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        study = optuna.create_study()
        study.add_trials([
            optuna.trial.create_trial(
                params={name: columns[name][row] for name in names},
                distributions=distributions, value=float(cost),
            )
            for row, cost in enumerate(costs)
        ])  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            evaluator = optuna.importance.FanovaImportanceEvaluator(**_OF_FANOVA, seed=seed % 2**32)
            told = optuna.importance.get_param_importances(
                study, evaluator=evaluator, params=names, normalize=False
            )
    finally:
        optuna.logging.set_verbosity(before)
    return np.array([told[name] for name in names])
