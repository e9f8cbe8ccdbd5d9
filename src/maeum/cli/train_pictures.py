"""``maeum train`` on pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from maeum.cli.arguments import size
from maeum.cli.running import conclude, folder_of, interruptible

FOR_PICTURES = [
    "size",
    "color",
    "resize",
    "network",
    "weights",
    "augment",
    "flip",
    "errors",
    "test_data",
]


def train_pictures(data: Path, chosen: dict[str, Any]) -> None:
    """Train on pictures, test the network, and write a report."""
    from maeum.cli import display
    from maeum.images.experiment import ImageData, ImageOptions, train_on, write_results
    from maeum.images.experiment.verdict import headline
    from maeum.report.answers import comparison
    from maeum.report.files import check_folder

    folder, test = folder_of(data, chosen), chosen.pop("test_data", None)
    if "size" in chosen:
        chosen["size"] = size(chosen["size"])
    options = ImageOptions(**chosen)
    check_folder(folder)
    pictures = ImageData.prepare(data, options, test)
    display.show_pictures(pictures)
    trained = interruptible(
        lambda: train_on(pictures, tell=display.say, callbacks=[display.TrainingDisplay()])
    )
    models, result = comparison(trained.run.baselines), headline(trained.run)
    conclude(models, result, lambda: write_results(trained, folder))
