"""What the report of a language model shows: how it predicts, what it writes, the text."""

from __future__ import annotations

import math
import shlex
import unicodedata

import numpy as np

from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import enumeration
from maeum.experiment.events import parts_line
from maeum.experiment.report import notes, quality
from maeum.experiment.trained import Trained
from maeum.language.data import LanguageData
from maeum.language.model import LanguageModel
from maeum.language.result import LanguageRun
from maeum.language.shown_tokens import isolated, quoted, readable, shown
from maeum.language.verdict import unknown_fraction
from maeum.report.answers import bars_of
from maeum.report.sections import (
    Bar,
    Bars,
    Chapter,
    Code,
    Excerpt,
    Grid,
    Heading,
    Passage,
    Section,
    Terms,
    Text,
    Word,
    Words,
)
from maeum.report.wording import percent
from maeum.text.padding import pad_sequences

LIKELIEST = 8
PLACES = 5  # where the report looks at what comes next
CONTEXT = 48  # tokens that are read before such a place
PASSAGE = 320  # tokens of the passage with its surprises
FREQUENT = 18
BEGINNING = 500  # characters of the text that are shown
_SURE, _LOST = 0.5, 8.0  # bits: what is not coloured, and what is coloured most (at least)


def chapters(trained: Trained) -> list[Chapter]:
    """Return the chapters; what would be too much to read is cut off and counted."""
    model, run = trained.model, trained.run
    return [_quality(model, run), *_writes(run), *_next(model, run), _text(run)]


def _quality(model: LanguageModel, run: LanguageRun) -> Chapter:
    watched = run.data.watched
    told = _("The network reads a text, and gives each of the {tokens} of its vocabulary a "
             "probability of coming next. The higher that of the one that came, the better it has "
             "learnt.", tokens=run.tokens)  # fmt: skip
    where = _("No part was held out, so everything here is measured on text that it was trained "
              "on.")  # fmt: skip
    if watched:
        where = _("Everything here is measured on the part that was held out, which decided only "
                  "when to stop.")  # fmt: skip
    others = _("Bigram frequencies count which {tokens} come after which, unigram frequencies how "
               "often each comes at all (both counts plus one, so that nothing is impossible); "
               "uniform guessing holds all as likely. The best value of each column is marked.",
               tokens=run.tokens)  # fmt: skip
    sections: list[Section] = [bits(run)] if len(run.models) > 1 else []
    words = passage(model, run.data)
    if words:
        seen = _("A passage that was held out.") if watched else _("A passage of the text.")
        colour = _("The stronger the colour, the lower the probability of what came.")
        sections += [
            Heading(_("Where it is surprised")),
            Text(f"{seen} {colour}"),
            Words([Passage(words)], spaced=run.data.options.unit == "words"),
        ]
    return quality(run, *sections, measured=f"{told} {where}", others=others)


def bits(run: LanguageRun) -> Bars:
    """The bits a character that the network and the simple models need."""
    values = {model["name"]: model["metrics"]["bits_per_character"] for model in run.models}
    return bars_of(_("Bits per character"), values, _("The shorter, the better."))


def passage(model: LanguageModel, data: LanguageData) -> list[Word]:
    """A passage that the network is measured on, and how surprised it was by each piece of it."""
    limit = model.decoder.longest or PASSAGE
    rows: list[np.ndarray] = []
    left = PASSAGE
    for row in data.measured()[0]:
        row = row[:left]
        left -= len(row)
        # A network that sees so far only reads in stretches, as where it is measured.
        rows += [row[at : at + limit + 1] for at in range(0, len(row) - 1, limit)]
        if left < 2:
            break
    if not rows:
        return []
    found = _after(model, [row[:-1] for row in rows])
    tokens, surprises = [int(rows[0][0])], [0.0]
    for row, probabilities in zip(rows, found):
        if data.end is not None and len(tokens) > 1 and row[0] == data.start:
            tokens.append(data.start)
            surprises.append(0.0)
        p = probabilities[np.arange(len(row) - 1), row[1:]].astype(np.float64)
        tokens += row[1:].tolist()
        surprises += (-np.log2(np.maximum(p, 1e-30))).tolist()
    return _pieces(data, tokens, surprises)


