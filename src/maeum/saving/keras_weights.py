"""Weights that Keras wrote, read into a model of Maeum.

Three kinds of files: ``*.weights.h5`` and the ``*.keras`` archive of Keras 3, which keep a group
``.../vars`` with the arrays ``0``, ``1`` ... for every layer, and the older ``*.h5``, which lists
``layer_names`` and ``weight_names`` (beside the rest of a model, or alone). `keras_layouts` knows
how they are laid out; here they are opened, fitted and assigned.

A file that is cut short, or is something else, is an error here. One with wrong bytes in the
middle may be read as it is, since ``*.h5`` has no checksums (a ``*.keras`` archive has them).
"""

from __future__ import annotations

import contextlib
import io
import os
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from maeum.core.errors import ModelFileError, nearest
from maeum.core.functional import built_variables
from maeum.core.messages import _
from maeum.core.wording import some
from maeum.saving.archive import check_unpacked
from maeum.saving.keras_layouts import Pairing, by_lists, by_tree, is_listed

_MAGIC = b"\x89HDF\r\n\x1a\n"
_INSIDE = "model.weights.h5"  # where a .keras archive keeps its weights


def is_keras_file(path: str | os.PathLike) -> bool:
    """Say whether a file is one of Keras's: HDF5, or an archive with such weights inside."""
    try:
        with open(path, "rb") as file:
            if file.read(len(_MAGIC)) == _MAGIC:
                return True
        with zipfile.ZipFile(path) as archive:
            return _INSIDE in archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError):
        return False


def load_keras_weights(
    model: Any,
    path: str | os.PathLike,
    by_name: bool = False,
    skip_mismatch: bool = False,
) -> None:
    """Read the weights of a Keras file into a built model with the same layers.

    Layers are matched by the names that somebody chose for them, where the file has the same
    ones, and by their order otherwise (names such as ``dense_1`` count on from model to model in
    Keras and mean nothing).

    Args:
        model: a built model.
        path: a ``*.weights.h5``, ``*.h5`` or ``*.keras`` file.
        by_name: match by names only, and leave alone the layers that the file does not name: to
            transfer the layers that two models share.
        skip_mismatch: leave alone, with a warning, what is missing or has another shape.

    Raises:
        ModelFileError: if the file is not one of Keras's, is damaged, or its weights do not fit;
            nothing is changed then.
        NotBuiltError: if the model has no weights yet.
        ImportError: if h5py is not installed, which reads the files.

    Example:
        >>> import numpy as np, h5py, maeum as mm
        >>> with h5py.File("one.weights.h5", "w") as file:
        ...     file["layers/dense/vars/0"] = np.ones((3, 2))
        ...     file["layers/dense/vars/1"] = np.zeros(2)
        >>> model = mm.Sequential([mm.Input((3,)), mm.layers.Dense(2)])
        >>> load_keras_weights(model, "one.weights.h5")
        >>> model.predict(np.ones((1, 3))).tolist()
        [[3.0, 3.0]]
    """
    built_variables(model)
    what = repr(str(path))
    values: list[tuple[Any, np.ndarray]] = []
    with _opened(path, what) as file:
        weights = file.get("model_weights", file)
        pairings = by_lists if is_listed(weights) else by_tree
        fits = [_Fit(pairing) for pairing in pairings(model, weights, by_name)]
        if not fits:
            holds = ", ".join(sorted(file)[:9]) or _("nothing")
            named = _(" with the names of layers") if by_name else ""
            raise ModelFileError("There are no Keras weights{named} in {what}; it holds {entries}.",
                                 named=named, what=what, entries=holds)  # fmt: skip
        best = min(fits, key=lambda fit: len(fit.problems))
        if best.problems and not skip_mismatch:
            raise ModelFileError("The weights of {what} do not fit {name!r}: {problems}. Nothing "
                                 "was changed; skip_mismatch=True takes what fits.", what=what,
                                 name=model.name, problems=some(best.problems, 1))  # fmt: skip
        values = [(variable, _array(dataset)) for variable, dataset in best.fitting]
    if best.problems:
        warnings.warn(
            _("Of {what}, {n} things do not fit {name!r} and were ignored: {problems}.", what=what,
              n=len(best.problems), name=model.name, problems=some(best.problems, 5)), stacklevel=2
        )  # fmt: skip
    for variable, value in values:
        variable.assign(value)


