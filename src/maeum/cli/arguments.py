"""Arguments that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from maeum.core.errors import ConfigError

Data = Annotated[
    Path,
    typer.Argument(
        metavar="DATA",
        help="A table (.csv, .tsv, also .gz), a text (.txt), or pictures: a folder, IDX, .h5, "
        ".npz.",
        show_default=False,
    ),
]
ModelFile = Annotated[
    Path, typer.Argument(metavar="MODEL", help="A model.maeum.", show_default=False)
]
Separator = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="What stands between cells; recognised by itself."),
]
Encoding = Annotated[
    str | None, typer.Option(metavar="NAME", help="The encoding of the text; recognised by itself.")
]
Header = Annotated[
    bool | None,
    typer.Option(
        "--header/--no-header",
        help="Whether the first line names the columns; recognised by itself.",
        show_default=False,
    ),
]


def stem(path: Path) -> str:
    """Return the name of a file without its suffixes, or of a folder; for the results' name.

    >>> stem(Path("data/table.csv.gz")), stem(Path("photos"))
    ('table', 'photos')
    """
    name = path.name or path.resolve().name
    if path.is_dir():
        return path.resolve().name
    return name.removesuffix(".gz").rpartition(".")[0] or name.removesuffix(".gz")


def size(text: str) -> tuple[int, int]:
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


def numbers(text: str, kind: type, option: str) -> tuple:
    """Turn ``128,64`` into a tuple of numbers."""
    try:
        return tuple(kind(part) for part in text.split(",") if part.strip())
    except ValueError:
        what = "whole numbers" if kind is int else "numbers"
        raise ConfigError(f"{option} takes {what} with commas between; got {text!r}.") from None


def number(text: str, option: str) -> float:
    """Turn an option into one number."""
    try:
        return float(text)
    except ValueError:
        raise ConfigError(f"{option} takes one number here; got {text!r}.") from None
