"""What the command prints: a live line while it trains, tables when it is done."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from maeum.callbacks import Callback

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

_NAMES = {
    "roc_auc": "ROC AUC",
    "pr_auc": "PR AUC",
    "f1": "F1",
    "macro_f1": "macro F1",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
    "mape": "MAPE",
}


class TrainingDisplay(Callback):
    """A live line with the epoch, the losses and the best epoch so far.

    Where the output is no terminal, every tenth epoch is a plain line.
    """

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._best = (float("inf"), 0)

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Begin the line."""
        self._began = time.perf_counter()
        if console.is_terminal:
            self._bar = Progress(
                TextColumn("Training"),
                BarColumn(bar_width=28),
                TextColumn("epoch {task.completed:.0f}/{task.total:.0f}"),
                TextColumn("{task.fields[facts]}"),
                console=console,
                transient=True,
            )
            self._task = self._bar.add_task("", total=self.params["epochs"], facts="")
            self._bar.start()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Show an epoch."""
        logs = logs or {}
        watched = logs.get("val_loss", logs.get("loss", float("nan")))
        self._best = min(self._best, (watched, epoch + 1))
        facts = f"loss {logs.get('loss', float('nan')):.4f}"
        if "val_loss" in logs:
            facts += f"  validation {logs['val_loss']:.4f}"
        facts += f"  best {self._best[0]:.4f} in epoch {self._best[1]}"
        if self._bar is not None:
            self._bar.update(self._task, completed=epoch + 1, facts=facts)
        elif epoch % 10 == 0:
            console.print(f"epoch {epoch + 1}/{self.params['epochs']}: {facts}")

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """End the line."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        seconds = time.perf_counter() - self._began
        best = f"; best validation loss {self._best[0]:.4f} in epoch {self._best[1]}"
        console.print(f"Trained in {seconds:.1f} s{best if self._best[1] else ''}")


def show_scores(rows: list[dict[str, Any]], title: str) -> None:
    """Print models and their metrics as a table."""
    names = [name for name in rows[0]["metrics"] if rows[0]["metrics"][name] is not None][:5]
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("", no_wrap=True)
    for name in names:
        table.add_column(readable(name), justify="right")
    for row in rows:
        cells = [number(row["metrics"].get(name)) for name in names]
        table.add_row(row["name"], *cells, style="bold" if row is rows[0] else "")
    console.print(table)


def show_facts(facts: Mapping[str, Any], title: str) -> None:
    """Print names and values in two columns."""
    table = Table(title=title, title_justify="left", title_style="bold", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in facts.items():
        table.add_row(readable(name), number(value))
    console.print(table)


def readable(name: str) -> str:
    """Return a metric's name as people write it."""
    return _NAMES.get(name, name.replace("_", " "))


def number(value: Any) -> str:
    """Return a value in a readable form."""
    if value is None:
        return "-"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4f}"
