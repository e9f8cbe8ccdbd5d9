"""The files beside a report: where they may lie, and the history as a table."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from maeum.core.errors import SaveError


def check_folder(folder: Path) -> None:
    """See that the folder can be made and written to, before any time is spent on training.

    Raises:
        SaveError: if it cannot.
    """
    there = folder.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        reason = "it is a file" if there.is_file() else error.strerror
        raise SaveError(
            "The folder {text!r} cannot be written to ({reason}). Choose another one with --out.",
            text=str(folder),
            reason=reason,
        ) from error


def history_table(history: Mapping[str, Sequence[Any]]) -> str:
    """Return the values of each epoch as lines of separated values.

    >>> history_table({"loss": [0.5, 0.25]})
    'epoch,loss\\n1,0.5\\n2,0.25\\n'
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["epoch", *history])
    writer.writerows([i, *values] for i, values in enumerate(zip(*history.values()), start=1))
    return stream.getvalue()
