"""Images that are the same, or nearly: saved once more, made smaller, the next frame of a film."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from maeum.experiment.seen import byte_hashes

SIDE = 16  # rows and columns of the thumbnails that are compared
_COARSE = 8  # and of those that are searched
MOST = 20_000  # images among which near copies are looked for; more of them take long
_LEVELS = 8.0  # so much of 255 may near copies differ in the mean (root mean square),
_CONTRAST = 0.15  # and this fraction of the contrast of an image
_FLAT = 8.0  # an image with less contrast looks like many others
_MIRRORED = 1_500  # images that are looked at mirrored
_MOST_ALIKE = 50  # copies of one image that are looked at


class Copies(NamedTuple):
    """Which of ``n`` images are copies of each other: they have the same number, of the first.

    Attributes:
        same: ``(n,)`` with copies that are the same pixel for pixel.
        alike: ``(n,)`` with near copies, too.
        hashes: ``(n,)`` uint64 of the pixels of each.
    """

    same: np.ndarray
    alike: np.ndarray
    hashes: np.ndarray


def find_copies(blocks: Iterable[np.ndarray], labels: np.ndarray | None = None) -> Copies:
    """Find the copies among images.

    Args:
        blocks: ``(n, height, width, channels)`` bytes each, one after the other.
        labels: ``(n,)`` class numbers. Within a class, mirrored copies are near copies, too;
            elsewhere the mirrored one may be meant: an arrow, a letter.

    Example:
        >>> noise = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 1), np.uint8)
        >>> found = find_copies([noise, noise[:1], noise[2:] // 2 * 2])
        >>> found.same.tolist(), found.alike.tolist()
        ([0, 1, 2, 0, 4], [0, 1, 2, 0, 2])
    """
    parts: list[np.ndarray] = []
    thumbs: list[np.ndarray] = []
    mirrored: list[np.ndarray] = []
    count = 0
    for block in blocks:
        parts.append(pixel_hashes(block))
        count += len(block)
        thumbs += [thumbnail(p) for p in block] if count <= MOST else []
        if labels is not None and count <= MOST:
            mirrored += [thumbnail(p[:, ::-1]) for p in block]  # their mirror images may differ
    hashes = np.concatenate([np.zeros(0, np.uint64), *parts])
    _values, first, number = np.unique(hashes, return_index=True, return_inverse=True)
    same = first[number]
    alike = same.copy()
    if count <= MOST and thumbs:
        first = np.unique(same)
        different = np.stack(
            [images[row] for images in (thumbs, mirrored) if images for row in first]
        )
        of = None if labels is None else np.asarray(labels)[first]
        for one, other in _near(different, of):
            a, b = _root(alike, int(first[one])), _root(alike, int(first[other]))
            alike[max(a, b)] = min(a, b)
        alike = np.array([_root(alike, row) for row in range(len(alike))], np.int64)
    return Copies(same, alike, hashes)


def pixel_hashes(block: np.ndarray) -> np.ndarray:
    """Return a hash of each of some images ``(n, height, width, channels)``, ``(n,)`` uint64."""
    return byte_hashes(pixels.tobytes() for pixels in block)


def thumbnail(pixels: np.ndarray) -> np.ndarray:
    """Return an image ``(height, width, channels)`` with at most `SIDE` rows and columns."""
    from PIL import Image

    height, width = (min(SIDE, n) for n in pixels.shape[:2])
    grey = pixels.shape[2] == 1
    plain = Image.fromarray(pixels[..., 0] if grey else pixels)
    small = np.asarray(plain.resize((width, height), Image.Resampling.BOX))
    return small.reshape(height, width, -1)


def _near(thumbs: np.ndarray, labels: np.ndarray | None) -> Iterator[tuple[int, int]]:
    """Yield the pairs of thumbnails that are nearly the same.

    With labels ``(n,)`` there are ``2 n``, the mirrored ones last, and pairs of a class are those,
    too, of which one is mirrored.
    """
    if labels is None:
        yield from near_pairs(thumbs)
        return
    n = len(labels)
    for one, other in near_pairs(thumbs):
        a, b = one % n, other % n
        mirrored = (one < n) != (other < n)
        if a != b and (labels[a] == labels[b] if mirrored else one < n):
            yield a, b


def near_pairs(thumbs: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield the pairs of thumbnails ``(n, height, width, channels)`` that are nearly the same."""
    contrast = thumbs.reshape(len(thumbs), -1).std(axis=1)
    limits = np.where(contrast < _FLAT, 0, np.minimum(_LEVELS, _CONTRAST * contrast))
    coarse = np.stack([_coarse(thumb) for thumb in thumbs])
    scale = np.sqrt(coarse.shape[1])
    centred = coarse - coarse.mean(axis=0)
    _values, axes = np.linalg.eigh(centred.T @ centred)
    place = centred @ axes[:, -1]  # along which they differ most: near ones are near here, too
    order = np.argsort(place, kind="stable")
    place, squares = place[order], (centred[order] ** 2).sum(axis=1)
    around = centred[order]
    for start in range(0, len(order), 256):
        rows = np.arange(start, min(start + 256, len(order)))
        end = int(np.searchsorted(place, place[rows[-1]] + _LEVELS * scale, "right"))
        apart = squares[rows, None] + squares[start:end] - 2 * around[rows] @ around[start:end].T
        for row, distances in zip(rows, apart):
            nearby = np.flatnonzero(distances <= (_LEVELS * scale) ** 2) + start
            for other in nearby[nearby > row][:_MOST_ALIKE]:
                one, two = int(order[row]), int(order[other])
                difference = thumbs[one].astype(np.float32) - thumbs[two]
                if np.sqrt((difference**2).mean()) <= min(limits[one], limits[two]):
                    yield one, two


def _coarse(thumb: np.ndarray) -> np.ndarray:
    """Return the grey values of a thumbnail with still fewer rows and columns."""
    grey = thumb.mean(axis=2, dtype=np.float32)
    for axis in (0, 1):
        cuts = np.linspace(0, grey.shape[axis], min(_COARSE, grey.shape[axis]) + 1).astype(int)
        sizes = np.diff(cuts)
        grey = np.add.reduceat(grey, cuts[:-1], axis=axis) / np.expand_dims(sizes, 1 - axis)
    return grey.reshape(-1)


def _root(numbers: np.ndarray, row: int) -> int:
    """Follow the numbers to the first of the copies."""
    while numbers[row] != row:
        row = int(numbers[row])
    return row


def mirrors_alike(part: Any) -> bool | None:
    """Tell whether images that are mirrored still look like those of their class.

    The nearest other thumbnail says which class an image looks like. Where that is right for
    images, and clearly less so for one class once they are mirrored, left and right matter: as
    they do for letters, digits and arrows.

    Args:
        part: images, a `Part`.

    Returns:
        None if the nearest images do not tell the classes apart anyway.
    """
    rows = np.linspace(0, len(part) - 1, min(len(part), _MIRRORED)).astype(int)
    labels = part.y[rows]
    blocks = (part.pixels(rows[i : i + 256]) for i in range(0, len(rows), 256))
    thumbs = np.stack([thumbnail(p) for block in blocks for p in block]).astype(np.float32)
    plain, turned = (t.reshape(len(t), -1) for t in (thumbs, thumbs[:, :, ::-1]))
    right = [labels[_nearest(each, plain)] == labels for each in (plain, turned)]
    chance = np.bincount(labels).max() / len(labels)
    if right[0].mean() < (1 + chance) / 2:
        return None
    for k in np.unique(labels):
        before, after = (hits[labels == k] for hits in right)
        spread = np.sqrt(before.var() + after.var()) / np.sqrt(len(before))
        if before.mean() - after.mean() > max(0.1, 2 * spread):
            return False
    return True


def _nearest(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return which of the others each image is nearest to, but the one of its own number."""
    distances = (others**2).sum(axis=1)[None] - 2 * images @ others.T
    np.fill_diagonal(distances, np.inf)
    return distances.argmin(axis=1)
