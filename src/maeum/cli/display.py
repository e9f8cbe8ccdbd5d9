"""What the command prints: a live line while it trains, facts and tables around it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from maeum.callbacks import Callback
from maeum.core.wording import enumeration, plural, shorten, some
from maeum.report.wording import duration, metric, metric_name, number, percent

if TYPE_CHECKING:
    from pathlib import Path

    from maeum.forecasting import SeriesData, SeriesModel
    from maeum.images.experiment import ImageData, ImageModel
    from maeum.language import LanguageModel
    from maeum.report.pieces import Table as TextTable
    from maeum.tabular.dataset import Dataset
    from maeum.tabular.model import TabularModel
    from maeum.texts import TextClassifier
    from maeum.texts.data import TextData

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

_NOTES = 12  # a table of 2,000 columns has thousands; the report counts them
_CLASSES = 8
_IMBALANCE = 4  # so many times more rows of the commonest class than of the rarest


class TrainingDisplay(Callback):
    """A live line with the epoch, the losses and the best epoch so far.

    Where the output is no terminal, some epochs are plain lines: 1, 2, 5, 10, 20, 50 ...
    """

    def __init__(self) -> None:
        self._bar: Progress | None = None
        if console.is_terminal:  # only then is it worth a look within an epoch
            self.on_train_progress = self._move  # type: ignore[method-assign]

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Begin the line."""
        self._began = time.perf_counter()
        self._best = (float("inf"), 0)
        self._done = 0
        if console.is_terminal:
            self._bar = Progress(
                TextColumn("Training"),
                BarColumn(bar_width=16),
                TextColumn("{task.fields[epoch]}/{task.total:.0f}"),
                TextColumn("{task.fields[facts]}"),
                console=console,
                transient=True,
            )
            self._task = self._bar.add_task("", total=self.params["epochs"], epoch=0, facts="")
            self._bar.start()

    def _move(self, steps: int, logs: dict[str, float]) -> None:
        if self._bar is not None and self.params.get("steps"):
            done = self._done + steps / self.params["steps"]
            self._bar.update(self._task, completed=done, epoch=self._done + 1)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Show an epoch."""
        logs = logs or {}
        self._done = epoch + 1
        facts = f"loss {logs['loss']:.4f}"
        if "val_loss" in logs:
            self._best = min(self._best, (logs["val_loss"], epoch + 1))
            facts += f"  validation {logs['val_loss']:.4f}, best in epoch {self._best[1]}"
        if self._bar is not None:
            self._bar.update(self._task, completed=epoch + 1, epoch=epoch + 1, facts=facts)
        elif str(epoch + 1).rstrip("0") in ("1", "2", "5"):
            console.print(f"  epoch {epoch + 1}/{self.params['epochs']}: {facts}")

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """End the line."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        took = duration(time.perf_counter() - self._began)
        told = f"Trained {plural(self._done, 'epoch')} in {took}"
        if self._best[1]:
            told += f"; best validation loss {self._best[0]:.4f} in epoch {self._best[1]}"
        console.print(told)


def say(text: object) -> None:
    """Print a sentence: wrapped in a terminal, in one line elsewhere."""
    console.print(str(text), markup=False, soft_wrap=not console.is_terminal)


def warn(text: object) -> None:
    """Print a sentence to the standard error."""
    errors.print(str(text), markup=False, soft_wrap=not errors.is_terminal)


def show_dataset(dataset: Dataset) -> None:
    """Print what a table holds and what becomes of it, before the training."""
    goal, parts = dataset.target, dataset.parts
    features = len(dataset.preparation.feature_names) + len(dataset.preparation.embedded)
    used = sum(column.used for column in dataset.columns)
    say(
        f"{dataset.source}: {plural(len(dataset.frame), 'row')}, {plural(used, 'column')} used "
        f"as {plural(features, 'feature')}"
    )
    say(f"Target {goal.name!r}: {_target(dataset)}")
    counts = {"to train": parts.train, "to validate": parts.validation, "to test": parts.test}
    rows = enumeration([f"{len(which):,} {what}" for what, which in counts.items() if len(which)])
    say(f"Rows: {rows}")
    left_out = [f"Left out {c.name!r}: {c.reason}" for c in dataset.left_out]
    show_notes([*left_out, *dataset.notes])
    if goal.counts and not dataset.options.balance:
        _show_imbalance(dict(zip(goal.classes, goal.counts)))


