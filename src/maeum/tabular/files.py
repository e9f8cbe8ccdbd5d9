"""The files of a training: the model, the report, the metrics and the history."""

from __future__ import annotations

import json
from pathlib import Path

from maeum.core.files import write_atomically
from maeum.report.files import check_folder, history_table
from maeum.tabular.experiment import TrainedTable
from maeum.tabular.report import write_report

__all__ = ["check_folder", "write_results"]


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
    write_atomically(paths["history"], history_table(run.history).encode())
    write_report(run, paths["report"])
    return paths
