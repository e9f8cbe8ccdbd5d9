"""Tokens and texts as a page shows them: with white space visible, without control characters."""

from __future__ import annotations

import unicodedata
from typing import Any

from maeum.core.messages import N_, _
from maeum.core.wording import shorten
from maeum.text import BytePairEncoding
from maeum.text.byte_pairs import byte_characters

_MARKS = {" ": "␣", "\n": "↵", "\t": "⇥", "\r": "␍", "\u00a0": "⍽"}
_JOINERS = "\u200c\u200d"  # without them letters of Persian and Hindi, and emoji, fall apart
_SPECIAL = {
    "unknown": N_("(unknown)"),
    "start": N_("(beginning)"),
    "end": N_("(end)"),
    "padding": N_("(padding)"),
}
_PARTS = ("HANGUL CHOSEONG ", "HANGUL JUNGSEONG ", "HANGUL JONGSEONG ")


def shown(encoder: Any, number: int) -> str:
    """Return a token in one short line that can be read.

    >>> from maeum.text import TextEncoder
    >>> letters = TextEncoder.train(["a\\n"], "characters")
    >>> [shown(letters, number) for number in range(len(letters.vocabulary))]
    ['(padding)', '(unknown)', '↵', 'a']
    """
    vocabulary = encoder.vocabulary
    token = vocabulary.token(number)
    for kind, name in _SPECIAL.items():
        if token == getattr(vocabulary, kind):
            return _(name)
    if isinstance(encoder, BytePairEncoding) and encoder.level == "bytes":
        table = byte_characters()
        data = bytes(table.index(letter) for letter in token)
        try:
            token = data.decode("utf-8")
        except UnicodeDecodeError:  # a part of a letter
            return shorten(_("bytes {hex}", hex=data.hex(" ").upper()), 30)
    if len(token) == 1 and unicodedata.name(token, "").startswith(_PARTS[2]):
        return _("{letter} (final)", letter=visible(token))
    return visible(token)


def visible(text: str, width: int = 30) -> str:
    """Return a text in one line with visible white space: ``␣``, ``↵``, ``⇥``.

    >>> visible("to\\tbe\\n")
    'to⇥be↵'
    """
    made = "".join(map(_visible, text[: 4 * width]))
    if made and unicodedata.combining(made[0]):
        made = "◌" + made  # a mark needs a letter to stand on
    return shorten(made, width)


def quoted(text: str, width: int = 26) -> str:
    """Return the end of a text in one line; of its spaces, only those at the ends are visible.

    >>> quoted("to be\\nor not ")
    'to be↵or not␣'
    """
    cut = len(text) > width
    end = readable(text)[-width:]
    end = end.lstrip(" ") if cut else end
    inner = end.strip(" ")
    before, _inner, behind = end.partition(inner) if inner else (end, "", "")
    made = _MARKS[" "] * len(before) + inner + _MARKS[" "] * len(behind)
    for space in "\n\t\r":
        made = made.replace(space, _MARKS[space])
    return ("…" if cut else "") + shorten(made, 2 * width)


def _visible(letter: str) -> str:
    if letter in _MARKS:
        return _MARKS[letter]
    letter = _alone(letter)
    if letter.isprintable() or letter in _JOINERS:
        return letter
    return f"U+{ord(letter):04X}"


def readable(text: str) -> str:
    """Return a text with what no page can show (control characters, halves of letters) as U+FFFD.

    Jamo that are no syllable become the letters that are read alone.

    >>> readable("a\\x00b\\n")
    'a\ufffdb\\n'
    """
    return "".join(
        _alone(letter) if letter.isprintable() or letter.isspace() or letter in _JOINERS
        else "\ufffd"
        for letter in text
    )  # fmt: skip


def _alone(letter: str) -> str:
    """Return a jamo that knows its place in the syllable as the letter that stands alone."""
    if not "\u1100" <= letter <= "\u11ff":
        return letter
    name = unicodedata.name(letter, "")
    for part in _PARTS:
        if name.startswith(part):
            try:
                return unicodedata.lookup("HANGUL LETTER " + name.removeprefix(part))
            except KeyError:  # an old one
                break
    return letter


def isolated(text: str) -> str:
    """Return a text that keeps its direction (Hebrew, Arabic) to itself within a sentence."""
    return f"\u2068{text}\u2069"
