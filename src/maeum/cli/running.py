"""What every training of the command shares: its folder, its end by hand, its last lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from maeum.cli.arguments import stem


def folder_of(data: Path, chosen: dict[str, Any]) -> Path:
    """Return where the results go, and take ``out`` from the options."""
    return chosen.pop("out", None) or Path(f"maeum-{stem(data)}")


def interruptible(work: Callable[[], Any]) -> Any:
    """Return what ``work`` returns; Ctrl-C before the first epoch was over ends the command."""
    from maeum.cli import display

    try:
        return work()
    except KeyboardInterrupt as stop:
        display.warn(f"maeum: {str(stop) or 'stopped'}; nothing was written.")
        raise typer.Exit(130) from None


def conclude(models: Any, headline: str, write: Callable[[], dict[str, Path]]) -> None:
    """Print how the models compare and the result in one sentence; write the files, say where."""
    from maeum.cli import display

    display.say("")
    display.show_comparison(models)
    display.say(f"\n{headline}.")
    say_paths(write())


def say_paths(paths: dict[str, Path]) -> None:
    """Print where the model and the report are."""
    from maeum.cli import display

    display.say_path("Model: ", paths["model"])
    if "report" in paths:
        display.say_path("Report:", paths["report"])