def show_pictures(data: ImageData) -> None:
    """Print what a set of pictures holds and what becomes of it, before the training."""
    options = data.options
    rows = {name: len(part) for name, part in data.parts.items()}
    totals = {name: sum(part[name] for part in data.counts.values()) for name in data.classes}
    height, width, _ = data.shape
    say(f"{data.source}: {plural(sum(rows.values()), 'picture')}, {_shares(totals)}")
    say(f"Read as {height}x{width} {options.color}, augmentation: {options.augment}"
        f"{' with mirroring' if options.flip and options.augment != 'none' else ''}")  # fmt: skip
    to = {"train": "to train", "validation": "to validate", "test": "to test"}
    say("Pictures: " + enumeration([f"{n:,} {to[name]}" for name, n in rows.items()]))
    show_notes(data.notes)
    if not options.balance:
        _show_imbalance(totals)


def show_series(data: SeriesData) -> None:
    """Print what series hold and what becomes of them, before the training."""
    many, options = data.many, data.options
    step = "" if many.frequency is None else f", one for each {many.frequency}"
    count = plural(len(many), "series", "series")
    say(f"{data.source}: {count}, {plural(many.steps, 'step')}{step}")
    say(
        f"Forecast: {enumeration([shorten(name, 30) for name in many.targets])}, "
        f"{plural(options.ahead, 'step')} ahead from "
        f"{plural(int(options.window or 1), 'step')} before"
    )
    to = {"train": "to train", "validation": "to validate", "test": "to test"}
    say("Windows: " + enumeration([f"{len(part):,} {to[n]}" for n, part in data.parts.items()]))
    show_notes(data.notes)


def show_texts(data: TextData) -> None:
    """Print what labelled texts hold and what becomes of them, before the training."""
    counts = {n: int((data.labels == k).sum()) for k, n in enumerate(data.classes)}
    say(f"{data.source}: {plural(len(data.texts), 'text')}")
    say(f"To learn: {_shares(counts)}")
    to = {"train": "to train", "validation": "to validate", "test": "to test"}
    say("Texts: " + enumeration([f"{len(rows):,} {to[n]}" for n, rows in data.rows.items()]))
    say(f"Network: {data.options.network}, {data.encoder.describe()}")
    show_notes(data.notes)
    if not data.options.balance:
        _show_imbalance(counts)


def _show_imbalance(counts: Mapping[str, int]) -> None:
    fewest = min(counts, key=lambda name: counts[name])
    if max(counts.values()) >= _IMBALANCE * counts[fewest]:
        say(
            f"  The classes are far from balanced: {shorten(fewest, 30)!r} may seldom be answered. "
            "--balance lets every class count the same."
        )


def _shares(counts: Mapping[str, int]) -> str:
    often = sorted(counts.items(), key=lambda pair: -pair[1])
    total = max(sum(counts.values()), 1)
    shares = [f"{shorten(name, 30)} {percent(n / total)}" for name, n in often[:_CLASSES]]
    more = f" and {len(often) - _CLASSES} more" if len(often) > _CLASSES else ""
    return f"{len(often)} classes, {', '.join(shares)}{more}"


def _target(dataset: Dataset) -> str:
    goal = dataset.target
    if goal.task == "regression":
        values = dataset.truth(np.arange(len(dataset.frame)))
        low, mean, high = values.min(), values.mean(), values.max()
        return f"a number from {number(low)} to {number(high)}, on average {number(mean)}"
    return _shares(dict(zip(goal.classes, goal.counts)))


def show_notes(notes: Iterable[str], out: Any = say) -> None:
    """Print sentences, indented; of very many the first ones."""
    notes = list(notes)
    for note in notes[:_NOTES]:
        out(f"  {shorten(note, 300)}")
    if len(notes) > _NOTES:
        out(f"  ... and {plural(len(notes) - _NOTES, 'more note')}")


def show_comparison(found: TextTable | None) -> None:
    """Print models and as many of their metrics as fit; the best value of each stands out."""
    if found is None:
        return
    columns = list(zip(found.head, *found.rows))
    widths = np.cumsum([max(map(len, column)) + 3 for column in columns])
    fitting = max(2, int((widths <= console.width).sum()))
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for place, name in enumerate(found.head[:fitting]):
        table.add_column(name, justify="right" if place else "left", no_wrap=True)
    for i, row in enumerate(found.rows):
        cells = [
            Text(text, "bold" if (i, place) in found.strong else "")
            for place, text in enumerate(row[:fitting])
        ]
        table.add_row(*cells)
    console.print(table)


