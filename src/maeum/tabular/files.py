"""The files of a training: the model, the report, the metrics and the history."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any

from maeum.core.errors import SaveError
from maeum.saving.files import write_atomically
from maeum.tabular.experiment import TrainedTable
from maeum.tabular.report import write_report


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
            f"The folder {str(folder)!r} cannot be written to ({reason}). Choose another one with "
            "--out."
        ) from error


def write_results(trained: TrainedTable, folder: Path) -> dict[str, Path]:
    """Write the four files of a training; each replaces an older one only when it is whole.

    Returns:
        The path of each: ``model``, ``report``, ``metrics``, ``history``.

    Raises:
        SaveError: if one cannot be written.
    """
    run = trained.run
    paths = {
        "model": folder / "model.maeum",
        "metrics": folder / "metrics.json",
        "history": folder / "history.csv",
        "report": folder / "report.html",
    }
    trained.model.save(paths["model"])
    metrics = {
        "source": run.source,
        "target": run.target,
        "task": run.task,
        "classes": run.classes,
        "rows": run.rows,
        "best_epoch": run.best_epoch + 1,
        "metrics": run.metrics,
        "models": run.baselines,
        "importance": [
            {"column": column, "mean": mean, "deviation": deviation}
            for column, mean, deviation in run.importance
        ],
        "settings": run.settings,
        "seconds": run.seconds,
        "notes": run.notes,
    }
    text = json.dumps(metrics, ensure_ascii=False, indent=1)
    write_atomically(paths["metrics"], text.encode())
    write_atomically(paths["history"], _history(run.history).encode())
    write_report(run, paths["report"])
    return paths


def _history(history: dict[str, list[Any]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["epoch", *history])
    writer.writerows([i, *values] for i, values in enumerate(zip(*history.values()), start=1))
    return stream.getvalue()
