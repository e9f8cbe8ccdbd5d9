"""The commands: train, predict, evaluate, show."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from maeum.core.errors import ConfigError, MaeumError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Maeum (마음): train a network on your own table, and trust the result.",
)

_File = Annotated[Path, typer.Argument(help="A table: .csv, .tsv, also .gz.", show_default=False)]
_ModelFile = Annotated[Path, typer.Argument(help="A model.maeum.", show_default=False)]
_Separator = Annotated[
    Optional[str],  # noqa: UP045 (typer reads it at run time)
    typer.Option(help="The character between cells; recognised by itself."),
]
_Encoding = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="The encoding of the text; recognised by itself."),
]


@app.command()
def train(
    data: _File,
    target: Annotated[str, typer.Option(help="The column to learn: a name, a position, or last.")],
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="The folder for the results; maeum-NAME by default."),
    ] = None,
    task: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="binary, multiclass or regression; recognised by itself."),
    ] = None,
    positive: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Of two classes, the one whose probability is predicted."),
    ] = None,
    ignore: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(help="A column to leave out; may be given several times."),
    ] = None,
    hidden: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Units of the hidden layers, such as 128,64,32."),
    ] = None,
    dropout: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Dropout rates behind them, such as 0.3,0.5,0.2, or one for all."),
    ] = None,
    activation: Annotated[str, typer.Option(help="The activation of the hidden layers.")] = "relu",
    epochs: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="The most epochs; 300 by default."),
    ] = None,
    patience: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="Epochs without a better validation loss; 20, and 0 to train all."),
    ] = None,
    batch_size: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="Rows of a step; by the number of rows."),
    ] = None,
    optimizer: Annotated[str, typer.Option(help="adam, sgd, rmsprop, adamw, ...")] = "adam",
    learning_rate: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(help="The learning rate."),
    ] = None,
    scale: Annotated[str, typer.Option(help="minmax, standard or none.")] = "standard",
    balance: Annotated[
        bool, typer.Option("--balance", help="Weigh the classes so that each counts the same.")
    ] = False,
    test_size: Annotated[float, typer.Option(help="Share of rows kept for the test.")] = 0.3,
    validation_size: Annotated[
        float, typer.Option(help="Share of the others that decides when to stop.")
    ] = 0.2,
    seed: Annotated[int, typer.Option(help="What every random choice follows from.")] = 42,
    separator: _Separator = None,
    encoding: _Encoding = None,
) -> None:
    """Train a network on a table, test it on rows it has never seen, and write a report."""
    from maeum.cli.display import TrainingDisplay, console, show_scores
    from maeum.tabular import read_table
    from maeum.tabular.experiment import train_table
    from maeum.tabular.files import check_folder, write_results

    folder = out or Path(f"maeum-{_stem(data)}")
    table = read_table(data, separator=separator, encoding=encoding)
    for note in table.notes:
        console.print(f"  {note}", markup=False)
    check_folder(folder)
    trained = train_table(
        table,
        target,
        tell=lambda text: console.print(text, markup=False),
        callbacks=[TrainingDisplay()],
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
        seed=seed,
    )
    run = trained.run
    _tell_about_columns(run)
    show_scores(run.baselines, f"{run.target}, on {run.rows['test']:,} rows never seen")
    paths = write_results(trained, folder)
    console.print(f"Model:  {paths['model']}", markup=False, soft_wrap=True)
    console.print(f"Report: {paths['report']}", markup=False, soft_wrap=True)


@app.command()
def predict(
    model: _ModelFile,
    data: _File,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="The file for the rows with their predictions; - for standard output."),
    ] = None,
    separator: _Separator = None,
    encoding: _Encoding = None,
) -> None:
    """Add a prediction, and a probability for each class, to every row of a table."""
    import warnings

    import pandas as pd

    from maeum.cli.display import console, errors
    from maeum.saving.files import write_atomically
    from maeum.tabular import TabularModel, read_table

    trained = TabularModel.load(model)
    frame = read_table(data, separator=separator, encoding=encoding).frame
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        predictions = trained.predict(frame)
    for warning in told:
        errors.print(f"  {warning.message}", markup=False)
    result = pd.concat([frame, predictions.round(6)], axis=1)
    if out is not None and str(out) == "-":
        result.to_csv(sys.stdout, index=False)
        return
    path = out or Path(f"{_stem(data)}-predictions.csv")
    write_atomically(path, result.to_csv(index=False).encode("utf-8"))
    shown = predictions.head(5).to_string(index=False)
    console.print(shown, markup=False)
    console.print(f"{len(result):,} predictions: {path}", markup=False, soft_wrap=True)


@app.command()
def evaluate(
    model: _ModelFile,
    data: _File,
    separator: _Separator = None,
    encoding: _Encoding = None,
) -> None:
    """Compare predictions with the target of a labelled table."""
    from maeum.cli.display import console, show_facts
    from maeum.tabular import TabularModel, read_table

    trained = TabularModel.load(model)
    found = trained.evaluate(read_table(data, separator=separator, encoding=encoding).frame)
    for note in found.pop("notes"):
        console.print(f"  {note}", markup=False)
    skipped = found.pop("skipped")
    if skipped:
        console.print(f"  {skipped:,} rows have no target and were left out.", markup=False)
    show_facts(found, f"{trained.target.name}: {data.name}")


@app.command()
def show(model: _ModelFile) -> None:
    """Show what a model file holds."""
    from maeum.cli.display import console, show_facts
    from maeum.core.errors import ModelFileError
    from maeum.saving import archive
    from maeum.tabular import TabularModel

    entries = archive.read_entries(model)
    try:
        trained = TabularModel.from_entries(entries, str(model))
    except ModelFileError:
        network = archive.from_entries(entries, str(model))
    else:
        network = trained.network
        goal = trained.target
        console.print(f"Predicts {goal.name!r} ({goal.task})", markup=False)
        if goal.classes:
            console.print(f"Classes: {', '.join(goal.classes)}", markup=False)
        console.print(f"From: {', '.join(trained.preparation.columns)}", markup=False)
        if trained.facts.get("metrics"):
            rows = trained.facts.get("rows", {}).get("test", 0)
            show_facts(trained.facts["metrics"], f"On {rows:,} rows never seen")
    network.summary(print_fn=lambda text: console.print(text, markup=False, soft_wrap=True))


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").rpartition(".")[0] or path.name


def _numbers(text: str | None, kind: type, option: str) -> tuple | None:
    """Turn ``128,64`` into a tuple of numbers."""
    if text is None:
        return None
    try:
        return tuple(kind(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise ConfigError(
            f"{option} takes numbers with commas between them; got {text!r}."
        ) from None


def _tell_about_columns(run: object) -> None:
    from maeum.cli.display import console

    left_out = [c for c in run.columns if not c.used and c.name != run.target]  # type: ignore[attr-defined]
    for column in left_out[:8]:
        console.print(f"  Left out {column.name!r}: {column.reason}", markup=False)
    if len(left_out) > 8:
        console.print(f"  ... and {len(left_out) - 8} more columns", markup=False)


def main() -> None:
    """Run the command; an error of Maeum's is a message, not a traceback."""
    try:
        app()
    except MaeumError as error:
        print(f"maeum: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("maeum: stopped", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:  # the reader of the output has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


if __name__ == "__main__":
    main()
