"""Files of word vectors: word2vec's text and binary formats, and Maeum's own archive."""

from __future__ import annotations

import codecs
import json
import os
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, DataError, ModelFileError
from maeum.core.files import writing
from maeum.core.messages import _
from maeum.core.tensors import UNREADABLE, pack, unpack
from maeum.text.encodings import check_encoding
from maeum.text.lines import opened
from maeum.text.vectors.corpus import text_lines

_BLOCK = 1 << 20
_LONGEST_WORD = 100_000  # bytes


def write_word2vec(
    path: str | os.PathLike, words: list[str], vectors: np.ndarray, binary: bool = False
) -> None:
    """Write word2vec's format: a line ``words dimensions``, then each word and its numbers.

    In the text form a word and its numbers are a line, separated by spaces, with as many digits as
    give the same float32 again. In the binary form the numbers are four bytes each, little end
    first. UTF-8; packed if the path ends in ``.gz``.

    Raises:
        DataError: for a word that is empty or has spaces in it: the format has no place for it.
        SaveError: if the file cannot be written.
    """
    for word in words:
        surrogates = any("\ud800" <= letter <= "\udfff" for letter in word)
        if surrogates or word.split() != [word]:
            raise DataError("The word {word!r} is empty, or has spaces or half a character (a "
                            "surrogate) in it, which word2vec's format cannot hold. Write it in "
                            "another way, or use `save`, which holds every word.",
                            word=word)  # fmt: skip
    with writing(path, packed=_packed(path)) as file:
        file.write(f"{len(words)} {vectors.shape[1]}\n".encode())
        for word, vector in zip(words, vectors):
            if binary:
                file.write(word.encode() + b" " + vector.astype("<f4").tobytes() + b"\n")
            else:
                file.write(f"{word} {' '.join(vector.astype(str))}\n".encode())


def read_word2vec(
    path: str | os.PathLike,
    binary: bool = False,
    encoding: str = "utf-8",
    unicode_errors: str = "strict",
    limit: int | None = None,
    no_header: bool | None = None,
) -> tuple[list[str], np.ndarray]:
    """Read word2vec's format, or GloVe's, which is the text form without the first line.

    A word that occurs again is ignored, with a warning.

    Args:
        path: unpacked if it ends in ``.gz``.
        binary: which of the forms it is.
        encoding: of the words.
        unicode_errors: ``"strict"``, ``"ignore"`` or ``"replace"`` for words that are not in this
            encoding (words were cut in the middle of a letter when some known files were made).
        limit: read only the first so many words.
        no_header: whether the first line with the numbers of words and dimensions is missing; found
            out if not given.

    Returns:
        The words, and their vectors ``(words, dimensions)``, float32.

    Raises:
        DataError: if the file is not there, is cut off, or has lines of another length.
    """
    check_choice(unicode_errors, ("strict", "ignore", "replace"), "unicode_errors")
    encoding = check_encoding(encoding)
    if binary and no_header:
        raise ConfigError("A binary file needs its first line, which holds the dimensions.")
    read = _read_binary if binary else _read_text
    words: list[str] = []
    vectors: list[np.ndarray] = []
    seen: set[str] = set()
    again: list[str] = []
    with opened(path) as file:
        for raw, vector in read(file, str(path), limit, no_header):
            word = _decoded(raw, encoding, unicode_errors, str(path))
            if word in seen:
                again.append(word)
                continue
            seen.add(word)
            words.append(word)
            vectors.append(vector)
    if not words:
        raise DataError("There are no vectors in {path!r}.", path=str(path))
    if again:
        warnings.warn(
            _("{path!r} has {n} words more than once, such as {word!r}: the first vector of each "
              "is kept.", path=str(path), n=len(again), word=again[0]), stacklevel=2
        )  # fmt: skip
    return words, np.stack(vectors)


def _read_text(
    file: Any, path: str, limit: int | None, no_header: bool | None
) -> Iterator[tuple[bytes, np.ndarray]]:
    first = file.readline().removeprefix(codecs.BOM_UTF8)
    fields = first.split()
    if no_header is None:
        no_header = not (len(fields) == 2 and all(field.isdigit() for field in fields))
    expected, size = (None, None) if no_header else _header(first, path)
    number = 1 if no_header else 2
    line = first if no_header else file.readline()
    found = 0
    while line and (limit is None or found < limit):
        fields = line.rstrip().split(b" ") if size is None else line.rstrip().rsplit(b" ", size)
        if line.strip():
            size = size or len(fields) - 1
            vector = _numbers(fields[1:])
            # Later words may be like "windows 10"; a first one tells that the header is wrong.
            more = not found and b" " in fields[0] and len(_numbers(fields[0].rsplit(b" ")[-1:]))
            if more or len(vector) != size or not size:
                raise DataError("Line {number} of {path!r} is {line!r}...; expected a word and "
                                "{size} numbers, separated by spaces. If the file is binary, pass "
                                "binary=True.", number=number, path=path, line=line[:60],
                                size=size)  # fmt: skip
            found += 1
            yield fields[0], vector
        line, number = file.readline(), number + 1
    if expected is not None and limit is None and found != expected:
        raise DataError("The first line of {path!r} announces {expected} words, but there are "
                        "{found}: the file is damaged or was cut off.", path=path,
                        expected=expected, found=found)  # fmt: skip


