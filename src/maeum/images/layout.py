"""How a folder of images is laid out: classes, parts, and what has no labels.

Nothing is read but the names of folders, and whether an image lies in them.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from maeum.core.errors import DataError, nearest
from maeum.core.messages import _
from maeum.core.wording import enumeration, some
from maeum.images.image_set import PARTS
from maeum.images.reading import shown

UNLABELLED = "unlabelled"
_DEEPEST = 6  # folders that hold nothing but one folder

# What systems and programs put beside images.
_CLUTTER = {"__macosx", "__pycache__", "@eadir", "$recycle.bin", "system volume information",
            "lost+found"}  # fmt: skip
_ROLES = {
    "train": "train", "training": "train", "trn": "train", "학습": "train", "훈련": "train",
    "validation": "validation", "valid": "validation", "val": "validation", "dev": "validation",
    "검증": "validation",
    "test": "test", "testing": "test", "tst": "test", "eval": "test", "evaluation": "test",
    "시험": "test", "테스트": "test", "평가": "test",
    "unlabeled": UNLABELLED, "unlabelled": UNLABELLED, "unsup": UNLABELLED,
    "unsupervised": UNLABELLED, "pred": UNLABELLED, "predict": UNLABELLED,
    "prediction": UNLABELLED,
}  # fmt: skip
_NEUTRAL = {"set", "sets", "data", "dataset", "image", "images", "img", "imgs", "picture",
            "pictures", "photo", "photos", "folder", "split", "seg", "single", "용", "이미지",
            "데이터", "사진"}  # fmt: skip
# Images of one folder whose boxes or masks are in another: object detection, segmentation.
_WHOLE = {
    "images",
    "image",
    "imgs",
    "img",
    "jpegimages",
    "pictures",
    "photos",
    "이미지",
    "원천데이터",
}
_MARKED = {"labels", "label", "annotations", "annotation", "annots", "xmls", "masks", "mask",
           "segmentation", "segmentations", "segmentationclass", "segmentationobject", "bboxes",
           "groundtruth", "gt", "라벨링데이터"}  # fmt: skip
_PORTION = {"part", "batch", "fold", "chunk", "volume"}  # pieces that were cut by size


def is_clutter(name: str) -> bool:
    """Tell whether a file or folder is hidden, or was put there by a system or a program.

    >>> [is_clutter(name) for name in (".git", "__MACOSX", ".ipynb_checkpoints", "cat")]
    [True, True, True, False]
    """
    return name.startswith(".") or name.lower() in _CLUTTER


def folders_in(folder: Path, follow_links: bool = True) -> list[Path]:
    """Return the folders in a folder, sorted, without clutter."""
    return sorted(
        p for p in folder.iterdir()
        if p.is_dir() and not is_clutter(p.name) and (follow_links or not p.is_symlink())
    )  # fmt: skip


def plain(name: str) -> str:
    """Return a name with Korean in whole syllables, however it is spelt."""
    return unicodedata.normalize("NFC", name)


def role_of(name: str) -> str:
    """Return the part that a folder is called after, ``"unlabelled"``, or ``""``.

    >>> [role_of(n) for n in ("train", "seg_test", "trainingSet", "Val2", "unlabeled", "station")]
    ['train', 'test', 'train', 'validation', 'unlabelled', '']
    >>> role_of("train_station")
    ''
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain(name))
    apart = re.sub(r"(?<=[가-힣])용\b", "", apart)
    words = re.findall(r"[a-z]+|[가-힣]+", apart.lower())
    roles = {_ROLES[word] for word in words if word in _ROLES}
    if not roles or any(word not in _ROLES and word not in _NEUTRAL for word in words):
        return ""
    if UNLABELLED in roles:
        return UNLABELLED
    return roles.pop() if len(roles) == 1 else ""


def is_portion(name: str) -> bool:
    """Tell whether a folder is called like a numbered piece of the images, not like a class.

    >>> is_portion("images_part_2"), is_portion("images"), is_portion("cat_2")
    (True, True, False)
    """
    words = re.findall(r"[a-z가-힣]+", plain(name).lower())
    return bool(words) and all(word in _PORTION | _NEUTRAL for word in words)


