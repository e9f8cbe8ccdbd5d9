"""Where a table comes from: a file, what is packed in it, standard input; and what is refused."""

from __future__ import annotations

import bz2
import functools
import gzip
import io
import lzma
import os
import re
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from maeum.core.errors import DataError, nearest
from maeum.core.messages import N_, _
from maeum.core.wording import some

_CSV = N_("Export the table as CSV first.")
_UNPACK = N_("Unpack it first.")
# What a file begins with, what it is then, and what to do.
_REFUSED = [
    (b"\xd0\xcf\x11\xe0", N_("an old Excel workbook (.xls)"), N_("Save it as .xlsx or CSV.")),
    (b"%PDF", N_("a PDF"), N_("Copy the table out of it into a CSV file.")),
    (b"\x89PNG", N_("an image"), _CSV),
    (b"\xff\xd8\xff", N_("an image"), _CSV),
    (b"GIF8", N_("an image"), _CSV),
    (b"\x89HDF", N_("an HDF5 file"), N_("Export the table as CSV first, with pandas or h5py.")),
    (b"SQLite format 3", N_("an SQLite database"),
     N_("Export the table as CSV first: sqlite3 -header -csv FILE 'SELECT * FROM table' > x.csv.")),
    (b"ARROW1", N_("an Arrow (Feather) file"), N_("Save it as .parquet or CSV.")),
    (b"ORC", N_("an ORC file"), N_("Save it as .parquet or CSV.")),
    (b"Obj\x01", N_("an Avro file"), N_("Save it as .parquet or CSV.")),
    (b"<stata_dta>", N_("a Stata file"), _CSV),
    (b"$FL", N_("an SPSS file"), _CSV),
    (b"MATLAB 5.0", N_("a MATLAB file"), _CSV),
    (b"RDX", N_("an R data file"), _CSV),
    (b"\x93NUMPY", N_("a NumPy array"), _CSV),
    (b"\x80\x04", N_("a pickle, which may run programs when it is opened"), _CSV),
    (b"\x80\x05", N_("a pickle, which may run programs when it is opened"), _CSV),
    (b"\x28\xb5\x2f\xfd", N_("packed with Zstandard"), _UNPACK),
    (b"7z\xbc\xaf", N_("a 7-Zip archive"), _UNPACK),
    (b"Rar!", N_("a RAR archive"), _UNPACK),
]  # fmt: skip
# What begins with a text that is none of a table.
_REFUSED_TEXTS = [
    (re.compile(r"\s*<(!doctype\s+html|html|table)\b", re.IGNORECASE), N_("a web page"),
     N_("Save the table on it as CSV.")),
    (re.compile(r"\s*<\?xml\b"), N_("an XML file"), _CSV),
    (re.compile(r"\s*\{\\rtf"), N_("an RTF document"), _CSV),
    (re.compile(r"(\s*(--[^\n]*\n|/\*((?!\*/).)*\*/;?|SET [^\n;]*;))*\s*"
                r"((CREATE|DROP)\s+TABLE|INSERT\s+INTO)\b", re.IGNORECASE | re.DOTALL),
     N_("a dump of a database"),
     N_("Load it into a database, and export the table as CSV.")),
]  # fmt: skip
# What an archive holds if it is something else than an archive.
_ARCHIVES = [
    ("xl/workbook.bin", N_("a binary Excel workbook (.xlsb)"), N_("Save it as .xlsx or CSV.")),
    ("content.xml", N_("an OpenDocument file"), N_("Save it as .xlsx or CSV.")),
    ("word/document.xml", N_("a Word document"), N_("Copy the table out of it into a CSV file.")),
    ("ppt/presentation.xml", N_("a presentation"), _CSV),
    ("model.json", N_("a model of Maeum, not a table"), N_("Give the table in its place.")),
    ("Index/Document.iwa", N_("a Numbers document"), N_("Export it as .xlsx or CSV.")),
]  # fmt: skip
_PACKED: list[tuple[bytes, Callable[[bytes], bytes], str]] = [
    (b"\x1f\x8b", gzip.decompress, ".gz"),
    (b"BZh", bz2.decompress, ".bz2"),
    (b"\xfd7zXZ", lzma.decompress, ".xz"),
]
_TABLES = (".csv", ".tsv", ".tab", ".txt", ".dat", ".data", ".xlsx", ".parquet", ".json", ".jsonl",
           ".ndjson", ".arff")  # fmt: skip
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9.-]+)(\+[A-Za-z0-9]+)?:/{1,3}\S")
_DATABASES = re.compile(r"postgres|mysql|mariadb|sqlite|mssql|oracle|duckdb|snowflake|bigquery"
                        r"|redshift|clickhouse|mongodb|jdbc|odbc|db2|hive")  # fmt: skip
_HEAD = 1 << 12


class MissingFileError(DataError, FileNotFoundError):
    """There is no file where the table should be."""


class Refused(NamedTuple):
    """What something is that is not read, and what to do."""

    what: str
    advice: str


@dataclass(frozen=True)
class Content:
    """The bytes of a table, unpacked.

    Attributes:
        name: what they are called in messages.
        path: the file that holds exactly them; None for what was unpacked or came from elsewhere.
        loaded: them themselves, where there is no such file.
    """

    name: str
    path: Path | None = None
    loaded: bytes = b""

    def open(self) -> BinaryIO:
        """Return them as a file that is open."""
        return io.BytesIO(self.loaded) if self.path is None else self.path.open("rb")

    @functools.cached_property
    def head(self) -> bytes:
        """The first of them."""
        return self.loaded[:_HEAD] if self.path is None else _read(self.path, _HEAD)

    @functools.cached_property
    def data(self) -> bytes:
        """All of them."""
        return self.loaded if self.path is None else _read(self.path)

    @property
    def size(self) -> int:
        """How many they are."""
        return len(self.loaded) if self.path is None else self.path.stat().st_size


