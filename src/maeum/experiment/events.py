"""What a training tells while it runs: small facts, and the sentence that each of them makes.

A listener is a function that takes an event. It may look at the data or show ``str(event)``,
which is in the reader's language; what one task alone has to tell is a subclass in its room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any

from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import enumeration, shorten
from maeum.report.wording import duration, epochs, loss, metric_name, more, percent

Listener = Callable[["Event"], Any]


def ignore(event: Event) -> None:
    """Listen to nothing."""


_listener: ContextVar[Listener] = ContextVar("listener", default=ignore)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Let a listener hear of the `work` that is done meanwhile."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


def tell(event: Event) -> None:
    """Tell whoever listens of an event."""
    _listener.get()(event)


def work(text: str) -> None:
    """Tell whoever listens what is being done now, which may take a while."""
    tell(Working(text))


@dataclass(frozen=True)
class Event:
    """Something that happened."""

    def to_json(self) -> dict[str, Any]:
        """Return the event as plain data, its name first."""
        return {"event": type(self).__name__, **asdict(self)}


@dataclass(frozen=True)
class Found(Event):
    """What the data hold.

    Attributes:
        source: the name of the file or folder.
        facts: what is known of it, by name.
        lines: the same as sentences.
    """

    source: str
    facts: dict[str, Any]
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True)
class Excluded(Event):
    """Something of the data that is not learnt from."""

    name: str
    reason: str

    def __str__(self) -> str:
        return _("Excluded {name!r}: {reason}", name=self.name, reason=self.reason)


@dataclass(frozen=True)
class Note(Event):
    """Something worth knowing about the data or the training, as a sentence."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Imbalanced(Event):
    """Classes of very different sizes."""

    rarest: str

    @classmethod
    def of(cls, counts: Mapping[str, int], balanced: bool | None = False) -> Iterator[Imbalanced]:
        """Yield this if one class has 4 times more rows than another, and is not ``balanced``."""
        if counts and not balanced and max(counts.values()) >= 4 * min(counts.values()):
            yield cls(min(counts, key=counts.__getitem__))

    def __str__(self) -> str:
        return _("The classes are far from balanced: {name!r} may seldom be answered. --balance "
                 "lets every class count the same.", name=shorten(self.rarest, 30))  # fmt: skip


@dataclass(frozen=True)
class Working(Event):
    """Something is being done that may take a while; worth showing if it does."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Folding(Event):
    """One network of a cross-validation is trained and tested.

    Attributes:
        number: which, from 1.
        of: how many there are.
    """

    number: int
    of: int

    def __str__(self) -> str:
        return _("Cross-validation: network {number} of {of}", number=self.number, of=self.of)


@dataclass(frozen=True)
class TrainingBegan(Event):
    """A training of so many epochs at most."""

    epochs: int

    def __str__(self) -> str:
        return _("Training {epochs} at most", epochs=epochs(self.epochs))


@dataclass(frozen=True)
class Progress(Event):
    """Within an epoch; only told to a listener with an attribute ``live`` that is true."""

    epoch: int
    fraction: float


@dataclass(frozen=True)
class EpochEnded(Event):
    """An epoch is over.

    Attributes:
        epoch: which, from 0.
        epochs: how many there are at most.
        logs: its losses and metrics.
        best: the epoch with the least validation loss so far; None without validation.
    """

    epoch: int
    epochs: int
    logs: dict[str, float]
    best: int | None

    def __str__(self) -> str:
        if "loss" not in self.logs:
            own = {name: value for name, value in self.logs.items() if name.endswith("_loss")}
            return "  ".join(f"{metric_name(name).label} {loss(own[name])}" for name in own)
        said = _("loss {loss}", loss=loss(self.logs["loss"]))
        if self.best is not None:
            said += "  " + _("validation {loss}, best in epoch {best}",
                             loss=loss(self.logs["val_loss"]), best=self.best + 1)  # fmt: skip
        return said


@dataclass(frozen=True)
class TrainingEnded(Event):
    """A training is over.

    Attributes:
        epochs: how many there were.
        seconds: how long it took.
        best: the epoch with the least validation loss, from 0; None without validation.
        loss: that loss.
    """

    epochs: int
    seconds: float
    best: int | None = None
    loss: float | None = None

    def __str__(self) -> str:
        said = _("Trained {epochs} in {time}", epochs=epochs(self.epochs),
                 time=duration(self.seconds))  # fmt: skip
        if self.best is not None and self.loss is not None:
            said += _("; best validation loss {loss} in epoch {best}",
                      loss=loss(self.loss), best=self.best + 1)  # fmt: skip
        return said


@dataclass(frozen=True)
class Stopped(Event):
    """Ctrl-C ended the training; ``epochs`` were over."""

    epochs: int

    def __str__(self) -> str:
        return _("The training was stopped by hand after {epochs}.", epochs=epochs(self.epochs))


@dataclass(frozen=True)
class Refitting(Event):
    """A new network is trained for so many epochs, with the validation part too."""

    epochs: int

    def __str__(self) -> str:
        return _("Refitting for {epochs}, with the validation part added to the training part",
                 epochs=epochs(self.epochs))  # fmt: skip


@dataclass(frozen=True)
class RefitStopped(Event):
    """Ctrl-C ended the refitting."""

    def __str__(self) -> str:
        return _("The refitting was stopped by hand; the first network is kept.")


@dataclass(frozen=True)
class Comparing(Event):
    """Other models are trained and tested in the same way."""

    def __str__(self) -> str:
        return _("Comparing with other models ...")


@dataclass(frozen=True)
class ComparisonStopped(Event):
    """Ctrl-C ended the comparison with other models."""

    def __str__(self) -> str:
        return _("The comparison with other models was stopped by hand.")


@dataclass(frozen=True)
class Compared(Event):
    """The network beside other models.

    Attributes:
        models: ``{"name": ..., "metrics": ..., "seconds": ...}`` each, the network first.
    """

    models: list[dict[str, Any]]

    def __str__(self) -> str:
        return enumeration([_(model["name"]) for model in self.models])


_PARTS = {
    "train": N_("{n:,} to train"),
    "validation": N_("{n:,} to validate"),
    "test": N_("{n:,} to test"),
}


def parts_line(parts: dict[str, int]) -> str:
    """Return how many rows there are to train, to validate and to test, as words."""
    return enumeration([_(_PARTS[part], n=n) for part, n in parts.items() if n])


def classes_line(counts: dict[str, int], most: int = 8) -> str:
    """Return the number of classes, and the fractions of the most frequent ones, as words."""
    often = sorted(counts.items(), key=lambda pair: -pair[1])
    total = max(sum(counts.values()), 1)
    shown = [f"{shorten(name, 30)} {percent(n / total)}" for name, n in often[:most]]
    said = ngettext("{n} class, {fractions}", "{n} classes, {fractions}", len(often),
                    fractions=", ".join(shown))  # fmt: skip
    return f"{said} {more(len(often) - most)}".rstrip()
