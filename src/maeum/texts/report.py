"""What the report of a training on texts shows: words that count, mistakes, the texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.experiment.report import class_counts, notes, quality, right_and_wrong
from maeum.experiment.trained import Trained
from maeum.report.charts import Axis, Chart, Reading, Steps
from maeum.report.sections import (
    Bar,
    Bars,
    Chapter,
    Grid,
    Heading,
    Legend,
    Passage,
    Section,
    Table,
    Terms,
    Text,
    Word,
    Words,
)
from maeum.report.wording import number, percent
from maeum.text.word_encoders import NgramsEncoder
from maeum.texts.examples import surest_mistakes, surest_right
from maeum.texts.function_words import is_function_word
from maeum.texts.options import UNITS
from maeum.texts.result import TextRun

MAX_CLASSES = 12
WORDS = 15  # of each class
SAMPLES = 3  # of each class
_LONGEST = 90  # tokens of a text that are shown


def chapters(trained: Trained) -> list[Chapter]:
    """Return the chapters; what would be too much to read is cut off and counted."""
    run = trained.run
    cards = [Heading(_("Right and wrong")), Grid(right_and_wrong(run))]
    found = [quality(run, *cards), _telling_words(run), _mistakes(run), _texts(run)]
    return [chapter for chapter in found if chapter is not None]


def _telling_words(run: TextRun) -> Chapter | None:
    """The words that speak most for each answer; None if they were not examined."""
    charts = most_telling(run)
    if not charts:
        return None
    said = _("Integrated gradients attribute each answer to the words of its text. These words "
             "spoke most for each answer, over the test texts that got it; punctuation and words "
             "such as “and” or “the” are not listed.")  # fmt: skip
    sections: list[Section] = [Text(said), Grid(charts)]
    right = surest_right(run.truth, run.probabilities)
    if len(right):
        said = _("The surest right answers. The stronger the colour, the more a word counted.")
        sections += [Heading(_("In texts")), Text(said), *_legend(run), in_texts(run, right)]
    return Chapter("words", _("Words that count"), sections)


def _mistakes(run: TextRun) -> Chapter:
    rows = surest_mistakes(run.truth, run.probabilities)
    shown: list[Section] = [Text(_("Every test text is answered correctly."))]
    if len(rows):
        said = _("A wrong answer that the network is sure of points to a wrong label, to irony, or "
                 "to something that it has learnt by accident.")  # fmt: skip
        shown = [Text(said), *_legend(run), in_texts(run, rows)]
    return Chapter("mistakes", _("Mistakes"), shown)


def _texts(run: TextRun) -> Chapter:
    counts = {part: run.data.counts_of(part) for part in run.rows}
    sections = [
        *notes(run),
        Grid([class_counts(counts, MAX_CLASSES), lengths(run)]),
        Heading(_("Vocabulary")),
        vocabulary(run),
        Heading(_("Samples")),
        samples(run),
    ]
    return Chapter("texts", _("The texts"), sections)


def most_telling(run: TextRun) -> list[Bars]:
    """The tokens with the largest attributions for each answer, in the texts that got it."""
    rows = np.array(list(run.attributions), int)
    if not len(rows):
        return []
    x, values = run.data.x("test")[rows], np.array(list(run.attributions.values()))
    known, answers, charts = run.data.encoder.vocabulary, run.answers[rows], []
    for label, name in enumerate(run.classes[:MAX_CLASSES]):
        own = answers == label
        sums = np.bincount(x[own].reshape(-1), values[own].reshape(-1), len(known))
        times = np.bincount(x[own].reshape(-1), minlength=len(known))
        sums[:2] = 0  # padding, and what is not known
        best = list(islice(_telling(sums, known.token), WORDS))
        bars = []
        for k in best:
            word, often = shorten(known.token(int(k)), 30), run.things.count(int(times[k]))
            bars.append(Bar.of(word, number(sums[k], 2), sums[k] / sums[best[0]], note=often))
        if bars:
            charts.append(Bars(_("For “{name}”", name=shorten(name, 30)), bars))
    return charts


def _telling(sums: np.ndarray, token: Callable[[int], str]) -> Iterator[int]:
    """The tokens that add most, without those that are in every text; with, if all are such."""
    order = [int(k) for k in np.argsort(-sums, kind="stable") if sums[k] > 0]
    telling = [k for k in order if not is_function_word(token(k))]
    yield from telling or order


def in_texts(run: TextRun, rows: np.ndarray) -> Words:
    """Some test texts with the attribution of each word to the answer."""
    test, passages = run.data.part("test"), []
    for row in rows.tolist():
        tokens = run.data.encoder.tokenizer.tokenize(test[row])[:_LONGEST]
        weights = _weights(run, row, tokens)
        most = max(float(np.abs(weights).max(initial=0)), 1e-9)
        words = [Word(shorten(t, 40), float(w) / most) for t, w in zip(tokens, weights)]
        said, truth, wrong = run.judged(row)
        passages.append(Passage(words, said, _("truth: {name}", name=truth) if wrong else ""))
    return Words(passages)


def _weights(run: TextRun, row: int, tokens: list[str]) -> np.ndarray:
    """Return what each token of a text added to the answer, zeros if that was not examined."""
    values, found = run.attributions.get(row, np.zeros(0)), np.zeros(len(tokens))
    if not isinstance(run.data.encoder, NgramsEncoder):
        found[: len(values)] = values[: len(tokens)]
        return found
    known, numbers = run.data.encoder.vocabulary, run.data.x("test")[row]
    by_token = {known.token(int(k)): v for k, v in zip(numbers, values) if k > 1}
    for i, token in enumerate(tokens):
        found[i] += by_token.get(token, 0.0)
        if i:  # a pair speaks for both of its words
            found[i - 1 : i + 1] += by_token.get(f"{tokens[i - 1]} {token}", 0.0) / 2
    return found


def _legend(run: TextRun) -> list[Section]:
    colours = ((_("speaks for the answer"), "c0"), (_("speaks against it"), "c1"))
    return [Legend(colours)] if run.attributions else []


def lengths(run: TextRun) -> Chart:
    """How many tokens the training texts have."""
    tokenize, unit = run.data.encoder.tokenizer.tokenize, _(UNITS[run.data.options.unit or "words"])
    found = np.array([len(tokenize(text)) for text in run.data.part("train")[:20_000]])
    high = max(float(np.quantile(found, 0.995)), 2.0)
    width = max(1, round(high / 30))  # whole tokens, so that no bar holds more of them
    edges = np.arange(-0.5, high + width + 0.5, width)
    counts = np.histogram(np.minimum(found, high), edges)[0]
    said = _("Half of the texts have up to {median:.0f} {unit}, the longest {longest:,}.",
             median=float(np.median(found)), longest=int(found.max()), unit=unit)  # fmt: skip
    alt = _("Histogram of the lengths. {summary}", summary=said)
    readings = [
        Reading(low, low + width, f"{_span(low + 0.5, width)} {unit}\n{run.things.count(int(n))}")
        for low, n in zip(edges.tolist(), counts)
    ]
    return Chart(_("Length"), alt, [Steps(edges, counts)],
                 Axis(unit, 0.0, float(edges[-1]), kind="whole"), Axis(kind="whole"), readings,
                 said)  # fmt: skip


def _span(first: float, width: int) -> str:
    return f"{first:.0f}" if width == 1 else f"{first:.0f}–{first + width - 1:.0f}"


def vocabulary(run: TextRun) -> Terms:
    """The most frequent tokens of the training texts, and how much the test needs others."""
    encoder, tokenize = run.data.encoder, run.data.encoder.tokenizer.tokenize
    test = [token for text in run.data.part("test") for token in tokenize(text)]
    unknown = sum(token not in encoder.vocabulary for token in test) / max(len(test), 1)
    known = encoder.vocabulary.tokens[2:402]
    shown = [t for t in known if any(map(str.isalnum, t)) and " " not in t][:40]
    fraction = _("{fraction} of the tokens", fraction=percent(unknown))
    return Terms(
        [
            (_("Known"), "", encoder.describe()),
            (_("Most frequent"), "", shorten(", ".join(shown), 400)),
            (_("Unknown in the test"), "", fraction),
        ]
    )


def samples(run: TextRun) -> Table:
    """Some training texts of each class."""
    texts, labels = run.data.part("train"), run.data.y("train")
    rows = [
        [shorten(name, 30), shorten(texts[row], 220)]
        for label, name in enumerate(run.classes[:MAX_CLASSES])
        for row in np.flatnonzero(labels == label)[:SAMPLES]
    ]
    return Table(_("Samples"), [_("Class"), _("Text")], rows, style="wide texts", titled=False)
