"""The report of a training on texts: one HTML file that needs nothing but a browser."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from maeum.core.wording import plural, shorten
from maeum.models import Model
from maeum.report import answers, wording
from maeum.report.figures import Drawing, Sheet, colour
from maeum.report.learning import learning, learning_curves
from maeum.report.page import environment, head, setting
from maeum.report.pieces import Bar, BarChart, Segment, Table
from maeum.report.wording import number, percent
from maeum.texts import verdict as text_verdict
from maeum.texts.encoding import NgramsEncoder
from maeum.texts.result import TextRun
from maeum.texts.training import TrainedText
from maeum.texts.words import word_shares

MAX_CLASSES = 12
WORDS = 15  # of each class
WEIGHED = 400  # test texts whose words are weighed
MISTAKES, SAMPLES = 8, 3
_LONGEST = 90  # words of a text that are shown
_COLOURS = {"train": "c0", "validation": "c2", "test": "c1"}


class Word(NamedTuple):
    """A word of a text and its share in the answer, from -1 to 1."""

    text: str
    share: float


class Judged(NamedTuple):
    """A text with what it is, what was answered, how surely, and its words."""

    truth: str
    answer: str
    sure: str
    words: list[Word]
    wrong: bool


def render(trained: TrainedText) -> str:
    """Return the report as one HTML page, with its style and drawings inside."""
    run, network = trained.run, trained.model.network
    weighed = _weigh(run, network)
    page = environment("maeum.texts").get_template("texts.html")
    return page.render(
        run=run,
        headline=text_verdict.headline(run),
        sentences=text_verdict.sentences(run),
        tiles=text_verdict.tiles(run),
        comparison=answers.comparison(run.models) if len(run.models) > 1 else None,
        confusion=answers.confusion(run.truth, run.answers, run.classes),
        pairs_confused=answers.confused_pairs(run.truth, run.answers, run.classes, "Texts"),
        words=telling_words(run, weighed),
        mistakes=judged(run, network, _surest_mistakes(run)),
        right=judged(run, network, _surest_answers(run)),
        counts=class_counts(run),
        lengths=lengths(run),
        vocabulary=vocabulary(run),
        samples=samples(run),
        learning=learning(run.history, run.best_epoch, things="texts"),
        curves=learning_curves(run.history, run.best_epoch),
        network=head(run.network, 120),
        settings=[(wording.shorten(k, 40), setting(v))
                  for k, v in run.data.options.to_json().items()],
        seconds=[(wording.shorten(k, 40), wording.duration(v)) for k, v in run.seconds.items()],
    )  # fmt: skip


def _weigh(run: TextRun, network: Model) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return some test texts as numbers, their answers, and the shares of their words."""
    x, target = run.data.x("test")[:WEIGHED], run.answers[:WEIGHED]
    return x, target, word_shares(network, x, target)


