"""The border: what users hand over becomes arrays that a program can take, or a clear error."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from maeum.core.errors import DataError, ShapeError
from maeum.core.messages import _
from maeum.core.settings import settings
from maeum.core.wording import some

_INT32 = np.iinfo(np.int32)
_LARGEST_DENSE = 8 << 30  # bytes


def is_array(value: Any) -> bool:
    """Tell whether ``value`` is one array: NumPy's, JAX's, PyTorch's, or a pandas table."""
    return isinstance(value, (np.ndarray, jax.Array)) or (
        hasattr(value, "shape")
        and any(hasattr(value, method) for method in ("__array__", "numpy", "toarray"))
    )


def as_arrays(value: Any, what: str, texts: bool = False) -> Any:
    """Turn a structure of lists, tuples and dicts of array-likes into one of arrays.

    A list of numbers (or of lists of them) is one array; a list of arrays is a structure.

    Args:
        value: the structure.
        what: what it is, for messages.
        texts: whether texts are taken, too: as arrays of objects.

    Raises:
        DataError: for values that are no numbers (or texts).
    """
    if value is None:
        return None
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        return as_array(value, what)
    if isinstance(value, Mapping):
        return {str(key): as_arrays(part, f"{what}[{key!r}]", texts) for key, part in value.items()}
    parts = [part for part in value if part is not None] if isinstance(value, (list, tuple)) else []
    if parts and all(is_array(part) and part.ndim for part in parts):
        return [as_arrays(part, f"{what}[{i}]", texts) for i, part in enumerate(value)]
    if texts and isinstance(value, (str, bytes)):
        raise DataError(
            "{what} is one text; give a list of texts, [text], for one row, too.", what=what
        )
    if texts and holds_text(value):
        # By way of objects: NumPy would make texts of numbers that stand among texts.
        return np.asarray(value, dtype=object)
    return as_array(value, what)


def holds_text(value: Any) -> bool:
    """Tell whether a structure holds texts (or symbolic ones) that have yet to become numbers."""
    if isinstance(value, (str, bytes)):
        return True
    if isinstance(value, Mapping):
        return any(map(holds_text, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(holds_text, value))
    if type(value).__module__.startswith("pandas"):
        value = value.to_numpy()
    dtype = getattr(value, "dtype", None)
    if not isinstance(dtype, np.dtype):
        return False
    if dtype.kind == "O":
        return any(isinstance(entry, (str, bytes)) for entry in value.ravel().tolist())
    return dtype.kind in "UST"


def check_texts(array: Any, name: str) -> None:
    """Check that all entries of one input are texts.

    Raises:
        DataError: if they are not; the message names the first row that is none.
    """
    entries = array.ravel().tolist()
    for place, entry in enumerate(entries):
        if not isinstance(entry, (str, bytes)):
            raise DataError(
                "Row {row} of the input {name!r}, which takes texts, is {entry!r}. Fill in or drop "
                "what is missing first (pandas: fillna('')); turn numbers into texts with "
                "x.astype(str).",
                name=name,
                row=place * len(array) // len(entries),
                entry=entry,
            )


def as_array(value: Any, what: str) -> np.ndarray | jax.Array:
    """Turn one array-like into an array of a dtype that the device knows."""
    if isinstance(value, jax.Array):
        return _check_rank(value, what)
    _refuse(value, what)
    if type(value).__module__.startswith("pandas"):
        array = _from_pandas(value, what)
    elif hasattr(value, "toarray"):  # SciPy's sparse matrices
        array = value.toarray()
    elif hasattr(value, "detach"):  # PyTorch
        array = value.detach().cpu().numpy()
    else:
        try:
            array = np.asarray(value)
        except ValueError:  # its rows differ in length
            array = np.fromiter(value, object)
    return _check_rank(_narrow(array, what), what)


def _refuse(value: Any, what: str) -> None:
    """Raise for things that NumPy would take, and make something else of."""
    if isinstance(value, str):
        raise DataError(
            "{what} is the text {value!r}; arrays were expected. Read a file first "
            "(pandas.read_csv), or let `maeum train` do all of it.",
            what=what,
            value=value,
        )
    if isinstance(value, np.ma.MaskedArray):
        raise DataError(
            "{what} is a masked array, and what is masked would be learned. Fill it in "
            "first: {what}.filled(...).",
            what=what,
        )
    if callable(value) or isinstance(value, type):
        raise DataError(
            "{what} is the function or class {name!r}; call it first, and give what it returns: "
            "fit({name}()).",
            what=what,
            name=getattr(value, "__name__", type(value).__name__),
        )
    if hasattr(value, "toarray"):
        _check_dense_size(value, what)


def _check_dense_size(matrix: Any, what: str) -> None:
    """Raise for a sparse matrix that would not fit into memory with all its zeros."""
    size = 4 * math.prod(matrix.shape)
    if size > _LARGEST_DENSE:
        raise DataError(
            "{what} is a sparse matrix of shape {shape}, which takes {size:.0f} GB as an array. "
            "Give it in batches, from a generator that yields ({what}[i:j].toarray(), y[i:j]), or "
            "make fewer columns of it first (sklearn.decomposition.TruncatedSVD).",
            what=what,
            shape=tuple(matrix.shape),
            size=size / 1e9,
        )


def _check_rank(array: Any, what: str) -> Any:
    if array.ndim == 0:
        raise DataError(
            "{what} is the single value {value!r}; an array with rows was expected.",
            what=what,
            value=array,
        )
    return array


def _from_pandas(table: Any, what: str) -> np.ndarray:
    columns = table.items() if table.ndim == 2 else [(table.name, table)]
    bad = [str(name) for name, column in columns if column.dtype.kind not in "biuf"]
    if bad:
        raise DataError(
            "{what} has columns that are not numbers: {columns}. Turn them into numbers first "
            "(pandas.get_dummies), or let `maeum train` prepare the whole table.",
            what=what,
            columns=some(bad, 5),
        )
    array = table.to_numpy()
    # Columns that may miss values come as objects.
    return array if array.dtype != object else table.to_numpy(np.float64, na_value=np.nan)


def _narrow(array: np.ndarray, what: str) -> np.ndarray:
    """Use 32 bits where NumPy has 64, and turn numbers that are held as objects into numbers.

    With ``maeum.config.set_floatx("float64")`` floating numbers keep 64 bits.
    """
    if array.dtype.kind in "OUS":
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError):
            sample = next((v for v in array.ravel().tolist() if not isinstance(v, (int, float))), 0)
            if isinstance(sample, (list, tuple, np.ndarray)):
                raise DataError(
                    "{what} holds rows that differ in length, such as {sample!r}. Pad them "
                    "to one length first.",
                    what=what,
                    sample=sample,
                ) from None
            raise DataError(
                "{what} holds values that are not numbers, such as {sample!r}. Turn texts "
                "into numbers first (LabelEncoder or get_dummies for categories, the layer "
                "TextVectorization for sentences).",
                what=what,
                sample=sample,
            ) from None
    if array.dtype.kind == "f":
        double = settings.floatx == "float64"
        return array.astype(np.float64 if double else np.float32, copy=False)
    if array.dtype in (np.int64, np.uint64, np.uint32):
        if array.size and (array.min() < _INT32.min or array.max() > _INT32.max):
            raise DataError(
                "{what} holds whole numbers beyond 32 bits (up to {largest}). If they are "
                "measurements, give them as floats; if they are identifiers, number them "
                "from 0.",
                what=what,
                largest=array.max(),
            )
        return array.astype(np.int32)
    if array.dtype.kind not in "biu":
        raise DataError(
            "{what} has dtype {dtype}; numbers or booleans were expected.",
            what=what,
            dtype=array.dtype,
        )
    return array


