"""How likely chance alone would put two things together so often."""

from __future__ import annotations

import numpy as np
from scipy.special import comb, gammaln


def hypergeometric_tail(
    both: np.ndarray, one: np.ndarray, other: np.ndarray, baskets: int
) -> np.ndarray:
    """Return Fisher's exact p-values, one-sided: as many baskets with both, or more, by chance.

    Args:
        both: how many baskets hold both sides of a rule, ``(n,)``.
        one: how many hold the one side.
        other: how many hold the other side.
        baskets: how many there are.

    It is what ``scipy.stats.hypergeom.sf(both - 1, baskets, one, other)`` gives, for all rules at
    once. The smaller tail is summed, term by term from the one before.

    >>> hypergeometric_tail(np.array([3]), np.array([4]), np.array([5]), 10).round(4).tolist()
    [0.2619]
    """
    both, one, other = (np.asarray(each, float) for each in (both, one, other))
    upper = both * baskets >= one * other  # beyond what is expected: the tail is above
    start = np.where(upper, both, both - 1)
    term = np.exp(
        _log_choose(one, start)
        + _log_choose(baskets - one, other - start)
        - _log_choose(np.float64(baskets), other)
    )
    total, x, active = term.copy(), start.copy(), np.flatnonzero(term > 0)
    while len(active):
        a, m, up, at = one[active], other[active], upper[active], x[active]
        rise = (a - at) * (m - at) / ((at + 1) * (baskets - a - m + at + 1))
        with np.errstate(divide="ignore", invalid="ignore"):
            fall = at * (baskets - a - m + at) / ((a - at + 1) * (m - at + 1))
        term[active] *= np.where(up, rise, fall)
        x[active] += np.where(up, 1, -1)
        total[active] += term[active]
        active = active[term[active] > 1e-17 * total[active]]
    return np.clip(np.where(upper, total, 1 - total), 0, 1)


def tests(items: int, length: int) -> float:
    """Return how many pairs of two sides there are among sets of so many items.

    >>> tests(4, 2), tests(4, 3)
    (6.0, 12.0)
    """
    return float(comb(items, length)) * (2.0 ** (length - 1) - 1)


def adjusted(p_values: np.ndarray, length: int, items: int, longest: int) -> np.ndarray:
    """Return p-values that allow for all the rules that were looked at.

    Bonferroni's correction in layers: the rules with two, three ... items get the same part of the
    errors that are allowed, so that the many long ones do not hide the few short ones. The chance
    that any rule below 0.05 is one by chance is at most 0.05.

    Args:
        p_values: of rules with ``length`` items.
        length: the items of both sides together.
        items: how many items are frequent.
        longest: the most items of a rule that was looked at.

    Source: G. I. Webb: Layered critical values, Machine Learning 71, 2008.
    """
    return np.minimum(p_values * tests(items, length) * max(longest - 1, 1), 1.0)


def _log_choose(n: np.ndarray | np.float64, k: np.ndarray) -> np.ndarray:
    """Return the logarithm of the binomial coefficient; -inf where ``k`` is out of range."""
    inside = (k >= 0) & (k <= n)
    k = np.where(inside, k, 0)
    return np.where(inside, gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), -np.inf)