class _Fit:
    """What of a pairing fits, as (variable, dataset), and what does not, in words."""

    def __init__(self, pairing: Pairing):
        self.fitting: list[tuple[Any, Any]] = []
        self.problems = [
            _("the model has no place for {name!r}", name=name) for name in pairing.unknown
        ]
        for pair in pairing.pairs:
            layer = repr(pair.layer)
            if pair.datasets is None:
                hint = nearest(pair.layer, pairing.unknown)
                said = _("the layer {layer} is not in the file.{hint}", layer=layer, hint=hint)
                self.problems.append(said.rstrip("."))
                continue
            if pair.saved != pair.layer:
                layer = _("{layer} (in the file: {saved!r})", layer=layer, saved=pair.saved)
            if len(pair.variables) != len(pair.datasets):
                self.problems.append(
                    _("the layer {layer} has {n} weights ({names}), the file {found}",
                      layer=layer, n=len(pair.variables), found=len(pair.datasets),
                      names=", ".join(v.name for v in pair.variables))
                )  # fmt: skip
                continue
            for variable, dataset in zip(pair.variables, pair.datasets):
                if tuple(variable.shape) == dataset.shape:
                    self.fitting.append((variable, dataset))
                else:
                    self.problems.append(
                        _("the layer {layer} has {name!r} of shape {shape}, the file {found}",
                          layer=layer, name=variable.name, shape=variable.shape,
                          found=dataset.shape)
                    )  # fmt: skip


def _array(dataset: Any) -> np.ndarray:
    """Read an array. Its shape was compared before, so its size is no surprise."""
    if dataset.external or dataset.is_virtual:
        raise ModelFileError("{name!r} is in another file, which is not read.", name=dataset.name)
    array = np.asarray(dataset)
    if array.dtype.kind == "V" and array.dtype.itemsize == 2:  # HDF5 has no bfloat16
        array = array.view("bfloat16")
    if not (array.dtype.kind in "biuf" or array.dtype == "bfloat16"):
        raise ModelFileError("{name!r} holds {dtype}; weights are numbers.", name=dataset.name,
                             dtype=array.dtype)  # fmt: skip
    return array


@contextlib.contextmanager
def _opened(path: str | os.PathLike, what: str) -> Iterator[Any]:
    """Open the HDF5 file, or the one in the archive; whatever goes wrong is a clear error."""
    import h5py

    if not Path(path).is_file():
        folder = Path(path).parent
        known = [p.name for p in folder.iterdir()] if folder.is_dir() else []
        hint = nearest(Path(path).name, known)
        raise ModelFileError("There is no file {what}.{hint}", what=what, hint=hint)
    try:
        with h5py.File(_hdf5_of(path), "r") as file:
            yield file
    except ModelFileError as error:
        said = _("In {what}: {error}", what=what, error=error)
        raise error if what in str(error) else ModelFileError(said) from None
    except Exception as error:  # h5py raises a dozen kinds for damaged files
        raise ModelFileError("There are no Keras weights in {what}, or it is damaged ({error}). "
                             "Such files are written by save_weights('x.weights.h5') or "
                             "save('x.keras') in Keras.", what=what,
                             error=error) from None  # fmt: skip


def _hdf5_of(path: str | os.PathLike) -> Any:
    """Return what h5py opens: the path, or the bytes of the file inside an archive."""
    if not zipfile.is_zipfile(path):
        return path
    with zipfile.ZipFile(path) as archive:
        check_unpacked(Path(path), archive.getinfo(_INSIDE).file_size)
        return io.BytesIO(archive.read(_INSIDE))