def _after(model: LanguageModel, rows: list[np.ndarray]) -> np.ndarray:
    """Return the probabilities after each token of some rows, which are filled up with zeros."""
    given = pad_sequences(rows, padding="post")
    return model.network.predict(given, batch_size=16, verbose=0)


def _pieces(data: LanguageData, tokens: list[int], surprises: list[float]) -> list[Word]:
    """Return tokens as pieces that can stand alone: whole letters and syllables."""
    most = max(_LOST, math.log2(len(data.encoder.vocabulary)) + 2)
    pieces: list[Word] = []
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
        note = percent(2.0**-surprise) if place else _("given")
        weight = min(1.0, max(0.0, surprise - _SURE) / (most - _SURE))
        visible = readable(text).replace("\n", "↵")
        pieces.append(Word(visible, -weight, note, ended or "\n" in text))
        waiting, surprise = [], 0.0
    return pieces


def _goes_on(token: str) -> bool:
    """Tell whether a token belongs to the letter before it: a mark, or a later jamo."""
    if not token:
        return False
    name = unicodedata.name(token[0], "")
    later = name.startswith(("HANGUL JUNGSEONG", "HANGUL JONGSEONG"))
    return later or unicodedata.category(token[0]).startswith("M")


def _writes(run: LanguageRun) -> list[Chapter]:
    if not run.samples:  # the comparison was stopped
        return []
    said = _("Written without a prompt, each time with the seed {seed}. At a temperature near 0 "
             "nearly always the likeliest of the {tokens} is taken, at 1 each is drawn as often as "
             "the network holds it likely, above 1 the unlikely ones come more often.",
             seed=run.data.options.seed, tokens=run.tokens)  # fmt: skip
    cards = [
        Excerpt(sample.text, _("Temperature {t:g}", t=sample.temperature), sample.note)
        for sample in run.samples
    ]
    word = prompt(run.data)
    command = f"maeum generate model.maeum --prompt {shlex.quote(word)} --temperature 0.8"
    more = [Heading(_("With a prompt of yours")), Code(command)] if word else []
    return [Chapter("writes", _("What it writes"), [Text(said), Grid(cards), *more])]


def prompt(data: LanguageData) -> str:
    """Return a word of the text to begin with; nothing if there is none that is short and plain."""
    words = (word for text in data.learnt[:50] for word in text[:2000].split())
    return next((w for w in words if w.isalnum() and w.isprintable() and len(w) <= 12), "")


def _next(model: LanguageModel, run: LanguageRun) -> list[Chapter]:
    charts = following(model, run.data)
    if not charts:
        return []
    where = _("the part that was held out") if run.data.watched else _("the text")
    said = _("The likeliest {tokens} after some places of {where}, and their probabilities. White "
             "space is shown: ␣ is a space, ↵ the end of a line, ⇥ a tab.", tokens=run.tokens,
             where=where)  # fmt: skip
    return [Chapter("following", _("What comes next"), [Text(said), Grid(charts)])]


def following(model: LanguageModel, data: LanguageData) -> list[Bars]:
    """The likeliest next tokens at some places of what the network is measured on."""
    places = _places(data, model.decoder.longest)
    if not places:
        return []
    found = _after(model, [tokens for tokens, came in places])
    return [
        _likeliest(data, tokens, came, probabilities[len(tokens) - 1])
        for (tokens, came), probabilities in zip(places, found)
    ]


def _places(data: LanguageData, longest: int | None) -> list[tuple[np.ndarray, int | None]]:
    """Return beginnings, and what comes next in the text; the first one may be empty."""
    context = min(CONTEXT, longest or CONTEXT)
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
    data: LanguageData, tokens: np.ndarray, came: int | None, probabilities: np.ndarray
) -> Bars:
    """The likeliest tokens after a beginning."""
    order = np.argsort(-probabilities, kind="stable")
    bars = [
        Bar.of(isolated(shown(data.encoder, int(token))), percent(probabilities[token]),
               float(probabilities[token]), "c2" if token == came else "c0")
        for token in order[:LIKELIEST]
    ]  # fmt: skip
    caption = ""
    if came is not None:
        rank = int(np.flatnonzero(order == came)[0]) + 1
        token = isolated(shown(data.encoder, came))
        if rank <= LIKELIEST:
            caption = _("In the text “{token}” came (green).", token=token)
        else:
            caption = _("In the text “{token}” came: rank {rank:,} of {n:,}, {probability}.",
                        token=token, rank=rank, n=len(order),
                        probability=percent(probabilities[came]))  # fmt: skip
    if len(tokens) == 1 and data.end is not None:
        return Bars(_("At the beginning of a text"), bars, caption)
    said = isolated(quoted(data.encoder.decode(tokens)))
    return Bars(_("After “{text}”", text=said), bars, caption)


