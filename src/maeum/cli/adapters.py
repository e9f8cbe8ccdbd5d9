"""Tasks that are still to move to `maeum.experiment`: what they do today, as tasks of it.

Each class goes when its room has a ``task.py``; then `maeum.experiment.task.TASKS` names that.
"""

# mypy: ignore-errors
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maeum.core.errors import ConfigError
from maeum.core.messages import N_
from maeum.core.wording import plural, some
from maeum.experiment.checks import any_text, fraction, several, switch, whole
from maeum.experiment.model import TaskModel
from maeum.experiment.options import Reading, TrainingOptions, option
from maeum.experiment.run import Things
from maeum.experiment.task import Task
from maeum.forecasting import SeriesModel


def _given(options: Any) -> dict[str, Any]:
    """Return the options that differ from their defaults."""
    found = {
        name: (getattr(options, name), each.default) for name, each in options.fields().items()
    }
    return {name: value for name, (value, default) in found.items() if value != default}


class _Former(Task):
    """A task with a training of its own."""

    def train_formerly(self, data: Path, reading: Any, options: Any, folder: Path) -> None:
        """Prepare, train, and write the results."""
        from maeum.cli import display
        from maeum.experiment.training import EventTeller

        terminal = display.Terminal()
        prepared, train_on, write, end = self.former(data, _given(reading), _given(options))
        teller = EventTeller(terminal, terminal)
        trained = train_on(prepared, tell=display.say, callbacks=[teller])
        display.say("")
        end(trained)
        display.say_paths(write(trained, folder))

    def former(self, data: Path, reading: dict, options: dict) -> tuple[Any, ...]:
        """Return the data, how they are trained on, written, and what is said at the end."""
        raise NotImplementedError


def _end(models: Callable[[Any], Any], headline: Callable[[Any], str]) -> Callable[[Any], None]:
    def end(trained: Any) -> None:
        from maeum.cli import display
        from maeum.report.answers import comparison

        display.show_table(comparison(models(trained.run)))
        display.say(f"\n{headline(trained.run)}.")

    return end


def _show(lines: list[str], notes: list[str], counts: dict[str, int] | None = None) -> None:
    from maeum.cli import display
    from maeum.experiment.events import Imbalanced

    for line in lines:
        display.say(line)
    display.show_notes(notes)
    for event in Imbalanced.of(counts or {}):
        display.say(f"  {event}")


# Series


@dataclass(frozen=True)
class SeriesTrainingReading(Reading):
    """How a table becomes series."""

    target: str | None = option(
        help=N_("The column to forecast: a name, several with commas, or last."),
        check=any_text("COLUMN"),
    )
    time: str | None = option(
        help=N_("The column of times; without it the rows are in order."), check=any_text("COLUMN")
    )
    group: str | None = option(
        help=N_("The column that tells several series apart."), check=any_text("COLUMN")
    )
    past: tuple[str, ...] = option(
        (),
        help=N_("A further column to learn from, known up to now; several times, or all."),
        check=several(any_text(), "COLUMN"),
        repeated=True,
    )
    future: tuple[str, ...] = option(
        (),
        help=N_("A column that is known in advance, such as holidays."),
        check=several(any_text(), "COLUMN"),
        repeated=True,
    )
    ignore: tuple[str, ...] = option(
        (),
        help=N_("A column to exclude; several times."),
        check=several(any_text(), "COLUMN"),
        repeated=True,
    )
    gaps: str = option(
        "fill", help=N_("fill gaps with straight lines, or skip."), check=any_text("HOW")
    )
    duplicates: str = option(
        "error", help=N_("Rows of the same time: error, mean, last."), check=any_text("HOW")
    )
    zones: str = option(
        "error", help=N_("Times of several zones: error, utc."), check=any_text("HOW")
    )
    time_format: str | None = option(
        help=N_("How times are written, such as %d.%m.%Y; by the times."), check=any_text("FORMAT")
    )
    newest_first: bool = option(False, help=N_("The first row is the newest."), check=switch())


