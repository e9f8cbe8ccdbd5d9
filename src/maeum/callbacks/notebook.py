"""The progress of a training in a notebook: one bar, the values, and curves that grow."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from maeum.callbacks.curves import TRAINING, curves
from maeum.core.messages import _
from maeum.core.wording import as_written

EVERY = 0.3  # seconds between two pictures


def in_notebook() -> bool:
    """Tell whether this process is the kernel of a notebook, which shows HTML."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


class NotebookDisplay:
    """A place below a cell that shows how far a training is.

    Args:
        epochs: how many there are at most.
        steps: of an epoch; None where nobody knows.
    """

    def __init__(self, epochs: int | None, steps: int | None):
        from IPython.display import (  # type: ignore[import-not-found, unused-ignore]
            HTML,
            display,
        )

        self.epochs, self.steps = epochs, steps
        self.history: dict[str, list[Any]] = {}
        self._html, self._began, self._last = HTML, time.perf_counter(), 0.0
        self._done = 0
        self._handle = display(HTML(self._page({}, 0.0)), display_id=True)

    def step(self, steps: int, logs: Mapping[str, Any]) -> None:
        """Show how far an epoch is, unless that was shown just now."""
        if time.perf_counter() - self._last >= EVERY:
            self._show(logs, steps / self.steps if self.steps else 0.0)

    def epoch(self, logs: Mapping[str, Any]) -> None:
        """Show the values of an epoch that is over."""
        self._done += 1
        for name, value in logs.items():
            column = self.history.setdefault(name, [None] * (self._done - 1))
            column.append(value)
        for column in self.history.values():  # what an epoch has no value for
            column += [None] * (self._done - len(column))
        if time.perf_counter() - self._last >= EVERY:
            self._show(logs, 0.0)

    def close(self) -> None:
        """Show the end."""
        self._show({name: values[-1] for name, values in self.history.items()}, 0.0)

    def _show(self, logs: Mapping[str, Any], part: float) -> None:
        self._last = time.perf_counter()
        if self._handle is not None:
            self._handle.update(self._html(self._page(logs, part)))

    def _page(self, logs: Mapping[str, Any], part: float) -> str:
        took = time.perf_counter() - self._began
        done = (self._done + part) / self.epochs if self.epochs else 0.0
        said = _("Epoch {epoch}/{epochs}", epoch=self._done, epochs=self.epochs or "?")
        bar = (
            '<div style="display:inline-block;width:16em;height:.7em;border-radius:.35em;'
            'background:#8884;overflow:hidden;vertical-align:middle">'
            f'<div style="width:{100 * min(done, 1):.1f}%;height:100%;background:{TRAINING}"></div>'
            "</div>"
        )
        facts = table({name: [value] for name, value in logs.items()})
        return f"<div>{bar} {escape(said)}, {took:.1f} s{facts}{curves(self.history)}</div>"


def table(values: Mapping[str, Sequence[Any]]) -> str:
    """Return names and values as a small table in HTML, a row for each name.

    >>> "<td>loss</td><td>0.25</td>" in table({"loss": [0.25]})
    True
    """
    rows = "".join(
        f"<tr><td>{escape(str(name))}</td>{''.join(f'<td>{_cell(v)}</td>' for v in row)}</tr>"
        for name, row in values.items()
    )
    return f"<table>{rows}</table>" if rows else ""


def _cell(value: Any) -> str:
    if value is None or np.ndim(value):
        return "…" if value is not None else ""
    return escape(value) if isinstance(value, str) else as_written(float(value), 4)
