"""Bayesian optimization, by Optuna: values are drawn where earlier trials say that it is good."""

from __future__ import annotations

import warnings
from typing import Any

from maeum.core.checks import check_whole
from maeum.core.randomness import generator
from maeum.tuner.choices import Fixed
from maeum.tuner.finished import has_order
from maeum.tuner.hyperparameters import HyperParameters
from maeum.tuner.random_search import RandomSearchOracle
from maeum.tuner.trial import Trial, TrialStatus

_ATTEMPTS = 10


class BayesianOptimizationOracle(RandomSearchOracle):
    """Values proposed by a tree-structured Parzen estimator (Optuna's ``TPESampler``).

    J. Bergstra et al., "Algorithms for hyper-parameter optimization", NIPS 2011. The trials come in
    batches, and a batch learns from all batches before: so the outcome is the same however many
    trials run at once.

    Args:
        num_initial_points: how many trials are drawn at random first; three for each
            hyper-parameter by default.
        batch: how many trials are proposed from the same knowledge.
        options: see `Oracle`.

    Raises:
        ModuleNotFoundError: if Optuna is not installed.
    """

    def __init__(
        self, *, max_trials: int = 10, num_initial_points: int | None = None, batch: int = 4,
        **options: Any,
    ):  # fmt: skip
        import optuna  # noqa: F401 (who lacks it is told so at once)

        super().__init__(max_trials=max_trials, **options)
        self.num_initial_points, self.batch = num_initial_points, check_whole(batch, "batch")
        if num_initial_points is not None:
            check_whole(num_initial_points, "num_initial_points")

    def settings(self) -> dict[str, Any]:
        """Return what the trials follow from."""
        return {"num_initial_points": self.num_initial_points, "batch": self.batch}

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return values that the completed batches speak for."""
        initial = self.num_initial_points or max(3 * len(self.hyperparameters.space), 3)
        number = int(trial_id)
        if number < initial or not self.hyperparameters.space:
            return super().populate_space(trial_id)
        begin = initial + (number - initial) // self.batch * self.batch
        if any(trial.number < begin for trial in self.ongoing_trials):
            return {"status": TrialStatus.IDLE}
        for attempt in range(_ATTEMPTS):
            values = self._proposed(number, begin, attempt)
            if not self.was_tried(values):
                return {"status": TrialStatus.RUNNING, "values": values}
        return super().populate_space(trial_id)

    def _proposed(self, number: int, begin: int, attempt: int) -> dict[str, Any]:
        import optuna

        before = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        seed = int(generator(self.seed, "proposal", number, attempt).integers(2**32))
        try:
            with warnings.catch_warnings():  # what is called experimental is what we want
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                sampler = optuna.samplers.TPESampler(
                    n_startup_trials=0, constant_liar=True, seed=seed
                )
                study = optuna.create_study(sampler=sampler)
                study.add_trials([self._told(trial, begin) for trial in self._useful(begin)])
                asked = study.ask()
                return self.values_of(lambda hp: _suggested(hp, asked))
        finally:
            optuna.logging.set_verbosity(before)

    def _useful(self, begin: int) -> list[Trial]:
        """Return the trials to learn from: completed before the batch, and those of the batch."""
        return [
            trial for trial in self.trials.values()
            if trial.number >= begin or trial.status == TrialStatus.COMPLETED
        ]  # fmt: skip

    def _told(self, trial: Trial, begin: int) -> Any:
        import optuna

        running = trial.number >= begin
        parameters: dict[str, Any] = {}
        distributions: dict[str, Any] = {}
        chosen = HyperParameters()
        chosen.values = trial.values
        for each in self.hyperparameters.space:
            if isinstance(each, Fixed) or not chosen.is_active(each):
                continue
            value = trial.values.get(each.name, each.default)
            ordered = has_order(each)
            parameters[each.name] = each.value_to_prob(value) if ordered else value
            distributions[each.name] = _distribution(each)
        state = optuna.trial.TrialState.RUNNING if running else optuna.trial.TrialState.COMPLETE
        return optuna.trial.create_trial(
            params=parameters, distributions=distributions, state=state,
            value=None if running else self.objective.cost(trial.score),
        )  # fmt: skip


def _distribution(hp: Any) -> Any:
    """Return what Optuna draws from: the interval from 0 to 1, or the values themselves."""
    import optuna

    if has_order(hp):
        return optuna.distributions.FloatDistribution(0.0, 1.0)
    return optuna.distributions.CategoricalDistribution(hp.values)


def _suggested(hp: Any, asked: Any) -> Any:
    if isinstance(hp, Fixed):
        return hp.value
    if has_order(hp):
        return hp.prob_to_value(asked.suggest_float(hp.name, 0.0, 1.0))
    return asked.suggest_categorical(hp.name, hp.values)
