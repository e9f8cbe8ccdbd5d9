"""NumPy's ``.npz`` archives, read without running what is in them.

Lists of different lengths have no array type of their own, so that NumPy writes an array of
them as a pickle, and a pickle may call any function. The one that reads them here knows two
things: lists of whole numbers, and what an array is made of, for which something harmless stands.
"""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.lib import format as npy

from maeum.core.errors import DataError
from maeum.core.messages import _
from maeum.core.runtime import keras_folder
from maeum.datasets.download import fetch
from maeum.datasets.files import DataFile, unreadable

# The only names that an array of objects refers to in a pickle, by older and newer NumPy.
_NAMES = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("_codecs", "encode"),
}


def located(path: str, file: DataFile) -> Path:
    """Return where an archive is: at the user's ``path``, or where ``file`` is found or put.

    A path may also be relative to the folder ``datasets`` of Keras's.

    Raises:
        DataError: if ``path`` is neither a file nor the usual name.
    """
    if Path(path).is_file():
        return Path(path)
    if str(path) != file.name:
        if (keras_folder() / "datasets" / path).is_file():
            return keras_folder() / "datasets" / path
        raise DataError("There is no file {path!r}; omit path for the usual files.",
                        path=str(path))  # fmt: skip
    return fetch(file)


def read_arrays(path: Path, names: Sequence[str], lists: Sequence[str] = ()) -> list[Any]:
    """Return the arrays called ``names``, in their order; those in ``lists`` as lists of lists.

    Raises:
        DataError: if the archive is damaged, or holds something else.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return [_read(archive, name, name in lists) for name in names]
    except Exception as error:  # a damaged pickle raises whatever it likes
        what = _("an archive with {names}", names=", ".join(names))
        raise unreadable(path, what, error) from None


def _read(archive: zipfile.ZipFile, name: str, as_lists: bool) -> Any:
    with archive.open(f"{name}.npy") as file:
        if not as_lists:
            return npy.read_array(file, allow_pickle=False)
        read_header = {1: npy.read_array_header_1_0}.get(
            npy.read_magic(file)[0], npy.read_array_header_2_0
        )
        shape, _fortran, dtype = read_header(file)
        if not dtype.hasobject:
            raise ValueError(_("{name} holds {dtype}", name=name, dtype=dtype))
        return _rows(_Pickled.load(file), shape, name)


def _rows(found: Any, shape: tuple[int, ...], name: str) -> list[list[int]]:
    """Return the lists in an array of objects: of lists, or of numbers if all are as long."""
    objects = found.state[-1]
    if len(shape) == 2:
        columns = shape[1]
        objects = [objects[i * columns : (i + 1) * columns] for i in range(shape[0])]
    whole = all(type(row) is list and set(map(type, row)) <= {int} for row in objects)
    if len(objects) != shape[0] or not whole:
        raise ValueError(_("{name} does not hold lists of whole numbers", name=name))
    return objects


class _Pickled:
    """Stands for an array or its type: keeps what it would be made of, and makes nothing."""

    def __init__(self, *arguments: Any):
        self.state: Any = ()

    def __setstate__(self, state: Any) -> None:
        self.state = state

    @classmethod
    def load(cls, file: Any) -> _Pickled:
        """Return what a pickle of one array holds."""
        found = _Unpickler(file).load()
        if not isinstance(found, cls):
            raise pickle.UnpicklingError(_("no array of objects"))
        return found


class _Unpickler(pickle.Unpickler):
    """Knows the names that an array of objects refers to, and no others."""

    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for a part of an array."""
        if (module, name) in _NAMES:
            return _Pickled
        raise pickle.UnpicklingError(
            _("it asks for {name!r}, which no data set needs", name=f"{module}.{name}")
        )
