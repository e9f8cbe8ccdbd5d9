"""The command ``maeum train``: a table or pictures in, a model and a report out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from maeum.cli.arguments import Encoding, Header, Separator, stem
from maeum.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

_TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".gz")
_SHARED = [
    "out",
    "epochs",
    "patience",
    "batch_size",
    "learning_rate",
    "balance",
    "test_size",
    "validation_size",
    "seed",
]
_FOR_READING = ("separator", "encoding", "header")
FOR_PICTURES = [
    "size",
    "color",
    "resize",
    "network",
    "weights",
    "augment",
    "flip",
    "errors",
    "test_data",
]


def train(
    context: typer.Context,
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA",
            help="A table: .csv, .tsv, also .gz. Or pictures: a folder with one folder for each "
            "class, or an IDX, .h5 or .npz file.",
            show_default=False,
        ),
    ],
    target: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Of a table, the column to learn: a name, a position, or last.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "--output",
            metavar="FOLDER",
            help="Where the results go; maeum-DATA by default.",
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(metavar="N", help="The most epochs; 300 by default, 20 to 80 for pictures."),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Epochs without a better validation loss before it ends; 20 by default, a fifth "
            "of all for pictures, 0 to train all epochs.",
        ),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(metavar="N", help="Rows or pictures of a step; by how many there are."),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            metavar="RATE",
            help="The learning rate; 0.0003 for classes of a table, else 0.001.",
        ),
    ] = None,
    balance: Annotated[
        bool, typer.Option("--balance", help="Weigh the classes so that each counts the same.")
    ] = False,
    test_size: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE", help="The share kept for the test; 0.3 of rows, 0.15 of pictures."
        ),
    ] = None,
    validation_size: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="The share that decides when to stop; 0.2 of the other rows, 0.15 of pictures.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="N", help="What every random choice follows from.")
    ] = 42,
    size: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="Pictures: rows and columns that all get, 64 or 48x64; by the pictures.",
        ),
    ] = None,
    color: Annotated[
        str | None, typer.Option(metavar="NAME", help="Pictures: rgb or grey; by the pictures.")
    ] = None,
    resize: Annotated[
        str,
        typer.Option(
            metavar="HOW",
            help="Pictures of another shape: crop takes the middle, pad adds bars, stretch "
            "distorts.",
        ),
    ] = "crop",
    network: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Pictures: small, residual, mobilenet, mobilenet_v2, resnet18, resnet50, vgg16, "
            "xception, densenet121.",
        ),
    ] = "small",
    weights: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Pictures: weights of that network, as Keras publishes them; a new classifier "
            "is trained on top.",
        ),
    ] = None,
    augment: Annotated[
        str | None,
        typer.Option(
            metavar="HOW",
            help="Pictures: changed at random in training: none, light, strong; by their number.",
        ),
    ] = None,
    flip: Annotated[
        bool | None,
        typer.Option(
            "--flip/--no-flip",
            help="Pictures: mirrored, too; by default those in colour.",
            show_default=False,
        ),
    ] = None,
    errors: Annotated[
        str,
        typer.Option(
            metavar="HOW", help="Pictures that cannot be read: skip tells their names, raise ends."
        ),
    ] = "skip",
    test_data: Annotated[
        Path | None,
        typer.Option(
            metavar="DATA", help="Pictures: a set of its own to test on, with the same classes."
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(metavar="TASK", help="Tables: binary, multiclass, regression; by the target."),
    ] = None,
    positive: Annotated[
        str | None,
        typer.Option(
            metavar="CLASS", help="Tables: of two classes, the one whose probability is told."
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="Tables: a column to leave out; several times."),
    ] = None,
    hidden: Annotated[
        str | None,
        typer.Option(
            metavar="UNITS", help="Tables: units of the hidden layers, such as 128,64,32."
        ),
    ] = None,
    dropout: Annotated[
        str | None,
        typer.Option(
            metavar="RATES", help="Tables: dropout behind each, such as 0.3,0.5,0.2; or one."
        ),
    ] = None,
    activation: Annotated[
        str, typer.Option(metavar="NAME", help="Tables: the activation of the hidden layers.")
    ] = "relu",
    optimizer: Annotated[
        str, typer.Option(metavar="NAME", help="Tables: adam, adamw, sgd, rmsprop, ...")
    ] = "adam",
    scale: Annotated[
        str,
        typer.Option(metavar="NAME", help="Tables: scale numbers by minmax, standard or none."),
    ] = "standard",
    embed_above: Annotated[
        int, typer.Option(metavar="N", help="Tables: categories of more values get an embedding.")
    ] = 20,
    linear: Annotated[
        bool | None,
        typer.Option(
            "--linear/--no-linear",
            help="Tables: let the output see the inputs directly too; for numbers by default.",
            show_default=False,
        ),
    ] = None,
    refit: Annotated[
        bool | None,
        typer.Option(
            "--refit/--no-refit",
            help="Tables: train anew on all rows but the test's once the epochs are known; for "
            "classes by default.",
            show_default=False,
        ),
    ] = None,
    separator: Separator = None,
    encoding: Encoding = None,
    header: Header = None,
) -> None:
    """Train a network on a table or on pictures, test it, and write a report.

    The test is on rows or pictures that it has never seen. Ctrl-C ends the training early: the
    best network so far is tested and saved.
    """
    values = {name: value for name, value in locals().items() if name not in ("context", "data")}
    from maeum.images.experiment.sources import holds_pictures, read_pictures

    chosen = {
        name: value
        for name, value in values.items()
        if getattr(context.get_parameter_source(name), "name", "DEFAULT") != "DEFAULT"
    }
    if holds_pictures(data):
        what = "is a folder of pictures" if data.is_dir() else "holds pictures"
        _refuse(set(chosen) - {*_SHARED, *FOR_PICTURES}, f"for tables, and {data} {what}")
        _train_on_pictures(data, chosen)
        return
    if target is None and not data.exists() and not data.name.lower().endswith(_TABLE_SUFFIXES):
        read_pictures(data)  # which says that it is missing, and what is there
    _refuse({*chosen} & {*FOR_PICTURES}, f"for pictures, and {data} is a table")
    if target is None:
        context.fail("Missing option '--target'.")
    _train_on_table(data, chosen)


def _refuse(options: set[str], why: str) -> None:
    for name in sorted(options):
        raise ConfigError(f"--{name.replace('_', '-')} is {why}.")


def _train_on_table(data: Path, chosen: dict[str, Any]) -> None:
    from maeum.cli import display
    from maeum.report.files import check_folder
    from maeum.tabular import Dataset, Options, read_table, train_dataset
    from maeum.tabular.files import write_results
    from maeum.tabular.outcome import comparison
    from maeum.tabular.verdict import headline

    reading = {name: chosen.pop(name, None) for name in _FOR_READING}
    target, folder = chosen.pop("target"), _folder(data, chosen)
    for name, kind in (("hidden", int), ("dropout", float)):
        if name in chosen:
            chosen[name] = _numbers(chosen[name], kind, f"--{name}")
    if "ignore" in chosen:
        chosen["ignore"] = tuple(chosen["ignore"])
    options = Options(**chosen)
    table = read_table(data, **reading)
    check_folder(folder)
    dataset = Dataset.prepare(table, target, options)
    display.show_dataset(dataset)
    trained = _interruptible(
        lambda: train_dataset(dataset, tell=display.say, display=display.TrainingDisplay())
    )
    display.say("")
    display.show_comparison(comparison(trained.run))
    display.say(f"\n{headline(trained.run)}.")
    _say_paths(write_results(trained, folder))


def _train_on_pictures(data: Path, chosen: dict[str, Any]) -> None:
    from maeum.cli import display
    from maeum.images.experiment import ImageData, ImageOptions, train_on, write_results
    from maeum.images.experiment.verdict import headline
    from maeum.report.answers import comparison
    from maeum.report.files import check_folder

    folder, test = _folder(data, chosen), chosen.pop("test_data", None)
    if "size" in chosen:
        chosen["size"] = _size(chosen["size"])
    options = ImageOptions(**chosen)
    check_folder(folder)
    pictures = ImageData.prepare(data, options, test)
    display.show_pictures(pictures)
    trained = _interruptible(
        lambda: train_on(pictures, tell=display.say, callbacks=[display.TrainingDisplay()])
    )
    display.say("")
    display.show_comparison(comparison(trained.run.baselines))
    display.say(f"\n{headline(trained.run)}.")
    _say_paths(write_results(trained, folder))


def _interruptible(work: Callable[[], Any]) -> Any:
    from maeum.cli import display

    try:
        return work()
    except KeyboardInterrupt as stop:
        display.warn(f"maeum: {stop or 'stopped'}; nothing was written.")
        raise typer.Exit(130) from None


def _say_paths(paths: dict[str, Path]) -> None:
    from maeum.cli import display

    display.say_path("Model: ", paths["model"])
    display.say_path("Report:", paths["report"])


def _folder(data: Path, chosen: dict[str, Any]) -> Path:
    return chosen.pop("out", None) or Path(f"maeum-{stem(data)}")


def _size(text: str) -> tuple[int, int]:
    """Turn ``64`` or ``48x64`` into rows and columns."""
    parts = text.lower().replace(",", "x").split("x")
    try:
        numbers = [int(part) for part in parts]
        if len(numbers) not in (1, 2) or min(numbers) < 1:
            raise ValueError
    except ValueError:
        raise ConfigError(
            f"--size takes rows and columns, such as 64 or 48x64; got {text!r}."
        ) from None
    return numbers[0], numbers[-1]


def _numbers(text: str, kind: type, option: str) -> tuple:
    """Turn ``128,64`` into a tuple of numbers."""
    try:
        return tuple(kind(part) for part in text.split(",") if part.strip())
    except ValueError:
        what = "whole numbers" if kind is int else "numbers"
        raise ConfigError(f"{option} takes {what} with commas between; got {text!r}.") from None
