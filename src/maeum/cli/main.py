"""The commands: train, predict, evaluate, generate, show, info, benchmark."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from maeum.cli.arguments import Data, Encoding, Header, ModelFile, Separator, stem
from maeum.cli.benchmark import benchmark
from maeum.cli.generate import generate
from maeum.cli.info import info
from maeum.cli.train import train
from maeum.core.errors import ConfigError, MaeumError, SaveError

if TYPE_CHECKING:
    from maeum.images.experiment.model import ImageModel

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Maeum (마음): train a network on your own table, series, texts or pictures, and trust "
    "the result.",
)


@app.callback(invoke_without_command=True)
def start(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Answer what is asked of the command as a whole."""
    if version:
        from importlib.metadata import version as installed

        print(f"maeum {installed('maeum')}")
        raise typer.Exit


app.command()(train)
app.command()(generate)
app.command()(info)
app.command()(benchmark)


@app.command()
def predict(
    model: ModelFile,
    data: Data,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The file for the predictions; DATA-predictions.csv by default (of a single "
            "picture none), - for the standard output.",
        ),
    ] = None,
    separator: Separator = None,
    encoding: Encoding = None,
    header: Header = None,
) -> None:
    """Add a prediction, and a probability for each class, to every row or picture.

    MODEL says whether it takes a table, or a picture, a folder of them, an IDX, .h5 or .npz file.
    A model for series forecasts what comes after the last row; one for texts takes a table with
    their column, a .txt file with a text on each line, or a folder of files.
    """
    from maeum.forecasting.model import is_for_series
    from maeum.images.experiment.model import ImageModel, is_for_images
    from maeum.language.model import is_language_model
    from maeum.saving import archive
    from maeum.texts.model import is_for_texts

    path = out or Path(f"{stem(data)}-predictions.csv")
    if path.exists() and any(path.samefile(other) for other in (model, data) if other.exists()):
        raise SaveError(f"{str(path)!r} is what is read here; choose another file with --out.")
    entries = archive.read_entries(model)
    if is_for_images(entries):
        _for_tables_only(separator=separator, encoding=encoding, header=header)
        found = ImageModel.from_entries(entries, str(model))
        _predict_pictures(found, data, None if data.is_file() and not out else path)
        return
    if is_language_model(entries):
        raise ConfigError(f"{str(model)!r} is a language model: it writes with maeum generate.")
    reading = {"separator": separator, "encoding": encoding, "header": header}
    predict_ = _predict_series if is_for_series(entries) else _predict_rows
    predict_ = _predict_texts if is_for_texts(entries) else predict_
    predict_(entries, model, data, path, reading)


def _predict_rows(entries: Any, model: Path, data: Path, path: Path, reading: Any) -> None:
    import warnings

    import pandas as pd

    from maeum.cli import display
    from maeum.tables.reading import tidy
    from maeum.tabular import TabularModel, read_table

    trained = TabularModel.from_entries(entries, str(model))
    table = read_table(data, **reading)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        predictions = trained.predict(table.frame)
    if trained.target.classes:
        predictions = predictions.round(6)
    result, renamed = tidy(pd.concat([table.frame, predictions], axis=1))
    notes = [*table.notes, *(str(warning.message) for warning in told), *renamed]
    display.show_notes(notes, display.warn)
    _write(result, predictions, path)


def _predict_series(entries: Any, model: Path, data: Path, path: Path, reading: Any) -> None:
    import warnings

    from maeum.cli import display
    from maeum.forecasting import SeriesModel
    from maeum.tabular import read_table

    trained = SeriesModel.from_entries(entries, str(model))
    many = trained.read(read_table(data, **reading))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        predictions = trained.predict(many)
    display.show_notes([*many.notes, *(str(each.message) for each in told)], display.warn)
    _write(predictions, predictions, path)


def _predict_texts(entries: Any, model: Path, data: Path, path: Path, reading: Any) -> None:
    import warnings

    from maeum.cli import display
    from maeum.texts import TextClassifier

    trained = TextClassifier.from_entries(entries, str(model))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        predictions = trained.predict(data, **reading).round(6)
    display.show_notes([str(warning.message) for warning in told], display.warn)
    _write(predictions, predictions, path)


def _predict_pictures(model: ImageModel, data: Path, path: Path | None) -> None:
    """Write the predictions for pictures; of a single one, only show them unless asked."""
    import warnings

    from maeum.cli import display
    from maeum.images.folders import SUFFIXES

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        predictions = model.predict(data).round(6)
    display.show_notes([str(warning.message) for warning in told], display.warn)
    if path is None and data.name.lower().endswith(SUFFIXES):
        display.show_answer({str(k): v for k, v in predictions.iloc[0].items()}, model.classes)
    else:
        path = path or Path(f"{stem(data)}-predictions.csv")
        _write(predictions, predictions, path)


