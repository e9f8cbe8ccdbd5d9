"""Arguments that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
