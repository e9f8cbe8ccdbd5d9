"""From labelled texts to a tested network, in one call."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from maeum.experiment.events import Listener, ignore
from maeum.experiment.training import train
from maeum.texts.data import TextData
from maeum.texts.task import TextTask, TrainedText

__all__ = ["TrainedText", "train_on", "train_text"]


def train_text(
    source: Any,
    text: str | None = None,
    target: str | None = None,
    *,
    events: Listener = ignore,
    callbacks: Iterable[Any] = (),
    verbose: int = 0,
    report: bool = True,
    backup: str | os.PathLike | None = None,
    **options: Any,
) -> TrainedText:
    """Train a network to classify texts, and test it on texts that it has never seen.

    The vocabulary is that of the training part alone. Empty and missing texts are ignored, with
    a note. Ctrl-C ends the training: the best network so far is tested and returned.

    Args:
        source: a table (its path or a data frame) with a column of texts and one of labels; or a
            folder with a folder of text files for each class.
        text: of a table, the column of the texts; not needed if there are two columns.
        target: of a table, the column of the labels.
        events: is told what happens, see `maeum.experiment.events`.
        callbacks: further callbacks of the training.
        verbose: 1 for a progress display of the training.
        report: whether to compute what only a report needs (other models, attributions).
        backup: a folder that the training goes on from when it was broken off.
        options: see `TextReading` and `TextOptions`.

    Raises:
        DataError, UnknownNameError, ConfigError: for texts or options that cannot be used.
        KeyboardInterrupt: if Ctrl-C came before the first epoch was over.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"said": ["so good", "so bad"] * 20, "mood": [1, 0] * 20})
        >>> table["said"] += [f" {i}" for i in range(40)]
        >>> train_text(table, target="mood", epochs=1, report=False).run.metrics["accuracy"]
        1.0
    """
    task = TextTask()
    data = task.prepare(source, *task.split({"text": text, "target": target, **options}))
    return train(task, data, events=events, callbacks=callbacks, verbose=verbose, report=report,
                 backup=backup)  # fmt: skip


def train_on(data: TextData, **how: Any) -> TrainedText:
    """Train a network on texts that are ready; see `train_text`.

    Args:
        data: the texts.
        how: ``events``, ``callbacks``, ``verbose``, ``report`` and ``backup``, as for
            `train_text`; and ``tell``, which is told every event as a sentence.
    """
    return train(TextTask(), data, **how)
