"""The commands that take a model file: predict, evaluate, show."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from maeum.cli import arguments
from maeum.cli.arguments import STDIN, chosen, model_first, source_of, stem
from maeum.core.checks import check_fraction
from maeum.core.errors import ConfigError, SaveError
from maeum.core.messages import _, ngettext
from maeum.core.wording import some
from maeum.experiment.model import TaskModel
from maeum.experiment.options import Reading


def predict_command() -> click.Command:
    """Return ``maeum predict``."""
    said = _(
        "Predict for rows, images or texts.\n\n"
        "MODEL says what it takes: a table; an image, a folder of them, an IDX, .h5 or .npz file; "
        "a table with texts, a .txt file with a text on each line, or a folder of files. A model "
        "for series forecasts what comes after the last row. Tables may be several files, or - for "
        "the standard input."
    )
    place = _("The file for the predictions; DATA-predictions.csv by default (of a single image "
              "none), - for the standard output.")  # fmt: skip
    out = arguments.option("out", click.Path(path_type=Path), None, "FILE", place)
    params = [arguments.model(), arguments.data(), out, *_of_tables(), *arguments.reading()]
    return click.Command("predict", callback=predict, params=params, help=said)


@click.pass_context
def predict(
    context: click.Context, model: Path, data: tuple[Path, ...], out: Path | None, **_reading: Any
) -> None:
    """Write the predictions for data."""
    from maeum.cli import display
    from maeum.experiment.task import open_model

    model, data = _in_order(model, data)
    path = out or Path(f"{stem(data[0])}-predictions.csv")
    if path.exists() and any(path.samefile(other) for other in (model, *data) if other.exists()):
        raise SaveError("{path!r} is what is read here; choose another file with --out.",
                        path=str(path))  # fmt: skip
    trained = open_model(model)
    source = source_of(data)
    found, notes = trained.predictions(source, **_given(context, trained))
    display.show_notes(notes, display.warn)
    if out is None and len(data) == 1 and trained.is_single(source):
        display.show_answer({str(k): v for k, v in found.iloc[0].items()})
    else:
        _write(found, path)


def evaluate_command() -> click.Command:
    """Return ``maeum evaluate``."""
    said = _(
        "Test a model on labelled data.\n\nPredictions are compared with the target of a table, "
        "or with the folders of images or texts. Of series, what was forecast from every step "
        "with what came after it; of a language model, how well it predicts a text file."
    )
    params = [arguments.model(), arguments.data(), *_of_tables(), *arguments.reading()]
    return click.Command("evaluate", callback=evaluate, params=params, help=said)


@click.pass_context
def evaluate(context: click.Context, model: Path, data: tuple[Path, ...], **_reading: Any) -> None:
    """Show the metrics of a model on labelled data."""
    from maeum.cli import display
    from maeum.experiment.task import open_model

    model, data = _in_order(model, data)
    trained = open_model(model)
    found = trained.evaluate(source_of(data), **_given(context, trained))
    rows, notes = found.pop("rows"), found.pop("notes")
    found.pop("skipped", None)  # the notes tell of them
    names = [_("standard input") if path == STDIN else path.resolve().name for path in data]
    display.say(f"{some(names)}: {trained.things.count(rows)}")
    display.show_notes(notes, display.warn)
    display.show_metrics({k: v for k, v in found.items() if v is not None})


def _of_tables() -> list[click.Option]:
    """From which probability on the positive class is answered, and how sure an interval is."""
    said = _("Of two classes of a table, the probability from which on the positive one is "
             "answered; by default as the training chose it.")  # fmt: skip
    threshold = arguments.option("threshold", float, None, "FRACTION", said)
    said = _("Of numbers of a table, the fraction of the values that the intervals between lower "
             "and upper are meant to hold; 0.9 by default, 0 for no intervals.")  # fmt: skip
    return [threshold, arguments.option("interval", float, None, "FRACTION", said)]


def show_command() -> click.Command:
    """Return ``maeum show``."""
    said = _("Show what a model file holds.")
    return click.Command("show", callback=show, params=[arguments.model()], help=said)


def show(model: Path) -> None:
    """Show what a model file holds."""
    from maeum.cli import display
    from maeum.experiment.model import kind_of
    from maeum.experiment.task import open_model
    from maeum.saving import archive

    entries = archive.read_entries(model)
    if kind_of(entries) is None:
        display.show_network(archive.from_entries(entries, str(model)))
        return
    trained = open_model(model)
    facts = trained.facts
    first, *more = trained.describe()
    source = _("; learnt from {source}", source=facts["source"]) if facts.get("source") else ""
    for line in (first + source, *more):
        display.say(line)
    if metrics := {k: v for k, v in facts.get("metrics", {}).items() if v is not None}:
        if tested := facts.get("rows", {}).get("test"):
            display.say(_("On {rows} never seen:", rows=trained.things.count(tested)))
        display.show_metrics(metrics)
    display.show_network(trained.network)


def _in_order(model: Path, data: tuple[Path, ...]) -> tuple[Path, tuple[Path, ...]]:
    """Take a model and data in either order, and say so; refuse several that are no tables."""
    from maeum.cli import display

    model, data, swapped = model_first(model, data)
    if swapped:
        display.warn(_("{model} is taken for the model: it comes first, before the data.",
                       model=model))  # fmt: skip
    if (folders := [path for path in data if path.is_dir()]) and len(data) > 1:
        raise ConfigError("Several tables can be given, but {folder} is a folder; give it "
                          "alone.", folder=folders[0])  # fmt: skip
    return model, data


def _given(context: click.Context, model: TaskModel) -> dict[str, Any]:
    """Return the options of the reading that were given, if the model reads that way."""
    found = chosen(context, {*Reading.fields(), "threshold", "interval"})
    for name in found.keys() - set(model.reads_with):
        raise ConfigError("--{name} is for tables; the model takes {things}.", name=name,
                          things=_(model.things.name))  # fmt: skip
    if "threshold" in found:
        check_fraction(found["threshold"], "--threshold", zero=False)
    if "interval" in found:
        check_fraction(found["interval"], "--interval")
    return found


def _shortest(value: float) -> str:
    """Write a number with ten digits if these are all, else with as many as it has."""
    short = f"{value:.10g}"
    return short if float(short) == value else repr(value)


def _write(found: Any, path: Path) -> None:
    """Write predictions as lines of separated values, and show the first of them."""
    from maeum.cli import display
    from maeum.core.files import write_atomically

    text = found.to_csv(index=False, float_format=_shortest, lineterminator="\n")
    written = text.encode("utf-8", "surrogateescape")
    if str(path) != "-":
        write_atomically(path, written)
        display.show_rows(found)
        said = ngettext("{n:,} prediction:", "{n:,} predictions:", len(found))
        display.say_path(said, path)
    elif sys.stdout.isatty() or not hasattr(sys.stdout, "buffer"):
        sys.stdout.write(text)
    else:  # a file or another program, for which it has to be exact
        sys.stdout.flush()
        sys.stdout.buffer.write(written)
        sys.stdout.buffer.flush()
