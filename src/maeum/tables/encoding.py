"""From bytes to text: the encoding of a file is recognised from the bytes themselves."""

from __future__ import annotations

import re

from maeum.core.errors import DataError
from maeum.core.messages import N_, _
from maeum.text.encodings import check_encoding, recognise

_SIGNATURES = [
    (b"PK\x03\x04", N_("an Excel workbook or another zip archive")),
    (b"\xd0\xcf\x11\xe0", N_("an old Excel workbook")),
    (b"PAR1", N_("a Parquet file")),
    (b"%PDF", N_("a PDF")),
    (b"\x89PNG", N_("an image")),
    (b"\x89HDF", N_("an HDF5 file")),
    (b"SQLite format 3", N_("an SQLite database")),
]
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")


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
            raise DataError("{name} is not {encoding} text ({error}). Omit the encoding to have it "
                            "recognised.", name=name, encoding=encoding,
                            error=error) from None  # fmt: skip
    for start, what in _SIGNATURES:
        if content.startswith(start):
            raise DataError("{name} is {what}, not a text file. Export the table as CSV first.",
                            name=name, what=_(what))  # fmt: skip
    found = recognise(content)
    text = content.decode(found, errors="replace").removeprefix("\ufeff")
    if len(_CONTROL.findall(text[:100_000])) > 0.005 * len(text[:100_000]):
        raise DataError("{name} is not a text file. Export the table as CSV first.", name=name)
    notes = []
    if found != "utf-8":
        notes.append(_("The encoding was recognised as {encoding}.", encoding=found))
    if broken := text.count("\ufffd"):
        notes.append(_("Broken characters, read as \ufffd: {n:,}.", n=broken))
    return text, notes
