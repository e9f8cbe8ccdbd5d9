"""Sequences of different lengths as one array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from maeum.core.checks import check_choice, check_whole
from maeum.core.errors import ConfigError, DataError, ShapeError


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Bring sequences to one length: pad the shorter ones, truncate the longer ones.

    Args:
        sequences: the sequences; their entries are numbers, or arrays of one shape.
        maxlen: the length; that of the longest sequence by default.
        dtype: the dtype of the result; ``object`` for texts.
        padding: ``"pre"`` to pad at the beginning, ``"post"`` at the end.
        truncating: ``"pre"`` to cut at the beginning, ``"post"`` at the end.
        value: what to pad with.

    Returns:
        An array ``(len(sequences), maxlen, ...)``.

    Raises:
        DataError: for something that is not a list of sequences; for an entry that is not a
            number.
        ShapeError: if the entries of sequences differ in shape.
        ConfigError: for a side that is neither ``"pre"`` nor ``"post"``.

    Example:
        >>> pad_sequences([[1], [2, 3], [4, 5, 6]]).tolist()
        [[0, 0, 1], [0, 2, 3], [4, 5, 6]]
        >>> pad_sequences([[1], [4, 5, 6]], maxlen=2, padding="post").tolist()
        [[1, 0], [5, 6]]
    """
    for name, side in (("padding", padding), ("truncating", truncating)):
        check_choice(side, ("pre", "post"), name)
    lengths = sequence_lengths(sequences)
    maxlen = max(lengths, default=0) if maxlen is None else check_whole(maxlen, "maxlen")
    try:
        kind = np.dtype(dtype).kind
    except TypeError:
        raise ConfigError("dtype is a type of NumPy such as 'int32'; got {dtype!r}.",
                          dtype=dtype) from None  # fmt: skip
    textual = kind in "USTO"
    if isinstance(value, str) and not textual:
        raise ConfigError("value is {value!r} and dtype {dtype}: texts need dtype=object.",
                          value=value, dtype=dtype)  # fmt: skip
    shape = next((np.shape(s)[1:] for s, n in zip(sequences, lengths) if n), ())
    try:
        with np.errstate(invalid="raise"):
            padded = np.full((len(lengths), maxlen, *shape), value, dtype=dtype)
    except (TypeError, ValueError, OverflowError, FloatingPointError):
        raise ConfigError("value is {value!r}, which is not {dtype}.", value=value,
                          dtype=np.dtype(dtype).name) from None  # fmt: skip
    for row, sequence in enumerate(sequences):
        if not lengths[row]:
            continue
        cut = sequence[-maxlen:] if truncating == "pre" else sequence[:maxlen]
        try:
            entries = np.asarray(cut, dtype=dtype)
        except (TypeError, ValueError, OverflowError) as error:
            raise DataError("Sequence {row} holds something that is not {dtype} ({error}).",
                            row=row, dtype=np.dtype(dtype).name, error=error) from None  # fmt: skip
        if entries.shape[1:] != shape:
            raise ShapeError("The entries of sequence {row} have shape {shape}, those before it "
                             "{before}; all have to be the same.", row=row, shape=entries.shape[1:],
                             before=shape)  # fmt: skip
        if padding == "post":
            padded[row, : len(entries)] = entries
        else:
            padded[row, -len(entries) :] = entries
    return padded


def sequence_lengths(sequences: Any) -> list[int]:
    """Return the length of each sequence, or raise `DataError`."""
    if isinstance(sequences, (str, bytes)) or not hasattr(sequences, "__len__"):
        raise DataError("sequences is a list of sequences, such as [[1, 2], [3]]; got "
                        "{given!r:.60}.", given=sequences)  # fmt: skip
    lengths = []
    for row, sequence in enumerate(sequences):
        if not hasattr(sequence, "__len__"):
            raise DataError("sequences[{row}] is not a sequence: {entry!r:.60}.", row=row,
                            entry=sequence)  # fmt: skip
        lengths.append(len(sequence))
    return lengths
