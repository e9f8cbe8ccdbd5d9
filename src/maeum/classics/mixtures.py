"""Gaussian mixtures (expectation maximization): groups as bells, and how sure each row is."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.classics.components import components_of
from maeum.core.messages import _
from maeum.report.wording import percent

MOST_ROWS = 5_000  # that a mixture is fitted to
TRIED_ROWS = 2_000  # on which the number of groups is tried
DIMENSIONS = 10  # of more, a bell with all its covariances has too many numbers to be fitted
COVARIANCES = ("full", "diag")
# A yes/no column and a column of whole numbers have places without any spread: what is added to the
# variances keeps a bell from shrinking to such a place. Numbers have a variance of 1.
ADDED = 0.05


@dataclass(frozen=True)
class Mixture:
    """A mixture.

    Attributes:
        covariance: ``"full"``, or ``"diag"`` for bells along the axes.
        bic: of each covariance, the BIC of each number of groups that was tried; lower is better.
        probabilities: ``(n,)`` how sure each row's group is.
    """

    covariance: str
    bic: dict[str, list[float]]
    probabilities: np.ndarray


def fitted(x: np.ndarray, groups: int, covariance: str, seed: int) -> Any:
    """Return scikit-learn's mixture of so many groups, fitted to points ``(n, d)``."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # alike rows; BIC judges them
        return GaussianMixture(
            groups, covariance_type=covariance, reg_covar=ADDED, random_state=seed
        ).fit(x)


def reduced(x: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Return points ``(n, d)`` in at most `DIMENSIONS` principal components, and what is told."""
    if x.shape[1] <= DIMENSIONS:
        return x, []
    found = components_of(x, [])
    kept = percent(float(found.explained[:DIMENSIONS].sum()), 0)
    return found.places(x, DIMENSIONS), [
        _("The mixture sees the first {n} principal components, which hold {fraction} of the "
          "variance.", n=DIMENSIONS, fraction=kept)]  # fmt: skip
