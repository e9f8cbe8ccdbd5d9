"""The report of a network that writes: one HTML file that needs nothing but a browser."""

from __future__ import annotations

import math
import shlex
import unicodedata
from typing import NamedTuple

import numpy as np

from maeum.core.wording import enumeration, plural, shorten
from maeum.language import verdict
from maeum.language.result import LanguageRun, Written
from maeum.language.shown_tokens import isolated, quoted, readable, shown
from maeum.language.training import LanguageData
from maeum.report import answers, wording
from maeum.report.learning import learning, learning_curves
from maeum.report.page import environment, head, setting
from maeum.report.pieces import Bar, BarChart, Segment, Table
from maeum.report.wording import number, percent

LIKELIEST = 8
PLACES = 5  # where the report looks at what comes next
CONTEXT = 48  # tokens that are read before such a place
PASSAGE = 320  # tokens of the passage with its surprises
FREQUENT = 18
BEGINNING = 500  # characters of the text that are shown
_SURE, _LOST = 0.5, 8.0  # bits: what is not coloured, and what is coloured most (at least)


class Piece(NamedTuple):
    """A piece of a passage: what is shown, how surprising it was (0 to 1), and in words."""

    text: str
    surprise: float
    said: str
    ends_line: bool


class Sample(NamedTuple):
    """A text that was written, under a title, with a note."""

    title: str
    text: str
    note: str


def render(run: LanguageRun) -> str:
    """Return the report as one HTML page, with its style and drawings inside."""
    trained, data = run.trained, run.trained.data
    history, best = with_perplexity(trained.history), trained.best_epoch
    page = environment("maeum.language").get_template("language.html")
    return page.render(
        data=data,
        notes=trained.notes,
        one=verdict.token_name(run),
        many=verdict.token_name(run, 2),
        unit=data.options.unit,
        headline=verdict.headline(run),
        sentences=verdict.sentences(run),
        tiles=verdict.tiles(run),
        comparison=answers.comparison(run.models),
        bars=bits(run),
        passage=passage(run),
        samples=[sample(one) for one in run.written],
        following=following(run),
        facts=facts(run),
        frequent=frequent(run),
        beginning=readable("\n".join(data.learnt[:12])[:BEGINNING]).strip("\n"),
        learning=learning(trained.history, best, things="text"),
        curves=learning_curves(history, best),
        network=head(run.network, 120),
        settings=[(shorten(k, 40), setting(v)) for k, v in data.options.to_json().items()],
        seconds=[(shorten(k, 40), wording.duration(v)) for k, v in run.seconds.items()],
        prompt=prompt(run),
    )


def with_perplexity(history: dict[str, list[float]]) -> dict[str, list[float]]:
    """Return a history with the perplexities beside the losses.

    >>> with_perplexity({"loss": [0.0]})
    {'loss': [0.0], 'perplexity': [1.0]}
    """
    found = {
        name.replace("loss", "perplexity"): [math.exp(min(v, 50.0)) for v in values]
        for name, values in history.items()
        if name in ("loss", "val_loss")
    }
    return {**history, **found}


def bits(run: LanguageRun) -> BarChart:
    """The bits a character that the network and the simple models need."""
    values = [model["metrics"]["bits_per_character"] for model in run.models]
    most = max([v for v in values if math.isfinite(v)], default=0.0) or 1.0
    bars = [
        Bar(
            model["name"],
            number(value, 3),
            [Segment(0, 100 * value / most, "c8" if i else "c0")] if math.isfinite(value) else [],
        )
        for i, (model, value) in enumerate(zip(run.models, values))
    ]
    return BarChart("Bits per character", bars, "The shorter, the better.")


def sample(written: Written) -> Sample:
    """What was written at a temperature, with what that means."""
    how = {0.4: "safe", 0.8: "livelier", 1.2: "bold"}.get(written.temperature, "")
    title = f"Temperature {written.temperature:g}" + (f": {how}" if how else "")
    return Sample(title, written.text, written.note)