def show_metrics(metrics: Mapping[str, Any]) -> None:
    """Print the names and values of metrics in two columns."""
    width = max(len(metric_name(name).label) for name in metrics)
    for name, value in metrics.items():
        say(f"  {metric_name(name).label:<{width}}  {metric(name, value)}")


def show_model(model: TabularModel) -> None:
    """Print what a network predicts, from what, and how well it did."""
    goal, facts = model.target, model.facts
    what = f"one of {len(goal.classes)} classes" if goal.classes else "a number"
    say(f"Predicts {goal.name!r}, {what}{_of(facts.get('source'))}")
    if goal.classes:
        say(f"Classes: {some(goal.classes, _CLASSES, 40)}")
    say(f"From {plural(len(model.preparation.columns), 'column')}: "
        f"{some(model.preparation.columns, 2 * _NOTES, 40)}")  # fmt: skip
    if facts.get("metrics"):
        say(f"On {plural(facts['rows']['test'], 'row')} never seen:")
        show_metrics(facts["metrics"])


def show_image_model(model: ImageModel) -> None:
    """Print what a network for pictures predicts, and how well it did."""
    facts, (height, width) = model.facts, model.reading.size
    say(f"Predicts one of {len(model.classes)} classes of a picture{_of(facts.get('source'))}")
    say(f"Classes: {some(model.classes, _CLASSES, 40)}")
    color = {"rgb": "colour", "grayscale": "grey"}.get(model.reading.color_mode, "rgba")
    say(f"Reads pictures of any size as {height}x{width}, {color}")
    if facts.get("metrics"):
        say(f"On {plural(facts['rows']['test'], 'picture')} never seen:")
        show_metrics(facts["metrics"])


def show_series_model(model: SeriesModel) -> None:
    """Print what a network for series forecasts, and how well it did."""
    facts, preparation, reading = model.facts, model.preparation, model.reading
    step = "" if model.frequency is None else f", one for each {model.frequency}"
    say(f"Forecasts {some(reading.target, _CLASSES, 40)}, "
        f"{plural(preparation.ahead, 'step')} ahead{step}{_of(facts.get('source'))}")  # fmt: skip
    told = [*reading.past, *reading.future]
    seen = f", with {some(told, _NOTES, 40)}" if told else ""
    say(f"From {plural(preparation.window, 'step')} before{seen}")
    if facts.get("metrics"):
        say(f"On {plural(facts['windows']['test'], 'forecast')} of the test:")
        show_metrics({k: v for k, v in facts["metrics"].items() if v is not None})


def show_text_model(model: TextClassifier) -> None:
    """Print what a network for texts tells apart, and how well it did."""
    facts = model.facts
    say(f"Predicts one of {len(model.classes)} classes of a text{_of(facts.get('source'))}")
    say(f"Classes: {some(model.classes, _CLASSES, 40)}")
    say(f"Reads {model.encoder.describe()}")
    if facts.get("metrics"):
        say(f"On {plural(facts['rows']['test'], 'text')} never seen:")
        show_metrics(facts["metrics"])


def show_language_model(model: LanguageModel) -> None:
    """Print what a language model writes, and how well it foresees."""
    facts = model.facts
    unit = facts.get("settings", {}).get("unit", "tokens")
    what = "running text" if model.end is None else "texts with an end"
    say(f"Writes {what}, {unit}{_of(facts.get('source'))}")
    say(f"Vocabulary: {plural(len(model.encoder.vocabulary), 'token')}")
    if facts.get("metrics"):
        show_metrics(facts["metrics"])


def show_answer(row: Mapping[str, Any], classes: list[str]) -> None:
    """Print the answer for a single picture, and the likeliest classes."""
    say(f"{row['prediction']}")
    likeliest = sorted(classes, key=lambda name: -row[f"probability of {name}"])[:_CLASSES]
    for name in likeliest:
        say(f"  {percent(row[f'probability of {name}']):>6}  {name}")


def say_path(what: str, path: Path) -> None:
    """Print where something is; the path stays in one piece, to be copied."""
    console.print(what, str(path), markup=False, soft_wrap=True)


def _of(source: object) -> str:
    return f"; learnt from {source}" if source else ""
