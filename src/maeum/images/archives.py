"""Images in one file of numbers: IDX (MNIST), HDF5, and NumPy's archives."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.errors import DataError, UnknownNameError, nearest
from maeum.core.messages import _
from maeum.core.wording import some
from maeum.datasets import idx
from maeum.images.image_set import ImageSet
from maeum.images.reading import find_file, shown

# What arrays are called when nobody says: the part, and whether it holds images or labels.
_PARTS = {"train": "train", "training": "train", "valid": "validation", "val": "validation",
          "validation": "validation", "dev": "validation", "test": "test"}  # fmt: skip
_IMAGES = {"x", "images", "image", "data", "pictures", "pixels"}
_LABELS = {"y", "labels", "label", "targets", "target", "classes"}
_CLASS_LISTS = ("list_classes", "class_names", "classes")


def read_idx(
    images: str | os.PathLike,
    labels: str | os.PathLike | None = None,
    class_names: list[str] | None = None,
) -> ImageSet:
    """Read images, and their labels, from IDX files, plain or compressed with gzip.

    Args:
        images: such as ``train-images-idx3-ubyte.gz``.
        labels: such as ``train-labels-idx1-ubyte.gz``; by default the file of that name that
            lies beside the images, if there is one.
        class_names: the names of the classes; by default ``"0"``, ``"1"`` ...

    Raises:
        DataError: if a file is no IDX file, is cut short (expected and found bytes are named), or
            has another number of rows than the other.
    """
    path = Path(images)
    if labels is None:
        beside = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
        labels = beside if beside != path and beside.exists() else None
    numbers = None if labels is None else idx.read_idx(labels)
    return ImageSet(pixels=idx.read_idx(path), labels=numbers, class_names=class_names)


def read_npz(
    path: str | os.PathLike,
    images: str | None = None,
    labels: str | None = None,
    class_names: list[str] | None = None,
) -> ImageSet:
    """Read images from a NumPy archive (``.npz``), or without labels from an ``.npy`` file.

    Args:
        path: the file.
        images: the name of the array of images; by default found by its name (``x_train``,
            ``images`` ...) or shape. Arrays for training and for the test become `ImageSet.parts`.
        labels: the name of the array of labels.
        class_names: the names of the classes.

    Raises:
        DataError: if it is no such file, is damaged, or holds objects (which could run code).
        UnknownNameError: for an array that is not there, or that cannot be guessed.

    Example:
        >>> import tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "d.npz")
        >>> np.savez(path, x_train=np.zeros((4, 8, 8)), y_train=[0, 1, 0, 1],
        ...          x_test=np.zeros((2, 8, 8)), y_test=[0, 1])
        >>> images = read_npz(path)
        >>> images, list(images.parts)
        (<ImageSet: 6 images of 8x8x1; 0 3, 1 3>, ['train', 'test'])
    """
    _check_there(path)
    try:
        loaded = np.load(path, allow_pickle=False)
        arrays = {"images": loaded} if isinstance(loaded, np.ndarray) else dict(loaded)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, KeyError) as error:
        raise DataError("{path} is no whole file of NumPy arrays: {error}.",
                        path=shown(os.fspath(path)), error=error) from error  # fmt: skip
    return _gather(arrays, os.fspath(path), images, labels, class_names)


def read_hdf5(
    path: str | os.PathLike,
    images: str | None = None,
    labels: str | None = None,
    class_names: list[str] | None = None,
) -> ImageSet:
    """Read images, and their labels, from an HDF5 file.

    Args:
        path: the file.
        images: the name of the data set of images; by default found by its name
            (``train_set_x``, ``images`` ...) or shape.
        labels: the name of the data set of labels, found likewise.
        class_names: the names of the classes; by default those in ``list_classes``, if it is
            there and fits.

    Raises:
        ImportError: if h5py is not installed.
        DataError: if it is no HDF5 file, or is cut short or damaged.
        UnknownNameError: for a data set that is not there, or that cannot be guessed.
    """
    import h5py

    _check_there(path)
    arrays: dict[str, Any] = {}
    try:
        with h5py.File(path, "r") as file:
            file.visititems(lambda name, item: arrays.update({name: item}))
            arrays = {k: item for k, item in arrays.items() if isinstance(item, h5py.Dataset)}
            return _gather(arrays, os.fspath(path), images, labels, class_names)
    except (DataError, UnknownNameError):
        raise
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise DataError("{path} is no HDF5 file, or is cut short or damaged: {error}. Copy or "
                        "download it again.", path=shown(os.fspath(path)),
                        error=error) from error  # fmt: skip


def _gather(
    arrays: Mapping[str, Any],
    path: str,
    images: str | None,
    labels: str | None,
    class_names: list[str] | None,
) -> ImageSet:
    """Put the arrays of a file together to images, labels and parts."""
    for name in (images, labels):
        if name is not None and name not in arrays:
            raise UnknownNameError("{path} holds no {name!r}.{hint} It holds {listing}.",
                                   path=shown(path), name=name, hint=nearest(name, arrays),
                                   listing=_listing(arrays))  # fmt: skip
    pairs = {"": (images, labels)} if images else _guess(arrays, path, labels)
    pixels = [np.asarray(arrays[x]) for x, _y in pairs.values() if x]
    kinds = [np.asarray(arrays[y]) for _x, y in pairs.values() if y]
    for (x, y), own in zip(pairs.values(), pixels):
        if y and np.asarray(arrays[y]).size != len(own) and len(arrays[y]) != len(own):
            raise DataError("{path}: {x!r} has {n} rows and {y!r} has shape {shape}.",
                            path=shown(path), x=x, n=len(own), y=y,
                            shape=arrays[y].shape)  # fmt: skip
    flat = [k.reshape(-1) if 1 in k.shape and k.ndim == 2 else k for k in kinds]
    all_labels = np.concatenate(flat) if kinds else None
    if class_names is None and all_labels is not None:
        class_names = _class_list(arrays, int(all_labels.max(initial=0)) + 1)
    sizes = np.cumsum([0, *map(len, pixels)])
    parts = {name: np.arange(*ends) for name, ends in zip(pairs, pairwise(sizes)) if name}
    if len({own.shape[1:] for own in pixels}) > 1:
        raise DataError("{path}: the parts have images of different shapes, {shapes}. Say which "
                        "one to take: images=..., labels=...", path=shown(path),
                        shapes=some(own.shape for own in pixels))  # fmt: skip
    return ImageSet(None, np.concatenate(pixels), all_labels, class_names,
                    parts=parts if len(pairs) > 1 else None)  # fmt: skip


def _guess(
    arrays: Mapping[str, Any], path: str, labels: str | None
) -> dict[str, tuple[str, str | None]]:
    """Return the names of (images, labels) for every part that the names speak of."""
    found: dict[str, dict[str, str]] = {}
    for name, array in arrays.items():
        words = set(name.lower().replace("/", "_").replace("-", "_").split("_"))
        part = next((_PARTS[word] for word in words if word in _PARTS), "")
        if words & _IMAGES and len(array.shape) >= 3:
            found.setdefault(part, {})["x"] = name
        elif words & _LABELS and 1 <= len(array.shape) <= 2:
            found.setdefault(part, {})["y"] = name
    there = {part: pair for part, pair in found.items() if "x" in pair}
    pairs = {part: (pair["x"], labels or pair.get("y")) for part, pair in there.items()}
    if not pairs:
        shaped = [name for name, array in arrays.items() if len(array.shape) in (3, 4)]
        if len(shaped) != 1:
            raise UnknownNameError("{path}: which of its arrays are the images? It holds "
                                   "{listing}; say images=... and labels=...", path=shown(path),
                                   listing=_listing(arrays))  # fmt: skip
        flat = [name for name, array in arrays.items() if len(array.shape) == 1]
        pairs = {"": (shaped[0], labels or (flat[0] if len(flat) == 1 else None))}
    if any(y is None for _x, y in pairs.values()) and any(y for _x, y in pairs.values()):
        pairs = {part: pair for part, pair in pairs.items() if pair[1]}
    order = ["train", "validation", "test", ""]
    return dict(sorted(pairs.items(), key=lambda pair: order.index(pair[0])))


def _class_list(arrays: Mapping[str, Any], least: int) -> list[str] | None:
    """Return the names of the classes that stand in the file, if they fit."""
    for name in _CLASS_LISTS:
        if name in arrays and arrays[name].dtype.kind in "SOU":
            found = np.asarray(arrays[name]).reshape(-1).tolist()
            bare = (t.decode("utf-8", "replace") if isinstance(t, bytes) else t for t in found)
            texts = [*map(str, bare)]
            if len(texts) >= least and len(set(texts)) == len(texts):
                return texts
    return None


def _check_there(path: str | os.PathLike) -> None:
    if Path(path).is_dir():
        raise DataError("{path} is a folder; give the path of a file.", path=shown(str(path)))
    find_file(path)


def _listing(arrays: Mapping[str, Any]) -> str:
    shapes = (f"{name!r} {tuple(array.shape)}" for name, array in arrays.items())
    return some(shapes, 8) or _("none")
