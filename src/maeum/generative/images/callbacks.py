"""What watches a training: its time, whether it diverges, and signs of collapse."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from maeum.callbacks import Callback
from maeum.core.messages import _
from maeum.experiment.events import Event, Note, tell
from maeum.generative.collapse import CollapseDetector
from maeum.report.wording import duration, epochs

_SURE = 5.0  # seconds of epochs from which the rest can be told


@dataclass(frozen=True)
class Expected(Event):
    """How long a training is going to take.

    Attributes:
        seconds: from its beginning to its end.
    """

    seconds: float

    def __str__(self) -> str:
        return "  " + _("expected to take {time}; Ctrl-C ends it, and keeps what was learnt",
                        time=duration(self.seconds))  # fmt: skip


class TimeLimit(Callback):
    """Tell how long a training is going to take, and stop it after some minutes if asked for.

    Args:
        minutes: None for as long as its epochs take. What a training that is resumed took before
            counts, too.
    """

    state_attributes = ("seconds",)

    def __init__(self, minutes: float | None = None):
        self.limit = None if minutes is None else 60 * minutes
        self.seconds = 0.0
        self._told = False

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin to measure."""
        self._last = self._began = time.perf_counter()
        self._first: tuple[int, float] | None = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Measure; tell once enough epochs are over, and stop when it is time."""
        now, done, all_ = time.perf_counter(), epoch + 1, self.params["epochs"]
        self.seconds += now - self._last
        self._last = now
        if self._first is None:  # the first one compiles
            self._first = done, now
        elif not self._told and done < all_ and now - self._first[1] >= _SURE:
            self._told = True
            each = (now - self._first[1]) / (done - self._first[0])
            expected = self.seconds + each * (all_ - done)
            tell(Expected(min(expected, self.limit or expected)))
        if self.limit is not None and self.seconds >= self.limit and done < all_:
            tell(Note(_("Stopped after {time}, as asked for (minutes): {epochs} were over.",
                        time=duration(self.seconds), epochs=epochs(done))))  # fmt: skip
            self.model.stop_training = True


class DivergenceGuard(Callback):
    """End a training whose loss is NaN with what was learnt before, if an epoch was over."""

    state_attributes = ("done",)

    def __init__(self) -> None:
        self.done = 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Count."""
        self.done = epoch + 1

    def on_nonfinite_loss(self, epoch: int, step: int) -> bool:
        """Tell of it; return whether the training ends without an error."""
        if not self.done:
            return False
        tell(Note(_("The loss became NaN or infinite in epoch {epoch}: the training ended, and "
                    "what was learnt in the epochs before is kept. A smaller --learning-rate may "
                    "help.", epoch=epoch + 1)))  # fmt: skip
        return True


def collapse_detector() -> CollapseDetector:
    """Return what tells signs of a collapse as notes."""
    return CollapseDetector(tell=lambda said: tell(Note(said)))
