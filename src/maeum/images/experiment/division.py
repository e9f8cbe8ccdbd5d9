"""How images are divided into parts, or into the folds of a cross-validation."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from maeum.core.errors import ConfigError, DataError
from maeum.core.messages import _, ngettext
from maeum.core.wording import some
from maeum.images.experiment.options import ImageOptions
from maeum.images.image_set import PARTS, ImageSet, counted

FOLDS = 5
FEW = 50  # images below which a test part is too small to tell anything
FEW_OF_CLASS = 10  # the same of the images of a class
_MOST = 300  # with more, a rare class alone is no reason to train several networks
_LEAST_UNITS = 10  # so many groups of copies a class needs, if it has so many images


class Division(NamedTuple):
    """The numbers of the images of each part, and what was out of the ordinary.

    Attributes:
        parts: ``train``, ``validation`` and ``test``; empty where there is none.
        folds: of a cross-validation, those to train on and those to test on, each.
        notes: sentences.
    """

    parts: dict[str, np.ndarray]
    folds: list[tuple[np.ndarray, np.ndarray]]
    notes: list[str]


def divide(
    images: ImageSet,
    readable: np.ndarray,
    copies: tuple[np.ndarray, np.ndarray],
    own_test: bool,
    options: ImageOptions,
) -> Division:
    """Divide images.

    Args:
        images: all of them.
        readable: the numbers of those that can be read.
        copies: of those, what `find_copies` returned.
        own_test: whether the test is on other images.
        options: the choices.

    Raises:
        DataError: for too few images.
        ConfigError: for a cross-validation with images of their own to test on.
    """
    notes: list[str] = []
    groups = _groups(images, readable, copies, notes)
    given = own_test or "test" in images.parts
    assert images.labels is not None
    counts = np.bincount(images.labels[readable], minlength=len(images.class_names))
    folds = _usual_folds(counts) if options.folds is None and not given else options.folds or 1
    if folds > 1 and own_test:
        raise ConfigError("A cross-validation (folds) does not go with images of their own to "
                          "test on (test_data).")  # fmt: skip
    if folds > 1:
        if images.parts:
            notes.append(_("The parts that the images came in are not used: all are "
                           "cross-validated."))  # fmt: skip
        divided = _folds(images.labels[readable], groups[readable], folds, options.seed)
        _check_folds(images, counts, divided, notes)
        rows = {"train": np.arange(len(readable)), "validation": np.empty(0, np.int64),
                "test": np.concatenate([test for _train, test in divided])}  # fmt: skip
        return Division(rows, divided, notes)
    test_size = 0 if own_test else options.test_size
    found = images.split(options.validation_size, test_size, options.seed, groups=groups)
    place = np.full(len(images), -1)
    place[readable] = np.arange(len(readable))
    parts = {}
    for name, part in found._asdict().items():
        rows_of = place[part.rows] if part is not None else np.empty(0, np.int64)
        parts[name] = rows_of[rows_of >= 0]
    if not own_test and not len(parts["test"]):
        raise DataError("{images}: too few to keep some for the test. Add some, or give a "
                        "larger test_size.", images=counted(len(images)))  # fmt: skip
    if len(images.parts) > 1:
        names = ", ".join(f"{name}/" for name in PARTS if name in images.parts)
        notes.append(_("The parts are those that the images came in: {parts}.", parts=names))
    return Division(parts, [], notes)


def tell_copies(
    copies: np.ndarray, labels: np.ndarray, classes: list[str], name: Callable[[int], str]
) -> list[str]:
    """Say which images are there more than once, and which of these are in two classes.

    Args:
        copies: ``(n,)`` the number of the first of the images that are copies of each other.
        labels: ``(n,)`` class numbers.
        classes: the names of the classes.
        name: returns what an image is called.
    """
    notes = []
    pairs = [(int(first), row) for row, first in enumerate(copies) if first != row]
    if pairs:
        shown = [f"{name(a)} = {name(b)}" for a, b in pairs]
        said = ngettext("{n:,} image is a copy of another one, or nearly: {names}.",
                        "{n:,} images are copies of others, or nearly: {names}.", len(pairs),
                        names=some(shown))  # fmt: skip
        notes.append(said)
    apart = [(a, b) for a, b in pairs if labels[a] != labels[b]]
    if apart:
        shown = [" = ".join(f"{name(row)} ({classes[labels[row]]})" for row in pair)
                 for pair in apart]  # fmt: skip
        said = ngettext("{n:,} of them is in another class, so one of the two labels is wrong: "
                        "{names}.", "{n:,} of them are in other classes, so one of each two "
                        "labels is wrong: {names}.", len(apart), names=some(shown))  # fmt: skip
        notes.append(said)
    return notes


def without_copies(
    parts: dict[str, np.ndarray], copies: np.ndarray, labels: np.ndarray
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Leave those images out of the training that are in a later part, too.

    What lies in folders of parts is not divided here, so copies may be in two of them.

    Args:
        parts: the numbers of the images of each part.
        copies: ``(n,)`` the same number for copies of each other.
        labels: ``(n,)`` class numbers.
    """
    notes: list[str] = []
    kept = dict(parts)
    for name, later in (("train", ("validation", "test")), ("validation", ("test",))):
        elsewhere = np.concatenate([copies[parts[part]] for part in later])
        doubled = np.isin(copies[kept[name]], elsewhere)
        if not doubled.any():
            continue
        left = kept[name][~doubled]
        some_left = len(left) >= len(kept[name]) / 2
        if some_left and set(labels[kept[name]]) == set(labels[left]):
            kept[name] = left
            notes.append(ngettext("{n:,} of these copies is in the test or validation part, too: "
                                  "the network does not learn from it.",
                                  "{n:,} of these copies are in the test or validation part, too: "
                                  "the network does not learn from them.",
                                  int(doubled.sum())))  # fmt: skip
        else:
            notes.append(ngettext("{n:,} image of the part to train on is in the test or "
                                  "validation part, too: the test says little about new images.",
                                  "{n:,} images of the part to train on are in the test or "
                                  "validation part, too: the test says little about new images.",
                                  int(doubled.sum())))  # fmt: skip
    return kept, notes


