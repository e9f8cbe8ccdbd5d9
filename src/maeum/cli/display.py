"""What the command prints: a live line while it trains, facts and tables around it.

All of it fits into the columns of the terminal (or of the variable ``COLUMNS``, or 80): tables go
on below, sentences are wrapped. Where the output is no terminal, a sentence is one line.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn
from rich.table import Column
from rich.text import Text

from maeum.core.messages import _, ngettext
from maeum.core.wording import as_written, shorten
from maeum.experiment import events
from maeum.report.answers import comparison
from maeum.report.wording import metric, metric_name, more, percent

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from maeum.experiment.training import Trained
    from maeum.models import Model
    from maeum.report.sections import Table as TextTable

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

_SLOW = 1.0  # seconds that something may take before it is told
_NOTES = 12  # a table of 2,000 columns has thousands; the report counts them
_CLASSES = 8
_ROWS = 5  # of predictions that are shown
_GAP = 3  # columns between those of a table
_NARROW = 70  # columns of a terminal with fewer have no room for a bar


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
                say(shorten(event, 300), indent=2)
            return
        _say_more(self._notes)
        self._notes = 0
        shows = (getattr(self, f"_show_{kind.__name__}", None) for kind in type(event).__mro__)
        next(filter(None, shows), say)(event)

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
        say(event, indent=2)

    def _show_TrainingBegan(self, event: events.TrainingBegan) -> None:
        if self.live:
            bar: list[ProgressColumn] = [TextColumn(_("Training")), BarColumn(bar_width=16)]
            self._bar = Progress(
                *(bar if console.width >= _NARROW else []),
                TextColumn("{task.fields[epoch]}/{task.total:.0f}"),
                TextColumn("{task.fields[facts]}", table_column=Column(overflow="fold")),
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
            said = _("epoch {n}/{all}: {facts}", n=number, all=event.epochs, facts=event)
            say(said, indent=2)

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


def say(text: object, indent: int = 0) -> None:
    """Print a sentence, wrapped to the columns that there are."""
    _print(console, text, indent)


def warn(text: object, indent: int = 0) -> None:
    """Print a sentence to the standard error."""
    _print(errors, text, indent)


def _print(to: Console, text: object, indent: int) -> None:
    for line in str(text).split("\n"):
        own = indent + len(line) - len(line.lstrip(" "))
        pieces = [Text(line.strip(" "))]
        if _wraps(to):
            pieces = list(pieces[0].wrap(to, max(to.width - own, 8))) or pieces
        for piece in pieces:
            piece.rstrip()
            to.print(Text(" " * own) + piece, markup=False, soft_wrap=True)


def _wraps(to: Console) -> bool:
    return to.is_terminal or "COLUMNS" in os.environ


def show_notes(notes: Iterable[str], out: Any = say) -> None:
    """Print sentences, indented; of very many the first ones."""
    notes = list(notes)
    for note in notes[:_NOTES]:
        out(shorten(note, 300), indent=2)
    _say_more(len(notes), out)


def _say_more(notes: int, out: Any = say) -> None:
    if notes > _NOTES:
        out(f"... {more(notes - _NOTES)}", indent=2)


def show_table(found: TextTable) -> None:
    """Print a table of a report; strong cells stand out.

    Columns for which the terminal is too narrow go on below, each time behind the first one.
    """
    columns = [list(cells) for cells in zip(found.head, *found.rows)]
    widths = [max(map(cell_len, cells)) for cells in columns]
    room = console.width - _GAP - max(widths[1:], default=0)
    widths[0] = min(widths[0], max(room, 8))
    columns[0] = [shorten(cell, widths[0]) for cell in columns[0]]
    for number, block in enumerate(_blocks(widths)):
        if number:
            say("")
        for i in range(len(found.rows) + 1):
            line = Text()
            for place in block:
                cell = columns[place][i]
                space = " " * (widths[place] - cell_len(cell))
                line.append(" " * _GAP + space if place else "")
                line.append(cell, "bold" if (i - 1, place) in found.strong or not i else "")
                line.append("" if place else space)
            console.print(line, soft_wrap=True)


def _blocks(widths: Sequence[int]) -> list[list[int]]:
    """Return the columns of a table as groups that fit beside the first column."""
    blocks, used = [[0]], widths[0]
    for place, width in enumerate(widths[1:], start=1):
        used += _GAP + width
        if used > console.width and len(blocks[-1]) > 1:
            blocks.append([0])
            used = widths[0] + _GAP + width
        blocks[-1].append(place)
    return blocks


def show_fact(label: str, text: str, start: int) -> None:
    """Print a fact behind its label; a long one goes on below itself, or below the label.

    Args:
        label: what it is about.
        text: the fact. A path that does not fit stays in one piece, to be copied.
        start: the column in which facts begin.
    """
    label += ":"
    room = console.width - start
    if not _wraps(console) or cell_len(text) <= room:
        console.print(Text(label + " " * (start - cell_len(label)) + text), soft_wrap=True)
        return
    say(label)
    words = max(map(cell_len, text.split()), default=0)
    if words > console.width - 2:
        console.print(Text("  " + text), soft_wrap=True)
    else:
        say(text, indent=2)


def show_metrics(metrics: Mapping[str, Any]) -> None:
    """Print the names and values of metrics in two columns."""
    labels = {name: metric_name(name).label for name in metrics}
    width = max(map(cell_len, labels.values()))
    for name, label in labels.items():
        say(f"  {label}{' ' * (width - cell_len(label))}  {metric(name, metrics[name])}")


def show_rows(found: pd.DataFrame) -> None:
    """Print the first rows of predictions, as many of their columns as fit, and what does not.

    The predictions come first, then what stands in front of the other columns.
    """
    head, width = found.head(_ROWS), console.width
    most = min(30, width // 3)  # of a cell
    names = [str(name) for name in found.columns]
    cells = {
        name: [shorten(name, most), *(_cell(value, most) for value in _days(head.iloc[:, place]))]
        for place, name in enumerate(names)
    }
    widths = {name: max(map(cell_len, column)) for name, column in cells.items()}
    first = ("prediction", "lower (", "upper (")
    order = sorted(names, key=lambda name: not name.startswith(first))
    room, shown = width + 2, set[str]()
    for name in order:
        if widths[name] + 2 <= room or not shown:
            shown.add(name)
            room -= widths[name] + 2
    kept = [name for name in names if name in shown]
    for i in range(len(head) + 1):
        line = (" " * (widths[name] - cell_len(cells[name][i])) + cells[name][i] for name in kept)
        console.print(Text("  ".join(line)), soft_wrap=True)
    if hidden := len(names) - len(kept):
        say(ngettext("({n:,} further column is not shown here.)",
                     "({n:,} further columns are not shown here.)", hidden))  # fmt: skip


def _days(column: pd.Series) -> pd.Series:
    """Return times that are all midnights as days."""
    if column.dtype.kind != "M" or (column.dropna() != column.dropna().dt.normalize()).any():
        return column
    return column.dt.strftime("%Y-%m-%d")


def _cell(value: Any, most: int) -> str:
    """Return a cell of a table as it is shown: numbers as people write them."""
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        return as_written(value)
    return shorten(value, most)


def show_answer(row: Mapping[str, Any]) -> None:
    """Print the answer for a single image, and the likeliest classes."""
    say(row["prediction"])
    prefix = "probability of "
    found = {k.removeprefix(prefix): v for k, v in row.items() if k.startswith(prefix)}
    for name in sorted(found, key=lambda name: -found[name])[:_CLASSES]:
        say(f"  {percent(found[name]):>6}  {name}")


def show_network(network: Model) -> None:
    """Print the layers of a network, as wide as fits."""
    from maeum.models.summary import summarize

    text = summarize(network, most=console.width if _wraps(console) else None)
    console.print(text, markup=False, soft_wrap=True)


def say_path(what: str, path: Path) -> None:
    """Print where something is; the path stays in one piece, to be copied."""
    console.print(what, str(path), markup=False, soft_wrap=True)
