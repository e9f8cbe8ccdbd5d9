"""What a table holds, as it is told before the training."""

from __future__ import annotations

import numpy as np

from maeum.core.messages import _, ngettext
from maeum.experiment.events import Found, classes_line, parts_line
from maeum.experiment.run import ROWS
from maeum.report.wording import number
from maeum.tabular.dataset import Dataset
from maeum.tabular.result import COLUMNS


def in_table(data: Dataset) -> Found:
    """Return what a table holds and what becomes of it."""
    goal, rows = data.target, len(data.frame)
    features = len(data.preparation.feature_names) + len(data.preparation.embedded)
    used = sum(column.used for column in data.columns)
    facts = {"rows": rows, "columns": used, "features": features, "target": goal.name}
    lines = (
        _("{source}: {rows}, {columns} used as {features}",
          source=data.source, rows=ROWS.count(rows), columns=COLUMNS.count(used),
          features=ngettext("{n:,} feature", "{n:,} features", features)),
        _("Target {name!r}: {what}", name=goal.name, what=_target(data)),
        _("Rows: {parts}", parts=parts_line(data.sizes)),
    )  # fmt: skip
    return Found(data.source, facts | data.sizes, lines)


def _target(data: Dataset) -> str:
    goal = data.target
    if goal.classes:
        return classes_line(dict(zip(goal.classes, goal.counts)))
    values = data.truth(np.arange(len(data.frame)))
    low, high, mean = map(number, (values.min(), values.max(), values.mean()))
    return _("a number from {low} to {high}, on average {mean}", low=low, high=high, mean=mean)