def passage(run: LanguageRun) -> list[Piece]:
    """A passage that the network is judged on, and how surprised it was by each piece of it."""
    data = run.trained.data
    limit = run.trained.model.decoder.longest or PASSAGE
    rows: list[np.ndarray] = []
    left = PASSAGE
    for row in data.measured()[0]:
        row = row[:left]
        left -= len(row)
        # A network that sees so far only reads in stretches, as where it is judged.
        rows += [row[at : at + limit + 1] for at in range(0, len(row) - 1, limit)]
        if left < 2:
            break
    if not rows:
        return []
    given = np.zeros((len(rows), max(map(len, rows)) - 1), np.int32)
    for place, row in enumerate(rows):
        given[place, : len(row) - 1] = row[:-1]
    chances = run.trained.model.network.predict(given, batch_size=16, verbose=0)
    tokens, surprises = [int(rows[0][0])], [0.0]
    for row, found in zip(rows, chances):
        if data.end is not None and len(tokens) > 1 and row[0] == data.start:
            tokens.append(data.start)
            surprises.append(0.0)
        p = found[np.arange(len(row) - 1), row[1:]].astype(np.float64)
        tokens += row[1:].tolist()
        surprises += (-np.log2(np.maximum(p, 1e-30))).tolist()
    return _pieces(data, tokens, surprises)


def _pieces(data: LanguageData, tokens: list[int], surprises: list[float]) -> list[Piece]:
    """Return tokens as pieces that can stand alone: whole letters and syllables."""
    most = max(_LOST, math.log2(len(data.encoder.vocabulary)) + 2)
    pieces: list[Piece] = []
    waiting: list[int] = []
    surprise = 0.0
    for place, token in enumerate(tokens):
        if data.end is not None and token == data.start:
            continue
        waiting.append(token)
        surprise += surprises[place]
        ended = token == data.end
        text = "⏎" if ended else data.encoder.decode(waiting)
        after = data.encoder.vocabulary.token(tokens[place + 1]) if place + 1 < len(tokens) else ""
        if not ended and len(waiting) < 4 and (text.endswith("\ufffd") or _goes_on(after)):
            continue
        said = percent(2.0**-surprise) if place else "given"
        share = min(1.0, max(0.0, surprise - _SURE) / (most - _SURE))
        shown_ = readable(text).replace("\n", "↵")
        pieces.append(Piece(shown_, share, said, ended or "\n" in text))
        waiting, surprise = [], 0.0
    return pieces


def _goes_on(token: str) -> bool:
    """Tell whether a token belongs to the letter before it: a mark, or a later jamo."""
    if not token:
        return False
    name = unicodedata.name(token[0], "")
    later = name.startswith(("HANGUL JUNGSEONG", "HANGUL JONGSEONG"))
    return later or unicodedata.category(token[0]).startswith("M")


def following(run: LanguageRun) -> list[BarChart]:
    """The likeliest next tokens at some places of what the network is judged on."""
    places = _places(run)
    if not places:
        return []
    longest = max(len(tokens) for tokens, _ in places)
    given = np.zeros((len(places), longest), np.int32)
    for row, (tokens, _) in zip(given, places):
        row[: len(tokens)] = tokens
    chances = run.trained.model.network.predict(given, batch_size=16, verbose=0)
    return [
        _likeliest(run, tokens, came, found[len(tokens) - 1])
        for (tokens, came), found in zip(places, chances)
    ]


