"""Images in folders, one folder for each class."""

from __future__ import annotations

import os
import unicodedata
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.errors import DataError, nearest
from maeum.core.messages import _, ngettext
from maeum.core.wording import some
from maeum.images.image_set import PARTS, ImageSet, counted
from maeum.images.reading import MissingImageError, shown

SUFFIXES = (
    ".avif", ".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".jp2", ".pbm", ".pgm", ".png",
    ".pnm", ".ppm", ".tif", ".tiff", ".webp",
)  # fmt: skip
_PART_NAMES = {
    "train": "train", "training": "train",
    "validation": "validation", "valid": "validation", "val": "validation",
    "test": "test", "testing": "test",
}  # fmt: skip


def read_folder(
    path: str | os.PathLike,
    class_names: Sequence[str] | None = None,
    *,
    labelled: bool = True,
    divided: bool = True,
    follow_links: bool = False,
    suffixes: tuple[str, ...] = SUFFIXES,
) -> ImageSet:
    """Find the images of a folder that holds one folder for each class.

    Nothing is decoded yet. Images in folders further down belong to the class of the topmost
    one; hidden files and folders are passed over. A folder that is divided into ``train/``,
    ``validation/`` (or ``val/``, ``valid/``) and ``test/`` is recognised: see `ImageSet.parts`.

    Args:
        path: the folder.
        class_names: the folders to take, in the order of their class numbers; by default all of
            them, sorted.
        labelled: False takes all images, wherever they lie, without labels.
        divided: False takes ``train/``, ``validation/`` and ``test/`` for classes like others.
        follow_links: whether links to folders are followed.
        suffixes: which files are images, in small letters.

    Returns:
        The paths, sorted by class and name, with labels; what was ignored stands in ``notes``.

    Raises:
        MissingImageError: if there is no such folder.
        DataError: if there are no images, no class folders, or fewer than two classes.

    Example:
        >>> import tempfile
        >>> top = Path(tempfile.mkdtemp())
        >>> for name in ["cat/1.jpg", "cat/2.jpg", "dog/1.jpg"]:
        ...     (top / name).parent.mkdir(exist_ok=True)
        ...     (top / name).touch()
        >>> read_folder(top)
        <ImageSet: 3 images; cat 2, dog 1>
    """
    top = _existing(path)
    notes: list[str] = []
    if not labelled:
        files = list_images(top, follow_links, notes, suffixes)
        if not files:
            raise DataError(
                "{folder} holds no images.{kinds}", folder=shown(str(top)), kinds=_known_kinds()
            )
        return ImageSet(files, notes=notes)
    folders = _parts(top) if divided else {"": top}
    names = _names(top, folders, class_names, follow_links)
    paths, labels, parts = _listed(folders, names, notes, follow_links, suffixes)
    place = shown(str(top))
    if not paths:
        said = f" ({' '.join(notes)})" if notes else ""
        raise DataError("No folder in {folder} holds an image.{kinds}{notes}", folder=place,
                        kinds=_known_kinds(), notes=said)  # fmt: skip
    there = sorted(set(labels))
    if len(there) < 2:
        raise DataError("Only the class {name!r} has images in {folder}; at least two classes are "
                        "needed.{deeper}", name=names[there[0]], folder=place,
                        deeper=_deeper(top, names[there[0]]))  # fmt: skip
    # The numbers of classes that were asked for are not moved: a network may know them already.
    if class_names is None and len(there) < len(names):
        new = {old: number for number, old in enumerate(there)}
        labels = [new[label] for label in labels]
        names = [names[old] for old in there]
    if parts and "train" not in parts:
        raise DataError("{folder} is divided into {parts}, but train/ has no images.", folder=place,
                        parts=", ".join(parts))  # fmt: skip
    return ImageSet(paths, labels=labels, class_names=names, parts=parts, notes=notes)


def _listed(
    folders: dict[str, Path], names: list[str], notes: list[str], follow_links: bool, suffixes: Any
) -> tuple[list[str], list[int], dict[str, np.ndarray]]:
    """Return the images of the classes, their class numbers, and the rows of each part."""
    paths: list[str] = []
    labels: list[int] = []
    parts: dict[str, np.ndarray] = {}
    for part, folder in folders.items():
        _count_loose(folder, notes)
        first = len(paths)
        for label, name in enumerate(names):
            inside = _spelt(folder, name)
            found = [p for i in inside for p in list_images(i, follow_links, notes, suffixes)]
            if not found and part in ("", "train"):
                said = _("The class {name!r} has no images in {folder}.", name=name,
                         folder=shown(str(folder)))  # fmt: skip
                _report(notes, said)
            paths += found
            labels += [label] * len(found)
        if part and len(paths) > first:
            parts[part] = np.arange(first, len(paths))
    return paths, labels, parts


