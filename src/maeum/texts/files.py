"""The files of a training on texts: the model, the report, its numbers and the history."""

from __future__ import annotations

import json
from pathlib import Path

from maeum.core.files import write_atomically
from maeum.report.files import history_table
from maeum.texts.training import TrainedText


def write_results(trained: TrainedText, folder: Path) -> dict[str, Path]:
    """Write the four files of a training; each replaces an older one only when it is whole.

    Returns:
        The path of each: ``model``, ``report``, ``numbers``, ``history``.

    Raises:
        SaveError: if one cannot be written.
    """
    from maeum.report.page import write_page
    from maeum.texts.report import render  # with matplotlib and jinja2

    run = trained.run
    paths = {
        "model": folder / "model.maeum",
        "numbers": folder / "report.json",
        "history": folder / "history.csv",
        "report": folder / "report.html",
    }
    trained.model.save(paths["model"])
    numbers = {
        "source": run.source,
        "text": run.data.column,
        "target": run.data.target,
        "classes": run.classes,
        "rows": run.rows,
        "best_epoch": run.best_epoch + 1,
        "metrics": run.metrics,
        "models": run.models,
        "settings": run.data.options.to_json(),
        "seconds": run.seconds,
        "notes": run.notes,
    }
    text = json.dumps(numbers, ensure_ascii=False, indent=1)
    write_atomically(paths["numbers"], text.encode("utf-8", "replace"))
    write_atomically(paths["history"], history_table(run.history).encode())
    write_page(render(trained), paths["report"])
    return paths
