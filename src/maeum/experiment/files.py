"""The files of a training: the model, the report, the metrics and the history."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maeum.core.files import write_atomically
from maeum.report.files import check_folder, history_table

if TYPE_CHECKING:
    from maeum.experiment.training import Trained

__all__ = ["check_folder", "from_bytes", "to_bytes", "write_results"]


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


def to_bytes(value: Any) -> bytes:
    """Return plain data as readable JSON in UTF-8.

    A name that is not UTF-8 (a file's may hold any bytes) is kept by JSON's own escapes; a number
    that JSON has not, such as NaN, becomes null.

    >>> to_bytes({"file": "caf\\udce9", "loss": math.nan})
    b'{\\n "file": "caf\\\\udce9",\\n "loss": null\\n}'
    """
    text = json.dumps(_plain(value), ensure_ascii=False, indent=1, allow_nan=False)
    return text.encode("utf-8", "backslashreplace")


def from_bytes(data: bytes) -> Any:
    """Return what `to_bytes` wrote.

    Raises:
        ValueError: if it is no JSON.
    """
    return json.loads(data.decode("utf-8", "surrogatepass"))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):  # of NumPy
        return _plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value
