"""``maeum train`` on series: rows in the order of their times."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from maeum.cli.arguments import number, numbers
from maeum.cli.running import conclude, folder_of, interruptible
from maeum.cli.train_table import READING

ASK_FOR_SERIES = ("time", "ahead", "newest_first")
FOR_SERIES = [
    *ASK_FOR_SERIES,
    "window",
    "group",
    "past",
    "future",
    "gaps",
    "duplicates",
    "zones",
    "time_format",
    "season",
    "log",
    "difference",
    "recursive",
    "folds",
]


def train_series(data: Path, chosen: dict[str, Any]) -> None:
    """Train on series, test the forecasts on the end of the time, and write a report."""
    from maeum.cli import display
    from maeum.forecasting import SeriesData, train_on, write_results
    from maeum.forecasting.training import split_options
    from maeum.forecasting.verdict import headline
    from maeum.report.answers import comparison
    from maeum.report.files import check_folder
    from maeum.tables.reading import read_table

    reading = {name: chosen.pop(name, None) for name in READING}
    folder = folder_of(data, chosen)
    if "hidden" in chosen:
        chosen["hidden"] = numbers(chosen["hidden"], int, "--hidden")
    if "dropout" in chosen:
        chosen["dropout"] = number(chosen["dropout"], "--dropout")
    table = read_table(data, **reading)
    target = chosen.pop("target")
    columns = [str(name) for name in table.frame.columns]
    if target == "last":
        target = columns[-1]
    elif target not in columns:
        target = [name.strip() for name in target.split(",")]
    series, options = split_options(target, chosen)
    check_folder(folder)
    prepared = SeriesData.prepare(table, series, options)
    display.show_series(prepared)
    trained = interruptible(
        lambda: train_on(prepared, tell=display.say, callbacks=[display.TrainingDisplay()])
    )
    models, result = comparison(trained.run.models), headline(trained.run)
    conclude(models, result, lambda: write_results(trained, folder))