def telling_words(
    run: TextRun, weighed: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> list[BarChart]:
    """The words that speak most for each answer, in all the texts that got it."""
    x, target, shares = weighed
    known = run.data.encoder.vocabulary
    charts = []
    for label, name in enumerate(run.classes[:MAX_CLASSES]):
        rows = target == label
        sums = np.bincount(x[rows].reshape(-1), shares[rows].reshape(-1), len(known))
        times = np.bincount(x[rows].reshape(-1), minlength=len(known))
        sums[:2] = 0
        best = [k for k in np.argsort(-sums, kind="stable")[:WORDS] if sums[k] > 0]
        if not best:
            continue
        most = sums[best[0]]
        bars = [
            Bar(
                shorten(known.token(int(k)), 30),
                number(sums[k], 2),
                [Segment(0, 100 * sums[k] / most, "c0")],
                plural(int(times[k]), "text"),
            )
            for k in best
        ]
        charts.append(BarChart(f"For “{shorten(name, 30)}”", bars))
    return charts


def judged(run: TextRun, network: Model, rows: np.ndarray) -> list[Judged]:
    """Some test texts with the share of each word in the answer."""
    if not len(rows):
        return []
    x = run.data.x("test")[rows]
    shares = word_shares(network, x, run.answers[rows])
    known, cut, found = run.data.encoder.vocabulary, run.data.encoder.tokenizer, []
    pairs = isinstance(run.data.encoder, NgramsEncoder)
    for place, row in enumerate(rows):
        tokens = cut.tokenize(run.data.part("test")[row])[:_LONGEST]
        if pairs:
            value = {known.token(int(n)): s for n, s in zip(x[place], shares[place]) if n > 1}
            said = np.array([value.get(token, 0.0) for token in tokens])
            for i in range(len(tokens) - 1):  # a pair speaks for both of its words
                half = value.get(f"{tokens[i]} {tokens[i + 1]}", 0.0) / 2
                said[i : i + 2] += half
        else:
            said = np.pad(shares[place], (0, _LONGEST))[: len(tokens)]
        most = max(float(np.abs(said).max(initial=0)), 1e-9)
        truth, answer = (shorten(run.classes[k], 24) for k in (run.truth[row], run.answers[row]))
        words = [Word(shorten(t, 40), float(s) / most) for t, s in zip(tokens, said)]
        sure = percent(run.probabilities[row].max(), 0)
        found.append(Judged(truth, answer, sure, words, truth != answer))
    return found


def _surest_mistakes(run: TextRun) -> np.ndarray:
    wrong = np.flatnonzero(run.answers != run.truth)
    sure = run.probabilities.max(axis=1)
    return wrong[np.argsort(-sure[wrong], kind="stable")][:MISTAKES]


def _surest_answers(run: TextRun) -> np.ndarray:
    """Return the surest right answer of each of the first classes."""
    sure = np.where(run.answers == run.truth, run.probabilities.max(axis=1), -1)
    rows = []
    for label in range(min(len(run.classes), 4)):
        own = np.flatnonzero((run.truth == label) & (sure > 0))
        if len(own):
            rows.append(own[np.argmax(sure[own])])
    return np.array(rows, np.int64)


def class_counts(run: TextRun) -> BarChart:
    """How many texts each class has, in each part."""
    total = np.bincount(run.data.labels, minlength=len(run.classes))
    bars = []
    for label, name in enumerate(run.classes[:MAX_CLASSES]):
        left, segments = 0.0, []
        for part in run.rows:
            width = 100 * float((run.data.y(part) == label).sum()) / total.max()
            if width:
                segments.append(Segment(left, width, _COLOURS[part]))
            left += width
        bars.append(Bar(shorten(name, 40), f"{total[label]:,}", segments))
    rest = len(run.classes) - MAX_CLASSES
    legend = tuple((part, _COLOURS[part]) for part in run.rows)
    return BarChart("Classes", bars, f"and {rest} more classes" if rest > 0 else "", legend)


def lengths(run: TextRun) -> Drawing:
    """How many words the training texts have."""
    cut = run.data.encoder.tokenizer
    found = np.array([len(cut.tokenize(text)) for text in run.data.part("train")[:20_000]])
    high = max(float(np.quantile(found, 0.995)), 2.0)
    with Sheet() as sheet:
        axes = sheet.panel()
        width = max(1, round(high / 30))  # whole words, so that no bar holds more of them
        edges = np.arange(-0.5, high + width + 0.5, width).tolist()
        axes.hist(np.minimum(found, high), bins=edges, color=colour("c0"))
        axes.set_xlabel(run.data.options.unit)
    middle = f"half of the texts have up to {np.median(found):.0f} {run.data.options.unit}"
    alt = f"histogram of the lengths; {middle}, the longest {found.max()}"
    return Drawing("Length", sheet.svg, alt, f"{middle}; the longest {found.max():,}")


def vocabulary(run: TextRun) -> Table:
    """The most frequent words of the training texts, and how much the test needs others."""
    encoder, cut = run.data.encoder, run.data.encoder.tokenizer
    test = [token for text in run.data.part("test") for token in cut.tokenize(text)]
    unknown = sum(token not in encoder.vocabulary for token in test) / max(len(test), 1)
    shown = [t for t in encoder.vocabulary.tokens[2:202] if len(t) > 1][:40]
    rows = [
        ["Known", encoder.describe()],
        ["Most frequent", shorten(", ".join(shown), 400)],
        ["Words of the test that are unknown", percent(unknown)],
    ]
    return Table("Vocabulary", ["", ""], rows)


def samples(run: TextRun) -> Table:
    """Some training texts of each class."""
    rows = []
    texts, labels = run.data.part("train"), run.data.y("train")
    for label, name in enumerate(run.classes[:MAX_CLASSES]):
        for row in np.flatnonzero(labels == label)[:SAMPLES]:
            rows.append([shorten(name, 30), shorten(texts[row], 220)])
    return Table("Samples", ["Class", "Text"], rows)
