"""The files of a training: the model, the report, the metrics and the history."""

from __future__ import annotations

from pathlib import Path

from maeum.core.files import write_atomically
from maeum.core.json import to_bytes
from maeum.experiment.trained import Trained
from maeum.report.files import check_folder, history_table

__all__ = ["check_folder", "write_results"]


def write_results(trained: Trained, folder: Path) -> dict[str, Path]:
    """Write the four files of a training; each replaces an older one only when it is whole.

    Returns:
        The path of each: ``model``, ``metrics``, ``history``, ``report``.

    Raises:
        SaveError: if one cannot be written.
    """
    from maeum.experiment.report import page_of
    from maeum.report.html import write_page  # with matplotlib and jinja2

    paths = {
        "model": folder / "model.maeum",
        "metrics": folder / "metrics.json",
        "history": folder / "history.csv",
        "report": folder / "report.html",
    }
    trained.model.save(paths["model"])
    write_atomically(paths["metrics"], to_bytes(trained.run.to_json()))
    write_atomically(paths["history"], history_table(trained.run.history).encode())
    write_page(page_of(trained), paths["report"])
    return paths
