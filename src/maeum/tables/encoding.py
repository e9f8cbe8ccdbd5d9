"""From bytes to text: the encoding of a file is recognised from the bytes themselves."""

from __future__ import annotations

import codecs
import re

from maeum.core.errors import ConfigError, DataError
from maeum.core.messages import _, ngettext

# The longer marks first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
_SIGNATURES = [
    (b"PK\x03\x04", "an Excel workbook or another zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\x89HDF", "an HDF5 file"),
    (b"SQLite format 3", "an SQLite database"),
]
_KOREAN = re.compile(rb"[\xb0-\xc8][\xa1-\xfe]")  # the Hangul syllables of KS X 1001
_HIGH = re.compile(rb"[\x80-\xff]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")


def decode(content: bytes, name: str, encoding: str | None = None) -> tuple[str, list[str]]:
    """Turn the content of a file into text, and say which encoding was recognised.

    UTF-8, UTF-16 and UTF-32 are certain or nearly so. Among the older encodings CP949 is chosen
    if at least half of the bytes beyond ASCII are pairs that stand for Korean syllables, Latin-1
    (in its Windows form, where that fits) otherwise.

    Raises:
        DataError: if the content is no text.
        ConfigError: if ``encoding`` is not known to Python.

    >>> decode("이름,값".encode("cp949"), "a.csv")
    ('이름,값', ['The encoding was recognised as cp949.'])
    """
    if encoding is not None:
        try:
            return content.decode(encoding).removeprefix("\ufeff"), []
        except LookupError:
            raise ConfigError(
                f"There is no encoding {encoding!r}; known are utf-8, utf-16, cp949, latin-1 ..."
            ) from None
        except UnicodeError as error:
            raise DataError(
                f"{name} is not {encoding} text ({error}). Leave the encoding out to have it "
                "recognised."
            ) from None
    for start, what in _SIGNATURES:
        if content.startswith(start):
            raise DataError(f"{name} is {what}, not a text file. Export the table as CSV first.")
    found = _recognise(content)
    text = content.decode(found, errors="replace").removeprefix("\ufeff")
    if len(_CONTROL.findall(text[:100_000])) > 0.005 * len(text[:100_000]):
        raise DataError(f"{name} is not a text file. Export the table as CSV first.")
    notes = (
        []
        if found == "utf-8"
        else [_("The encoding was recognised as {encoding}.", encoding=found)]
    )
    if broken := text.count("\ufffd"):
        notes.append(
            ngettext(
                "{n:,} broken character read as \ufffd.",
                "{n:,} broken characters read as \ufffd.",
                broken,
            )
        )
    return text, notes


def _recognise(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    start = content[:4000]
    nulls = start[0::2].count(0), start[1::2].count(0)
    if max(nulls) > 0.2 * len(start) / 2 and min(nulls) < 0.1 * max(nulls):
        return "utf-16-be" if nulls[0] > nulls[1] else "utf-16-le"
    if _nearly_utf8(content):
        return "utf-8"
    korean, high = 2 * len(_KOREAN.findall(content)), len(_HIGH.findall(content))
    for encoding in [*(["cp949"] if korean >= 0.5 * high else []), "cp1252"]:
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def _nearly_utf8(content: bytes) -> bool:
    """Whether 19 of 20 characters beyond ASCII are good UTF-8: a few are broken, not all wrong."""
    text = content.decode("utf-8", errors="replace")
    beyond = len(text) - len(text.encode("ascii", errors="ignore"))
    return 20 * text.count("\ufffd") <= beyond
