"""The encoding of a text, recognised from its bytes; and the names of encodings."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator

from maeum.core.errors import ConfigError

# The longer marks first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
_PAIR = re.compile(rb"[\x81-\xfe][\x41-\x5a\x61-\x7a\x81-\xfe]")  # of CP949, a superset of EUC-KR
_HIGH = re.compile(rb"[\x80-\xff]")
_RUN = re.compile(rb"[\x80-\xff]+")
_LOW = re.compile(rb"[\x80-\xbf]")  # no letters of Cyrillic, Greek, Hebrew and Arabic
# Signs of CP1252 that are letters in Central Europe: here, within a word.
_CENTRAL = re.compile(rb"[\xa3\xa5\xaa\xaf\xb3\xb9\xbc\xbe\xbf](?=[a-z\xc0-\xff])")
_LATIN_2 = re.compile(rb"[\xa1\xa6\xac\xb1\xb6](?=[a-z\xc0-\xff])")  # ISO 8859-2 only
_HEBREW = re.compile(rb"[\xe0-\xfa]")
_CAPITALISED = re.compile(rb"[\xc0-\xff][\xe0-\xff]+")  # a Cyrillic word in CP1251
_TURKISH = re.compile(rb"[\xd0\xdd\xde\xf0\xfd\xfe]")
# What the detector chooses from: of two bytes a letter, and of one.
_PAIRS = ("cp932", "euc_jp", "gb18030", "big5")
_SINGLE = ("cp1251", "koi8_r", "cp866", "cp1253", "cp1255", "cp1256", "cp874", "cp1254")
_EUROPE = ("cp1250", "cp1252")
GUESSES = frozenset([*_EUROPE, "cp1254", "iso8859-2", "latin-1"])  # of single letters
_ENOUGH = 1 << 14  # bytes of lines with letters beyond ASCII, from which an encoding is told


def recognise(data: bytes, whole: bool = True) -> str:
    """Return the encoding that bytes are most likely in.

    The surest comes first: a byte order mark; zeros between the letters (UTF-16); what decodes as
    UTF-8, where a few characters may be broken. Then CP949 (with EUC-KR), if most pairs beyond
    ASCII are Korean syllables. Where letters beyond ASCII stand alone among others, it is an
    encoding of Europe: CP1252 (Latin-1 where that does not fit), or that of Central Europe, whose
    letters would be signs. What is left is told by charset-normalizer: Japanese, Chinese,
    Cyrillic, Greek, Turkish, Hebrew, Arabic, Thai.

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
    return next((e for e in _likely(data) if error_in(data, e, whole) is None), "latin-1")


def _likely(data: bytes) -> Iterator[str]:
    """Yield the encodings of one script that bytes may be in, the likeliest first."""
    sample = _telling(data)
    high, runs, low = (len(each.findall(sample)) for each in (_HIGH, _RUN, _LOW))
    hangul, others = _korean(sample)
    if 2 * hangul >= 0.5 * high and others <= 0.15 * (hangul + others):
        yield "cp949"
    dense = high > 1.4 * runs  # letters of Europe that are not ASCII mostly stand alone
    pairs = [e for e in _PAIRS if low > 0.05 * high and _reads_as_pairs(sample, e)]
    if dense or pairs:
        european = [] if high > 2 * runs else _EUROPE
        korean = ["cp949"] if 2 * hangul >= 0.5 * high and others <= 0.3 * hangul else []
        single = [e for e in _SINGLE if e != "cp1255" or len(_HEBREW.findall(sample)) > 0.95 * high]
        found = _detected(sample, [*korean, *pairs, *single, *european])
        if found is None and not european:
            found = "cp1251" if len(_CAPITALISED.findall(sample)) > 0.5 * runs else "koi8_r"
        if found is not None and found not in _EUROPE:
            yield found
    elif len(_TURKISH.findall(sample)) > 0.25 * high:
        yield "cp1254"
    latin = len(_LATIN_2.findall(sample))
    if latin + len(_CENTRAL.findall(sample)) > 0.05 * high:
        yield "iso8859-2" if latin else "cp1250"
    yield "cp1252"


def _telling(data: bytes) -> bytes:
    """Return the first lines that hold more than ASCII."""
    lines, size = [], 0
    for line in io.BytesIO(data):
        if not line.isascii():
            lines.append(line)
            size += len(line)
            if size > _ENOUGH:
                break
    return b"".join(lines)


def _korean(sample: bytes) -> tuple[int, int]:
    """Count the pairs that are Hangul syllables of KS X 1001, and those that are rare in Korean.

    These are its Hanja, where Chinese has a third of its letters, and the rows of the Kana.
    """
    leads = [pair[0] for pair in _PAIR.findall(sample) if pair[1] >= 0xA1]
    hangul = sum(0xB0 <= lead <= 0xC8 for lead in leads)
    return hangul, sum(lead in (0xA4, 0xA5) or 0xC9 <= lead <= 0xF7 for lead in leads)


def _reads_as_pairs(sample: bytes, encoding: str) -> bool:
    """Whether bytes are text in an encoding of Japan or China, and hold a letter of two bytes."""
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    return any("\u2e80" <= letter < "\uff61" for letter in text)


def _detected(sample: bytes, known: list[str]) -> str | None:
    """Return which of the known encodings charset-normalizer takes a text for."""
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=known).best()
    return None if best is None else str(best.encoding)


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