@dataclass(frozen=True)
class SeriesTrainingOptions(TrainingOptions):
    """The options of a training on series."""

    test_size: float = option(
        0.15, help=N_("The fraction kept for the test."), check=fraction(zero=False)
    )
    ahead: int = option(1, help=N_("How many steps to forecast."), check=whole())
    window: int | None = option(
        help=N_("How many steps to look back on; two seasons."), check=whole()
    )
    network: str = option(
        "lstm", help=N_("lstm, gru, rnn, deep_rnn, cnn, dense, linear."), check=any_text("NAME")
    )
    hidden: tuple[int, ...] | None = option(
        help=N_("The units of the hidden layers, such as 32,32."), check=several(whole(), "UNITS")
    )
    dropout: float = option(
        0.0, help=N_("The dropout rate behind each hidden layer."), check=fraction()
    )
    linear: bool = option(
        True, help=N_("Let the output see the window directly too."), check=switch()
    )
    scale: str | None = option(
        help=N_("Scale by last, standard, minmax, window or none."), check=any_text("NAME")
    )
    season: int | None = option(
        help=N_("It repeats after so many steps; by the times."), check=whole()
    )
    log: bool = option(False, help=N_("Learn the logarithm."), check=switch())
    difference: int = option(
        0, help=N_("Learn the change since so many steps before."), check=whole(0)
    )
    recursive: bool = option(
        False, help=N_("Forecast step by step, not all at once."), check=switch()
    )
    folds: int = option(0, help=N_("A backtest from so many origins; slow."), check=whole(0))


class _Series(SeriesModel, TaskModel):
    kind = "series"
    things = Things("{n:,} forecast", "{n:,} forecasts", N_("forecasts"))

    def predictions(self, source: Path, **reading: Any) -> tuple[Any, list[str]]:
        from maeum.tables.reading import read_table

        many = self.read(read_table(source, **reading))
        found, notes = super().predictions(many)
        return found, [*many.notes, *notes]

    def evaluate(self, source: Any, **reading: Any) -> dict[str, Any]:
        from maeum.tables.reading import read_table

        return super().evaluate(read_table(source, **reading))

    def describe(self) -> list[str]:
        preparation, told = self.preparation, [*self.reading.past, *self.reading.future]
        step = "" if self.frequency is None else f", one for each {self.frequency}"
        seen = f", with {some(told, 12, 40)}" if told else ""
        return [
            f"Forecasts {some(self.reading.target, 8, 40)}, "
            f"{plural(preparation.ahead, 'step')} ahead{step}",
            f"From {plural(preparation.window, 'step')} before{seen}",
        ]


class SeriesTask(_Former):
    """Rows in the order of their times."""

    kind, title, told_by = "series", N_("series"), N_("say --time COLUMN or --ahead N")
    options, reading = SeriesTrainingOptions, SeriesTrainingReading
    model = _Series  # type: ignore[assignment]

    def recognises(self, path: Path, chosen: Mapping[str, Any]) -> bool:
        """Take what is said to be in the order of time."""
        return bool({"time", "ahead", "newest_first"} & {*chosen})

    def former(self, data: Path, reading: dict, options: dict) -> tuple[Any, ...]:
        """Prepare series."""
        from maeum.core.wording import enumeration, shorten
        from maeum.experiment.events import parts_line
        from maeum.forecasting import SeriesData, train_on, write_results
        from maeum.forecasting.training import split_options
        from maeum.forecasting.verdict import headline
        from maeum.tables.reading import read_table

        if "target" not in reading:
            raise ConfigError("Missing option '--target': the column to forecast.")
        target = reading.pop("target")
        how = {n: reading.pop(n, None) for n in ("separator", "encoding", "header")}
        table = read_table(data, **how)
        columns = [str(name) for name in table.frame.columns]
        if target == "last":
            target = columns[-1]
        elif target not in columns:
            target = [name.strip() for name in target.split(",")]
        listed = {k: list(v) if isinstance(v, tuple) else v for k, v in reading.items()}
        prepared = SeriesData.prepare(table, *split_options(target, {**listed, **options}))
        many, made = prepared.many, prepared.options
        step = "" if many.frequency is None else f", one for each {many.frequency}"
        count = plural(len(many), "series", "series")
        targets = enumeration([shorten(name, 30) for name in many.targets])
        sizes = {name: len(part) for name, part in prepared.parts.items()}
        lines = [
            f"{prepared.source}: {count}, {plural(many.steps, 'step')}{step}",
            f"Forecast: {targets}, {plural(made.ahead, 'step')} ahead from "
            f"{plural(int(made.window or 1), 'step')} before",
            f"Windows: {parts_line(sizes)}",
        ]
        _show(lines, prepared.notes)
        return prepared, train_on, write_results, _end(lambda run: run.models, headline)