def _places(run: LanguageRun) -> list[tuple[np.ndarray, int | None]]:
    """Return beginnings, and what comes next in the text; the first one may be empty."""
    data = run.trained.data
    context = min(CONTEXT, run.trained.model.decoder.longest or CONTEXT)
    rows = [row for row in data.measured()[0] if len(row) > 1]
    if data.end is not None:
        middles = [(row[: max(2, len(row) // 2)], row) for row in rows if len(row) > 2][:PLACES]
        begin = (np.array([data.start], np.int32), None)
        return [begin, *((tokens[-context:], int(row[len(tokens)])) for tokens, row in middles)]
    if not rows:
        return []
    [row] = rows
    first = min(context, max(1, len(row) // 2))
    at = np.unique(np.linspace(first, len(row) - 1, PLACES + 1).astype(int))
    return [(row[max(0, place - context) : place], int(row[place])) for place in at]


def _likeliest(
    run: LanguageRun, tokens: np.ndarray, came: int | None, chances: np.ndarray
) -> BarChart:
    """The likeliest tokens behind a beginning."""
    data = run.trained.data
    encoder = data.encoder
    order = np.argsort(-chances, kind="stable")
    bars = [
        Bar(
            isolated(shown(encoder, int(token))),
            percent(chances[token]),
            [Segment(0, 100 * float(chances[token]), "c2" if token == came else "c0")],
        )
        for token in order[:LIKELIEST]
    ]
    caption = ""
    if came is not None:
        rank = int(np.flatnonzero(order == came)[0]) + 1
        caption = f"In the text “{isolated(shown(encoder, came))}” came"
        caption += (
            " (green)." if rank <= LIKELIEST
            else f": place {rank:,} of {len(order):,}, {percent(chances[came])}."
        )  # fmt: skip
    if len(tokens) == 1 and data.end is not None:
        return BarChart("At the beginning of a text", bars, caption)
    said = quoted(encoder.decode(tokens))
    return BarChart(f"After “{isolated(said)}”", bars, caption)


def facts(run: LanguageRun) -> Table:
    """What the network learnt from."""
    data = run.trained.data
    texts = [*data.learnt, *data.held_out]
    sizes = [
        plural(sum(map(len, texts)), "character"),
        plural(sum(len(text.split()) for text in texts), "word"),
    ]
    if data.end is None:
        sizes.append(plural(sum(text.count("\n") for text in texts) + 1, "line"))
        held = f"the last {percent(data.options.validation_size, 0)} of the text"
    else:
        sizes.insert(0, plural(len(texts), "text"))
        held = plural(len(data.held_out), "text") + ", drawn by the seed"
    many = verdict.token_name(run, 2)
    parts = [f"{len(data.train):,} {many} to learn from"]
    if data.watched:
        parts.append(f"{len(data.validation):,} held back to judge by ({held})")
    else:
        parts.append("none held back")
    rows = [
        ["File", shorten(data.source, 60)],
        ["Size", enumeration(sizes)],
        ["Parts", ", ".join(parts)],
        ["Vocabulary", vocabulary(run)],
    ]
    if data.encoder.vocabulary.unknown is not None:
        rows.append(["Unknown among those held back", percent(verdict.unknown_share(run))])
    return Table("What it learnt from", ["", ""], rows)


def vocabulary(run: LanguageRun) -> str:
    """How many tokens there are, and how they came to be."""
    data = run.trained.data
    known = data.encoder.vocabulary
    size = len(known) - len(known.specials)
    said = {
        "characters": "every character that the text has",
        "jamo": "the letters that Korean syllables are made of, and every other character",
        "syllables": "syllables, other words, white space and punctuation marks",
        "words": "words and punctuation marks of the part that it learnt from",
        "bpe": "bytes, and neighbours that are frequent in the part that it learnt from",
    }[data.options.unit]
    if data.options.vocabulary and data.options.unit != "bpe":
        said += ", the most frequent ones"
    text = f"{size:,} {verdict.token_name(run, size)}: {said}"
    if known.specials:
        special = {"unknown": "unknown ones", "start": "a beginning", "end": "an end"}
        kinds = [named for kind, named in special.items() if getattr(known, kind) is not None]
        text += f"; and {'one' if len(kinds) == 1 else 'one each'} for {enumeration(kinds)}"
    return text


def frequent(run: LanguageRun) -> BarChart:
    """The most frequent tokens of the training part."""
    data = run.trained.data
    counts = np.bincount(data.train, minlength=len(data.encoder.vocabulary))
    if data.end is not None:
        counts[[data.start, data.end]] = 0
    total = max(int(counts.sum()), 1)
    order = [n for n in np.argsort(-counts, kind="stable")[:FREQUENT] if counts[n]]
    most = max(int(counts.max()), 1)
    bars = [
        Bar(
            isolated(shown(data.encoder, int(n))),
            percent(counts[n] / total),
            [Segment(0, 100 * counts[n] / most, "c0")],
        )
        for n in order
    ]
    caption = f"{int((counts > 0).sum()):,} different ones are in the part that it learnt from."
    return BarChart(f"Most frequent {verdict.token_name(run, 2)}", bars, caption)


def prompt(run: LanguageRun) -> tuple[str, str]:
    """A beginning for the commands of the report, as the shell and as Python take it."""
    for text in run.trained.data.learnt[:50]:
        for word in text[:2000].split():
            if word.isalnum() and word.isprintable() and len(word) <= 12:
                return shlex.quote(word), repr(word)
    return "", repr("")
