"""Random search, and the course's coarse to fine: random, then closer around the best."""

from __future__ import annotations

from typing import Any

from maeum.core.checks import check_fraction, check_whole
from maeum.tuner.choices import Boolean, Choice
from maeum.tuner.oracle import Oracle
from maeum.tuner.trial import Trial, TrialStatus


class RandomSearchOracle(Oracle):
    """Values drawn at random, none twice (J. Bergstra and Y. Bengio, JMLR 13, 2012).

    Args:
        defaults_first: whether the first trial has the defaults, to compare the others with.
        objective, max_trials, options: see `Oracle`.
    """

    def __init__(
        self, objective: Any = None, max_trials: int | None = None, *,
        defaults_first: bool = False, **options: Any,
    ):  # fmt: skip
        super().__init__(objective, max_trials, **options)
        self.defaults_first = defaults_first

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return values drawn at random."""
        if self.defaults_first and not self.trials:
            return {"status": TrialStatus.RUNNING, "values": self.values_of(lambda hp: hp.default)}
        values = self.random_values(trial_id)
        if values is None:
            return {"status": TrialStatus.STOPPED}
        return {"status": TrialStatus.RUNNING, "values": values}


class RefinedSearchOracle(RandomSearchOracle):
    """Coarse to fine: a round at random, then rounds closer and closer around the best trials.

    Args:
        rounds: how many rounds ``max_trials`` are divided into.
        shrink: how wide the range of a number is in each round, as a fraction of that in the
            round before.
        best: around how many of the best trials is searched.
        options: see `Oracle`.
    """

    def __init__(
        self, *, max_trials: int = 30, rounds: int = 3, shrink: float = 0.3, best: int = 3,
        **options: Any,
    ):  # fmt: skip
        super().__init__(max_trials=max_trials, **options)
        self.rounds, self.best = check_whole(rounds, "rounds"), check_whole(best, "best")
        self.shrink = check_fraction(shrink, "shrink", zero=False)
        self.round_size = -(-max_trials // self.rounds)

    def settings(self) -> dict[str, Any]:
        """Return what the trials follow from."""
        names = ("max_trials", "rounds", "shrink", "best")
        return {name: getattr(self, name) for name in names}

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return values close to those of the best trials of the rounds before."""
        this = int(trial_id) // self.round_size
        if this and any(trial.number < this * self.round_size for trial in self.ongoing_trials):
            return {"status": TrialStatus.IDLE}
        known = [t for t in self.get_best_trials(len(self.trials))
                 if t.number < this * self.round_size]  # fmt: skip
        if not known:
            return super().populate_space(trial_id)
        for random in self.draws(trial_id):
            centre = known[random.integers(min(self.best, len(known)))]
            width = self.shrink**this
            values = self.values_of(
                lambda hp, c=centre, w=width, r=random: _near(hp, c, w, r)  # type: ignore[misc]
            )
            if not self.was_tried(values):
                return {"status": TrialStatus.RUNNING, "values": values}
        return {"status": TrialStatus.STOPPED}


def _near(hp: Any, centre: Trial, width: float, random: Any) -> Any:
    """Draw a value in a window around that of a trial; most often the same, if it has no order."""
    value = centre.hyperparameters.values.get(hp.name)
    draw = random.random()
    if value is None:  # it played no part there
        return hp.prob_to_value(draw)
    if isinstance(hp, Boolean) or (isinstance(hp, Choice) and not hp.ordered):
        other = hp.prob_to_value(random.random())
        return other if draw < width else value
    middle = hp.value_to_prob(value)
    low, high = max(0.0, middle - width / 2), min(1.0, middle + width / 2)
    return hp.prob_to_value(low + draw * (high - low))
