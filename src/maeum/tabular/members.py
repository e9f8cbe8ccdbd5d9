"""The members of an ensemble for a table: how many, which rows each has, and for how long."""

from __future__ import annotations

from typing import Any

import numpy as np

from maeum.tabular.splitting import cross_validation

STEPS = 600  # of training; measured on the tables of docs/performance.md
LEAST_STEPS = 16  # in an epoch
FEWEST, MOST = 12, 150  # epochs
VISITS, LEAST = 12_000_000, 4  # rows that members see all in all, where that is many; epochs then
WEIGHT_DECAY = 0.02
FEW_UNITS, MANY_UNITS, MANY = (64, 64), (128, 128), 2_000  # units of hidden layers; from rows on
USUAL = 8  # members, and the fewest folds
_MEMBERS = {50_000: USUAL, 200_000: 4}  # up to so many rows; beyond, 2
MOST_HELD_OUT = 20_000  # rows that a member is validated with
_BATCHES = {20_000: 128, 100_000: 256, 400_000: 512}  # rows of a step up to so many rows


def of_ensemble(
    rows: int, classes: bool, members: int | None = None, batch_size: int | None = None
) -> dict[str, Any]:
    """Return the choices for an ensemble that depend on how many rows there are.

    Args:
        rows: how many there are to train on.
        classes: whether classes are learnt.
        members, batch_size: what was chosen.

    >>> of_ensemble(1000, True)["members"], of_ensemble(1000, True)["batch_size"]
    (8, 125)
    """
    if members is None:
        members = next((n for most, n in _MEMBERS.items() if rows <= most), 2)
    own = own_rows(rows, members)
    if batch_size is None:
        usual = next((b for most, b in _BATCHES.items() if rows <= most), 1024)
        batch_size = filled_batches(own, usual)
    steps = max(1, own // batch_size) * passes_of(own, batch_size)
    fewest = min(FEWEST, max(LEAST, VISITS // (members * rows)))
    epochs = min(MOST, max(fewest, STEPS // steps))
    rate = 0.02 if classes else 0.05
    return {
        "members": members, "batch_size": batch_size, "epochs": epochs, "learning_rate": rate,
        "weight_decay": WEIGHT_DECAY, "hidden": FEW_UNITS if rows < MANY else MANY_UNITS,
    }  # fmt: skip


def own_rows(rows: int, members: int) -> int:
    """Return how many of some rows a member learns from; it is validated with the others.

    >>> own_rows(1000, 10), own_rows(1000, 3)
    (900, 875)
    """
    return rows - min(rows // max(members, USUAL), MOST_HELD_OUT)


def passes_of(rows: int, batch_size: int) -> int:
    """Return how many passes over some rows are an epoch: it takes `LEAST_STEPS` at least.

    With fewer, an epoch would take longer to begin, to end and to validate than to train.

    >>> passes_of(10_000, 100), passes_of(300, 100)
    (1, 6)
    """
    return -(-LEAST_STEPS // max(1, rows // batch_size))


def filled_batches(rows: int, usual: int) -> int:
    """Return a number of rows for a step, near the usual one, of which full steps leave few over.

    >>> filled_batches(654, 128), filled_batches(50, 128)
    (109, 50)
    """
    if rows <= usual:
        return max(1, rows)
    around = range(usual * 3 // 4, min(rows, usual * 5 // 4) + 1)
    return min(around, key=lambda size: (rows % size, abs(size - usual)))


def folds_of(
    target: np.ndarray,
    task: str,
    members: int,
    batch_size: int,
    seed: int,
    groups: np.ndarray | None = None,
    times: np.ndarray | None = None,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return for each member the rows of an epoch, and those that it is validated with.

    With 8 members or more, each row is in the validation part of one, but for a few that make the
    parts equal, so that one program serves all members. Where no more folds can be made, further
    members divide the rows anew.

    Args:
        target: ``(n,)`` class numbers or values.
        task: ``"binary"``, ``"multiclass"`` or ``"regression"``.
        members: how many there are.
        batch_size: the rows of a step: each member has whole steps, where it has enough for that.
        seed: what the folds follow from.
        groups: ``(n,)`` int, rows of the same number stay together.
        times: ``(n,)`` float: rows that follow one another stay together.
    """
    found: list[tuple[np.ndarray, np.ndarray]] = []
    order, folds = np.random.default_rng(seed), max(members, USUAL)
    while len(found) < members:
        if times is not None:
            by_time = np.argsort(times, kind="stable")  # those without a time come last
            parts = np.array_split(by_time, folds)
            found += [(np.setdiff1d(by_time, part), part) for part in parts]
        else:
            divided = cross_validation(target, task, folds, 0.0, seed + len(found), groups)
            found += [(part.train, part.test) for part in divided]
    found = [(order.permutation(own), order.permutation(out)) for own, out in found[:members]]
    sizes = [len(held_out) for _own, held_out in found]
    alike = min(sizes) >= 0.8 * max(sizes)
    limits = [min(min(sizes) if alike else size, MOST_HELD_OUT) for size in sizes]
    # What is too much to validate with is learnt from, unless others of its group validate.
    apart = groups is not None or times is not None
    found = [
        (own if apart else np.concatenate([own, held_out[n:]]), held_out[:n])
        for n, (own, held_out) in zip(limits, found)
    ]
    fewest = min(len(own) for own, _held_out in found)
    if alike and fewest >= batch_size:
        found = [(own[: fewest - fewest % batch_size], held_out) for own, held_out in found]
    return [(np.tile(own, passes_of(len(own), batch_size)), out) for own, out in found]
