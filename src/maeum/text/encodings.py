"""The encoding of a text, recognised from its bytes; and the names of encodings."""

from __future__ import annotations

import codecs
import re

from maeum.core.errors import ConfigError

# The longer marks first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
_KOREAN = re.compile(rb"[\xb0-\xc8][\xa1-\xfe]")  # the Hangul syllables of KS X 1001
_HIGH = re.compile(rb"[\x80-\xff]")


def recognise(data: bytes, whole: bool = True) -> str:
    """Return the encoding that bytes are most likely in.

    UTF-8 (where a few characters may be broken), UTF-16 and UTF-32 are certain or nearly so. Among
    the older encodings CP949 (with EUC-KR) is chosen if at least half of the bytes beyond ASCII
    are pairs that stand for Korean syllables, Latin-1 (in its Windows form, CP1252, where that
    fits) otherwise.

    Args:
        data: the bytes.
        whole: whether they are all there is, rather than the beginning.

    >>> recognise("이름,값".encode("cp949")), recognise("café".encode("latin-1"))
    ('cp949', 'cp1252')
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    start = data[:4000]
    nulls = start[0::2].count(0), start[1::2].count(0)
    if max(nulls) > 0.2 * len(start) / 2 and min(nulls) < 0.1 * max(nulls):
        return "utf-16-be" if nulls[0] > nulls[1] else "utf-16-le"
    if _nearly_utf8(data, whole):
        return "utf-8"
    korean, high = 2 * len(_KOREAN.findall(data)), len(_HIGH.findall(data))
    for encoding in [*(["cp949"] if korean >= 0.5 * high else []), "cp1252"]:
        if error_in(data, encoding, whole) is None:
            return encoding
    return "latin-1"


def error_in(data: bytes, encoding: str, whole: bool = True) -> UnicodeDecodeError | None:
    """Return what keeps bytes from being text in an encoding; None if nothing does."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(data, whole)
    except UnicodeDecodeError as error:
        return error
    return None


def check_encoding(name: str) -> str:
    """Return an encoding's name as Python writes it.

    Raises:
        ConfigError: if Python knows no such encoding of text.
    """
    try:
        found = codecs.lookup(name).name
        b"a".decode(found, "replace")  # base64 and the like are codecs, too, but of no text
    except (LookupError, TypeError):
        raise ConfigError("There is no encoding {name!r}. Common ones are 'utf-8', 'cp949', "
                          "'euc-kr', 'latin-1' and 'cp1252'.", name=name) from None  # fmt: skip
    return found


def _nearly_utf8(data: bytes, whole: bool) -> bool:
    """Whether 19 of 20 characters beyond ASCII are good UTF-8: a few are broken, not all wrong."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(data, whole)
    beyond = len(text) - len(text.encode("ascii", errors="ignore"))
    broken = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")  # written so
    return 20 * broken <= beyond