def shapes_of(structure: Any) -> Any:
    """Return the same structure with shape and dtype in place of each array."""
    return jax.tree.map(lambda a: jax.ShapeDtypeStruct(np.shape(a), a.dtype), structure)


def row_count(structure: Any) -> int:
    """Return the number of rows that all arrays of the structure share.

    Raises:
        DataError: if they differ, or if there is none.
    """
    counts = {array.shape[0] for array in jax.tree.leaves(structure)}
    if not counts:
        raise DataError("There is no data: no array was given.")
    if len(counts) > 1:
        shapes = ", ".join(str(tuple(a.shape)) for a in jax.tree.leaves(structure))
        raise DataError(
            "All arrays need the same number of rows; got shapes {shapes}.", shapes=shapes
        )
    return counts.pop()


def take_rows(structure: Any, index: Any) -> Any:
    """Return the rows ``index`` (a slice or an array) of every array."""
    return jax.tree.map(lambda array: array[index], structure)


def match_names(structure: Any, names: list[str], what: str) -> Any:
    """Put a dict of arrays into the order of ``names``; other structures stay as they are.

    Raises:
        DataError: if a name is missing.
    """
    if not isinstance(structure, Mapping):
        return structure
    missing = [name for name in names if name not in structure]
    if missing:
        raise DataError(
            "{what} lacks {name!r}; the model's are {names}, and {given} were given.",
            what=what,
            name=missing[0],
            names=", ".join(names),
            given=", ".join(map(str, structure)),
        )
    ordered = [structure[name] for name in names]
    return ordered[0] if len(ordered) == 1 else ordered


def check_input(array: Any, shape: tuple[int | None, ...], name: str) -> None:
    """Compare one input with the shape that the model declares for it.

    Raises:
        ShapeError: if they do not fit.
    """
    given = tuple(array.shape)
    fits = len(given) == len(shape) and all(
        b is None or a == b for a, b in zip(given[1:], shape[1:])
    )
    if fits:
        return
    hint = ""
    if given[1:] == () and len(shape) == 2 and shape[1] == 1:
        hint = _(" Give it as x.reshape(-1, 1).")
    elif given == shape[1:]:
        hint = _(" One example still needs a batch axis: x[None].")
    raise ShapeError(
        "The input {name!r} of the model takes arrays of shape ({shape}); got {given}.{hint}",
        name=name,
        shape=", ".join([_("rows"), *map(str, shape[1:])]),
        given=given,
        hint=hint,
    )
