"""How long a search may take, beside the number of its trials: in epochs, in minutes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from maeum.core.checks import check_positive, check_whole

_FIRST = 8  # trials at once while it is not known how long one takes


@dataclass
class Budget:
    """What limits a search.

    Args:
        minutes: no trial begins after so long, and those that run end with their epoch.
        epochs: no trial begins once all trials together have so many epochs.
    """

    minutes: float | None = None
    epochs: int | None = None
    _begun: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        if self.minutes is not None:
            check_positive(self.minutes, "max_minutes")
        if self.epochs is not None:
            check_whole(self.epochs, "max_total_epochs")

    def begin(self) -> None:
        """Begin to count the time."""
        self._begun = time.monotonic()

    @property
    def settings(self) -> dict[str, Any]:
        """The limits, under the names that a `Tuner` takes."""
        return {"max_minutes": self.minutes, "max_total_epochs": self.epochs}

    @property
    def left(self) -> float | None:
        """The seconds that are left; None if nothing limits them."""
        if self.minutes is None:
            return None
        return 60 * self.minutes - (time.monotonic() - self._begun)

    def at_once(self, most: int, over: int) -> int:
        """Return how many trials to run at once, so that they are over in time.

        Args:
            most: how many there may be.
            over: how many are over since `begin`.
        """
        left = self.left
        if left is None:
            return most
        if left <= 0:
            return 0
        passed = time.monotonic() - self._begun
        return min(most, max(1, int(left * over / passed)) if over else _FIRST)

    def allows(self, epochs: int) -> bool:
        """Tell whether a trial may begin after all trials together had so many epochs."""
        return self.epochs is None or epochs < self.epochs
