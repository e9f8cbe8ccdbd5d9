"""Principal components: the directions along which the rows of a table differ most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Components:
    """The components of a principal component analysis.

    Attributes:
        weights: ``(c, d)`` of each feature in each component.
        explained: ``(c,)`` the fraction of the variance that each explains.
        names: ``(d,)`` the features.
        mean: ``(d,)`` of the points.
    """

    weights: np.ndarray
    explained: np.ndarray
    names: list[str]
    mean: np.ndarray

    def places(self, values: np.ndarray, components: int = 2) -> np.ndarray:
        """Return the places ``(n, 2)`` of points; 0 in a component that there is not."""
        found = (values - self.mean) @ self.weights[:components].T
        return np.pad(found, ((0, 0), (0, components - found.shape[1])))

    def needed(self, fraction: float) -> int:
        """Return how many components explain at least a fraction of the variance."""
        reached = np.cumsum(self.explained) >= fraction - 1e-9
        return int(reached.argmax()) + 1 if reached.any() else len(self.explained)


def components_of(values: np.ndarray, names: list[str]) -> Components:
    """Return the principal components of points ``(n, d)`` (Pearson, 1901).

    The sign of a component is arbitrary; here its largest weight is positive.
    """
    from sklearn.decomposition import PCA

    most = min(values.shape)
    fitted = PCA(most, svd_solver="covariance_eigh" if len(values) > most else "full").fit(values)
    weights = fitted.components_
    largest = weights[np.arange(len(weights)), np.abs(weights).argmax(axis=1)]
    weights = weights * np.where(largest < 0, -1, 1)[:, None]
    return Components(weights, fitted.explained_variance_ratio_, names, fitted.mean_)
