"""Data sets to learn with: ``mnist.load_data()`` and the like, as in Keras.

The folder that ``MAEUM_DATA`` names is searched first, then the cache (``MAEUM_CACHE``) and Keras's
folder (``~/.keras/datasets``); then the file is downloaded from its source, checked by its hash,
and kept. `digits` needs no file at all.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from maeum.core.errors import UnknownNameError, nearest
from maeum.datasets import (
    boston_housing,
    california_housing,
    cats,
    cifar10,
    cifar100,
    digits,
    fashion_mnist,
    imdb,
    mnist,
    reuters,
)
from maeum.datasets.idx import read_idx

_MODULES: dict[str, ModuleType] = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        *(mnist, fashion_mnist, cifar10, cifar100, cats, digits),
        *(imdb, reuters, boston_housing, california_housing),
    )
}
NAMES = tuple(_MODULES)


def load(name: str, **options: Any) -> Any:
    """Return the data set called ``name``: ``(x_train, y_train), (x_test, y_test)``.

    Args:
        name: one of `NAMES`.
        options: what its ``load_data`` takes.

    Raises:
        UnknownNameError: if there is no such data set.
        DataError: if its files are not on this machine and cannot be downloaded.

    Example:
        >>> (x, y), (x_test, y_test) = load("digits")
        >>> x.shape
        (1437, 8, 8)
    """
    return _module(name).load_data(**options)


def available_offline(name: str | None = None) -> Any:
    """Say whether a data set is on this machine, complete; or name all that are.

    Args:
        name: one of `NAMES`; None for a list.

    Returns:
        A bool, or the list of names.

    Example:
        >>> available_offline("digits")
        True
    """
    if name is None:
        return [each for each in NAMES if available_offline(each)]
    module = _module(name)
    archive = getattr(module, "ARCHIVE", None)
    if archive is not None and archive.find():
        return True
    return all(file.find() for file in module.FILES)


def _module(name: str) -> ModuleType:
    key = str(name).lower().replace("-", "_")
    for known in (key, key.replace("_", "")):
        if known in _MODULES:
            return _MODULES[known]
    raise UnknownNameError("There is no data set {name!r}.{hint} Known: {known}.", name=name,
                           hint=nearest(name, NAMES), known=", ".join(NAMES))  # fmt: skip


__all__ = [
    "NAMES",
    "available_offline",
    "boston_housing",
    "california_housing",
    "cats",
    "cifar10",
    "cifar100",
    "digits",
    "fashion_mnist",
    "imdb",
    "load",
    "mnist",
    "read_idx",
    "reuters",
]
