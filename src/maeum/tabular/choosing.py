"""Which columns of a table are learnt from, by the options."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from maeum.core.errors import ConfigError, DataError, UnknownNameError, nearest
from maeum.core.messages import _
from maeum.tables.columns import Column, known_column, recognise


def keep(columns: list[Column], frame: pd.DataFrame, names: Iterable[str]) -> None:
    """Use columns that were taken for numbers of the rows.

    Raises:
        ConfigError: for a column that cannot be learnt from.
        UnknownNameError: for one that there is not.
    """
    for name in names:
        place = [column.name for column in columns].index(known_column(list(frame.columns), name))
        column = columns[place]
        if column.kind == "identifier":  # by its name: without it, it is a number like others
            _typed, (anew,) = recognise(frame[[name]].set_axis(["x"], axis=1))
            column = columns[place] = replace(anew, name=name)
        if column.kind in ("empty", "constant", "identifier", "text"):
            raise ConfigError("The column {name!r} cannot be used: {reason}.", name=name,
                              reason=column.reason)  # fmt: skip
        column.used, column.reason = True, ""


def leave_out(
    columns: list[Column], ignore: Iterable[str], target: str, group: str | None = None
) -> None:
    """Take what nobody wants, and see that something is left.

    Args:
        columns: those of the table.
        ignore: what nobody wants.
        target: the column that is learnt, or empty for none.
        group: the column that says which rows belong together.

    Raises:
        UnknownNameError: for a column that there is not, or the target.
        DataError: if nothing is left.
    """
    by_name = {column.name: column for column in columns}
    if group in by_name and group != target:
        column = by_name[group]
        column.used, column.reason = False, _("it says which rows belong together")
    for name in ignore:
        if name == target:
            raise UnknownNameError("The column {name!r} cannot be excluded: it is the target.",
                                   name=name)  # fmt: skip
        if name not in by_name:
            hint = nearest(name, [known for known in by_name if known != target])
            raise UnknownNameError("The column {name!r} cannot be excluded: there is none.{hint}",
                                   name=name, hint=hint)  # fmt: skip
        by_name[name].used, by_name[name].reason = False, _("it was excluded on request")
    if not any(column.used for column in columns):
        reasons = "; ".join(f"{c.name!r}: {c.reason}" for c in columns[:5] if c.name != target)
        raise DataError("No column is left to learn from ({reasons}).", reasons=reasons)
