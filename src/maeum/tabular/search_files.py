"""The files of a search for a table, beside those of the training."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from maeum.core.files import write_atomically
from maeum.tabular.tuning import TunedTable

SEARCH = "search"  # the folder of the search, which it goes on from
PAGE, TRIALS = "search.html", "trials.csv"


def holds_search(folder: Path) -> bool:
    """Tell whether a folder of results holds a search."""
    return (folder / SEARCH / "search.json").exists()


def remove_search(folder: Path) -> None:
    """Delete the search of a folder of results, and the folder if nothing else is in it."""
    shutil.rmtree(folder / SEARCH, ignore_errors=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


def write_search(task: TunedTable, folder: Path) -> dict[str, Path]:
    """Write the page of a search, and its trials as a table.

    Returns:
        The path of each: ``search`` and ``trials``.

    Raises:
        SaveError: if one cannot be written.
    """
    import pandas as pd

    assert task.search is not None
    tuner = task.search.tuner
    paths = {"search": folder / PAGE, "trials": folder / TRIALS}
    lines = pd.DataFrame(tuner.results())
    text = lines.to_csv(index=False, lineterminator="\n")
    write_atomically(paths["trials"], text.encode("utf-8", "surrogateescape"))
    tuner.report(paths["search"], task.source)
    return paths