def _existing(path: str | os.PathLike) -> Path:
    top = Path(path)
    if top.is_dir():
        return top
    if top.exists():
        raise DataError(
            "{path} is a file; the folder of the images was expected.", path=shown(str(top))
        )
    beside = [p.name for p in top.parent.iterdir() if p.is_dir()] if top.parent.is_dir() else []
    raise MissingImageError(top, _("there is no such folder"), nearest(top.name, beside).strip())


def _parts(top: Path) -> dict[str, Path]:
    """Return the folders of the parts, or ``{"": top}`` if it is not divided."""
    folders = _folders(top)
    found = {_PART_NAMES.get(f.name.lower(), ""): f for f in folders if _folders(f)}
    # A class may be called "train" (beside "bus"); its folder then has others beside it.
    if "train" not in found or "" in found or len(found) < len(folders):
        return {"": top}
    return {part: found[part] for part in PARTS if part in found}


def _names(
    top: Path, folders: dict[str, Path], wanted: Sequence[str] | None, follow_links: bool
) -> list[str]:
    """Return the names of the classes: those given, if they are there, or all, sorted."""
    children = (child for folder in folders.values() for child in _folders(folder))
    known = sorted({unicodedata.normalize("NFC", child.name) for child in children
                    if follow_links or not child.is_symlink()})  # fmt: skip
    if wanted is not None:
        names = [unicodedata.normalize("NFC", str(name)) for name in wanted]
        for name in names:
            if name not in known:
                raise DataError("There is no folder for the class {name!r} in {folder}.{hint} "
                                "Found: {names}.", name=name, folder=shown(str(top)),
                                hint=nearest(name, known),
                                names=some(known, 10) or _("none"))  # fmt: skip
        if len(set(names)) != len(names):
            raise DataError("class_names holds a name twice: {names}.", names=names)
        return names
    if not known:
        loose = sum(_is_image(name) for name in os.listdir(top))
        raise DataError("{folder} has no class folders, and {images} directly in it. Put the "
                        "images of each class into a folder with its name, or give a table of "
                        "files and labels to read_frame.", folder=shown(str(top)),
                        images=counted(loose))  # fmt: skip
    return known


def _folders(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))


def _spelt(folder: Path, name: str) -> list[Path]:
    """Return the folders of a class, however its name is spelt (NFC, NFD, or one of each)."""
    return [c for c in _folders(folder) if unicodedata.normalize("NFC", c.name) == name]


def list_images(
    folder: str | Path,
    follow_links: bool,
    notes: list[str],
    suffixes: tuple[str, ...] = SUFFIXES,
) -> list[str]:
    """Return the images in a folder and below, by folder and name; note what was ignored."""
    others: Counter[str] = Counter()
    found: list[tuple[str, str, str]] = []
    seen: set[str] = set()
    for inside, folders, files in os.walk(os.fspath(folder), followlinks=follow_links):
        real = os.path.realpath(inside)
        if real in seen:  # a link that leads back up
            folders.clear()
            continue
        seen.add(real)
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if name.startswith(".") or name.lower() in ("thumbs.db", "desktop.ini"):
                continue
            if name.lower().endswith(suffixes):
                place, called = (unicodedata.normalize("NFC", text) for text in (inside, name))
                found.append((place, called, os.path.join(inside, name)))
            else:
                others[os.path.splitext(name)[1].lower() or _("no suffix")] += 1
    if others:
        kinds = some((f"{suffix} ({number})" for suffix, number in sorted(others.items())), 5)
        number = ngettext("{n:,} file", "{n:,} files", others.total())
        notes.append(_("{files} in {folder} ignored, not images by their suffix: {kinds}.",
                       files=number, folder=shown(str(folder)), kinds=kinds))  # fmt: skip
    return [file for *_names, file in sorted(found)]


def _is_image(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.startswith(".")


def _count_loose(folder: Path, notes: list[str]) -> None:
    loose = [p.name for p in folder.iterdir() if _is_image(p.name) and p.is_file()]
    if loose:
        _report(notes, _("{images} in {folder} ignored, in no class folder: {names}.",
                         images=counted(len(loose)), folder=shown(str(folder)),
                         names=some(sorted(loose))))  # fmt: skip


def _report(notes: list[str], sentence: str) -> None:
    notes.append(sentence)
    warnings.warn(sentence, stacklevel=4)


def _deeper(top: Path, name: str) -> str:
    """Say where the classes probably are, if the only folder holds several."""
    for inside in _spelt(top, name):
        names = [shown(folder.name) for folder in _folders(inside)]
        if len(names) > 1:
            return _(" It holds the folders {names}; if these are the classes, read {folder}.",
                     names=some(names), folder=shown(str(inside)))  # fmt: skip
    return ""


def _known_kinds() -> str:
    return _(" Images are known by their suffix: {suffixes}.", suffixes=" ".join(SUFFIXES))
