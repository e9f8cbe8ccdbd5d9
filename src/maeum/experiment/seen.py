"""Rows, images and texts told from each other by a hash: which a network was trained on."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from maeum.core.json import Saved
from maeum.core.messages import _
from maeum.core.wording import Things
from maeum.report.wording import percent

ANY_SEEN = 0.05  # a fraction trained on that is told
KEPT = 1024  # hashes: they tell a fraction to within 3 percent
_BASIS, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_MIXERS = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))


def row_hashes(arrays: Mapping[str, np.ndarray], target: np.ndarray) -> np.ndarray:
    """Return a hash of each row, with its target, ``(n,)`` uint64.

    It is FNV-1a over the 32 bits of each prepared number, mixed as in MurmurHash3, so that the
    same row gives the same hash in every table, process and version.

    Args:
        arrays: prepared rows, as `Preparation.transform` returns them.
        target: ``(n,)`` what is learnt of each.

    >>> hashes = row_hashes({"numbers": np.float32([[1, 2], [1, 2], [2, 1]])}, np.array([0, 0, 0]))
    >>> hashes[0] == hashes[1], hashes[0] == hashes[2]
    (np.True_, np.False_)
    """
    found = np.full(len(target), _BASIS)
    for array in (np.asarray(target, np.float32), *arrays.values()):
        words = np.ascontiguousarray(array.reshape(len(found), -1))
        if words.dtype.kind == "f":
            words = words.astype(np.float32) + np.float32(0)  # -0.0 is 0.0
        elif words.dtype.itemsize < 4:
            words = words.astype(np.int32)
        for column in words.view(np.uint32).T:
            found = (found ^ column) * _PRIME
    for mixer in _MIXERS:
        found = (found ^ (found >> np.uint64(33))) * mixer
    return found ^ (found >> np.uint64(33))


def byte_hashes(items: Iterable[bytes]) -> np.ndarray:
    """Return a hash of each, ``(n,)`` uint64: 8 bytes of BLAKE2b.

    >>> hashes = byte_hashes([b"one", b"two", b"one"])
    >>> hashes[0] == hashes[1], hashes[0] == hashes[2]
    (np.False_, np.True_)
    """
    digests = (hashlib.blake2b(item, digest_size=8).digest() for item in items)
    return np.frombuffer(b"".join(digests), "<u8")


@dataclass(frozen=True)
class Seen(Saved):
    """The rows (images, texts) that a network was trained on, as the smallest of their hashes.

    Any other rows with a hash up to the largest that is kept were trained on if theirs is among
    them; so a few hashes tell what fraction of a table was.

    Attributes:
        rows: how many were trained on.
        chance: the fraction of rows never seen that looks as if it had been: rows that are alike.
        hashes: the hashes, in order, as base64 of little-endian bytes.
    """

    rows: int = 0
    chance: float = 0.0
    hashes: str = ""

    @classmethod
    def of(cls, trained: np.ndarray, tested: np.ndarray) -> Seen:
        """Return what is kept of the hashes of the rows trained on, and of those never seen.

        >>> seen = Seen.of(np.arange(3, dtype=np.uint64), np.array([7], np.uint64))
        >>> seen.fraction(np.array([0, 2, 5, 9], np.uint64))
        0.5
        """
        few = trained
        if len(trained) > 16 * KEPT:  # enough, unless each row stands there many times
            few = np.partition(trained, 8 * KEPT)[: 8 * KEPT]
        kept = np.unique(few if len(np.unique(few)) >= KEPT else trained)[:KEPT]
        told = base64.b64encode(kept.astype("<u8").tobytes()).decode()
        return replace(made := cls(len(trained), 0.0, told), chance=made.fraction(tested))

    def fraction(self, hashes: np.ndarray) -> float:
        """Return the fraction of rows, given by their hashes, that were trained on; roughly."""
        kept = np.frombuffer(base64.b64decode(self.hashes), "<u8")
        if len(kept) >= KEPT:  # there are more, about which nothing is known
            hashes = hashes[hashes <= kept[-1]]
        return float(np.isin(hashes, kept).mean()) if len(hashes) else 0.0

    def told(self, hashes: np.ndarray, things: Things) -> list[str]:
        """Say so if what is tested, given by its hashes, was trained on."""
        fraction = self.fraction(hashes)
        if fraction < self.chance + ANY_SEEN:
            return []
        return [_("Of these {things}, {fraction} were in the training of the model: the figures "
                  "say little about new ones. What it achieves on those never seen stands in its "
                  "report (and in maeum show).", things=_(things.name),
                  fraction=percent(fraction, 0))]  # fmt: skip
