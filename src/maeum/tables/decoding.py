"""The content of a file as text: which encoding it is in, and what is broken in it."""

from __future__ import annotations

import re

from maeum.core.errors import DataError
from maeum.core.messages import _
from maeum.text.encodings import check_encoding, recognise

CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")


def decode(content: bytes, name: str, encoding: str | None = None) -> tuple[str, list[str]]:
    """Turn the content of a file into text, and say which encoding was recognised.

    See `maeum.text.encodings.recognise`; what is broken in UTF-8 is replaced, and counted.

    Raises:
        DataError: if the content is not a text.
        ConfigError: if ``encoding`` is not known to Python.

    >>> decode("이름,값".encode("cp949"), "a.csv")
    ('이름,값', ['The encoding was recognised as cp949.'])
    """
    if encoding is not None:
        try:
            return content.decode(check_encoding(encoding)).removeprefix("\ufeff"), []
        except UnicodeError as error:
            place = getattr(error, "start", 0)
            raise DataError("{name} is not {encoding} text: line {line} has the byte 0x{byte:02x}. "
                            "Omit the encoding to have it recognised.", name=name,
                            encoding=encoding, line=content.count(b"\n", 0, place) + 1,
                            byte=content[place]) from None  # fmt: skip
    found = recognise(content)
    text = content.decode(found, errors="replace").removeprefix("\ufeff")
    if len(CONTROL.findall(text[:100_000])) > 0.005 * len(text[:100_000]):
        raise DataError("{name} is not a text file. Export the table as CSV first.", name=name)
    notes = []
    if found != "utf-8":
        notes.append(_("The encoding was recognised as {encoding}.", encoding=found))
    if broken := text.count("\ufffd"):
        written = content.count(b"\xef\xbf\xbd") if found == "utf-8" else 0
        if broken > written:
            notes.append(_("Broken characters, read as \ufffd: {n:,}.", n=broken - written))
        if written:
            notes.append(_("Characters that were lost before the file was written (\ufffd): {n:,}.",
                           n=written))  # fmt: skip
    return text, notes
