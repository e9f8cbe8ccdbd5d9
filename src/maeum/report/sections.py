"""What a report shows, as plain data: a page of chapters of sections.

HTML (`maeum.report.html`), the terminal and JSON draw the same sections. A section of a new kind
is one more dataclass here and one more macro in ``templates/sections.html``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar, NamedTuple

_Legend = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Section:
    """Something that a report shows.

    Attributes:
        scripts: what a page that has it runs beside its usual script.
    """

    scripts: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True)
class Text(Section):
    """A paragraph; `Markup` may have emphasis and code in it. ``small`` is for remarks."""

    text: str
    small: bool = False


@dataclass(frozen=True)
class Heading(Section):
    """A heading within a chapter."""

    text: str


@dataclass(frozen=True)
class Caution(Section):
    """A paragraph that stands out."""

    text: str


@dataclass(frozen=True)
class Notes(Section):
    """Sentences, one below the other; of very many the first ones."""

    notes: Sequence[str]
    most: int = 40


@dataclass(frozen=True)
class Code(Section):
    """Lines that are typed, or that a computer wrote."""

    text: str


@dataclass(frozen=True)
class Excerpt(Section):
    """A text as it is, under a title if it has one; a long one is scrolled."""

    text: str
    title: str = ""
    caption: str = ""


@dataclass(frozen=True)
class Table(Section):
    """A small table of text: ``rows`` below ``head``; ``strong`` cells are ``(row, column)``.

    ``style`` are words of the page's style: ``wide``, ``two``, ``numbers``, ``first`` (the first
    row stands out), ``examples``, ``profile``. Where a heading stands before it, ``titled`` is
    False; where the first cell of a row is its name, ``named`` is True. The rows of one that is
    ``searched`` can be searched and sorted in the page.
    """

    title: str
    head: list[str]
    rows: Sequence[Sequence[str]]
    strong: frozenset[tuple[int, int]] = frozenset()
    caption: str = ""
    style: str = "wide"
    titled: bool = True
    named: bool = False
    searched: bool = False


class Segment(NamedTuple):
    """A coloured part of a bar; ``left`` and ``width`` in percent of the track."""

    left: float
    width: float
    colour: str


class Bar(NamedTuple):
    """One line of a chart; ``mark`` is a tick on the track, ``whisker`` a spread, in percent."""

    label: str
    value: str
    segments: list[Segment]
    note: str = ""
    mark: float | None = None
    whisker: tuple[float, float] | None = None

    @classmethod
    def of(cls, label: str, value: str, fraction: float, colour: str = "c0", note: str = "") -> Bar:
        """A bar of one colour that takes a fraction of the track."""
        return cls(label, value, [Segment(0, 100 * fraction, colour)], note)


def stacked(widths: Iterable[tuple[float, str]]) -> list[Segment]:
    """Widths in percent, each with its colour, one behind the other; without those of 0.

    >>> stacked([(25.0, "c0"), (0.0, "c1"), (75.0, "c2")])
    [Segment(left=0.0, width=25.0, colour='c0'), Segment(left=25.0, width=75.0, colour='c2')]
    """
    left, found = 0.0, []
    for width, colour in widths:
        found += [Segment(left, width, colour)] if width else []
        left += width
    return found


def from_middle(fraction: float) -> Segment:
    """A bar from the middle of the track, to the right for what is above 0.

    >>> from_middle(-0.5)
    Segment(left=25.0, width=25.0, colour='c0')
    """
    left, colour = 50 + min(50 * fraction, 0), "c1" if fraction >= 0 else "c0"
    return Segment(left, 50 * abs(fraction), colour)


@dataclass(frozen=True)
class Bars(Section):
    """Bars under a title; ``signed`` ones grow from the middle of the track."""

    title: str
    bars: list[Bar]
    caption: str = ""
    legend: _Legend = ()
    signed: bool = False
    style: str = ""
    titled: bool = True


@dataclass(frozen=True)
class Legend(Section):
    """Labels with the names of their colours."""

    items: _Legend


@dataclass(frozen=True)
class Confusion(Section):
    """Counts of (true, answered) pairs; ``rows[i][j]`` is ``(count, fraction of the class)``."""

    names: list[str]
    rows: list[list[tuple[int, float]]]
    caption: str = ""


class Image(NamedTuple):
    """An image within the page, with lines under it; ``wrong`` marks a mistake.

    ``src`` is a ``data:`` address. A PNG is shown pixel by pixel where it is enlarged.
    """

    src: str
    alt: str
    lines: Sequence[str] = ()
    wrong: bool = False


@dataclass(frozen=True)
class Images(Section):
    """Images under a title; ``style`` is ``"small"``, ``"tiny"`` or ``"tiny filters"``."""

    title: str
    images: Sequence[Image]
    note: str = ""
    style: str = ""


@dataclass(frozen=True)
class ImageRows(Section):
    """A line of images for each name; ``rows`` are `Images`, their titles the names.

    With a ``head`` it is a table whose columns have names, the first of them that of the titles.
    """

    title: str
    rows: Sequence[Images]
    head: Sequence[str] = ()
    caption: str = ""


@dataclass(frozen=True)
class Pairs(Section):
    """Names with their values."""

    title: str
    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Terms(Section):
    """Names, each with a word and an explanation; ``more`` are not shown."""

    terms: Sequence[tuple[str, str, str]]
    more: int = 0


class Word(NamedTuple):
    """A piece of a text with its weight, from -1 (against) over 0 to 1 (for something).

    ``note`` is shown to who points at it; a new line begins behind one that ``ends_line``.
    """

    text: str
    weight: float = 0.0
    note: str = ""
    ends_line: bool = False


class Passage(NamedTuple):
    """A text in words, under a label; ``note`` says what is wrong with the label."""

    words: Sequence[Word]
    label: str = ""
    note: str = ""


@dataclass(frozen=True)
class Words(Section):
    """Texts whose words are coloured by their weights.

    Where the words are ``spaced`` there is a space between them; else they hold their own.
    """

    passages: Sequence[Passage]
    spaced: bool = True


@dataclass(frozen=True)
class Grid(Section):
    """Cards side by side, as many as fit."""

    sections: Sequence[Section]


@dataclass(frozen=True)
class Slides(Section):
    """Sections of which one is shown at a time, by a slider; on paper all of them, side by side.

    ``label`` says what the slider moves through, ``names`` what each section is, ``first`` the
    number of the one that is shown at first.
    """

    title: str
    label: str
    names: Sequence[str]
    sections: Sequence[Section]
    caption: str = ""
    first: int = 0


@dataclass(frozen=True)
class Folded(Section):
    """Sections that are only shown when asked for."""

    summary: str
    sections: Sequence[Section]


@dataclass(frozen=True)
class Tile:
    """A key number with the words under it."""

    label: str
    value: str
    meaning: str


@dataclass(frozen=True)
class Chapter:
    """Sections under a title; ``name`` is its address within the page."""

    name: str
    title: str
    sections: Sequence[Section]


@dataclass(frozen=True)
class Page:
    """A whole report.

    Attributes:
        title: of the page.
        eyebrow: from what to what, above the headline.
        headline: the result in one sentence.
        sentences: how good that is.
        tiles: key numbers.
        chapters: everything else.
    """

    title: str
    eyebrow: tuple[str, ...]
    headline: str
    sentences: Sequence[str]
    tiles: Sequence[Tile]
    chapters: Sequence[Chapter]


def within(sections: Iterable[Section]) -> Iterator[Section]:
    """Yield sections, and those within them.

    >>> [type(section).__name__ for section in within([Grid([Text("a"), Code("b")])])]
    ['Grid', 'Text', 'Code']
    """
    for section in sections:
        yield section
        yield from within(getattr(section, "sections", ()))


def to_json(value: Any) -> Any:
    """Return sections as plain data; each says what it is.

    >>> to_json(Text("Hello"))
    {'section': 'Text', 'text': 'Hello', 'small': False}
    """
    if is_dataclass(value) and not isinstance(value, type):
        found = {each.name: to_json(getattr(value, each.name)) for each in fields(value)}
        return {"section": type(value).__name__, **found}
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return to_json(value._asdict())
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_json(item) for item in value]
    return str(value) if isinstance(value, str) else value


class Trust(NamedTuple):
    """A fraction with its 95% range (Wilson, 1927)."""

    share: float
    low: float
    high: float


def wilson(right: int, count: int) -> Trust:
    """How far a fraction of ``count`` rows can be trusted.

    >>> t = wilson(8, 10)
    >>> f"{t.low:.3f} {t.high:.3f}"
    '0.490 0.943'
    """
    if count == 0:
        return Trust(math.nan, math.nan, math.nan)
    from scipy.stats import binomtest

    low, high = binomtest(right, count).proportion_ci(method="wilson")
    return Trust(right / count, float(low), float(high))
