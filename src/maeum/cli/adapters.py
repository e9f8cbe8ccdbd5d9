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
from maeum.experiment.checks import Check, any_text, fraction, switch, whole
from maeum.experiment.model import TaskModel
from maeum.experiment.options import ClassificationOptions, Reading, TrainingOptions, option
from maeum.experiment.run import Things
from maeum.experiment.task import Task
from maeum.images.experiment import ImageModel
from maeum.language import LanguageModel
from maeum.texts import TextClassifier

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


# Images


@dataclass(frozen=True)
class ImageReading(Reading):
    """How images are read: their own test set."""

    test_data: Path | None = option(
        help=N_("A set of its own to test on, with the same classes."),
        check=Check(parse=Path, metavar="DATA"),
    )


@dataclass(frozen=True)
class ImageTrainingOptions(ClassificationOptions):
    """The options of a training on images."""

    size: tuple[int, ...] | None = option(
        help=N_("Rows and columns that all get, 64 or 48x64; by the images."),
        check=Check(parse=lambda text: _size(text), metavar="SIZE"),
    )
    color: str | None = option(help=N_("rgb or grey; by the images."), check=any_text("NAME"))
    resize: str = option(
        "crop",
        help=N_("Images of another shape: crop takes the middle, pad adds bars, stretch distorts."),
        check=any_text("HOW"),
    )
    network: str = option(
        "small",
        help=N_(
            "small, residual, mobilenet, mobilenet_v2, resnet18, resnet50, vgg16, xception, "
            "densenet121."
        ),
        check=any_text("NAME"),
    )
    weights: Path | None = option(
        help=N_(
            "Weights of that network, as Keras publishes them; a new classifier is trained on top."
        ),
        check=Check(parse=Path, metavar="FILE"),
    )
    augment: str | None = option(
        help=N_("Changed at random in training: none, light, strong; by their number."),
        check=any_text("HOW"),
    )
    flip: bool | None = option(
        help=N_("Mirrored, too; by default those in colour."), check=switch()
    )
    errors: str = option(
        "skip",
        help=N_("Images that cannot be read: skip tells their names, raise ends."),
        check=any_text("HOW"),
    )


def _size(given: str) -> tuple[int, int]:
    parts = given.lower().replace(",", "x").split("x")
    try:
        numbers = [int(part) for part in parts]
        if len(numbers) not in (1, 2) or min(numbers) < 1:
            raise ValueError
    except ValueError:
        raise ConfigError(
            f"--size takes rows and columns, such as 64 or 48x64; got {given!r}."
        ) from None
    return numbers[0], numbers[-1]


class _Images(ImageModel, TaskModel):
    kind = "images"
    things = Things("{n:,} image", "{n:,} images", N_("images"))
    reads_with = ()

    def describe(self) -> list[str]:
        (height, width), mode = self.reading.size, self.reading.color_mode
        color = {"rgb": "colour", "grayscale": "grey"}.get(mode, "rgba")
        return [
            f"Predicts one of {len(self.classes)} classes of an image",
            f"Classes: {some(self.classes, 8, 40)}",
            f"Reads images of any size as {height}x{width}, {color}",
        ]

    def predictions(self, source: Path, **reading: Any) -> tuple[Any, list[str]]:
        found, notes = super().predictions(source, **reading)
        return found.round(6), notes

    def is_single(self, source: Path) -> bool:
        from maeum.images.folders import SUFFIXES

        return source.is_file() and source.name.lower().endswith(SUFFIXES)


class ImageTask(_Former):
    """Images of classes."""

    kind, title, options, reading = "images", N_("images"), ImageTrainingOptions, ImageReading
    model = _Images  # type: ignore[assignment]

    def recognises(self, path: Path, chosen: Mapping[str, Any]) -> bool:
        """Take a folder or a file of images."""
        from maeum.images.experiment.sources import holds_pictures

        missing = not path.exists() and not path.name.lower().endswith(_TABLES)
        return holds_pictures(path) or (missing and "target" not in chosen)

    def former(self, data: Path, reading: dict, options: dict) -> tuple[Any, ...]:
        """Prepare images."""
        from maeum.images.experiment import ImageData, ImageOptions, train_on, write_results
        from maeum.images.experiment.verdict import headline

        pictures = ImageData.prepare(data, ImageOptions(**options), reading.get("test_data"))
        made = pictures.options
        totals = {n: sum(part[n] for part in pictures.counts.values()) for n in pictures.classes}
        from maeum.experiment.events import classes_line, parts_line

        height, width, _channels = pictures.shape
        mirrored = " with mirroring" if made.flip and made.augment != "none" else ""
        sizes = {name: len(part) for name, part in pictures.parts.items()}
        count = plural(sum(sizes.values()), "image")
        lines = [
            f"{pictures.source}: {count}, {classes_line(totals)}",
            f"Read as {height}x{width} {made.color}, augmentation: {made.augment}{mirrored}",
            f"Images: {parts_line(sizes)}",
        ]
        _show(lines, pictures.notes, None if made.balance else totals)
        return pictures, train_on, write_results, _end(lambda run: run.baselines, headline)


