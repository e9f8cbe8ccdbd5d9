"""Columns that only number the rows: an index that was written with the table, a serial number.

Where rows are sorted by class, as they often are, such a column gives the class away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from maeum.core.messages import _

if TYPE_CHECKING:
    from maeum.tables.column import Column

FEWEST = 10  # rows from which a column that counts is told from numbers that happen to
_OF_TIME = re.compile(
    r"(?:^|[\s_.-])(?:(?:year|yr|month|day|date|time|timestamp|hour|hr|minute|min|second|sec|week|quarter"
    r"|step|epoch|period|age)s?|t)(?:$|[\s_.\d(-])|년|월|일$|일자|시간|시점|주차|회차|나이",
    re.IGNORECASE,
)


def leave_out(columns: Sequence[Column], typed: pd.DataFrame, target: str | None) -> None:
    """Take the columns that number the rows out of use, and say why.

    One that has the name of a time, and the only one that there is, stay in use, with a note.
    """
    names = [column.name for column in columns]
    named = any(name != f"column_{i + 1}" for i, name in enumerate(names))
    others = sum(column.used and column.name != target for column in columns)
    for i, column in enumerate(columns):
        if not column.used or column.kind != "number" or column.missing or column.name == target:
            continue
        values = typed[column.name].to_numpy()
        nameless = named and i == 0 and column.name == "column_1"
        if not (numbers_rows(values) or (nameless and _is_index(values))):
            continue
        if others == 1 or _OF_TIME.search(column.name):
            column.notes.append(_("It counts the rows. If it is only their number, exclude it "
                                  "(--ignore)."))  # fmt: skip
        else:
            others -= 1
            column.used = False
            column.reason = _("it only numbers the rows (--keep uses it all the same)")


def numbers_rows(values: Iterable[float]) -> bool:
    """Whether values number rows: they go on by 1, or are drawn from such numbers.

    ``n`` numbers of chance among ``m`` whole ones would hold equal ones, unless ``n * n / 2m`` is
    small (the birthday problem); an index, also shuffled or a sample of it, holds none.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> numbers_rows(range(5, 105)), numbers_rows(rng.permutation(1000)[:200])
    (True, True)
    >>> numbers_rows(rng.integers(0, 1000, 200)), numbers_rows(rng.permutation(10**6)[:200])
    (False, False)
    """
    found = np.asarray(values, np.float64)
    n = len(found)
    if n < FEWEST or not np.all(found == np.round(found)):
        return False
    steps = np.diff(found)
    if np.all(steps == steps[0]) and abs(steps[0]) == 1:
        return True
    span = found.max() - found.min() + 1
    return bool(n * n > 20 * span and len(np.unique(found)) == n)


def _is_index(values: np.ndarray) -> bool:
    """Whether a column without a name is an index, of which rows may be there twice."""
    whole = bool(np.all(values == np.round(values))) and values.min() >= 0
    return whole and (
        bool(np.mean(np.diff(values) == 1) > 0.5) or len(np.unique(values)) > 0.5 * len(values)
    )
