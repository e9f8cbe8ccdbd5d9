"""Callbacks that write down what happened."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from html import escape
from typing import IO, Any

import numpy as np

from maeum.callbacks.callback import Callback, Logs
from maeum.callbacks.curves import Curves
from maeum.callbacks.notebook import table
from maeum.core.errors import SaveError
from maeum.core.messages import _, ngettext


class History(Callback):
    """The record of a training, which ``fit`` returns.

    Attributes:
        epoch: the epochs that were trained.
        history: the values of every loss and metric, by name, one for each epoch.
        interrupted: whether Ctrl-C ended the training.
    """

    state_attributes = ("epoch", "history")

    def __init__(self) -> None:
        self.epoch: list[int] = []
        self.history: dict[str, list[float]] = {}
        self.interrupted = False

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write down an epoch."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def plot(self) -> Curves:
        """Return the curves of the losses and metrics, which a notebook shows.

        Returns:
            `Curves`; ``save("curves.svg")`` writes them as a file.

        Example:
            >>> history = History()
            >>> history.on_epoch_end(0, {"loss": 0.5, "val_loss": 0.7})
            >>> history.plot().svg[:4]
            '<svg'
        """
        return Curves(self.history, self.epoch)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the last and the best values, and the curves."""
        head = {"": [_("last"), _("lowest"), _("highest")]}
        rows = {name: _ends(values) for name, values in self.history.items()}
        shown = [table(head | rows), self.plot().svg] if rows else []
        said = ngettext("{n:,} epoch", "{n:,} epochs", len(self.epoch))
        return f"<div>{escape(said)}{''.join(shown)}</div>"

    def __repr__(self) -> str:
        return f"<History of {len(self.epoch)} epochs: {', '.join(self.history)}>"


def _ends(values: list[Any]) -> list[Any]:
    """Return the last, the lowest and the highest of the values."""
    known = [value for value in values if np.ndim(value) == 0]
    return [values[-1], min(known), max(known)] if known else [values[-1]]


@dataclass(eq=False)
class CSVLogger(Callback):
    """Write every epoch as a row of a CSV file; what an epoch has no value for is ``NA``.

    Args:
        filename: the file.
        separator: what stands between the columns.
        append: go on with a file that is there already.
    """

    filename: str | os.PathLike
    separator: str = ","
    append: bool = False
    watches = True

    def __post_init__(self) -> None:
        self.filename = os.fspath(self.filename)
        self._file: IO[str] | None = None
        self._columns: list[str] | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Open the file."""
        self._columns = None
        try:
            goes_on = self.append or self.params.get("resumed")
            self._file = open(  # noqa: SIM115 (closed by on_train_end)
                self.filename, "a+" if goes_on else "w", newline="", encoding="utf-8"
            )
            if goes_on:
                self._file.seek(0)
                self._columns = next(csv.reader(self._file, delimiter=self.separator), None)
        except OSError as error:
            raise SaveError(
                "The log {filename!r} cannot be written: {error}.",
                filename=self.filename,
                error=error,
            ) from error

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write a row."""
        assert self._file is not None
        logs = logs or {}
        writer = csv.writer(self._file, delimiter=self.separator, lineterminator="\n")
        if self._columns is None:
            self._columns = ["epoch", *logs]
            if self.params.get("validation") and not any(n.startswith("val_") for n in logs):
                self._columns += [f"val_{name}" for name in logs]  # it comes in a later epoch
            writer.writerow(self._columns)
        row: dict[str, Any] = {"epoch": epoch, **logs}
        writer.writerow([_plain(row.get(column, "NA")) for column in self._columns])
        self._file.flush()

    def get_state(self) -> dict[str, Any]:
        """Return how far the file is written."""
        if self._file is None:
            return {}
        return {"columns": self._columns, "written": os.fstat(self._file.fileno()).st_size}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on where the file was: take off the rows of epochs that are trained again."""
        assert self._file is not None
        written = os.fstat(self._file.fileno()).st_size
        if written < state["written"]:
            raise SaveError(
                "The log {filename!r} is shorter ({written:,} bytes) than this training "
                "left it ({expected:,}), so it cannot be continued. Bring it back, or "
                "train without CSVLogger.",
                filename=self.filename,
                written=written,
                expected=state["written"],
            )
        self._file.truncate(state["written"])
        self._columns = state["columns"]

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _plain(value: Any) -> Any:
    return f'"[{", ".join(map(str, value))}]"' if np.ndim(value) else value
