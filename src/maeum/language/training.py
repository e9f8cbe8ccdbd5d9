"""From a text to a language model, in one call."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from maeum.experiment.events import Listener, ignore
from maeum.experiment.trained import Trained
from maeum.experiment.training import train
from maeum.language.data import LanguageData
from maeum.language.model import LanguageModel
from maeum.language.result import LanguageRun
from maeum.language.task import LanguageTask

__all__ = ["LanguageData", "TrainedLanguage", "train_language_model", "train_on"]

_FORMER = ("data", "history", "best_epoch", "metrics", "notes", "seconds")


@dataclass
class TrainedLanguage(Trained[LanguageModel, LanguageRun]):
    """What `train_language_model` returns.

    What belongs to its ``run`` (``metrics``, ``history``, ``best_epoch``, ``data``, ``notes`` and
    ``seconds``) stood here before there was a run, and still does.

    Attributes:
        model: the network with its vocabulary.
        run: everything that is known of the training; what the report shows.
        task: the task.
        interrupted: whether Ctrl-C ended the training.
    """

    def __getattr__(self, name: str) -> Any:
        if name in _FORMER:
            return getattr(self.run, name)
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}.")


def train_language_model(
    source: str | os.PathLike | Iterable[str],
    *,
    encoding: str | None = None,
    events: Listener = ignore,
    callbacks: Iterable[Any] = (),
    verbose: int = 0,
    report: bool = True,
    backup: str | os.PathLike | None = None,
    **options: Any,
) -> TrainedLanguage:
    """Train a network to predict the next character (word, byte pair) of a text.

    A recurrent network reads the text in ``batch_size`` streams from end to end, its state is
    carried on, and gradients flow back over ``window`` tokens (truncated backpropagation through
    time). A transformer learns windows in random order. Ctrl-C ends the training; the best epoch
    so far is kept.

    Args:
        source: the path of a text file, which is one running text (with ``lines=True`` each of its
            lines is a text of its own); or a list of texts: one is a running text, of several each
            is learnt with its beginning and its end.
        encoding: the encoding of the file; recognised by default.
        events: is told what happens, see `maeum.experiment.events`.
        callbacks: further callbacks of the training.
        verbose: 1 for a progress display of the training.
        report: whether to compute what only a report needs (simple models, samples).
        backup: a folder that the training goes on from when it was broken off.
        options: see `LanguageOptions`.

    Raises:
        DataError: for a file that cannot be read, an empty text, or too short a one.
        ConfigError: for options that make no sense.
        KeyboardInterrupt: if Ctrl-C came before the first epoch was over.

    Example:
        >>> chosen = {"epochs": 8, "units": 16, "learning_rate": 0.02, "report": False}
        >>> trained = train_language_model(["abcabc" * 60], **chosen)
        >>> trained.model.generate("ab", length=6, temperature=0)
        'abcabcab'
    """
    task = LanguageTask()
    data = task.prepare(source, *task.split({"encoding": encoding, **options}))
    return train_on(data, events=events, callbacks=callbacks, verbose=verbose, report=report,
                    backup=backup)  # fmt: skip


def train_on(data: LanguageData, **how: Any) -> TrainedLanguage:
    """Train a network on a text that is ready; see `train_language_model`.

    Args:
        data: the text.
        how: further arguments of `maeum.experiment.train`.
    """
    return TrainedLanguage(**vars(train(LanguageTask(), data, **how)))
