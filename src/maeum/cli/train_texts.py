"""``maeum train`` on texts: a language model of a text file, or a classifier of labelled texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from maeum.cli.arguments import number
from maeum.cli.running import conclude, folder_of, interruptible, say_paths

_FIRST = 300  # characters of what a new language model writes
_TEXTS = (".txt", ".md", ".txt.gz")
FOR_TEXTS = ["text", "unit", "lines", "vocabulary", "units", "layers"]
FOR_LANGUAGE = {
    "out",
    "epochs",
    "patience",
    "batch_size",
    "learning_rate",
    "validation_size",
    "seed",
    "unit",
    "lines",
    "vocabulary",
    "units",
    "layers",
    "dropout",
    "window",
    "network",
    "encoding",
}
FOR_CLASSES = {
    "out",
    "epochs",
    "patience",
    "batch_size",
    "learning_rate",
    "balance",
    "test_size",
    "validation_size",
    "seed",
    "text",
    "target",
    "unit",
    "vocabulary",
    "units",
    "dropout",
    "network",
    "separator",
    "encoding",
    "header",
}


def is_running_text(data: Path) -> bool:
    """Tell whether a file is named like one of running text."""
    return data.name.lower().endswith(_TEXTS) and not data.is_dir()


def holds_texts(data: Path) -> bool:
    """Tell whether a folder has folders (of classes) with text files, and more than pictures."""
    from maeum.images.folders import SUFFIXES

    if not data.is_dir():
        return False
    files = [p for child in data.iterdir() if child.is_dir() for p in child.iterdir()]
    texts = sum(path.name.lower().endswith(_TEXTS) for path in files)
    return texts > sum(path.name.lower().endswith(SUFFIXES) for path in files)


def train_language(data: Path, chosen: dict[str, Any]) -> None:
    """Train a language model on a text file, show what it writes, and write a report."""
    from maeum.cli import display
    from maeum.core.wording import plural
    from maeum.language.files import write_results
    from maeum.language.options import LanguageOptions
    from maeum.language.training import LanguageData, train_on
    from maeum.report import wording
    from maeum.report.files import check_folder

    folder, encoding = folder_of(data, chosen), chosen.pop("encoding", None)
    _take_dropout(chosen)
    options = LanguageOptions(**chosen)
    check_folder(folder)
    prepared = LanguageData.prepare(data, options, encoding)
    parts = f"{len(prepared.train):,} to train, {len(prepared.validation):,} to validate"
    display.say(f"{data.name}: {options.unit}, {parts}")
    display.say(f"Vocabulary: {plural(len(prepared.encoder.vocabulary), 'token')}")
    display.show_notes(prepared.notes)
    trained = interruptible(
        lambda: train_on(prepared, tell=display.say, callbacks=[display.TrainingDisplay()])
    )
    display.say("Writing the report ...")
    paths = write_results(trained, folder)
    found, part = trained.metrics, "did not learn from" if prepared.watched else "learnt from"
    perplexity, bits = (
        wording.number(found[name], 3) for name in ("perplexity", "bits_per_character")
    )
    display.say(
        f"\nPerplexity {perplexity} for each of the {options.unit} that it {part}, {bits} bits a "
        "character."
    )
    display.say("It writes:\n")
    print(trained.model.generate("", _FIRST, temperature=0.8, seed=options.seed).strip("\n"))
    display.say("")
    say_paths(paths)


def train_classes(data: Path, chosen: dict[str, Any]) -> None:
    """Train a classifier on labelled texts, test it, and write a report."""
    from maeum.cli import display
    from maeum.report.answers import comparison
    from maeum.report.files import check_folder
    from maeum.texts.data import TextData
    from maeum.texts.files import write_results
    from maeum.texts.options import TextOptions
    from maeum.texts.training import train_on
    from maeum.texts.verdict import headline

    folder = folder_of(data, chosen)
    names = ("text", "target", "separator", "encoding", "header")
    reading = {name: chosen.pop(name) for name in names if name in chosen}
    _take_dropout(chosen)
    options = TextOptions(**chosen)
    check_folder(folder)
    prepared = TextData.prepare(data, options=options, **reading)
    display.show_texts(prepared)
    trained = interruptible(
        lambda: train_on(prepared, tell=display.say, callbacks=[display.TrainingDisplay()])
    )
    models, result = comparison(trained.run.models), headline(trained.run)
    conclude(models, result, lambda: write_results(trained, folder))


def _take_dropout(chosen: dict[str, Any]) -> None:
    """Texts take one dropout rate, where tables take one for each layer."""
    if "dropout" in chosen:
        chosen["dropout"] = number(chosen["dropout"], "--dropout")
