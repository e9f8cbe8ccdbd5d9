"""Charts of the columns beside each other: what goes with what, and where cells are missing."""

from __future__ import annotations

import numpy as np

from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.report.charts import Axis, Cells, Chart
from maeum.report.wording import percent
from maeum.tabular.relations import Sample, association
from maeum.tabular.result import TableRun

MAX_COLUMNS = 14  # of the heat map
MAX_GAPS = 24  # columns of the matrix of missing cells
PARTS = 40  # of the rows, in the order of the file


def correlations(run: TableRun, sample: Sample) -> Chart | None:
    """How every two of the most important columns go together; None of fewer than three."""
    names = [n for n in run.ranking if n in (*sample.numbers, *sample.dates, *sample.categories)]
    names = [n for n in names if sample.frame[n].nunique() > 1][:MAX_COLUMNS]
    if len(names) < 3:
        return None
    table = np.full((len(names), len(names)), np.nan)
    for i, one in enumerate(names):
        for j, other in enumerate(names[:i]):
            table[i, j] = table[j, i] = association(sample, one, other)
    told = [
        [f"{shorten(one, 30)}, {shorten(other, 30)}: {value:.2f}".replace("-", "−")
         for other, value in zip(names, row)]
        for one, row in zip(names, table)
    ]  # fmt: skip
    labels = [f"{n}. {shorten(name, 16)}" for n, name in enumerate(names, start=1)]
    heads = [str(n) for n in range(1, len(names) + 1)]
    strongest = int(np.nan_to_num(np.abs(table)).argmax())
    alt = _("Heat map of the correlations; the strongest one: {cell}",
            cell=told[strongest // len(names)][strongest % len(names)])  # fmt: skip
    legend = ((_("with each other"), "c1"), (_("against each other"), "c0"))
    caption = _("Two numbers: Pearson’s r. With a category there is no direction: the correlation "
                "ratio, and of two categories Cramér’s V. The stronger the colour, the stronger "
                "the relation.")  # fmt: skip
    return Chart(_("Correlations"), alt, [Cells(labels, table, heads, told)], caption=caption,
                 legend=legend, style="wide", titled=False)  # fmt: skip


def missing_matrix(run: TableRun) -> Chart | None:
    """Where in the file cells are missing; None where there are few."""
    frame = run.frame
    gaps = {c.name: frame[c.name].isna().to_numpy() for c in run.columns
            if c.missing and c.name in frame and c.name != run.target}  # fmt: skip
    gaps = {name: rows for name, rows in gaps.items() if rows.any()}
    if len(frame) < 2 or sum(map(np.sum, gaps.values())) < 2:
        return None
    names = sorted(gaps, key=lambda name: -int(gaps[name].sum()))[:MAX_GAPS]
    edges = np.unique(np.linspace(0, len(frame), PARTS + 1).astype(int))
    table = np.array([np.add.reduceat(gaps[n].astype(float), edges[:-1]) for n in names])
    table /= np.diff(edges)
    rows = [_("rows {first:,} to {last:,}", first=low + 1, last=high)
            for low, high in zip(edges[:-1].tolist(), edges[1:].tolist())]  # fmt: skip
    told = [
        [_("{name}, {rows}: {fraction} missing", name=shorten(name, 30), rows=part,
           fraction=percent(value, 0)) for part, value in zip(rows, line)]
        for name, line in zip(names, table)
    ]  # fmt: skip
    # A cell that is not quite empty can be seen.
    shown = np.where(table > 0, np.maximum(np.sqrt(table), 0.3), 0)
    alt = _("Where in the file cells are missing, in {n} columns", n=len(names))
    axis = Axis(_("rows in the order of the file"), 1.0, float(len(frame)), "whole")
    labels = [shorten(name, 20) for name in names]
    caption = _("The stronger the colour, the more cells are missing there.")
    return Chart(_("Where cells are missing"), alt, [Cells(labels, shown, (), told, written=False)],
                 axis, caption=caption, style="wide")  # fmt: skip
