"""``maeum train`` on a table whose rows stand for themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from maeum.cli.arguments import numbers
from maeum.cli.running import conclude, folder_of, interruptible

READING = ("separator", "encoding", "header")


def train_table(data: Path, chosen: dict[str, Any]) -> None:
    """Train on a table, test the network, and write a report."""
    from maeum.cli import display
    from maeum.report.files import check_folder
    from maeum.tabular import Dataset, Options, read_table, train_dataset
    from maeum.tabular.files import write_results
    from maeum.tabular.outcome import comparison
    from maeum.tabular.verdict import headline

    reading = {name: chosen.pop(name, None) for name in READING}
    target, folder = chosen.pop("target"), folder_of(data, chosen)
    for name, kind in (("hidden", int), ("dropout", float)):
        if name in chosen:
            chosen[name] = numbers(chosen[name], kind, f"--{name}")
    if "ignore" in chosen:
        chosen["ignore"] = tuple(chosen["ignore"])
    options = Options(**chosen)
    table = read_table(data, **reading)
    check_folder(folder)
    dataset = Dataset.prepare(table, target, options)
    display.show_dataset(dataset)
    trained = interruptible(
        lambda: train_dataset(dataset, tell=display.say, display=display.TrainingDisplay())
    )
    models, result = comparison(trained.run), headline(trained.run)
    conclude(models, result, lambda: write_results(trained, folder))