def _read_binary(
    file: Any, path: str, limit: int | None, no_header: bool | None
) -> Iterator[tuple[bytes, np.ndarray]]:
    expected, size = _header(file.readline(_LONGEST_WORD), path)
    buffer, place = b"", 0
    for found in range(expected if limit is None else min(limit, expected)):
        while True:
            end = buffer.find(b" ", place)
            if 0 <= end <= len(buffer) - 1 - 4 * size:
                break
            more = file.read(_BLOCK)
            if not more or (end < 0 and len(buffer) - place > _LONGEST_WORD):
                raise DataError("{path!r} ends, or is damaged, after {found} of the {expected} "
                                "words that its first line announces. Download it again; `limit` "
                                "reads its beginning.", path=path, found=found,
                                expected=expected)  # fmt: skip
            buffer, place = buffer[place:] + more, 0
        start = end + 1
        vector = np.frombuffer(buffer, "<f4", size, start).astype(np.float32)
        yield buffer[place:end].lstrip(b"\n"), vector
        place = start + 4 * size


def _header(line: bytes, path: str) -> tuple[int, int]:
    fields = line.split()
    short = len(fields) == 2 and all(f.isdigit() and len(f) <= 18 for f in fields)
    if not short or not int(fields[1]):
        raise DataError("The first line of {path!r} is {line!r}; expected the numbers of words and "
                        "of dimensions. Is this a file in word2vec's format?", path=path,
                        line=line[:60])  # fmt: skip
    return int(fields[0]), int(fields[1])


def _decoded(raw: bytes, encoding: str, errors: str, path: str) -> str:
    try:
        return raw.decode(encoding, errors)
    except UnicodeDecodeError:
        raise DataError("The word {word!r:.80} in {path!r} is not text in {encoding}. Give another "
                        'encoding, or unicode_errors="replace" or "ignore".', word=raw, path=path,
                        encoding=encoding) from None  # fmt: skip


def write_counts(path: str | os.PathLike, words: list[str], counts: np.ndarray | None) -> None:
    """Write lines ``word count``, as word2vec's ``-save-vocab`` does."""
    if counts is None:
        raise DataError("These vectors have no counts; omit fvocab.")
    with writing(path, packed=_packed(path)) as file:
        for word, count in zip(words, counts):
            file.write(f"{word} {count}\n".encode())


def read_counts(path: str | os.PathLike) -> dict[str, int]:
    """Read lines ``word count``."""
    counts = {}
    for number, line in enumerate(text_lines(path, "utf-8"), 1):
        try:
            word, count = line.rsplit(maxsplit=1)
            counts[word] = int(count)
        except ValueError:
            raise DataError("Line {number} of {path!r} is {line!r:.80}; expected a word and a "
                            "count.", number=number, path=str(path),
                            line=line.strip()) from None  # fmt: skip
    return counts


def write_archive(
    path: str | os.PathLike, about: dict[str, Any], tensors: dict[str, np.ndarray]
) -> None:
    """Write a zip of ``vectors.json`` and ``vectors.safetensors``: nothing in it can run.

    Raises:
        SaveError: if it cannot be written; a file that was there before is still whole.
    """
    with writing(path) as file, zipfile.ZipFile(file, "w") as archive:
        text = json.dumps(about, default=np.generic.item)
        archive.writestr(zipfile.ZipInfo("vectors.json"), text)
        archive.writestr(zipfile.ZipInfo("vectors.safetensors"), pack(tensors))


def read_archive(
    path: str | os.PathLike, *kinds: str
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read what `write_archive` wrote.

    Args:
        path: the file.
        kinds: what ``about["kind"]`` may be.

    Raises:
        ModelFileError: if the file is not there, is damaged, or holds something else.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read("vectors.json"))
            tensors = unpack(archive.read("vectors.safetensors"))
        kind = about["kind"]
    except (OSError, zipfile.BadZipFile, TypeError, *UNREADABLE) as error:
        raise ModelFileError("{path!r} is not a file of word vectors that `save` wrote ({error}). "
                             "Files in word2vec's format are read with "
                             "`KeyedVectors.load_word2vec_format`.", path=str(path),
                             error=error) from error  # fmt: skip
    if kind not in kinds:
        raise ModelFileError("{path!r} holds {kind!r}; expected {kinds}. Load it with the class of "
                             "that name.", path=str(path), kind=kind,
                             kinds=", ".join(map(repr, kinds)))  # fmt: skip
    return about, tensors


def _numbers(fields: list[bytes]) -> np.ndarray:
    """Return fields as numbers, nothing if they are none."""
    try:
        return np.array([float(field) for field in fields], np.float32)
    except ValueError:
        return np.empty(0, np.float32)


def _packed(path: str | os.PathLike) -> bool:
    return os.fspath(path).endswith(".gz")
