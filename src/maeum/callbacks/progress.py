"""The progress display: a live line in a terminal, a picture in a notebook, else plain lines."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import Any

import numpy as np

from maeum.callbacks.callback import Callback, Logs
from maeum.callbacks.notebook import NotebookDisplay, in_notebook
from maeum.core.messages import _
from maeum.core.settings import say, settings, terminal_width
from maeum.core.wording import as_written


class ProgressBar(Callback):
    """Show the progress of the training.

    Args:
        verbose: 1 for a live line (in a terminal) or a bar with curves (in a notebook), 2 for one
            line per epoch.
    """

    def __init__(self, verbose: int = 1):
        wanted = verbose == 1 and settings.interactive
        self.live = wanted and sys.stdout.isatty()
        self._notebook = wanted and in_notebook()
        self._started = 0.0
        self._bar: Any = None
        self._picture: NotebookDisplay | None = None
        if self.live or self._notebook:  # only then is it called within an epoch
            self.on_train_progress = self._show  # type: ignore[method-assign]

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Begin a picture in a notebook."""
        if self._notebook:
            with contextlib.suppress(Exception):  # a display must not end a training: then lines
                self._picture = NotebookDisplay(self.params.get("epochs"), self.params.get("steps"))

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Begin a line."""
        self._started = time.perf_counter()
        epochs = self.params.get("epochs", "?")
        self._head = _("Epoch {epoch}/{epochs}", epoch=epoch + 1, epochs=epochs)
        if self.live and self._picture is None:
            from rich.progress import BarColumn, Progress, TextColumn
            from rich.table import Column

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=24 if (terminal_width() or 80) >= 70 else 8),
                TextColumn("{task.completed:.0f}/{task.fields[steps]}"),
                TextColumn("{task.fields[facts]}", table_column=Column(overflow="fold")),
                transient=True,
            )
            steps = self.params.get("steps")
            self._task = self._bar.add_task(
                self._head, total=steps, facts="", steps="?" if steps is None else steps
            )
            self._bar.start()

    def _show(self, steps: int, logs: Logs) -> None:
        if self._picture is not None:
            self._picture.step(steps, logs)
        elif self._bar is not None:
            self._bar.update(self._task, completed=steps, facts=self._facts(logs))

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """End the line with the values of the epoch."""
        self._close()
        if self._picture is not None:
            self._picture.epoch(logs or {})
            return
        seconds = time.perf_counter() - self._started
        took = f"{seconds * 1000:.0f}ms" if seconds < 1 else f"{seconds:.1f}s"
        say(f"{self._head} - {took} - {self._facts(logs or {})}")

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Leave the terminal as it was, and the picture as it is in the end."""
        self._close()
        if self._picture is not None:
            self._picture.close()
            self._picture = None

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    @staticmethod
    def _facts(logs: Logs) -> str:
        return " - ".join(f"{name}: {_short(value)}" for name, value in logs.items())


def _short(value: Any) -> str:
    if np.ndim(value):
        return "..."
    number = float(value)
    return f"{number:.4f}" if number == 0 or abs(number) >= 1e-3 else as_written(number, 3)