def content_of(source: str | os.PathLike) -> Content:
    """Open what a path stands for: a file, packed or not, or ``-``, the standard input.

    Raises:
        MissingFileError: if there is no such file.
        DataError: if it cannot be read or unpacked, or is a kind of file that is not read.
    """
    if os.fspath(source) == "-":
        stdin = getattr(sys.stdin, "buffer", sys.stdin)
        read = stdin.read()
        return _unpacked(Content(_("standard input"), None, read.encode() if isinstance(read, str)
                                 else read))  # fmt: skip
    path = Path(re.sub(r"^file:/+(?=\w)", "/", os.fspath(source)))
    if (address := _ADDRESS.match(os.fspath(source))) and not path.exists():
        _refuse_address(os.fspath(source), address[1].lower())
    if path.is_dir():
        tables = sorted(p.name for p in path.iterdir() if p.suffix.lower() in _TABLES)
        example = tables[0] if tables else "data.csv"
        raise MissingFileError("{path} is a folder; give the path of a file such as {example}.",
                               path=path, example=path / example)  # fmt: skip
    return _unpacked(Content(path.name, path))


def refuse(name: str, found: Refused) -> DataError:
    """Return the error for something that is not read."""
    return DataError("{name} is {what}, which cannot be read as a table. {advice}", name=name,
                     what=_(found.what), advice=_(found.advice))  # fmt: skip


def refuse_text(name: str, text: str) -> None:
    """Raise the error for a text that is something else than a table."""
    for pattern, what, advice in _REFUSED_TEXTS:
        if pattern.match(text[:5000]):
            raise refuse(name, Refused(what, advice))


def _read(path: Path, most: int = -1) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most)
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise MissingFileError("There is no file {path}: the folder {folder} does not exist.",
                                   path=path, folder=path.parent) from None  # fmt: skip
        folder = path.parent.resolve()  # ".." says little
        hint = nearest(path.name, (p.name for p in folder.iterdir() if p.is_file()))
        raise MissingFileError("There is no file {name} in {folder}.{hint}", name=path.name,
                               folder=folder, hint=hint) from None  # fmt: skip
    except OSError as error:
        raise DataError("{path!r} cannot be read: {reason}.", path=str(path),
                        reason=error.strerror or error) from error  # fmt: skip


def _unpacked(content: Content) -> Content:
    """Unpack as often as necessary, and refuse what is no table."""
    for start, unpack, suffix in _PACKED:
        if content.head.startswith(start):
            try:
                data = unpack(content.data)
            except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
                raise DataError("{path!r} cannot be read: {reason}.", path=content.name,
                                reason=error) from error  # fmt: skip
            return _unpacked(Content(content.name.removesuffix(suffix), None, data))
    if content.head.startswith(b"PK\x03\x04"):
        return _from_archive(content)
    for start, what, advice in _REFUSED:
        if content.head.startswith(start):
            raise refuse(content.name, Refused(what, advice))
    if content.head[257:262] == b"ustar":
        raise refuse(content.name, Refused(N_("a tar archive"), _UNPACK))
    return content


def _from_archive(content: Content) -> Content:
    """Return a workbook as it is, and the one table that another archive holds."""
    try:
        with zipfile.ZipFile(content.open()) as archive:
            names = [i.filename for i in archive.infolist() if not i.is_dir()]
            if "xl/workbook.xml" in names:
                return content
            for sign, what, advice in _ARCHIVES:
                if sign in names:
                    raise refuse(content.name, Refused(what, advice))
            files = [n for n in names if not re.search(r"(^|/)(\.|__MACOSX/)", n)]
            tables = [n for n in files if n.lower().removesuffix(".gz").endswith(_TABLES)]
            tables = tables if len(files) > 1 else files
            separated = [n for n in tables if n.lower().endswith((".csv", ".tsv"))]
            tables = separated if len(separated) == 1 else tables  # beside a README.txt
            if not tables:
                raise DataError("{name} is a zip archive that holds no table: {files}.",
                                name=content.name,
                                files=some(files, 5) or _("nothing"))  # fmt: skip
            if len(tables) > 1:
                raise DataError("{name} is a zip archive that holds several tables ({tables}). "
                                "Unpack it, and give the one that is meant.", name=content.name,
                                tables=some(tables, 5))  # fmt: skip
            inner = tables[0].rpartition("/")[2]
            return _unpacked(Content(inner, None, archive.read(tables[0])))
    except RuntimeError as error:  # a password
        raise DataError("{path!r} cannot be read: {reason}.", path=content.name,
                        reason=error) from error  # fmt: skip
    except (zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise DataError("{name} is damaged: it begins like an Excel workbook or another zip "
                        "archive, but cannot be read ({reason}).", name=content.name,
                        reason=error) from error  # fmt: skip


def _refuse_address(address: str, scheme: str) -> None:
    """Refuse an address; a password in it is not repeated."""
    shown = re.sub(r"//?[^/@\s]+@", "//...@", address)
    if _DATABASES.match(scheme):
        raise DataError("{address} is the address of a database; Maeum reads files. Export the "
                        "table as CSV first, such as with psql -c \"\\copy table to 'x.csv' csv "
                        "header\".", address=shown)  # fmt: skip
    raise DataError("{address} is an address; Maeum reads files on this computer. Download it "
                    "first.", address=shown)  # fmt: skip
