"""One trial of a search: its hyper-parameters, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from maeum.core.messages import _
from maeum.core.settings import say
from maeum.core.wording import as_written
from maeum.tuner.hyperparameters import HyperParameters
from maeum.tuner.objective import Result

OWN = "tuner/"  # how the names of values begin that a search sets for itself
_KEPT = (
    "trial_id", "status", "score", "best_step", "metrics", "curves", "message", "seed",
    "failures", "epochs", "first_call",
)  # fmt: skip


class TrialStatus:
    """How a trial stands, in KerasTuner's words."""

    RUNNING = "RUNNING"  # asked for, and not over
    IDLE = "IDLE"  # there will be one, when others are over
    STOPPED = "STOPPED"  # there will be none
    INVALID = "INVALID"  # failed, and to be tried once more
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@dataclass
class Trial:
    """A set of hyper-parameters that is trained and scored.

    Attributes:
        hyperparameters: the values, and the space that they are from.
        trial_id: its number, as text.
        status: one of `TrialStatus`.
        score: the value of the objective at the best epoch; None if there is none.
        best_step: that epoch, counted from 0.
        metrics: the metrics at that epoch.
        curves: the values of every epoch, by name.
        message: why it failed, if it did.
        seed: what everything random in it follows from: `maeum.utils.set_random_seed` of it,
            ``build`` and ``fit`` give the same training again.
        failures: how often it failed.
        epochs: how many epochs were trained for it.
    """

    hyperparameters: HyperParameters
    trial_id: str = ""
    status: str = TrialStatus.RUNNING
    score: float | None = None
    best_step: int = 0
    metrics: dict[str, float] = field(default_factory=dict)
    curves: dict[str, list[float]] | None = None
    message: str | None = None
    seed: int = 0
    failures: int = 0
    epochs: int = 0
    first_call: Any = None

    @property
    def number(self) -> int:
        """Which trial it is, counted from 0."""
        return int(self.trial_id)

    @property
    def values(self) -> dict[str, Any]:
        """The values that a user's ``build`` asked for."""
        own = self.hyperparameters.values
        return {name: value for name, value in own.items() if not name.startswith(OWN)}

    def take(self, result: Result) -> None:
        """Take over what it came to."""
        self.score, self.best_step = result.score, result.best_step
        self.metrics, self.curves = result.metrics, result.curves

    def summary(self) -> None:
        """Print it."""
        say(_("Trial {number}", number=self.trial_id))
        self.display_hyperparameters()
        if self.score is not None:
            say(_("Score: {score}", score=as_written(self.score)))
        if self.message is not None:
            say(_("Failed: {reason}", reason=self.message))

    def display_hyperparameters(self) -> None:
        """Print its values."""
        for name, value in self.values.items():
            say(f"  {name}: {shown(value)}")

    def get_state(self) -> dict[str, Any]:
        """Return it as plain data; the space is kept once for all trials."""
        kept = {name: getattr(self, name) for name in _KEPT}
        return {**kept, "values": dict(self.hyperparameters.values)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], space: HyperParameters) -> Trial:
        """Return what `get_state` described."""
        hyperparameters = space.copy()
        hyperparameters.values = dict(state["values"])
        return cls(hyperparameters, **{name: state[name] for name in _KEPT})


def shown(value: Any) -> str:
    """Return a value for people.

    >>> shown(0.1234567891), shown("relu"), shown(True)
    ('0.12346', 'relu', 'True')
    """
    return f"{value:.5g}" if isinstance(value, float) else str(value)
