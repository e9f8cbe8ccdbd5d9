"""The files of a network that writes: the model, the report, its numbers and the history."""

from __future__ import annotations

import json
import math
from pathlib import Path

from maeum.core.files import write_atomically
from maeum.language.training import TrainedLanguage
from maeum.report.files import history_table


def write_results(trained: TrainedLanguage, folder: Path) -> dict[str, Path]:
    """Write the four files of a training; each replaces an older one only when it is whole.

    Returns:
        The path of each: ``model``, ``report``, ``numbers``, ``history``.

    Raises:
        SaveError: if one cannot be written.
    """
    from maeum.language.report import render  # with matplotlib and jinja2
    from maeum.language.result import LanguageRun
    from maeum.report.page import write_page

    paths = {
        "model": folder / "model.maeum",
        "numbers": folder / "report.json",
        "history": folder / "history.csv",
        "report": folder / "report.html",
    }
    trained.model.save(paths["model"])
    run, data = LanguageRun.of(trained), trained.data
    numbers = {
        "source": data.source,
        "unit": data.options.unit,
        "vocabulary": len(data.encoder.vocabulary),
        "tokens": {"train": len(data.train), "validation": len(data.validation)},
        "measured_on": "validation" if data.watched else "train",
        "best_epoch": trained.best_epoch + 1,
        "metrics": _finite(trained.metrics),
        "models": [{**model, "metrics": _finite(model["metrics"])} for model in run.models],
        "written": [{"temperature": w.temperature, "text": w.text} for w in run.written],
        "settings": data.options.to_json(),
        "seconds": run.seconds,
        "notes": trained.notes,
    }
    text = json.dumps(numbers, ensure_ascii=False, indent=1)
    write_atomically(paths["numbers"], text.encode("utf-8", "replace"))
    write_atomically(paths["history"], history_table(trained.history).encode())
    write_page(render(run), paths["report"])
    return paths


def _finite(metrics: dict[str, float]) -> dict[str, float | None]:
    """Return metrics as JSON takes them; those of a training that broke down are None."""
    return {name: value if math.isfinite(value) else None for name, value in metrics.items()}
