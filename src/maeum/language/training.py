"""From a text to a language model: tokens, a network, its training, and how well it foresees."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from maeum.applications import GPT
from maeum.callbacks import EarlyStopping
from maeum.core.config import accepted_arguments
from maeum.core.errors import ConfigError, DataError, nearest
from maeum.language.model import LanguageModel, figures, foresight
from maeum.language.options import LanguageOptions
from maeum.layers import GRU, LSTM, Dense, Dropout, Embedding, Input, SimpleRNN
from maeum.models import Model, Sequential
from maeum.optimizers import Adam
from maeum.text import BytePairEncoding, TextEncoder, TextLines, Vocabulary, read_text, tokenizers
from maeum.text.normalization import check_text
from maeum.text.token_files import TokenWindows

_START, _END = "[START]", "[END]"
_JUDGED = 5000  # tokens of the training part, if there is no other to judge by
_RECURRENT: dict[str, Any] = {"lstm": LSTM, "gru": GRU, "rnn": SimpleRNN}


@dataclass
class LanguageData:
    """A text that is ready to be learnt.

    Attributes:
        source: the name of the file.
        encoder: how texts become tokens.
        train, validation: the tokens of both parts; the second may be empty.
        learnt, held_out: the texts of both parts.
        start, end: see `LanguageModel`.
        options: the choices, with those made by the text.
        notes: what was left out, as sentences.
    """

    source: str
    encoder: Any
    train: np.ndarray
    validation: np.ndarray
    learnt: list[str]
    held_out: list[str]
    start: int
    end: int | None
    options: LanguageOptions
    notes: list[str]

    @classmethod
    def prepare(
        cls,
        source: str | os.PathLike | Iterable[str],
        options: LanguageOptions | None = None,
        encoding: str | None = None,
    ) -> LanguageData:
        """Read a text, divide it, and cut it into tokens; see `train_language_model`."""
        options = options or LanguageOptions()
        name, texts, running, notes = _read(source, options.lines, encoding)
        kept, held_out = _divide(texts, running, options)
        encoder = _encoder(kept + held_out if _closed(options) else kept, options, running)
        train, validation = (_tokens(encoder, part, running) for part in (kept, held_out))
        options = options.resolved(len(train))
        window = options.window or 1
        if len(train) < window + 1:
            raise DataError(
                f"{name} has too few {options.unit} for a window of {window}: {len(train)} to "
                "train on. Give a longer text, or a smaller window."
            )
        if len(encoder.vocabulary) < 2:
            raise DataError(
                f"{name} is made of a single token, {encoder.vocabulary.token(0)!r}, over and "
                "over: there is nothing to foresee. Give a longer text, or a smaller unit."
            )
        start, end = _beginning(encoder, int(train[0])), None
        if not running:
            start, end = encoder.vocabulary.encode([_START, _END])
        return cls(name, encoder, train, validation, kept, held_out, start, end, options, notes)

    @property
    def watched(self) -> bool:
        """Whether the validation part has a token to foresee."""
        return len(self.validation) > 1

    def rows(self, tokens: np.ndarray) -> list[np.ndarray]:
        """Return tokens of either part text by text; those of a running text are one row."""
        if self.end is None:
            return [tokens]
        return np.split(tokens, np.flatnonzero(tokens == self.start)[1:])

    def measured(self) -> tuple[list[np.ndarray], int]:
        """Return what the network is judged on: tokens text by text, and their characters.

        It is the validation part; where that is empty, some of the training part.
        """
        if self.watched:
            return self.rows(self.validation), sum(map(len, self.held_out))
        rows = self.rows(self.train[:_JUDGED])
        return rows, sum(len(self.encoder.decode(row)) for row in rows)


@dataclass
class TrainedLanguage:
    """What `train_language_model` returns.

    Attributes:
        model: the network with its vocabulary.
        data: the text, as it was learnt.
        history: the losses of each epoch.
        best_epoch: the epoch whose weights were kept, from 0.
        metrics: ``loss``, ``perplexity`` and ``bits_per_character`` on the validation part (on
            the training part, if there is no other).
        notes: what was left out and what happened, as sentences.
        seconds: how long each part took.
    """

    model: LanguageModel
    data: LanguageData
    history: dict[str, list[float]]
    best_epoch: int
    metrics: dict[str, float]
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def train_language_model(
    source: str | os.PathLike | Iterable[str],
    *,
    encoding: str | None = None,
    callbacks: Iterable[Any] = (),
    verbose: int = 0,
    **options: Any,
) -> TrainedLanguage:
    """Train a network to foresee the next character (word, byte pair) of a text.

    A recurrent network reads the text in ``batch_size`` streams from end to end, its state is
    carried on, and gradients flow back over ``window`` tokens (truncated backpropagation through
    time). A transformer learns windows in random order. Ctrl-C ends the training; the best epoch
    so far is kept.

    Args:
        source: the path of a text file, which is one running text (with ``lines=True`` each of its
            lines is a text of its own); or a list of texts: one is a running text, of several each
            is learnt with its beginning and its end.
        encoding: the encoding of the file; told from its beginning by default.
        callbacks: further callbacks of the training.
        verbose: 1 for a progress display of the training.
        options: see `LanguageOptions`.

    Raises:
        DataError: for a file that cannot be read, an empty text, or too short a one.
        ConfigError: for options that make no sense.
        KeyboardInterrupt: if Ctrl-C came before the first epoch was over.

    Example:
        >>> trained = train_language_model(["abcabc" * 60], epochs=8, units=16, learning_rate=0.02)
        >>> trained.model.generate("ab", length=6, temperature=0)
        'abcabcab'
    """
    known = accepted_arguments(LanguageOptions)
    for name in options:
        if name not in known:
            raise ConfigError(
                f"There is no option {name!r}.{nearest(name, known)} There are: {', '.join(known)}."
            )
    data = LanguageData.prepare(source, LanguageOptions(**options), encoding)
    return train_on(data, callbacks=callbacks, verbose=verbose)


def train_on(
    data: LanguageData,
    *,
    tell: Callable[[str], Any] = lambda text: None,
    callbacks: Iterable[Any] = (),
    verbose: int = 0,
) -> TrainedLanguage:
    """Train a network on a text that is ready; see `train_language_model`."""
    options, notes, began = data.options, list(data.notes), time.perf_counter()
    network = build_network(len(data.encoder.vocabulary), options)
    rate = float(options.learning_rate or 0.001)
    network.compile(Adam(rate, global_clipnorm=1.0), "sparse_categorical_crossentropy")
    watched = data.watched
    stopping = EarlyStopping(
        "val_loss" if watched else "loss",
        patience=options.patience or options.epochs or 1,
        restore_best_weights=watched,
    )
    fit: dict[str, Any] = {"callbacks": [stopping, *callbacks], "verbose": verbose}
    fit["epochs"] = options.epochs or 1
    if watched:
        fit["validation_data"] = _stretches(data.validation, options)
        fit["validation_batch_size"] = 16
    if options.network == "transformer":
        window = options.window or 1
        size = options.batch_size or 32
        history = network.fit(
            TokenWindows(data.train, window, batch_size=size, shuffle=True, seed=options.seed),
            **fit,
        )
    else:
        x, y = _streams(data.train, options)
        history = network.fit(
            x, y, batch_size=len(x), shuffle=False, truncate=options.window, **fit
        )
    done = len(history.epoch)
    if history.interrupted:
        if not done:
            raise KeyboardInterrupt(
                "stopped before the first epoch was over: there is no network yet"
            )
        notes.append(f"The training was stopped by hand after epoch {done}.")
    model = LanguageModel(network, data.encoder, data.start, data.end)
    tell("Measuring how well it foresees ...")
    trained_in = time.perf_counter() - began
    rows, characters = data.measured()
    metrics = figures(*foresight(network, rows, model.decoder.longest), characters)
    seconds = {"training": trained_in, "measuring": time.perf_counter() - began - trained_in}
    model.facts = {
        "source": data.source,
        "tokens": {"train": len(data.train), "validation": len(data.validation)},
        "metrics": metrics,
        "settings": options.to_json(),
        "seconds": sum(seconds.values()),
    }
    best = stopping.best_epoch if watched else done - 1
    return TrainedLanguage(model, data, history.history, best, metrics, notes, seconds)


def build_network(vocabulary: int, options: LanguageOptions) -> Model:
    """Make the network of a language model, not compiled."""
    units, layers = options.units or 128, options.layers or 1
    if options.network == "transformer":
        window = options.window or 64
        made = GPT(vocabulary, window, layers, units, options.heads, dropout=options.dropout)
        made.reseed(options.seed)
        return made
    layer = _RECURRENT[options.network]
    stack: list[Any] = [
        Input((None,), dtype="int32", name="tokens"),
        Embedding(vocabulary, min(units, max(16, vocabulary // 2))),
    ]
    for number in range(layers):
        stack.append(layer(units, return_sequences=True))
        if options.dropout and (layers > 1 or number == 0):
            stack.append(Dropout(options.dropout))
    return Sequential(
        [*stack, Dense(vocabulary, activation="softmax")],
        name="language_model",
        seed=options.seed,
    )


def _read(source: Any, lines: bool, encoding: str | None) -> tuple[str, list[str], bool, list[str]]:
    """Return a name, the texts, whether they are one running text, and notes."""
    notes: list[str] = []
    if isinstance(source, (str, os.PathLike)):
        name = Path(source).name
        texts = list(TextLines(source, encoding)) if lines else [read_text(source, encoding)]
        texts = [text.replace("\r\n", "\n") for text in texts]
    else:
        name, texts = "texts", [check_text(text) for text in tokenizers.check_texts(source)]
        if lines:
            texts = [line for text in texts for line in text.splitlines()]
    full = [text for text in texts if text.strip()]
    if not full:
        raise DataError(f"{name} is empty: there is no text to learn.")
    if len(full) < len(texts):
        notes.append(f"Empty texts, left out: {len(texts) - len(full):,}.")
    return name, full, len(texts) == 1 and not lines, notes


def _divide(
    texts: list[str], running: bool, options: LanguageOptions
) -> tuple[list[str], list[str]]:
    share = options.validation_size
    if running:
        at = len(texts[0]) - round(len(texts[0]) * share)
        return [texts[0][:at]], [texts[0][at:]] if at < len(texts[0]) else []
    order = np.random.default_rng(options.seed).permutation(len(texts))
    count = min(round(len(texts) * share), len(texts) - 1)
    shuffled = [texts[i] for i in order]
    return shuffled[count:], shuffled[:count]


def _closed(options: LanguageOptions) -> bool:
    """Tell whether the vocabulary holds whatever the text has, without an unknown token."""
    return options.unit in ("characters", "jamo") and options.vocabulary is None


def _encoder(texts: list[str], options: LanguageOptions, running: bool) -> Any:
    specials: dict[str, Any] = {"padding": None}
    if not running:
        specials |= {"start": _START, "end": _END}
    if options.unit == "bpe":
        size = options.vocabulary or 2000
        return BytePairEncoding.train(texts, size, unknown=None, **specials)
    cut: Any = options.unit
    if cut == "words":
        cut = tokenizers.WordTokenizer(punctuation=True)
    most = options.vocabulary or (10_000 if options.unit == "words" else None)
    unknown = None if _closed(options) else "[UNK]"
    return TextEncoder(cut, Vocabulary.build(texts, cut, most, unknown=unknown, **specials))


def _tokens(encoder: Any, texts: list[str], running: bool) -> np.ndarray:
    parts = [encoder.encode(text, ends=not running) for text in texts]
    return np.array([number for part in parts for number in part], np.int32)


def _beginning(encoder: Any, first: int) -> int:
    """Return the token that an empty prompt of a running text stands for."""
    vocabulary = encoder.vocabulary
    try:
        numbers = encoder.encode("\n")  # of words it is none
    except DataError:
        return first
    unknown = None if vocabulary.unknown is None else vocabulary.number(vocabulary.unknown)
    return numbers[0] if numbers and numbers[0] != unknown else first


def _streams(tokens: np.ndarray, options: LanguageOptions) -> tuple[np.ndarray, np.ndarray]:
    """Return ``(x, y)`` of ``batch_size`` streams, each some whole windows long."""
    window, rows = options.window or 1, options.batch_size or 1
    rows = max(1, min(rows, (len(tokens) - 1) // window))
    length = (len(tokens) - 1) // rows // window * window
    x = tokens[: rows * length].reshape(rows, length)
    y = tokens[1 : rows * length + 1].reshape(rows, length)
    return x, y


def _stretches(tokens: np.ndarray, options: LanguageOptions) -> tuple[np.ndarray, np.ndarray]:
    """Return ``(x, y)`` of the validation part."""
    limit = options.window or 1
    longest = limit if options.network == "transformer" else max(limit, 256)
    length = min(longest, len(tokens) - 1)
    rows = (len(tokens) - 1) // length
    x = tokens[: rows * length].reshape(rows, length)
    return x, tokens[1 : rows * length + 1].reshape(rows, length)
