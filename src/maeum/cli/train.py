"""The command ``maeum train``: a table, series, texts or pictures in, a model and a report out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from maeum.cli import train_texts
from maeum.cli.arguments import Encoding, Header, Separator
from maeum.cli.train_pictures import FOR_PICTURES, train_pictures
from maeum.cli.train_series import ASK_FOR_SERIES, FOR_SERIES, train_series
from maeum.cli.train_table import READING, train_table
from maeum.core.errors import ConfigError

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
# Of those for tables, what series take as well.
_TABLES_AND_SERIES = ["target", "hidden", "dropout", "scale", "linear", "ignore", *READING]


def train(
    context: typer.Context,
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA",
            help="A table: .csv, .tsv, also .gz. A text: .txt. Pictures or texts of classes: a "
            "folder with one folder for each class. Pictures, too: an IDX, .h5 or .npz file.",
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
            "xception, densenet121. Series: lstm, gru, rnn, deep_rnn, cnn, dense, linear. "
            "Texts: lstm, gru, rnn, transformer; to sort them: bag, cnn, lstm, gru.",
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
    time: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="Series: the column of times; without it the rows are in order."
        ),
    ] = None,
    ahead: Annotated[
        int | None, typer.Option(metavar="N", help="Series: how many steps to forecast.")
    ] = None,
    window: Annotated[
        int | None,
        typer.Option(metavar="N", help="Series: how many steps to look back on; two seasons."),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Series: the column that tells several series apart."),
    ] = None,
    past: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="Series: a further column to look at, known up to now; several times, or all.",
        ),
    ] = None,
    future: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN", help="Series: a column that is known ahead, such as holidays."
        ),
    ] = None,
    gaps: Annotated[
        str, typer.Option(metavar="HOW", help="Series: fill gaps with straight lines, or skip.")
    ] = "fill",
    duplicates: Annotated[
        str, typer.Option(metavar="HOW", help="Series: rows of the same time: error, mean, last.")
    ] = "error",
    zones: Annotated[
        str, typer.Option(metavar="HOW", help="Series: times of several zones: error, utc.")
    ] = "error",
    time_format: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT", help="Series: how times are written, such as %d.%m.%Y; by the times."
        ),
    ] = None,
    newest_first: Annotated[
        bool, typer.Option("--newest-first", help="Series: the first row is the newest.")
    ] = False,
    season: Annotated[
        int | None,
        typer.Option(metavar="N", help="Series: it repeats after so many steps; by the times."),
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="Series: learn the logarithm.")] = False,
    difference: Annotated[
        int, typer.Option(metavar="N", help="Series: learn the change since N steps before.")
    ] = 0,
    recursive: Annotated[
        bool,
        typer.Option("--recursive", help="Series: forecast step by step, not all at once."),
    ] = False,
    folds: Annotated[
        int, typer.Option(metavar="N", help="Series: a backtest from N origins; slow.")
    ] = 0,
    text: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Texts: the column of the texts to sort by --target."),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Texts: characters, words, syllables, jamo or bpe are learnt."
        ),
    ] = None,
    lines: Annotated[
        bool, typer.Option("--lines", help="Texts: every line of the file is a text of its own.")
    ] = False,
    vocabulary: Annotated[
        int | None, typer.Option(metavar="N", help="Texts: the most tokens that are known.")
    ] = None,
    units: Annotated[
        int | None, typer.Option(metavar="N", help="Texts: the units of each layer.")
    ] = None,
    layers: Annotated[
        int | None, typer.Option(metavar="N", help="Texts: the layers of a language model.")
    ] = None,
    separator: Separator = None,
    encoding: Encoding = None,
    header: Header = None,
) -> None:
    """Train a network on a table, series, texts or pictures, test it, and write a report.

    A text file without --target is learnt as it runs on, for `maeum generate`.

    The test is on rows or pictures that it has never seen; of series, on the end of their time.
    Ctrl-C ends the training early: the best network so far is tested and saved.
    """
    values = {name: value for name, value in locals().items() if name not in ("context", "data")}
    from maeum.images.experiment.sources import holds_pictures, read_pictures

    chosen = {
        name: value
        for name, value in values.items()
        if getattr(context.get_parameter_source(name), "name", "DEFAULT") != "DEFAULT"
    }
    if _train_on_texts(data, chosen):
        return
    _refuse({*chosen} & {*train_texts.FOR_TEXTS}, f"for texts; {data} is none: see --text COLUMN")
    if holds_pictures(data):
        what = "is a folder of pictures" if data.is_dir() else "holds pictures"
        _refuse(set(chosen) - {*_SHARED, *FOR_PICTURES}, f"for tables, and {data} {what}")
        train_pictures(data, chosen)
        return
    if target is None and not data.exists() and not data.name.lower().endswith(_TABLE_SUFFIXES):
        read_pictures(data)  # which says that it is missing, and what is there
    series = any(name in chosen for name in ASK_FOR_SERIES)
    for_pictures = {*FOR_PICTURES} - ({"network"} if series else set())
    _refuse({*chosen} & for_pictures, f"for pictures, and {data} is a table")
    if not series:
        _refuse({*chosen} & {*FOR_SERIES}, "for series: say --time COLUMN or --ahead N as well")
    if target is None:
        context.fail("Missing option '--target'.")
    if series:
        known = {*_SHARED, *FOR_SERIES, *_TABLES_AND_SERIES, "network"} - {"balance"}
        _refuse(set(chosen) - known, "not for series")
        train_series(data, chosen)
        return
    train_table(data, chosen)


def _train_on_texts(data: Path, chosen: dict[str, Any]) -> bool:
    """Train on texts, if these are texts."""
    running = train_texts.is_running_text(data) and not {"target", "time", "ahead"} & {*chosen}
    if running and "text" not in chosen:
        _refuse({*chosen} - train_texts.FOR_LANGUAGE, f"not for a text file such as {data}")
        train_texts.train_language(data, chosen)
        return True
    if "text" in chosen or train_texts.holds_texts(data):
        _refuse({*chosen} - train_texts.FOR_CLASSES, "not for texts that are sorted into classes")
        train_texts.train_classes(data, chosen)
        return True
    return False


def _refuse(options: set[str], why: str) -> None:
    for name in sorted(options):
        raise ConfigError(f"--{name.replace('_', '-')} is {why}.")