def _write(result: Any, shown: Any, path: Path) -> None:
    """Write predictions as lines of separated values, and show the first of them."""
    from maeum.cli import display
    from maeum.core.files import write_atomically

    text = result.to_csv(index=False, float_format="%.10g", lineterminator="\n")
    if str(path) == "-":
        sys.stdout.write(text)
        return
    write_atomically(path, text.encode("utf-8", "surrogateescape"))
    display.say(shown.head(5).to_string(index=False))
    display.say_path(f"{len(result):,} predictions:", path)


@app.command()
def evaluate(
    model: ModelFile,
    data: Data,
    separator: Separator = None,
    encoding: Encoding = None,
    header: Header = None,
) -> None:
    """Compare predictions with the target of a labelled table, or pictures with their folders.

    Of series, what was forecast from every step with what came after it; of a language model, how
    well it foresees a text file.
    """
    from maeum.cli import display
    from maeum.forecasting import SeriesModel
    from maeum.forecasting.model import is_for_series
    from maeum.images.experiment.model import ImageModel, is_for_images
    from maeum.language import LanguageModel
    from maeum.language.model import is_language_model
    from maeum.saving import archive
    from maeum.tabular import TabularModel, read_table
    from maeum.texts import TextClassifier
    from maeum.texts.model import is_for_texts
    from maeum.texts.reading import text_lines

    entries = archive.read_entries(model)
    if is_for_images(entries):
        _for_tables_only(separator=separator, encoding=encoding, header=header)
        found = ImageModel.from_entries(entries, str(model)).evaluate(data)
        what, things, notes = data.resolve().name, "pictures", found.pop("notes")
        found.pop("skipped")  # the notes name them
    elif is_for_series(entries):
        forecaster = SeriesModel.from_entries(entries, str(model))
        table = read_table(data, separator=separator, encoding=encoding, header=header)
        found = forecaster.evaluate(table)
        what, things, notes = data.name, "forecasts", found.pop("notes")
        found = {name: value for name, value in found.items() if value is not None}
    elif is_for_texts(entries):
        classifier = TextClassifier.from_entries(entries, str(model))
        found = classifier.evaluate(data, separator=separator, encoding=encoding, header=header)
        what, things, notes = data.resolve().name, "texts", found.pop("notes")
    elif is_language_model(entries):
        writer = LanguageModel.from_entries(entries, str(model))
        lines = text_lines(data, encoding)
        found = writer.evaluate(lines if writer.end is not None else "\n".join(lines))
        found["rows"] = len(lines)
        what, things, notes = data.name, "lines", []
    else:
        trained = TabularModel.from_entries(entries, str(model))
        table = read_table(data, separator=separator, encoding=encoding, header=header)
        found = trained.evaluate(table.frame)
        notes = [*table.notes, *found.pop("notes")]
        if skipped := found.pop("skipped"):
            notes.append(f"Rows without a target, left out: {skipped:,}.")
        what, things = f"{data.name}, {trained.target.name!r}", "rows"
    display.say(f"{what}: {found.pop('rows'):,} {things}")
    display.show_notes(notes, display.warn)
    display.show_metrics(found)


@app.command()
def show(model: ModelFile) -> None:
    """Show what a model file holds."""
    from maeum.cli import display
    from maeum.forecasting.model import SeriesModel, is_for_series
    from maeum.images.experiment.model import ImageModel, is_for_images
    from maeum.language import LanguageModel
    from maeum.language.model import is_language_model
    from maeum.saving import archive
    from maeum.tabular.model import TabularModel, is_for_tables
    from maeum.texts import TextClassifier
    from maeum.texts.model import is_for_texts

    entries = archive.read_entries(model)
    network = None
    if is_for_tables(entries):
        trained = TabularModel.from_entries(entries, str(model))
        display.show_model(trained)
        network = trained.network
    elif is_for_images(entries):
        found = ImageModel.from_entries(entries, str(model))
        display.show_image_model(found)
        network = found.network
    elif is_for_series(entries):
        forecaster = SeriesModel.from_entries(entries, str(model))
        display.show_series_model(forecaster)
        network = forecaster.network
    elif is_for_texts(entries):
        classifier = TextClassifier.from_entries(entries, str(model))
        display.show_text_model(classifier)
        network = classifier.network
    elif is_language_model(entries):
        writer = LanguageModel.from_entries(entries, str(model))
        display.show_language_model(writer)
        network = writer.network
    (network or archive.from_entries(entries, str(model))).summary(print_fn=display.say)


def _for_tables_only(**options: Any) -> None:
    for name, value in options.items():
        if value is not None:
            raise ConfigError(f"--{name} is for tables, and the model is one for pictures.")


def main() -> None:
    """Run the command; an error of Maeum's is a message, not a traceback."""
    try:
        app()
    except (MaeumError, ImportError) as error:  # an optional library may be missing
        print(f"maeum: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