def _text(run: LanguageRun) -> Chapter:
    beginning = readable("\n".join(run.data.learnt[:12])[:BEGINNING]).strip("\n")
    told = [*notes(run), facts(run), frequent(run)]
    return Chapter("text", _("The text"), [*told, Heading(_("How it begins")), Excerpt(beginning)])


def facts(run: LanguageRun) -> Terms:
    """What the text is, and what became of it."""
    data = run.data
    texts = [*data.learnt, *data.held_out]
    characters, words = sum(map(len, texts)), sum(len(text.split()) for text in texts)
    sizes = [
        ngettext("{n:,} character", "{n:,} characters", characters),
        ngettext("{n:,} word", "{n:,} words", words),
    ]
    if data.end is None:
        lines = sum(text.count("\n") for text in texts) + 1
        sizes.append(ngettext("{n:,} line", "{n:,} lines", lines))
        held = _("the last {fraction} of the text",
                 fraction=percent(data.options.validation_size, 0))  # fmt: skip
    else:
        sizes.insert(0, ngettext("{n:,} text", "{n:,} texts", len(texts)))
        held = ngettext("{n:,} text, drawn by the seed", "{n:,} texts, drawn by the seed",
                        len(data.held_out))  # fmt: skip
    rows = [
        (_("Size"), enumeration(sizes)),
        (_("Tokens"), parts_line(run.rows)),
        (_("Held out"), held if data.watched else _("nothing")),
        (_("Vocabulary"), vocabulary(data)),
    ]
    if data.encoder.vocabulary.unknown is not None:
        rows.append((_("Unknown, of those held out"), percent(unknown_fraction(run))))
    return Terms([(name, "", value) for name, value in rows])


_VOCABULARY = {
    "characters": N_("every character of the text"),
    "jamo": N_("the letters that Korean syllables are made of, and every other character"),
    "syllables": N_("syllables, other words, white space and punctuation marks"),
    "words": N_("words and punctuation marks of the training part"),
    "bpe": N_("bytes, and neighbours that are frequent in the training part"),
}
_SPECIAL = {
    "unknown": N_("unknown ones"),
    "start": N_("the beginning of a text"),
    "end": N_("the end of a text"),
}


def vocabulary(data: LanguageData) -> str:
    """How many tokens there are, and how they came to be."""
    known, unit = data.encoder.vocabulary, data.options.unit
    n = len(known) - len(known.specials)
    count = ngettext("{n:,} token", "{n:,} tokens", n)
    said = f"{count}: {_(_VOCABULARY[unit])}"
    if data.options.vocabulary and unit != "bpe":
        said += _(", the most frequent ones")
    kinds = [_(name) for kind, name in _SPECIAL.items() if getattr(known, kind) is not None]
    return said + (_("; further ones for {names}", names=enumeration(kinds)) if kinds else "")


def frequent(run: LanguageRun) -> Bars:
    """The most frequent tokens of the training part."""
    data = run.data
    counts = np.bincount(data.train, minlength=len(data.encoder.vocabulary))
    if data.end is not None:
        counts[[data.start, data.end]] = 0
    total, most = max(int(counts.sum()), 1), max(int(counts.max()), 1)
    order = [n for n in np.argsort(-counts, kind="stable")[:FREQUENT].tolist() if counts[n]]
    bars = [
        Bar.of(isolated(shown(data.encoder, n)), percent(counts[n] / total), counts[n] / most)
        for n in order
    ]
    caption = ngettext("{n:,} different one is in the training part.",
                       "{n:,} different ones are in the training part.",
                       int((counts > 0).sum()))  # fmt: skip
    title = _("Most frequent {tokens}", tokens=run.tokens)
    return Bars(title, bars, caption, style="wide columns")
