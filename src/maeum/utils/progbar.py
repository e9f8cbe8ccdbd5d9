"""A progress bar for loops of one's own."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError
from maeum.core.settings import say


class Progbar:
    """A line that shows how far a loop is, and the values of what it measures.

    Args:
        target: how many steps there are; None if that is unknown.
        width: the width of the bar, in characters.
        verbose: 1 for a bar that is drawn again and again, 2 for a line at the end, 0 for nothing.
        interval: the fewest seconds between two drawings.
        stateful_metrics: the names of values that are shown as they are; the others are averaged
            over the steps.
        stateless_metrics: instead of it, the names of those that are averaged.
        unit_name: what a step is called.

    Raises:
        ConfigError: if both kinds of names are given.

    Example:
        >>> bar = Progbar(4, verbose=2)
        >>> for step in range(4):
        ...     bar.update(step + 1, [("loss", 1.0)])  # doctest: +ELLIPSIS
        4/4 - 0s - ...s/step - loss: 1.0000
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ):
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ConfigError(
                "Only one of `stateful_metrics` (shown as they are) and `stateless_metrics` "
                "(averaged) is given; the others are of the other kind."
            )
        self.target, self.width, self.interval = target, width, interval
        self.verbose = check_choice(verbose, (0, 1, 2), "verbose")
        self.unit_name = unit_name
        self._averaged = None if stateless_metrics is None else set(stateless_metrics)
        self._shown = set(stateful_metrics or ())
        self._sums: dict[str, tuple[float, int]] = {}
        self._done = 0
        self._begun = time.perf_counter()
        self._first: float | None = None  # when the first step was over, which takes longest
        self._drawn = 0.0
        self._length = 0

    def update(
        self,
        current: int,
        values: Iterable[tuple[str, Any]] | None = None,
        finalize: bool | None = None,
    ) -> None:
        """Tell how far the loop is.

        Args:
            current: the number of steps that are done.
            values: ``(name, value)`` of what was measured in the last ones.
            finalize: whether this is the end; by default when ``target`` is reached.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        self._count(current, values or (), finalize)
        now = time.perf_counter()
        took = self._seconds_per_step(current, now)
        if self.verbose == 1 and (finalize or now - self._drawn >= self.interval):
            self._draw(current, took, now, finalize)
        elif self.verbose == 2 and finalize and self.target:
            facts = [f"{current}/{self.target}", f"{now - self._begun:.0f}s", self._pace(took)]
            say(" - ".join([*facts, *self._facts()]))

    def add(self, n: int, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """Tell that ``n`` more steps are done; see `update`."""
        self.update(self._done + n, values)

    def _count(self, current: int, values: Iterable[tuple[str, Any]], last: bool) -> None:
        for name, value in values:
            number = float(np.mean(value))
            averaged = name in self._averaged if self._averaged is not None else (
                name not in self._shown
            )  # fmt: skip
            if last or not averaged:
                self._sums[name] = number, 1
                continue
            steps = max(current - self._done, 1)
            total, count = self._sums.get(name, (0.0, 0))
            self._sums[name] = total + number * steps, count + steps
        self._done = current

    def _seconds_per_step(self, current: int, now: float) -> float:
        if not current:
            return 0.0
        if self._first is not None and current > 1:
            return (now - self._first) / (current - 1)
        if current == 1:
            self._first = now
        return (now - self._begun) / current

    def _draw(self, current: int, took: float, now: float, last: bool) -> None:
        """Draw the bar over the one before (where the output is a terminal)."""
        if self.target:
            filled = int(self.width * min(current / self.target, 1))
            place = f"{current:>{len(str(self.target))}}/{self.target} "
            place += "━" * filled + "─" * (self.width - filled)
            left = took * (self.target - current) if not last else now - self._begun
        else:
            place, left = f"{current:>7}/?", now - self._begun
        line = " ".join([place, _clock(left), " - ".join([self._pace(took), *self._facts()])])
        again = sys.stdout.isatty()
        blank = " " * max(self._length - len(line), 0) if again else ""
        say(("\r" if again else "") + line + blank, end="\n" if last or not again else "")
        self._length, self._drawn = len(line), now

    def _pace(self, seconds: float) -> str:
        if seconds >= 1 or seconds == 0:
            return f"{seconds:.0f}s/{self.unit_name}"
        if seconds >= 1e-3:
            return f"{seconds * 1e3:.0f}ms/{self.unit_name}"
        return f"{seconds * 1e6:.0f}us/{self.unit_name}"

    def _facts(self) -> list[str]:
        means = {name: total / max(count, 1) for name, (total, count) in self._sums.items()}
        return [f"{k}: {v:.4f}" if abs(v) > 1e-3 else f"{k}: {v:.4e}" for k, v in means.items()]


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02d}:{rest:02d}"
    return f"{minutes}:{rest:02d}" if minutes else f"{rest}s"
