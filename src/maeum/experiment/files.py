"""The files of a training: the model, the report, the metrics and the history."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from maeum.core.errors import SaveError
from maeum.core.files import write_atomically
from maeum.core.json import to_bytes
from maeum.core.messages import _
from maeum.experiment.events import work
from maeum.experiment.trained import Trained

FILES = {
    "model": "model.maeum",
    "metrics": "metrics.json",
    "history": "history.csv",
    "report": "report.html",
    "predictions": "predictions.csv",
}


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


def holds_results(folder: Path) -> bool:
    """Tell whether a folder holds the results of a training."""
    return any((folder / name).exists() for name in FILES.values())


def free_folder(folder: Path, unfinished: Callable[[Path], bool]) -> Path:
    """Return where new results go beside earlier ones: a folder itself, or one numbered from 2 on.

    Args:
        folder: where they go if nothing is there.
        unfinished: tells whether a folder holds a training that was broken off; the last of them
            is where it goes on.

    >>> free_folder(Path("there is none"), lambda folder: False).name
    'there is none'
    """
    last, following, number = folder, folder, 1
    while holds_results(following) or unfinished(following):
        last, number = following, number + 1
        following = folder.with_name(f"{folder.name}-{number}")
    return last if unfinished(last) else following


def write_results(trained: Trained, folder: Path) -> dict[str, Path]:
    """Write the files of a training; each replaces an older one only when it is whole.

    Returns:
        The path of each: ``model``, ``metrics``, ``history``, ``report``, and ``predictions`` of
        the test where the task has any.

    Raises:
        SaveError: if one cannot be written.
    """
    from maeum.experiment.report import page_of
    from maeum.report.html import write_page  # with jinja2

    paths = {what: folder / name for what, name in FILES.items()}
    work(_("Writing the report ..."))
    trained.model.save(paths["model"])
    table = trained.run.table()
    if table is not None:
        text = table.to_csv(index=False, lineterminator="\n")
        write_atomically(paths["predictions"], text.encode("utf-8", "surrogateescape"))
    else:
        paths.pop("predictions").unlink(missing_ok=True)  # of another training
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
