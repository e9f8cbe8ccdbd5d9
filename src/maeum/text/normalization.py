"""Bringing texts to one spelling before they are cut into tokens."""

from __future__ import annotations

import re
import unicodedata

from maeum.core import registry
from maeum.core.checks import check_choice
from maeum.core.config import Configurable
from maeum.core.errors import DataError
from maeum.text import unicode_classes

_FORMS = ("NFC", "NFD", "NFKC", "NFKD", None)


@registry.builtin
class Normalizer(Configurable):
    """Bring texts to one spelling; it is called on a text and returns a text.

    The steps are taken in the order of the arguments.

    Args:
        form: the Unicode form: ``"NFC"`` (one code point for each Hangul syllable and each letter
            with its accent), ``"NFKC"`` (full-width letters, ligatures and the like become plain
            ones, too), ``"NFD"``, ``"NFKD"``, or None.
        lower: whether to convert everything to lower case.
        strip_accents: whether ``"é"`` becomes ``"e"``.
        strip_punctuation: whether to remove punctuation and symbols.
        collapse_whitespace: whether runs of white space become one space, and those at both ends
            are removed.

    Raises:
        ConfigError: for a form that Unicode does not have.
        DataError: when called on something that is not a text.

    Example:
        >>> Normalizer(lower=True, strip_accents=True)("Ｃafé")
        'ｃafe'
        >>> Normalizer("NFKC", lower=True, strip_punctuation=True)("  Ｃafé,\\n no! ")
        'café no'
    """

    def __init__(
        self,
        form: str | None = "NFC",
        lower: bool = False,
        strip_accents: bool = False,
        strip_punctuation: bool = False,
        collapse_whitespace: bool = True,
    ):
        self.form = check_choice(form, _FORMS, "form")
        self.lower = bool(lower)
        self.strip_accents = bool(strip_accents)
        self.strip_punctuation = bool(strip_punctuation)
        self.collapse_whitespace = bool(collapse_whitespace)

    def __call__(self, text: str) -> str:
        """Return the text in its one spelling."""
        check_text(text)
        if self.form:
            text = unicodedata.normalize(self.form, text)  # type: ignore[arg-type]
        if self.lower:
            text = text.lower()
        if self.strip_accents:
            text = strip_accents(text)
        if self.strip_punctuation:
            text = strip_punctuation(text)
        return " ".join(text.split()) if self.collapse_whitespace else text


def strip_accents(text: str) -> str:
    """Remove the accents of letters; Hangul stays as it is.

    >>> strip_accents("Crème brûlée, 마음")
    'Creme brulee, 마음'
    """
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.combining(c)))


def strip_punctuation(text: str) -> str:
    """Remove punctuation and symbols (Unicode's categories P and S).

    >>> strip_punctuation("Well... 50% off, isn't it?")
    'Well 50 off isnt it'
    """
    return re.sub(f"[{unicode_classes.members('PS')}]+", "", text)


def check_text(text: object) -> str:
    """Return ``text`` if it is a text, or else raise `DataError`."""
    if isinstance(text, str):
        return text
    if isinstance(text, bytes):
        raise DataError("A text was expected; got bytes. Decode them first: text.decode('utf-8').")
    raise DataError("A text was expected; got {text!r:.60} of type {kind}. Convert numbers that "
                    "are meant as texts: str(number).", text=text,
                    kind=type(text).__name__)  # fmt: skip
