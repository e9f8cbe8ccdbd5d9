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
from maeum.core.wording import plural
from maeum.experiment.checks import any_text, fraction, switch, whole
from maeum.experiment.model import TaskModel
from maeum.experiment.options import Reading, TrainingOptions, option
from maeum.experiment.run import Things
from maeum.experiment.task import Task
from maeum.language import LanguageModel

_TEXTS = (".txt", ".md", ".txt.gz")
_TABLES = (".csv", ".tsv", ".txt", ".gz")


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


# Running text


@dataclass(frozen=True)
class LanguageTrainingOptions(TrainingOptions):
    """The options of a language model."""

    unit: str = option(
        "characters",
        help=N_("characters, words, syllables, jamo or bpe are learnt."),
        check=any_text("NAME"),
    )
    lines: bool = option(
        False, help=N_("Every line of the file is a text of its own."), check=switch()
    )
    vocabulary: int | None = option(help=N_("The most tokens that are known."), check=whole())
    network: str = option("lstm", help=N_("lstm, gru, rnn, transformer."), check=any_text("NAME"))
    units: int | None = option(help=N_("The units of each layer."), check=whole())
    layers: int | None = option(help=N_("How many layers."), check=whole())
    dropout: float = option(0.1, help=N_("The rate between the layers."), check=fraction())
    window: int | None = option(
        help=N_("How many tokens gradients flow back over, or a transformer sees."), check=whole()
    )
    validation_size: float = option(
        0.1, help=N_("The fraction that decides when to stop."), check=fraction()
    )


@dataclass(frozen=True)
class LanguageReading(Reading):
    """How a text is read."""


class _Language(LanguageModel, TaskModel):
    kind = "language"
    things = Things("{n:,} line", "{n:,} lines", N_("lines"))
    reads_with = ("encoding",)

    def predictions(self, source: Path, **reading: Any) -> Any:
        raise ConfigError("This is a language model: it writes with maeum generate.")

    def evaluate(self, source: Any, encoding: str | None = None) -> dict[str, Any]:
        from maeum.texts.reading import text_lines

        lines = text_lines(source, encoding)
        found = super().evaluate(lines if self.end is not None else "\n".join(lines))
        return {"rows": len(lines), "notes": [], **found}

    def describe(self) -> list[str]:
        what = "running text" if self.end is None else "texts with an end"
        unit = self.facts.get("settings", {}).get("unit", "tokens")
        return [
            f"Writes {what}, {unit}",
            f"Vocabulary: {plural(len(self.encoder.vocabulary), 'token')}",
        ]


class LanguageTask(_Former):
    """A language model of a text file."""

    kind, title = "language", N_("language models")
    options, reading = LanguageTrainingOptions, LanguageReading
    model = _Language  # type: ignore[assignment]

    def recognises(self, path: Path, chosen: Mapping[str, Any]) -> bool:
        """Take a text file, unless a column of it is to be learnt."""
        if {"target", "time", "ahead", "text"} & {*chosen} or path.is_dir():
            return False
        return path.name.lower().endswith(_TEXTS)

    def former(self, data: Path, reading: dict, options: dict) -> tuple[Any, ...]:
        """Prepare a text."""
        from maeum.cli import display
        from maeum.language.files import write_results
        from maeum.language.options import LanguageOptions
        from maeum.language.training import LanguageData, train_on
        from maeum.report import wording

        made = LanguageOptions(**options)
        prepared = LanguageData.prepare(data, made, reading.get("encoding"))
        parts = f"{len(prepared.train):,} to train, {len(prepared.validation):,} to validate"
        vocabulary = plural(len(prepared.encoder.vocabulary), "token")
        _show([f"{data.name}: {made.unit}, {parts}", f"Vocabulary: {vocabulary}"], prepared.notes)

        def end(trained: Any) -> None:
            perplexity, bits = (
                wording.number(trained.metrics[name], 3)
                for name in ("perplexity", "bits_per_character")
            )
            part = "did not learn from" if prepared.watched else "learnt from"
            display.say(
                f"Perplexity {perplexity} for each of the {made.unit} that it {part}, {bits} bits "
                "a character."
            )
            display.say("It writes:\n")
            print(trained.model.generate("", 300, temperature=0.8, seed=made.seed).strip("\n"))
            display.say("")

        return prepared, train_on, write_results, end