def _groups(
    images: ImageSet,
    readable: np.ndarray,
    copies: tuple[np.ndarray, np.ndarray],
    notes: list[str],
) -> np.ndarray:
    """Return a number for each image; those with the same stay in one part."""
    assert images.labels is not None
    groups = np.arange(len(images))
    if images.paths is not None:  # numbered in the order in which they are listed
        _paths, first, copy = np.unique(images.paths, return_index=True, return_inverse=True)
        groups = first[copy]  # so that a file that is listed twice stays in one part
    for found in reversed(copies):  # near copies, or if these are too many, those that are the same
        numbers = groups.copy()
        numbers[readable] = groups[readable[found]]
        if _divisible(images.labels[readable], numbers[readable], groups[readable]):
            if (found != np.arange(len(found))).any():
                notes.append(_("Copies stay together in one part."))
            return numbers
    notes.append(_("So many images are copies of each other that they are divided all the same: "
                   "the test says little about new images."))  # fmt: skip
    return groups


def _divisible(labels: np.ndarray, numbers: np.ndarray, before: np.ndarray) -> bool:
    """Tell whether enough groups are left of each class to be divided."""
    return all(
        len(set(numbers[labels == k])) >= min(_LEAST_UNITS, len(set(before[labels == k])))
        for k in set(labels)
    )


def _usual_folds(counts: np.ndarray) -> int:
    there = counts[counts > 0]
    few = counts.sum() < FEW or (there.min() < FEW_OF_CLASS and counts.sum() < _MOST)
    return FOLDS if few else 1


def _folds(
    labels: np.ndarray, groups: np.ndarray, folds: int, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Deal the groups of each class out; one that is alone in its class is never tested."""
    generator = np.random.Generator(np.random.Philox(key=seed))
    fold, dealt = np.full(len(labels), -1), 0
    units, first = np.unique(groups, return_index=True)
    for k in np.unique(labels):
        own = units[labels[first] == k]
        if len(own) < 2:
            continue
        for unit in generator.permutation(own):
            fold[groups == unit] = dealt % folds
            dealt += 1
    numbers = [n for n in range(folds) if (fold == n).any()]
    return [(np.flatnonzero(fold != n), np.flatnonzero(fold == n)) for n in numbers]


def _check_folds(
    images: ImageSet,
    counts: np.ndarray,
    folds: Sequence[tuple[np.ndarray, np.ndarray]],
    notes: list[str],
) -> None:
    """Refuse a cross-validation in which fewer than two classes can be tested."""
    single = [images.class_names[k] for k in np.flatnonzero(counts == 1)]
    if (counts > 1).sum() < 2 or len(folds) < 2:
        raise DataError("{images}: too few to learn from some and to test on others. Every class "
                        "needs at least two; with one only: {names}.",
                        images=counted(int(counts.sum())),
                        names=some(single, 5) or _("none"))  # fmt: skip
    if single:
        notes.append(_("Of these classes there is a single image, so they are learnt and not "
                       "tested: {names}.", names=some(single, 5)))  # fmt: skip


def names_of(images: ImageSet) -> Callable[[int], str]:
    """Return a function that says what an image is called: its folder and file, or its place."""

    def name(row: int) -> str:
        if images.paths is None:
            return _("image {n}", n=int(images.rows[row]) + 1)
        folder, file = os.path.split(images.paths[row])
        return f"{os.path.basename(folder)}/{file}"

    return name
