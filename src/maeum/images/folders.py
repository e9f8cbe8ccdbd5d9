"""Images in folders, one folder for each class."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from maeum.core.errors import DataError, nearest
from maeum.core.messages import _, ngettext
from maeum.core.wording import enumeration, some
from maeum.images.formats import SUFFIXES, unreadable_kind
from maeum.images.image_set import PARTS, ImageSet, counted
from maeum.images.label_tables import LabelTable, find_labels, labels_by_name, sorted_names
from maeum.images.layout import (
    Folders,
    Layout,
    boxes_or_masks,
    folders_in,
    is_clutter,
    is_portion,
    plain,
    role_of,
)
from maeum.images.reading import MissingImageError, shown


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
    one; hidden files and what systems leave behind (``__MACOSX``) are passed over. Recognised,
    and told in ``notes``, are

    - parts: ``train/``, ``validation/`` (``val/``, ``valid/``) and ``test/``, with the classes
      inside, or inside of the classes; see `ImageSet.parts`;
    - images without labels: a ``test/`` without class folders, ``unlabeled/``; see
      `ImageSet.unlabelled`;
    - a table of files and labels beside a folder of images (``labels.csv``), if there are no
      class folders;
    - a folder that holds nothing but one other folder: the classes are looked for in there.

    Args:
        path: the folder.
        class_names: the folders to take, in the order of their class numbers; by default all of
            them, sorted.
        labelled: False takes all images, wherever they lie, without labels.
        divided: False takes every folder for a class, whatever it is called.
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
    known = Folders(suffixes, follow_links)
    layout = known.recognised(top, class_names) if divided else known.plain(top)
    notes += layout.notes
    if not follow_links:
        _count_links(layout, notes)

    def images_in(folder: Path) -> list[str]:
        return list_images(folder, follow_links, notes, suffixes)

    unlabelled = [file for folder in layout.unlabelled for file in images_in(folder)]
    called = {piece.name for piece in layout.pieces if known.holds(piece.path)}
    recognise = divided and class_names is None
    if recognise and (len(called) < 2 or all(map(is_portion, called))):
        files = list_images(top, follow_links, [], suffixes)
        table = find_labels([top, *folders_in(top), layout.top], files, top)
        if table is None and len(called) < 2:
            table = labels_by_name([f for f in files if _part_of(f, top) in ("", "train")])
        if table is not None:
            return _by_table(table, files, top)
    if (
        divided
        and class_names is None
        and (marked := boxes_or_masks(piece.name for piece in layout.pieces))
    ):
        raise DataError("{folder} holds images and, apart from them, {names}: boxes or masks, as "
                        "for object detection or segmentation, which Maeum does not learn. To "
                        "learn one class for each image, put the images of each class into a "
                        "folder with its name.", folder=shown(str(top)),
                        names=enumeration([f"{name}/" for name in marked]))  # fmt: skip
    names = _names(layout, class_names)
    paths, labels, parts = _listed(layout, names, notes, images_in)
    if "test" not in parts:
        unlabelled = _test_by_table(layout, names, paths, labels, parts, unlabelled, notes)
    place = shown(str(top))
    if not paths:
        said = f" ({' '.join(notes)})" if notes else ""
        raise DataError("No folder in {folder} holds an image.{kinds}{notes}", folder=place,
                        kinds=_known_kinds(), notes=said)  # fmt: skip
    there = sorted(set(labels))
    if len(there) < 2:
        raise DataError("Only the class {name!r} has images in {folder}; at least two classes are "
                        "needed.{notes}", name=names[there[0]], folder=place,
                        notes="".join(f" {note}" for note in notes))  # fmt: skip
    # The numbers of classes that were asked for are not moved: a network may know them already.
    if class_names is None and len(there) < len(names):
        new = {old: number for number, old in enumerate(there)}
        labels = [new[label] for label in labels]
        names = [names[old] for old in there]
    if parts and "train" not in parts:
        raise DataError("{folder} is divided into {parts}, but train/ has no images.", folder=place,
                        parts=", ".join(parts))  # fmt: skip
    return ImageSet(paths, labels=labels, class_names=names, parts=parts, notes=notes,
                    unlabelled=unlabelled)  # fmt: skip


def _listed(
    layout: Layout, names: list[str], notes: list[str], images_in: Callable[[Path], list[str]]
) -> tuple[list[str], list[int], dict[str, np.ndarray]]:
    """Return the images of the classes, their class numbers, and the rows of each part."""
    paths: list[str] = []
    labels: list[int] = []
    parts: dict[str, np.ndarray] = {}
    for part in dict.fromkeys(piece.part for piece in layout.pieces):
        own = [piece for piece in layout.pieces if piece.part == part]
        for folder in dict.fromkeys(piece.path.parent for piece in own):
            _count_loose(folder, notes)
        first = len(paths)
        for label, name in enumerate(names):
            found = [file for piece in own if piece.name == name for file in images_in(piece.path)]
            if not found and part in ("", "train"):
                said = _("The class {name!r} has no images in {folder}.", name=name,
                         folder=shown(str(own[0].path.parent)))  # fmt: skip
                _report(notes, said)
            paths += found
            labels += [label] * len(found)
        if part and len(paths) > first:
            parts[part] = np.arange(first, len(paths))
    return paths, labels, parts


def _by_table(table: LabelTable, files: list[str], top: Path) -> ImageSet:
    """Return the images that a table names; those that it does not name have no labels."""
    named = [file for file in files if file in table.labels]
    place = _("the names of the files")
    if table.path:
        paths = [table.path, *table.further]
        place = enumeration([shown(os.path.relpath(path, top)) for path in paths])
    notes = [_("The labels are those of {table}.", table=place)]
    if lost := table.rows - len(named):
        notes.append(ngettext("{n:,} row of {table} ignored: without a label or image.",
                              "{n:,} rows of {table} ignored: without a label or image.", lost,
                              table=place))  # fmt: skip
    roles = [_part_of(file, top) for file in named]
    parts: dict[str, np.ndarray] = {}
    if "train" in roles and len({*roles} - {""}) > 1:
        kinds = np.array([role or "train" for role in roles])
        parts = {part: np.flatnonzero(kinds == part) for part in PARTS if part in kinds}
    labels = np.array([table.labels[file] for file in named], object)
    if len({*labels}) < 2:
        raise DataError("All images that {table} names are of the class {name!r}; at least two "
                        "classes are needed.", table=place, name=labels[0])  # fmt: skip
    others = [file for file in files if file not in table.labels]
    return ImageSet(named, labels=labels, class_names=sorted_names(labels), parts=parts,
                    notes=notes, unlabelled=others)  # fmt: skip


def _part_of(file: str, top: Path) -> str:
    roles = [role_of(name) for name in Path(os.path.relpath(file, top)).parts[:-1]]
    return next((role for role in roles if role in PARTS), "")


def _test_by_table(
    layout: Layout,
    names: list[str],
    paths: list[str],
    labels: list[int],
    parts: dict[str, np.ndarray],
    unlabelled: list[str],
    notes: list[str],
) -> list[str]:
    """Make images to test on of those that a table labels; return those that stay unlabelled."""
    if not unlabelled or not paths:
        return unlabelled
    try:
        table = find_labels([layout.top, *layout.unlabelled], unlabelled, layout.top)
    except DataError:  # no column of labels
        return unlabelled
    known = table.labels if table is not None else {}
    found = [file for file in unlabelled if known.get(file) in names]
    if table is None or table.path is None or not found:
        return unlabelled
    if not parts:
        parts["train"] = np.arange(len(paths))
    parts["test"] = np.arange(len(paths), len(paths) + len(found))
    paths += found
    labels += [names.index(known[file]) for file in found]
    notes.append(_("The labels of {images} to test on are those of {table}.",
                   images=counted(len(found)), table=shown(table.path.name)))  # fmt: skip
    return [file for file in unlabelled if known.get(file) not in names]


def _existing(path: str | os.PathLike) -> Path:
    top = Path(path)
    if top.is_dir():
        return top
    if top.exists():
        raise DataError(
            "{path} is a file; the folder of the images was expected.", path=shown(str(top))
        )
    lost = top  # the first folder on the way that is not there
    while not lost.parent.is_dir() and lost.parent != lost:
        lost = lost.parent
    beside = [p.name for p in lost.parent.iterdir() if p.is_dir()] if lost.parent.is_dir() else []
    raise MissingImageError(top, _("there is no such folder"), nearest(lost.name, beside).strip())


def _names(layout: Layout, wanted: Sequence[str] | None) -> list[str]:
    """Return the names of the classes: those given, if they are there, or all, sorted."""
    known = sorted({piece.name for piece in layout.pieces})
    top = shown(str(layout.top))
    if wanted is not None:
        names = [plain(str(name)) for name in wanted]
        for name in names:
            if name not in known:
                raise DataError("There is no folder for the class {name!r} in {folder}.{hint} "
                                "Found: {names}.", name=name, folder=top,
                                hint=nearest(name, known),
                                names=some(known, 10) or _("none"))  # fmt: skip
        if len(set(names)) != len(names):
            raise DataError("class_names holds a name twice: {names}.", names=names)
        return names
    if not known:
        loose = sum(_is_image(name) for name in os.listdir(layout.top))
        inside = [shown(folder.name) for folder in folders_in(layout.top)]
        if inside and not loose:
            raise DataError("{folder} holds the folders {inside}, and no class folders to train "
                            "on. Put the images of each class into a folder with its name, or a "
                            "table with the columns file and label beside them.", folder=top,
                            inside=some(inside, 5))  # fmt: skip
        raise DataError("{folder} has no class folders, and {images} directly in it. Put the "
                        "images of each class into a folder with its name, or a table with the "
                        "columns file and label beside them.", folder=top,
                        images=counted(loose))  # fmt: skip
    return known


def list_images(
    folder: str | Path,
    follow_links: bool,
    notes: list[str],
    suffixes: tuple[str, ...] = SUFFIXES,
) -> list[str]:
    """Return the images in a folder and below, by folder and name; note what was ignored."""
    others: Counter[str] = Counter()
    found: list[tuple[str, str, str]] = []
    unreadable: dict[str, list[str]] = {}
    seen: set[str] = set()
    for inside, folders, files in os.walk(os.fspath(folder), followlinks=follow_links):
        real = os.path.realpath(inside)
        if real in seen:  # a link that leads back up
            folders.clear()
            continue
        seen.add(real)
        folders[:] = [name for name in folders if not is_clutter(name)]
        for name in files:
            if is_clutter(name) or name.lower() in ("thumbs.db", "desktop.ini"):
                continue
            if name.lower().endswith(suffixes):
                found.append((plain(inside), plain(name), os.path.join(inside, name)))
            elif kind := unreadable_kind(os.path.splitext(name)[1]):
                unreadable.setdefault(kind, []).append(name)
            else:
                others[os.path.splitext(name)[1].lower() or _("no suffix")] += 1
    if others:
        kinds = some((f"{suffix} ({number})" for suffix, number in sorted(others.items())), 5)
        number = ngettext("{n:,} file", "{n:,} files", others.total())
        notes.append(_("{files} in {folder} ignored, not images by their suffix: {kinds}.",
                       files=number, folder=shown(str(folder)), kinds=kinds))  # fmt: skip
    for kind, names in sorted(unreadable.items()):
        said = ngettext("{n:,} file in {folder} ignored: {names} is {kind}.",
                        "{n:,} files in {folder} ignored: each of {names} is {kind}.", len(names),
                        folder=shown(str(folder)), names=some(sorted(names)),
                        kind=kind)  # fmt: skip
        _report(notes, said)
    return [file for *_names, file in sorted(found)]


def _is_image(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not is_clutter(name)


def _count_loose(folder: Path, notes: list[str]) -> None:
    loose = [p.name for p in folder.iterdir() if _is_image(p.name) and p.is_file()]
    if loose:
        _report(notes, _("{images} in {folder} ignored, in no class folder: {names}.",
                         images=counted(len(loose)), folder=shown(str(folder)),
                         names=some(sorted(loose))))  # fmt: skip


def _count_links(layout: Layout, notes: list[str]) -> None:
    """Tell of links where folders of classes are expected: they may be classes, too."""
    places = dict.fromkeys([layout.top, *(piece.path.parent for piece in layout.pieces)])
    for folder in places:
        links = [p.name for p in folder.iterdir() if p.is_symlink() and p.is_dir()]
        if links:
            said = ngettext("{n:,} link to a folder in {folder} is not followed: {names}. Put the "
                            "folder itself there.",
                            "{n:,} links to folders in {folder} are not followed: {names}. Put the "
                            "folders themselves there.", len(links), folder=shown(str(folder)),
                            names=some(sorted(links)))  # fmt: skip
            _report(notes, said)


def _report(notes: list[str], sentence: str) -> None:
    notes.append(sentence)
    warnings.warn(sentence, stacklevel=4)


def _known_kinds() -> str:
    return _(" Images are known by their suffix: {suffixes}.", suffixes=" ".join(SUFFIXES))
