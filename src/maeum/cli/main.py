"""The commands: train, predict, evaluate, show."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from maeum.core.errors import ConfigError, MaeumError, SaveError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Maeum (마음): train a network on your own table, and trust the result.",
)

_Data = Annotated[
    Path, typer.Argument(metavar="DATA", help="A table: .csv, .tsv, also .gz.", show_default=False)
]
_ModelFile = Annotated[
    Path, typer.Argument(metavar="MODEL", help="A model.maeum.", show_default=False)
]
_Separator = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="What stands between cells; recognised by itself."),
]
_Encoding = Annotated[
    str | None, typer.Option(metavar="NAME", help="The encoding of the text; recognised by itself.")
]
_Header = Annotated[
    bool | None,
    typer.Option(
        "--header/--no-header",
        help="Whether the first line names the columns; recognised by itself.",
        show_default=False,
    ),
]


@app.callback(invoke_without_command=True)
def start(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Answer what is asked of the command as a whole."""
    if version:
        from importlib.metadata import version as installed

        print(f"maeum {installed('maeum')}")
        raise typer.Exit


@app.command()
def train(
    data: _Data,
    target: Annotated[
        str,
        typer.Option(metavar="COLUMN", help="The column to learn: a name, a position, or last."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where the results go; maeum-DATA by default."),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(metavar="TASK", help="binary, multiclass or regression; by the target."),
    ] = None,
    positive: Annotated[
        str | None,
        typer.Option(metavar="CLASS", help="Of two classes, the one whose probability is told."),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="A column to leave out; can be given several times."),
    ] = None,
    hidden: Annotated[
        str | None,
        typer.Option(metavar="UNITS", help="Units of the hidden layers, such as 128,64,32."),
    ] = None,
    dropout: Annotated[
        str | None,
        typer.Option(metavar="RATES", help="Dropout behind each, such as 0.3,0.5,0.2; or one."),
    ] = None,
    activation: Annotated[
        str, typer.Option(metavar="NAME", help="The activation of the hidden layers.")
    ] = "relu",
    epochs: Annotated[
        int | None, typer.Option(metavar="N", help="The most epochs; 300 by default.")
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Epochs without a better validation loss before it ends; 20 by default, 0 to "
            "train all epochs.",
        ),
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(metavar="N", help="Rows of a step; by the number of rows.")
    ] = None,
    optimizer: Annotated[
        str, typer.Option(metavar="NAME", help="adam, adamw, sgd, rmsprop, ...")
    ] = "adam",
    learning_rate: Annotated[
        float | None,
        typer.Option(metavar="RATE", help="The learning rate; 0.0003 for classes, else 0.001."),
    ] = None,
    scale: Annotated[
        str, typer.Option(metavar="NAME", help="How numbers are scaled: minmax, standard, none.")
    ] = "standard",
    balance: Annotated[
        bool, typer.Option("--balance", help="Weigh the classes so that each counts the same.")
    ] = False,
    test_size: Annotated[
        float, typer.Option(metavar="SHARE", help="The share of the rows kept for the test.")
    ] = 0.3,
    validation_size: Annotated[
        float,
        typer.Option(metavar="SHARE", help="The share of the others that decides when to stop."),
    ] = 0.2,
    embed_above: Annotated[
        int, typer.Option(metavar="N", help="Categories of more values get an embedding.")
    ] = 20,
    linear: Annotated[
        bool | None,
        typer.Option(
            "--linear/--no-linear",
            help="Let the output see the inputs directly too; for numbers by default.",
            show_default=False,
        ),
    ] = None,
    refit: Annotated[
        bool | None,
        typer.Option(
            "--refit/--no-refit",
            help="Train anew on all rows but the test's once the epochs are known; for classes "
            "by default.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="N", help="What every random choice follows from.")
    ] = 42,
    separator: _Separator = None,
    encoding: _Encoding = None,
    header: _Header = None,
) -> None:
    """Train a network on a table, test it on rows it has never seen, and write a report.

    Ctrl-C ends the training early: the best network so far is tested and saved.
    """
    from maeum.cli import display
    from maeum.tabular import Dataset, Options, read_table, train_dataset
    from maeum.tabular.files import check_folder, write_results
    from maeum.tabular.outcome import comparison
    from maeum.tabular.verdict import headline

    options = Options(
        task=task,
        positive=positive,
        ignore=tuple(ignore or ()),
        hidden=_numbers(hidden, int, "--hidden"),
        dropout=_numbers(dropout, float, "--dropout"),
        activation=activation,
        epochs=epochs,
        patience=patience,
        batch_size=batch_size,
        optimizer=optimizer,
        learning_rate=learning_rate,
        scale=scale,
        balance=balance,
        test_size=test_size,
        validation_size=validation_size,
        embed_above=embed_above,
        linear=linear,
        refit=refit,
        seed=seed,
    )
    folder = out or Path(f"maeum-{_stem(data)}")
    table = read_table(data, separator=separator, encoding=encoding, header=header)
    check_folder(folder)
    dataset = Dataset.prepare(table, target, options)
    display.show_dataset(dataset)
    try:
        trained = train_dataset(dataset, tell=display.say, display=display.TrainingDisplay())
    except KeyboardInterrupt as stop:
        display.warn(f"maeum: {stop or 'stopped'}; nothing was written.")
        raise typer.Exit(130) from None
    display.say("")
    display.show_comparison(comparison(trained.run))
    display.say(f"\n{headline(trained.run)}.")
    paths = write_results(trained, folder)
    display.say_path("Model: ", paths["model"])
    display.say_path("Report:", paths["report"])


