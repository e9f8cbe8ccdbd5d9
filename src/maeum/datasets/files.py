"""The files of a data set: where they may be on this machine, and how they are recognised."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from maeum.core.errors import DataError
from maeum.core.runtime import cache_folder, keras_folder

# Where Keras gets its data sets from.
SOURCE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

Split = tuple[np.ndarray, np.ndarray]  # inputs and targets


@dataclass(frozen=True)
class DataFile:
    """A file of a public data set.

    Args:
        name: its name, such as ``"t10k-images-idx3-ubyte.gz"``.
        digest: ``"md5:..."`` or ``"sha256:..."``, as its source publishes it.
        urls: addresses that serve it, the best one first.
        folders: folders that it may be in, within ``MAEUM_DATA``; the first one is also its
            folder in the cache.
        also: other names for the same content, such as that of the unpacked file.
    """

    name: str
    digest: str
    urls: tuple[str, ...]
    folders: tuple[str, ...]
    also: tuple[str, ...] = ()

    @property
    def cached(self) -> Path:
        """Where a download of it is kept."""
        return cache_folder() / "datasets" / self.folders[0] / self.name

    def candidates(self) -> Iterator[tuple[Path, bool]]:
        """Yield where it may be, and whether it is recognised there by its hash only.

        A folder that is named after the data set tells what is in it. Elsewhere
        the hash decides: MNIST and Fashion-MNIST give their files the same names.
        """
        given = os.environ.get("MAEUM_DATA")
        if given:
            for folder in self.folders:
                for name in (self.name, *self.also):
                    yield Path(given) / folder / name, False
            yield Path(given) / self.name, True
        yield self.cached, True
        yield keras_folder() / "datasets" / self.name, True

    def matches(self, path: Path) -> bool:
        """Say whether the file at ``path`` has the published hash."""
        kind, expected = self.digest.split(":")
        try:
            with open(path, "rb") as file:
                found = hashlib.file_digest(file, lambda: hashlib.new(kind, usedforsecurity=False))
        except OSError:
            return False
        return found.hexdigest() == expected

    def find(self) -> Path | None:
        """Return its path on this machine, or None."""
        for path, by_hash in self.candidates():
            if path.is_file() and (not by_hash or self.matches(path)):
                return path
        return None


def unreadable(path: Path, what: str, error: Exception) -> DataError:
    """Return the error of a file that is not ``what`` it should be, or is damaged."""
    return DataError("{path!r} is not {what}, or it is damaged ({error}). Download or copy it "
                     "again.", path=str(path), what=what, error=error)  # fmt: skip