def boxes_or_masks(names: Iterable[str]) -> list[str]:
    """Return which folders hold boxes or masks of the images in the others; none among classes.

    >>> boxes_or_masks(["images", "labels"]), boxes_or_masks(["masks", "gloves"])
    (['labels'], [])
    """
    small = {plain(name).lower().replace("_", ""): name for name in names}
    if not small.keys() & _WHOLE or small.keys() - _WHOLE - _MARKED - {"imagesets"}:
        return []
    return [name for key, name in small.items() if key in _MARKED]


@dataclass(frozen=True)
class Piece:
    """A folder of images of one class in one part (``""`` where nothing is divided)."""

    part: str
    name: str
    path: Path


@dataclass
class Layout:
    """What the folders are.

    Attributes:
        top: where it begins: the folder itself, or the one further down that holds everything.
        pieces: the class folders.
        unlabelled: folders of images that have no labels.
        notes: what was recognised and ignored, as sentences.
    """

    top: Path
    pieces: list[Piece] = field(default_factory=list)
    unlabelled: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Folders:
    """Recognises how folders are laid out.

    Args:
        suffixes: which files are images, in small letters.
        follow_links: whether links to folders are followed.
    """

    def __init__(self, suffixes: tuple[str, ...], follow_links: bool = False):
        self.suffixes = suffixes
        self.follow_links = follow_links

    def plain(self, top: Path) -> Layout:
        """Take each folder for a class, whatever it is called."""
        return Layout(top, [Piece("", plain(f.name), f) for f in self._inside(top)])

    def recognised(self, top: Path, wanted: Iterable[str] | None = None) -> Layout:
        """Recognise the parts and the classes; ``wanted`` are names that are classes for sure.

        Raises:
            DataError: for parts of which none is there to train on.
        """
        names = {plain(str(name)) for name in wanted or ()}
        found = Layout(self._entered(top, names))
        if found.top != top:
            found.notes.append(_("The classes are taken from {folder}, the only folder inside.",
                                 folder=shown(str(found.top))))  # fmt: skip
        folders = [f for f in self._inside(found.top) if plain(f.name) in names or self.holds(f)]
        roles = {f: "" if plain(f.name) in names else role_of(f.name) for f in folders}
        if self._divided(roles):
            self._divide(found, roles)
        elif not self._parts_inside(found, folders) and not self._in_portions(found, folders):
            everything = self._inside(found.top)  # those without images are named later
            self._classes(found, "", [f for f in everything if roles.get(f) != UNLABELLED])
            found.unlabelled += [f for f in folders if roles[f] == UNLABELLED]
            self._look_below(found, folders)
        return found

    def _inside(self, folder: Path) -> list[Path]:
        return folders_in(folder, self.follow_links)

    def holds(self, folder: Path) -> bool:
        """Tell whether there is an image in a folder or below."""
        for _inside, folders, files in os.walk(folder, followlinks=self.follow_links):
            folders[:] = [name for name in folders if not is_clutter(name)]
            if any(self._is_image(name) for name in files):
                return True
        return False

    def _is_image(self, name: str) -> bool:
        return name.lower().endswith(self.suffixes) and not is_clutter(name)

    def _loose(self, folder: Path) -> bool:
        return any(self._is_image(name) for name in os.listdir(folder))

    def _with_images(self, folder: Path) -> list[Path]:
        return [f for f in self._inside(folder) if self.holds(f)]

    def _entered(self, folder: Path, kept: set[str]) -> Path:
        """Go down while there is one folder only, and the classes can only be inside of it."""
        for _level in range(_DEEPEST):
            inside = self._with_images(folder)
            if len(inside) != 1 or self._loose(folder) or plain(inside[0].name) in kept:
                break
            below = self._with_images(inside[0])
            if not below or self._loose(inside[0]):
                break
            folder = inside[0]
        return folder

    def _divided(self, roles: dict[Path, str]) -> bool:
        """Tell whether the folders are parts; one may also be a class that is called "train"."""
        parts = {role for role in roles.values() if role in PARTS}
        others = [f for f, role in roles.items() if not role]
        if "train" in parts and (len(parts) > 1 or UNLABELLED in roles.values()):
            return True
        return bool(parts) and not others and (len(parts) > 1 or "train" in parts)

    def _divide(self, found: Layout, roles: dict[Path, str]) -> None:
        """Take the folders for parts."""
        for part in PARTS:
            for folder in (f for f, role in roles.items() if role == part):
                if part == "train":
                    self._classes(found, part, self._inside(self._entered(folder, set())))
                else:
                    self._judge(found, part, folder)
        found.unlabelled += [f for f, role in roles.items() if role == UNLABELLED]
        there = sorted({role for role in roles.values() if role in PARTS}, key=PARTS.index)
        if "train" not in there:
            raise DataError("{folder} is divided into {parts}, but there is no train/.",
                            folder=shown(str(found.top)), parts=enumeration(there))  # fmt: skip
        others = [shown(f.name) for f, role in roles.items() if not role]
        if others:
            said = _("Ignored beside the folders of the parts: {names}.", names=some(others, 5))
            found.notes.append(said)

    def _classes(self, found: Layout, part: str, folders: Iterable[Path]) -> None:
        for folder in folders:
            if part and role_of(folder.name) == UNLABELLED:
                found.unlabelled.append(folder)
            else:
                found.pieces.append(Piece(part, plain(folder.name), folder))

    def _judge(self, found: Layout, part: str, folder: Path) -> None:
        """Take a part for labelled if folders in it are called like those of the training."""
        known = {piece.name for piece in found.pieces if piece.part == "train"}
        inside = self._with_images(folder)
        if len(inside) == 1 and plain(inside[0].name) not in known and not self._loose(folder):
            below = self._with_images(inside[0])
            if known & {plain(f.name) for f in below}:
                folder, inside = inside[0], below
        if not known & {plain(f.name) for f in inside}:
            found.unlabelled.append(folder)
            return
        for child in inside:
            name = plain(child.name)
            if name in known:
                found.pieces.append(Piece(part, name, child))
            elif role_of(name) == UNLABELLED:
                found.unlabelled.append(child)
            else:
                said = _("Ignored {folder}: no images of the class {name!r} are there to train "
                         "on.{hint}", folder=shown(str(child)), name=name,
                         hint=nearest(name, known))  # fmt: skip
                found.notes.append(said)

    def _parts_inside(self, found: Layout, folders: list[Path]) -> bool:
        """Recognise classes that hold their parts: ``cat/train``, ``cat/test``."""
        pieces = []
        for folder in folders:
            inside = self._with_images(folder)
            roles = [role_of(child.name) for child in inside]
            if "train" not in roles or not {*roles} <= {*PARTS} or self._loose(folder):
                return False
            pieces += [Piece(r, plain(folder.name), child) for r, child in zip(roles, inside)]
        if len(folders) < 2 or len({piece.part for piece in pieces}) < 2:
            return False
        found.pieces += sorted(pieces, key=lambda piece: (PARTS.index(piece.part), piece.name))
        return True

    def _in_portions(self, found: Layout, folders: list[Path]) -> bool:
        """Recognise numbered pieces that hold the same classes: ``fold1/cat``, ``fold2/cat``."""
        numbered = all(is_portion(f.name) and re.search(r"\d$", f.name) for f in folders)
        if len(folders) < 2 or not numbered or any(self._loose(folder) for folder in folders):
            return False
        below = [{plain(f.name) for f in self._with_images(folder)} for folder in folders]
        if not set.intersection(*below) or len(set.union(*below)) < 2:
            return False
        for folder in folders:
            self._classes(found, "", self._with_images(folder))
        found.notes.append(
            _(
                "The classes are taken from inside of {folders}, which are pieces of the images.",
                folders=some(plain(f.name) for f in folders),
            )
        )
        return True

    def _look_below(self, found: Layout, folders: list[Path]) -> None:
        """Say so if every folder holds the same folders: these might be the classes, too."""
        if len(folders) < 2 or any(self._loose(folder) for folder in folders):
            return
        below = [{plain(f.name) for f in self._with_images(folder)} for folder in folders]
        if len(below[0]) > 1 and all(names == below[0] for names in below):
            found.notes.append(
                _("Each of the folders holds the folders {below}; the classes are taken to be "
                  "{above}. If they are those below, give one of the folders above, or move the "
                  "images together.", below=some(sorted(below[0])),
                  above=some(plain(f.name) for f in folders))
            )  # fmt: skip
