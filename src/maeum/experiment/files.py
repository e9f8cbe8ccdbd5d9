"""The files of a training: the model, the report, the metrics and the history."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from maeum.core.errors import SaveError
from maeum.core.files import write_atomically
from maeum.core.json import to_bytes
from maeum.experiment.trained import Trained


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
        raise SaveError("The folder {text!r} cannot be written to ({reason}). Choose another one "
                        "with --out.", text=str(folder), reason=reason) from error  # fmt: skip


def write_results(trained: Trained, folder: Path) -> dict[str, Path]:
    """Write the four files of a training; each replaces an older one only when it is whole.

    Returns:
        The path of each: ``model``, ``metrics``, ``history``, ``report``.

    Raises:
        SaveError: if one cannot be written.
    """
    from maeum.experiment.report import page_of
    from maeum.report.html import write_page  # with jinja2

    names = ("model.maeum", "metrics.json", "history.csv", "report.html")
    paths = {name.partition(".")[0]: folder / name for name in names}
    trained.model.save(paths["model"])
    write_atomically(paths["metrics"], to_bytes(trained.run.to_json()))
    write_atomically(paths["history"], history_table(trained.run.history).encode())
    write_page(page_of(trained), paths["report"])
    return paths


def history_table(history: Mapping[str, Sequence[Any]]) -> str:
    """Return the values of each epoch as lines of separated values.

    >>> history_table({"loss": [0.5, 0.25]})
    'epoch,loss\\n1,0.5\\n2,0.25\\n'
    """
    import pandas as pd

    table = pd.DataFrame({name: pd.Series(values) for name, values in history.items()})
    table.index += 1
    return table.to_csv(index_label="epoch", lineterminator="\n")
