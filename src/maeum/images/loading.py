"""Batches of decoded images for training."""

from __future__ import annotations

import threading
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from operator import attrgetter
from typing import Any

import numpy as np

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, DataError
from maeum.core.messages import _, language, ngettext
from maeum.core.wording import some
from maeum.images import cache as disk
from maeum.images.batches import BatchSequence
from maeum.images.image_set import ImageSet, counted
from maeum.images.reading import ImageError, decode, shown
from maeum.images.resizing import CHANNELS, Reading, resized

LABEL_MODES = ("int", "categorical", "binary", None)
_NEW, _READ, _BAD = range(3)
_AT_ONCE = 256  # images decoded together when all of them are


class ImageLoader(BatchSequence):
    """Batches ``(x, y)`` of an `ImageSet`, decoded by a pool of threads; made for ``fit``.

    An image is decoded once: the pixels are kept in a file of the cache folder, which the next
    run finds again (``MAEUM_CACHE`` says where, 0 turns it off), or else in memory.

    Args:
        images: the images.
        size: ``(height, width)`` that all of them get, or one number for a square. It can be left
            out only for images that are an array.
        batch_size: the images of a batch; the last one may have fewer.
        color_mode: ``"rgb"``, ``"grayscale"`` or ``"rgba"``.
        resize: ``"crop"``, ``"pad"`` or ``"stretch"``; see `load_image`.
        interpolation: see `load_image`.
        label_mode: ``"int"`` for class numbers ``(n,)`` int32, ``"categorical"`` for one-hot rows
            ``(n, classes)`` float32, ``"binary"`` for ``(n, 1)`` float32 of two classes, None for
            batches ``x`` without labels.
        shuffle: whether the images come in another order in every epoch.
        seed: the order is a function of (seed, epoch).
        errors: what is done with an image that cannot be read: ``"skip"`` drops it from its
            batch, lists it in ``skipped`` and warns once; ``"raise"`` raises `ImageError`.
        cache: whether decoded images are kept on the disk.
        memory_limit: bytes of decoded images that may be kept in memory.
        workers: the number of threads; by default that of the processors.
        dtype: ``"uint8"``, or ``"float32"`` for the same numbers, 0 to 255, in four times the
            memory. A model makes floats of bytes itself, on its device. Images that are an
            array of floats stay floats.

    Raises:
        ConfigError: for arguments that do not fit each other or the images.

    Example:
        >>> images = ImageSet(pixels=np.zeros((10, 8, 8, 3), np.uint8), labels=[0, 1] * 5)
        >>> loader = ImageLoader(images, size=4, batch_size=4)
        >>> [(x.shape, y.tolist()) for x, y in loader]
        [((4, 4, 4, 3), [0, 1, 0, 1]), ((4, 4, 4, 3), [0, 1, 0, 1]), ((2, 4, 4, 3), [0, 1])]
    """

    def __init__(
        self,
        images: ImageSet,
        size: int | tuple[int, int] | None = None,
        batch_size: int = 32,
        *,
        color_mode: str = "rgb",
        resize: str = "crop",
        interpolation: str = "bilinear",
        label_mode: str | None = "int",
        shuffle: bool = False,
        seed: int = 0,
        errors: str = "skip",
        cache: bool = True,
        memory_limit: int = 2**30,
        workers: int | None = None,
        dtype: str = "uint8",
    ):
        if not isinstance(images, ImageSet):
            raise ConfigError("images is an ImageSet, such as read_folder gives; got {type}.",
                              type=type(images).__name__)  # fmt: skip
        super().__init__(len(images), batch_size, shuffle, seed, workers)
        self.images = images
        self.reading = Reading(size, color_mode, resize, interpolation)
        label_mode = label_mode if images.labels is not None else None
        self.label_mode = check_choice(label_mode, LABEL_MODES, "label_mode")
        if self.label_mode == "binary" and len(images.class_names) != 2:
            raise ConfigError('label_mode="binary" needs two classes; there are {n}: {names}.',
                              n=len(images.class_names),
                              names=some(images.class_names, 5))  # fmt: skip
        self.errors = check_choice(errors, ("skip", "raise"), "errors")
        self.dtype = check_choice(dtype, ("uint8", "float32"), "dtype")
        self.memory_limit = memory_limit
        self.image_shape = self._shape()
        self._lock = threading.Lock()
        self._state = np.zeros(len(images), np.uint8)
        self._reasons: dict[int, str] = {}
        self._remarks: Counter[str] = Counter()
        self._kept: np.ndarray | None = None
        self._unfinished: disk.Unfinished | None = None
        self._told = False
        if images.paths is not None:
            self._prepare_store(images.paths, cache)

    def __repr__(self) -> str:
        size = "x".join(map(str, self.image_shape))
        return f"<ImageLoader: {counted(self.rows)} of {size} in {len(self)} batches>"

    color_mode = property(attrgetter("reading.color_mode"), doc="The colours of the images.")
    resize = property(attrgetter("reading.resize"), doc="How an image is made to fit.")
    interpolation = property(attrgetter("reading.interpolation"), doc="How pixels are resampled.")

    @property
    def class_names(self) -> list[str]:
        """The names of the classes, in the order of their numbers."""
        return self.images.class_names

    @property
    def file_paths(self) -> list[str]:
        """The files, in the order of the set."""
        return list(self.images.paths or ())

    @property
    def skipped(self) -> list[tuple[str, str]]:
        """The images that could not be read so far, each with the reason."""
        paths = self.file_paths
        return [(paths[row], reason) for row, reason in sorted(self._reasons.items())]

    @property
    def remarks(self) -> list[str]:
        """What was noticed about images that could be read, as sentences."""
        found = sorted(self._remarks.items())
        return [_("{images}: {what}.", images=counted(n), what=_(what)) for what, n in found]

    @property
    def notes(self) -> list[str]:
        """What was noticed while decoding, as sentences."""
        return [*self.remarks, *([self._summary()] if self._reasons else [])]

    @property
    def fits_memory(self) -> bool:
        """Whether all decoded images together stay within ``memory_limit``."""
        bytes_each = int(np.prod(self.image_shape)) * np.dtype(self.dtype).itemsize
        return self.rows * bytes_each <= self.memory_limit

    def arrays(self) -> Any:
        """Return all images that can be read, in the order of the set, as one batch.

        ``fit`` keeps such arrays on the device, which is the fastest way for a set that
        ``fits_memory``.
        """
        out, rows = self._as_they_are, np.arange(self.rows)
        if out is None:
            out = np.empty((self.rows, *self.image_shape), np.uint8)
            self._read_all(out)
        batch = self._batch(rows, out)
        return self._none_left(rows) if batch is None else batch

    def readable(self) -> ImageSet:
        """Return the set without the images that cannot be read; this decodes all of them."""
        self._read_all(None)
        if (self._state == _BAD).all():
            self._none_left(np.arange(self.rows))
        return self.images.subset(self._state != _BAD)

    def _shape(self) -> tuple[int, int, int]:
        pixels, size = self.images.pixels, self.reading.size
        if pixels is None:
            if size is None:
                raise ConfigError("Images in files may differ in size: say which size they get, "
                                  "such as size=(64, 64).")  # fmt: skip
            return (*size, CHANNELS[self.reading.color_mode])
        wanted = size or pixels.shape[1:3]
        if pixels.dtype != np.uint8 and wanted != pixels.shape[1:3]:
            raise ConfigError("Images of {dtype} cannot be resized here; give them as uint8, or "
                              "use the layer Resizing.", dtype=pixels.dtype)  # fmt: skip
        return (*wanted, pixels.shape[3])

    @property
    def _as_they_are(self) -> np.ndarray | None:
        """The pixels of the set, if there are any and nothing has to be done to them."""
        pixels = self.images.pixels
        return pixels if pixels is not None and pixels.shape[1:] == self.image_shape else None

    def _prepare_store(self, paths: list[str], cache: bool) -> None:
        """Find the cache of these images, or begin one; else keep them in memory if they fit."""
        # The language is that of the reasons, which stand in the cache, too.
        options = {**asdict(self.reading), "language": language()}
        shape = (self.rows, *self.image_shape)
        if cache:
            key = disk.key_of(paths, options)
            found = disk.load(key, shape)
            if found is not None:
                self._kept, record = found
                self._state[:] = _READ
                self._reasons = {int(row): why for row, why in record["reasons"].items()}
                self._state[list(self._reasons)] = _BAD
                self._remarks.update(record["remarks"])
                return
            self._unfinished = disk.Unfinished.begin(key, shape)
        if self._unfinished is not None:
            self._kept = self._unfinished.pixels
        elif int(np.prod(shape)) <= self.memory_limit:
            self._kept = np.empty(shape, np.uint8)

    def _begin(self, rows: np.ndarray, epoch: int) -> Callable[[], Any]:
        if self._as_they_are is not None:
            pixels = self._as_they_are
            return lambda: self._batch(rows, pixels[rows])
        out = np.empty((len(rows), *self.image_shape), np.uint8)
        wait = self._read(rows, out)

        def finish() -> Any:
            wait()
            return self._batch(rows, out)

        return finish

    def _read(self, rows: np.ndarray, out: np.ndarray | None) -> Callable[[], None]:
        """Begin to put images into the rows of ``out``; return a function that waits."""

        def work(number: int) -> None:
            row = rows[number]
            if self.images.pixels is not None:
                pixels: np.ndarray | None = self._resized(self.images.pixels[row])
            elif self._state[row] == _READ and self._kept is not None:
                pixels = self._kept[row] if out is not None else None
            else:
                pixels = self._decoded(int(row))
            if out is not None and pixels is not None:
                out[number] = pixels

        wait = self._spread(work, len(rows))

        def finish() -> None:
            wait()
            self._complete()

        return finish

    def _read_all(self, out: np.ndarray | None) -> None:
        waiting: Callable[[], None] = lambda: None  # noqa: E731
        for start in range(0, self.rows, _AT_ONCE):
            rows = np.arange(start, min(start + _AT_ONCE, self.rows))
            started = self._read(rows, None if out is None else out[rows[0] : rows[-1] + 1])
            waiting()
            waiting = started
        waiting()

    def _decoded(self, row: int) -> np.ndarray | None:
        """Decode one file and keep its pixels; None if it cannot be read and is to be skipped."""
        assert self.images.paths is not None
        path = self.images.paths[row]
        if self._state[row] == _BAD:
            error = ImageError(path, self._reasons[row])
        else:
            try:
                pixels, remarks = decode(path, self.reading)
                new = self._state[row] == _NEW
                if self._kept is not None:
                    self._kept[row] = pixels
                self._state[row] = _READ
                if new and remarks:
                    with self._lock:
                        self._remarks.update(remarks)
                return pixels
            except ImageError as failed:
                error = failed
        if self.errors == "raise":
            raise error
        with self._lock:
            self._reasons[row] = error.reason
            self._state[row] = _BAD
        return None

    def _resized(self, pixels: np.ndarray) -> np.ndarray:
        from PIL import Image

        plain = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
        how = self.reading.resize, self.reading.interpolation
        return np.asarray(resized(plain, self.image_shape[:2], *how)).reshape(self.image_shape)

    def _batch(self, rows: np.ndarray, out: np.ndarray) -> Any:
        """Put a batch together of the images that could be read; None if there is none."""
        there = self._state[rows] != _BAD
        if not there.all():
            if not there.any():
                return None
            rows, out = rows[there], out[there]
        x = out if self.dtype == "uint8" else out.astype(self.dtype)
        if self.label_mode is None or self.images.labels is None:
            return x
        labels = self.images.labels[rows]
        if self.label_mode == "categorical":
            return x, np.eye(len(self.class_names), dtype=np.float32)[labels]
        if self.label_mode == "binary":
            return x, labels.astype(np.float32)[:, None]
        return x, labels

    def _complete(self) -> None:
        """When every image was seen: finish the cache, and say what could not be read."""
        if self._told or self.images.paths is None or (self._state == _NEW).any():
            return
        with self._lock:
            if self._told:
                return
            self._told = True
        if self._unfinished is not None:
            self._unfinished.finish(self._reasons, dict(self._remarks))
            self._unfinished = None
        if self._reasons:
            warnings.warn(self._summary(), stacklevel=2)

    def _summary(self) -> str:
        return unreadable(self.skipped, self.rows, 5)

    def _none_left(self, rows: np.ndarray) -> Any:
        path, reason = self.file_paths[rows[0]], self._reasons[int(rows[0])]
        raise DataError(ngettext("The image cannot be read: {path}: {reason}.",
                                 "None of {n:,} images can be read; the first is {path}: {reason}.",
                                 len(rows), path=shown(path), reason=reason))  # fmt: skip


def unreadable(skipped: Sequence[tuple[str, str]], rows: int, most: int) -> str:
    """Say which of so many images were skipped, and why."""
    return _("{images} of {all:,} skipped, not readable: {files}.", images=counted(len(skipped)),
             all=rows,
             files=some((f"{shown(path)} ({why})" for path, why in skipped), most))  # fmt: skip
