"""What the command prints: a live line while it trains, facts and tables around it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.experiment import events
from maeum.report.answers import comparison
from maeum.report.wording import metric, metric_name, more, percent

if TYPE_CHECKING:
    from pathlib import Path

    from maeum.experiment.training import Trained
    from maeum.report.sections import Table as TextTable

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

_SLOW = 1.0  # seconds that something may take before it is told
_NOTES = 12  # a table of 2,000 columns has thousands; the report counts them
_CLASSES = 8


class Terminal:
    """Shows what a training tells: a live line with the epoch, the losses and the best so far.

    Where the output is no terminal, some epochs are plain lines: 1, 2, 5, 10, 20, 50 ...
    """

    def __init__(self) -> None:
        self.live = console.is_terminal
        self._bar: Progress | None = None
        self._notes = 0
        self._waiting: threading.Timer | None = None
        self._status: Any = None

    def __call__(self, event: events.Event) -> None:
        """Show an event."""
        self.rest()
        if isinstance(event, events.Working):
            self._show_if_slow(event)
            return
        if isinstance(event, (events.Excluded, events.Note)):
            self._notes += 1
            if self._notes <= _NOTES:
                say(f"  {shorten(event, 300)}")
            return
        _say_more(self._notes)
        self._notes = 0
        getattr(self, f"_show_{type(event).__name__}", say)(event)

    def rest(self) -> None:
        """Take away what was shown of the work that was being done."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _show_if_slow(self, event: events.Event) -> None:
        """Show what is being done: at once on a line that goes away, or after a second."""
        if self.live and self._bar is None:
            self._status = console.status(Text(str(event)))
            self._status.start()
        elif not self.live:
            self._waiting = threading.Timer(_SLOW, say, [f"  {event}"])
            self._waiting.daemon = True
            self._waiting.start()

    def _show_Imbalanced(self, event: events.Imbalanced) -> None:
        say(f"  {event}")

    def _show_TrainingBegan(self, event: events.TrainingBegan) -> None:
        if self.live:
            self._bar = Progress(
                TextColumn(_("Training")),
                BarColumn(bar_width=16),
                TextColumn("{task.fields[epoch]}/{task.total:.0f}"),
                TextColumn("{task.fields[facts]}"),
                console=console,
                transient=True,
            )
            self._task = self._bar.add_task("", total=event.epochs, epoch=0, facts="")
            self._bar.start()

    def _show_Progress(self, event: events.Progress) -> None:
        if self._bar is not None:
            done = event.epoch + event.fraction
            self._bar.update(self._task, completed=done, epoch=event.epoch + 1)

    def _show_EpochEnded(self, event: events.EpochEnded) -> None:
        number = event.epoch + 1
        if self._bar is not None:
            self._bar.update(self._task, completed=number, epoch=number, facts=str(event))
        elif str(number).rstrip("0") in ("1", "2", "5"):
            say("  " + _("epoch {n}/{all}: {facts}", n=number, all=event.epochs, facts=event))

    def _show_TrainingEnded(self, event: events.TrainingEnded) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        say(event)

    def _show_Compared(self, event: events.Compared) -> None:
        pass  # stands in the table at the end


def conclude(trained: Trained) -> None:
    """Print how the models compare, and the result in one sentence."""
    say("")
    show_table(comparison(trained.run.models))
    for line in trained.task.closing(trained):
        say(line)


def say(text: object) -> None:
    """Print a sentence: wrapped in a terminal, in one line elsewhere."""
    console.print(str(text), markup=False, soft_wrap=not console.is_terminal)


def warn(text: object) -> None:
    """Print a sentence to the standard error."""
    errors.print(str(text), markup=False, soft_wrap=not errors.is_terminal)


def show_notes(notes: Iterable[str], out: Any = say) -> None:
    """Print sentences, indented; of very many the first ones."""
    notes = list(notes)
    for note in notes[:_NOTES]:
        out(f"  {shorten(note, 300)}")
    _say_more(len(notes), out)


def _say_more(notes: int, out: Any = say) -> None:
    if notes > _NOTES:
        out(f"  ... {more(notes - _NOTES)}")


def show_table(found: TextTable) -> None:
    """Print a table of a report: as many columns as fit; strong cells stand out."""
    columns = list(zip(found.head, *found.rows))
    widths = np.cumsum([max(map(cell_len, column)) + 3 for column in columns])
    fitting = max(2, int((widths <= console.width).sum()))
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for place, name in enumerate(found.head[:fitting]):
        table.add_column(name, justify="right" if place else "left", no_wrap=True)
    for i, row in enumerate(found.rows):
        styles = ["bold" if (i, place) in found.strong else "" for place in range(fitting)]
        table.add_row(*map(Text, row, styles))
    console.print(table)


def show_metrics(metrics: Mapping[str, Any]) -> None:
    """Print the names and values of metrics in two columns."""
    labels = {name: metric_name(name).label for name in metrics}
    width = max(map(cell_len, labels.values()))
    for name, label in labels.items():
        say(f"  {label}{' ' * (width - cell_len(label))}  {metric(name, metrics[name])}")


def show_answer(row: Mapping[str, Any]) -> None:
    """Print the answer for a single image, and the likeliest classes."""
    say(row["prediction"])
    prefix = "probability of "
    found = {k.removeprefix(prefix): v for k, v in row.items() if k.startswith(prefix)}
    for name in sorted(found, key=lambda name: -found[name])[:_CLASSES]:
        say(f"  {percent(found[name]):>6}  {name}")


def say_path(what: str, path: Path) -> None:
    """Print where something is; the path stays in one piece, to be copied."""
    console.print(what, str(path), markup=False, soft_wrap=True)
