"""What one should know of a table before one trusts what was learnt from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, islice
from typing import NamedTuple

import numpy as np

from maeum.core.messages import _
from maeum.core.wording import enumeration, shorten
from maeum.report.sections import Terms
from maeum.report.wording import number, percent
from maeum.tabular.relations import Relation, Sample
from maeum.tabular.result import TableRun

MAX_OF_A_KIND = 6
MAX_COLUMNS = 60  # every two of which are compared
MAX_CELLS = 4_000_000  # in which equal rows are looked for
MAX_COUNTED = 500  # columns whose values are counted
GIVES_AWAY = 0.98  # a relation with the target, of a column alone
SAYS_THE_SAME = 0.95  # a correlation of two columns
SKEWED = 3.0
NEARLY_CONSTANT = 0.99
MOSTLY_MISSING = 0.5
TOGETHER = 0.9  # of the rows where one of two columns is missing, both are


class Alert(NamedTuple):
    """A thing that stands out: of which columns, its kind, and what it means."""

    columns: tuple[str, ...]
    kind: str
    said: str


def alerts(run: TableRun, sample: Sample, found: list[Relation]) -> list[Alert]:
    """Return what stands out, the gravest first; of each kind a few.

    Args:
        run: the training.
        sample: the rows that are looked at.
        found: how each column goes with the target, as `relations` returns it.
    """
    kinds = (_leaks(run, found), _duplicates(run, sample), _correlated(sample),
             _missing_together(sample), _mostly_missing(run), _constant(run, sample),
             _skewed(sample))  # fmt: skip
    return [alert for kind in kinds for alert in islice(kind, MAX_OF_A_KIND)]


def terms(found: Iterable[Alert]) -> Terms:
    """Alerts as a report shows them."""
    return Terms([
        (enumeration([shorten(name, 30) for name in alert.columns]) or _("Rows"), alert.kind,
         alert.said)
        for alert in found
    ])  # fmt: skip


def _leaks(run: TableRun, found: list[Relation]) -> Iterator[Alert]:
    for column, value, strength in found:
        if abs(strength) >= GIVES_AWAY and value is None:
            said = _("alone tells {target} almost completely ({strength}). Is it known before "
                     "{target} is, or does it follow from it? Leave it out if it does.",
                     target=shorten(run.target, 30), strength=f"{strength:.3f}")  # fmt: skip
            yield Alert((column,), _("gives the target away"), said)


def _duplicates(run: TableRun, sample: Sample) -> Iterator[Alert]:
    frame = sample.frame[[n for n in sample.frame.columns if n == run.target or n in run.ranking]]
    if run.target not in frame or len(frame.columns) < 2 or frame.size > MAX_CELLS:
        return
    same = int(frame.duplicated().sum())
    inputs = frame.drop(columns=run.target)
    apart = int((inputs.duplicated(keep=False) & ~frame.duplicated(keep=False)).sum())
    if same:
        said = _("{n:,} of {all:,} rows are the same as another one in every column that is used. "
                 "Where one of them is learnt and the other tested, the test looks better than it "
                 "is.", n=same, all=len(frame))  # fmt: skip
        yield Alert((), _("duplicates"), said)
    if apart and run.classes:
        said = _("{n:,} of {all:,} rows are the same as another one in every input, but differ in "
                 "{target}: no network can be right for all of them.", n=apart, all=len(frame),
                 target=shorten(run.target, 30))  # fmt: skip
        yield Alert((), _("contradictions"), said)


def _correlated(sample: Sample) -> Iterator[Alert]:
    names = [n for n in (*sample.numbers, *sample.dates) if sample.varies(n)][:MAX_COLUMNS]
    if len(names) < 2:
        return
    table = sample.frame_of(names).corr(min_periods=10).to_numpy()
    pairs = [(abs(table[i, j]), i, j) for i, j in combinations(range(len(names)), 2)]
    for strength, i, j in sorted(pairs, key=lambda pair: (-pair[0], pair[1:])):
        if strength >= SAYS_THE_SAME:
            said = _("say nearly the same (r = {r}). One of them would do; which one the network "
                     "goes by is chance.",
                     r=f"{table[i, j]:.3f}".replace("-", "−"))  # fmt: skip
            yield Alert((names[i], names[j]), _("high correlation"), said)


def _missing_together(sample: Sample) -> Iterator[Alert]:
    frame = sample.frame
    gaps = {name: frame[name].isna().to_numpy() for name in frame.columns}
    gaps = {name: rows for name, rows in gaps.items() if 5 <= rows.sum() < len(frame)}
    left = list(gaps)[:MAX_COLUMNS]
    while left:
        first, *rest = left
        own = gaps[first]
        both = [n for n in rest if (own & gaps[n]).sum() >= TOGETHER * (own | gaps[n]).sum()]
        if both:
            said = _("are missing in the same rows ({fraction}). Is there a reason that says "
                     "something?", fraction=percent(own.mean()))  # fmt: skip
            yield Alert((first, *both), _("missing together"), said)
        left = [name for name in rest if name not in both]


def _mostly_missing(run: TableRun) -> Iterator[Alert]:
    rows = max(len(run.frame), 1)
    for column in run.columns:
        share = column.missing / rows
        if column.used and share > MOSTLY_MISSING:
            said = _("is missing in {fraction} of the rows.", fraction=percent(share))
            yield Alert((column.name,), _("mostly missing"), said)


def _constant(run: TableRun, sample: Sample) -> Iterator[Alert]:
    for column in run.columns[:MAX_COUNTED]:
        if column.kind == "constant":
            yield Alert((column.name,), _("constant"), _("has only one value, and is not used."))
        elif column.used and column.name != run.target and column.name in sample.frame:
            counts = sample.frame[column.name].value_counts(normalize=True)
            if len(counts) and counts.iloc[0] >= NEARLY_CONSTANT:
                said = _("is “{value}” in {fraction} of the rows.",
                         value=shorten(str(counts.index[0]), 30),
                         fraction=percent(float(counts.iloc[0])))  # fmt: skip
                yield Alert((column.name,), _("nearly constant"), said)


def _skewed(sample: Sample) -> Iterator[Alert]:
    names = [name for name in sample.numbers if sample.varies(name)]
    skews = sample.frame_of(names).skew()
    for name in sorted(names, key=lambda n: -abs(skews[n])):
        if np.isfinite(skews[name]) and abs(skews[name]) > SKEWED:
            said = _("is very skewed (skewness {skew}): a few values lie far from the others.",
                     skew=number(skews[name], 2))  # fmt: skip
            yield Alert((name,), _("skewed"), said)