@app.command()
def predict(
    model: _ModelFile,
    data: _Data,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The file for the rows with their predictions; DATA-predictions.csv by default, "
            "- for the standard output.",
        ),
    ] = None,
    separator: _Separator = None,
    encoding: _Encoding = None,
    header: _Header = None,
) -> None:
    """Add a prediction, and a probability for each class, to every row of a table."""
    import warnings

    import pandas as pd

    from maeum.cli import display
    from maeum.saving.files import write_atomically
    from maeum.tabular import TabularModel, read_table
    from maeum.tabular.reading import tidy

    path = out or Path(f"{_stem(data)}-predictions.csv")
    if path.exists() and any(path.samefile(other) for other in (model, data) if other.exists()):
        raise SaveError(f"{str(path)!r} is what is read here; choose another file with --out.")
    trained = TabularModel.load(model)
    table = read_table(data, separator=separator, encoding=encoding, header=header)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        predictions = trained.predict(table.frame)
    if trained.target.classes:
        predictions = predictions.round(6)
    result, renamed = tidy(pd.concat([table.frame, predictions], axis=1))
    notes = [*table.notes, *(str(warning.message) for warning in told), *renamed]
    display.show_notes(notes, display.warn)
    text = result.to_csv(index=False, float_format="%.10g", lineterminator="\n")
    if str(path) == "-":
        sys.stdout.write(text)
        return
    write_atomically(path, text.encode("utf-8"))
    display.say(predictions.head(5).to_string(index=False))
    display.say_path(f"{len(result):,} predictions:", path)


@app.command()
def evaluate(
    model: _ModelFile,
    data: _Data,
    separator: _Separator = None,
    encoding: _Encoding = None,
    header: _Header = None,
) -> None:
    """Compare predictions with the target of a labelled table."""
    from maeum.cli import display
    from maeum.tabular import TabularModel, read_table

    trained = TabularModel.load(model)
    table = read_table(data, separator=separator, encoding=encoding, header=header)
    found = trained.evaluate(table.frame)
    notes, skipped, rows = found.pop("notes"), found.pop("skipped"), found.pop("rows")
    if skipped:
        notes.append(f"Rows without a target, left out: {skipped:,}.")
    display.say(f"{data.name}, {trained.target.name!r}: {rows:,} rows")
    display.show_notes([*table.notes, *notes], display.warn)
    display.show_metrics(found)


@app.command()
def show(model: _ModelFile) -> None:
    """Show what a model file holds."""
    from maeum.cli import display
    from maeum.saving import archive
    from maeum.tabular.model import TabularModel, is_for_tables

    entries = archive.read_entries(model)
    if is_for_tables(entries):
        trained = TabularModel.from_entries(entries, str(model))
        display.show_model(trained)
        network = trained.network
    else:
        network = archive.from_entries(entries, str(model))
    network.summary(print_fn=display.say)


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").rpartition(".")[0] or path.name


def _numbers(text: str | None, kind: type, option: str) -> tuple | None:
    """Turn ``128,64`` into a tuple of numbers."""
    if text is None:
        return None
    try:
        return tuple(kind(part) for part in text.split(",") if part.strip())
    except ValueError:
        what = "whole numbers" if kind is int else "numbers"
        raise ConfigError(f"{option} takes {what} with commas between; got {text!r}.") from None


def main() -> None:
    """Run the command; an error of Maeum's is a message, not a traceback."""
    try:
        app()
    except MaeumError as error:
        print(f"maeum: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
