"""From labelled texts to a tested network: prepare, train, test, compare with simple models."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.callbacks import EarlyStopping
from maeum.core.config import accepted_arguments
from maeum.core.errors import ConfigError, nearest
from maeum.models import Model
from maeum.texts.data import TextData
from maeum.texts.model import TextClassifier
from maeum.texts.network import build_network
from maeum.texts.options import TextOptions
from maeum.texts.result import TextRun
from maeum.texts.scores import fit_baselines, score_texts
from maeum.training.class_weights import balanced_class_weights


@dataclass
class TrainedText:
    """What `train_text` returns.

    Attributes:
        model: the network, with how it reads texts.
        run: everything that is known of the training; what the report shows.
    """

    model: TextClassifier
    run: TextRun


def train_text(
    source: Any,
    text: str | None = None,
    target: str | None = None,
    *,
    separator: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    callbacks: Iterable[Any] = (),
    verbose: int = 0,
    report: bool = True,
    **options: Any,
) -> TrainedText:
    """Train a network to sort texts into classes, and test it on texts that it has never seen.

    The vocabulary is that of the training part alone. Empty and missing texts are left out, with
    a note. Ctrl-C ends the training: the best network so far is tested and returned.

    Args:
        source: a table (its path or a data frame) with a column of texts and one of labels; or a
            folder with a folder of text files for each class.
        text: of a table, the column of the texts; may be left out if there are two columns.
        target: of a table, the column of the labels.
        separator, encoding, header: how the table is read; recognised if None.
        callbacks: further callbacks of the training.
        verbose: 1 for a progress display of the training.
        report: whether to compute what only a report needs (other models).
        options: see `TextOptions`.

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
    known = accepted_arguments(TextOptions)
    for name in options:
        if name not in known:
            raise ConfigError(
                f"There is no option {name!r}.{nearest(name, known)} There are: {', '.join(known)}."
            )
    reading = {"separator": separator, "encoding": encoding, "header": header}
    data = TextData.prepare(source, text, target, TextOptions(**options), **reading)
    return train_on(data, callbacks=callbacks, verbose=verbose, report=report)


def train_on(
    data: TextData,
    *,
    tell: Callable[[str], Any] = lambda text: None,
    callbacks: Iterable[Any] = (),
    verbose: int = 0,
    report: bool = True,
) -> TrainedText:
    """Train a network on texts that are ready; see `train_text`.

    Args:
        data: the texts.
        tell: is told, in a sentence, what is being done.
        callbacks, verbose, report: as for `train_text`.
    """
    seconds, notes = dict(data.seconds), list(data.notes)
    with _timed(seconds, "training"):
        network, history, best = _learn(data, callbacks, verbose)
    if history.interrupted:
        notes.append(f"The training was stopped by hand after epoch {len(history.epoch)}.")
    model = TextClassifier(network, data.encoder, data.classes, data.column, data.target)
    with _timed(seconds, "testing"):
        p = network.predict(data.x("test"), batch_size=256, verbose=0).astype(np.float64)
        p /= p.sum(axis=1, keepdims=True)
        metrics = score_texts(data.y("test"), p, data.classes)
    models = [{"name": "Maeum network", "metrics": metrics, "seconds": seconds["training"]}]
    if report:
        tell("Comparing with simple models on the same texts ...")
        with _timed(seconds, "other models"):
            models += fit_baselines(data)
    lines: list[str] = []
    network.summary(print_fn=lines.append)
    run = TextRun(data, history.history, best, p, metrics, models, notes, "\n".join(lines), seconds)
    model.facts = {
        "source": run.source, "metrics": metrics, "rows": run.rows,
        "settings": data.options.to_json(),
    }  # fmt: skip
    return TrainedText(model, run)


def _learn(data: TextData, callbacks: Iterable[Any], verbose: int) -> tuple[Model, Any, int]:
    """Train until the validation loss gets no better, and keep the best epoch."""
    options, x, y = data.options, data.x("train"), data.y("train")
    network = build_network(data.encoder, len(data.classes), options, x, y)
    watched = len(data.rows["validation"]) > 0
    stopping = EarlyStopping(
        "val_loss" if watched else "loss",
        patience=options.patience or options.epochs or 1,
        restore_best_weights=watched,
    )
    history = network.fit(
        x,
        y,
        batch_size=options.batch_size,
        epochs=options.epochs or 1,
        class_weight=balanced_class_weights(y) if options.balance else None,
        validation_data=(data.x("validation"), data.y("validation")) if watched else None,
        validation_batch_size=256,
        callbacks=[stopping, *callbacks],
        verbose=verbose,
    )
    done = len(history.epoch)
    if history.interrupted and not done:
        raise KeyboardInterrupt("stopped before the first epoch was over: there is no network yet")
    return network, history, stopping.best_epoch if watched else done - 1


@contextmanager
def _timed(seconds: dict[str, float], part: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[part] = time.perf_counter() - began