# Texts that are told apart


@dataclass(frozen=True)
class TextTrainingReading(Reading):
    """Which columns hold the texts and their labels."""

    text: str | None = option(
        help=N_("The column of the texts that are told apart by --target."),
        check=any_text("COLUMN"),
    )
    target: str | None = option(
        help=N_("The column of the labels: a name."), check=any_text("COLUMN")
    )


@dataclass(frozen=True)
class TextTrainingOptions(ClassificationOptions):
    """The options of a training on labelled texts."""

    unit: str = option(
        "words", help=N_("words, characters, syllables or jamo are learnt."), check=any_text("NAME")
    )
    vocabulary: int | None = option(help=N_("The most words that are known."), check=whole())
    units: int | None = option(help=N_("The units of each layer."), check=whole())
    dropout: float | None = option(help=N_("The fraction that is dropped."), check=fraction())
    network: str | None = option(help=N_("bag, cnn, lstm, gru."), check=any_text("NAME"))


class _Texts(TextClassifier, TaskModel):
    kind = "texts"
    things = Things("{n:,} text", "{n:,} texts", N_("texts"))

    def predictions(self, source: Path, **reading: Any) -> tuple[Any, list[str]]:
        found, notes = super().predictions(source, **reading)
        return found.round(6), notes

    def describe(self) -> list[str]:
        return [
            f"Predicts one of {len(self.classes)} classes of a text",
            f"Classes: {some(self.classes, 8, 40)}",
            f"Reads {self.encoder.describe()}",
        ]


class TextTask(_Former):
    """Labelled texts."""

    kind, title, told_by = "texts", N_("texts"), N_("say --text COLUMN")
    options, reading = TextTrainingOptions, TextTrainingReading
    model = _Texts  # type: ignore[assignment]

    def recognises(self, path: Path, chosen: Mapping[str, Any]) -> bool:
        """Take a table with a column of texts, or a folder of folders with text files."""
        return "text" in chosen or _holds_texts(path)

    def former(self, data: Path, reading: dict, options: dict) -> tuple[Any, ...]:
        """Prepare texts."""
        from maeum.experiment.events import classes_line, parts_line
        from maeum.texts.data import TextData
        from maeum.texts.files import write_results
        from maeum.texts.options import TextOptions
        from maeum.texts.training import train_on
        from maeum.texts.verdict import headline

        prepared = TextData.prepare(data, options=TextOptions(**options), **reading)
        counts = {n: int((prepared.labels == k).sum()) for k, n in enumerate(prepared.classes)}
        sizes = {name: len(rows) for name, rows in prepared.rows.items()}
        lines = [
            f"{prepared.source}: {plural(len(prepared.texts), 'text')}",
            f"To learn: {classes_line(counts)}",
            f"Texts: {parts_line(sizes)}",
            f"Network: {prepared.options.network}, {prepared.encoder.describe()}",
        ]
        _show(lines, prepared.notes, None if prepared.options.balance else counts)
        return prepared, train_on, write_results, _end(lambda run: run.models, headline)


def _holds_texts(path: Path) -> bool:
    from maeum.images.folders import SUFFIXES

    if not path.is_dir():
        return False
    files = [p for child in path.iterdir() if child.is_dir() for p in child.iterdir()]
    texts = sum(file.name.lower().endswith(_TEXTS) for file in files)
    return texts > sum(file.name.lower().endswith(SUFFIXES) for file in files)


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
        if {"target", "time", "horizon", "text"} & {*chosen} or path.is_dir():
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
