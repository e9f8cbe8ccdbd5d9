"""The files of a training on series: the model, the report, its numbers and the history."""

from __future__ import annotations

import json
from pathlib import Path

from maeum.core.files import write_atomically
from maeum.forecasting.training import TrainedSeries
from maeum.report.files import history_table


def write_results(trained: TrainedSeries, folder: Path) -> dict[str, Path]:
    """Write the four files of a training; each replaces an older one only when it is whole.

    Returns:
        The path of each: ``model``, ``report``, ``numbers``, ``history``.

    Raises:
        SaveError: if one cannot be written.
    """
    from maeum.forecasting.report import render  # with matplotlib and jinja2
    from maeum.report.page import write_page

    run = trained.run
    paths = {
        "model": folder / "model.maeum",
        "numbers": folder / "report.json",
        "history": folder / "history.csv",
        "report": folder / "report.html",
    }
    trained.model.save(paths["model"])
    many = run.data.many
    numbers = {
        "source": run.source,
        "targets": many.targets,
        "series": len(many),
        "steps": many.steps,
        "step": None if many.frequency is None else str(many.frequency),
        "windows": run.windows,
        "best_epoch": run.best_epoch + 1,
        "metrics": run.metrics,
        "models": run.models,
        "by_step": run.by_step,
        "coverage": run.coverage,
        "backtest": None if run.backtest is None else [
            {"begins": str(fold.begins), "train": fold.trained, "test": fold.tested,
             "errors": fold.errors}
            for fold in run.backtest.folds
        ],
        "settings": run.settings,
        "seconds": run.seconds,
        "notes": run.notes,
    }  # fmt: skip
    text = json.dumps(numbers, ensure_ascii=False, indent=1)
    write_atomically(paths["numbers"], text.encode("utf-8", "replace"))
    write_atomically(paths["history"], history_table(run.history).encode())
    write_page(render(trained), paths["report"])
    return paths
