"""k-means step by step, beside scikit-learn's."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.preprocessing import StandardScaler

from maeum.classics import kmeans

IRIS = StandardScaler().fit_transform(load_iris().data)


@pytest.mark.parametrize("k", [2, 3, 7])
def test_the_steps_end_where_scikit_learn_ends(k):
    start = kmeans.beginning(IRIS, k, "euclidean", seed=0, restarts=2)
    steps = list(kmeans.lloyd(IRIS, start))
    fitted = KMeans(k, init=start, n_init=1, tol=0).fit(IRIS)
    np.testing.assert_array_equal(steps[-1].labels, fitted.labels_)
    np.testing.assert_allclose(steps[-1].centers, fitted.cluster_centers_, rtol=1e-9)
    assert steps[-1].inertia == pytest.approx(fitted.inertia_, rel=1e-9)


def test_the_best_of_some_beginnings_is_taken():
    few, many = (
        kmeans.fitted(IRIS, 5, "euclidean", 0, restarts=restarts).inertia for restarts in (1, 6)
    )
    assert many <= few


@pytest.mark.parametrize("distance", ["euclidean", "manhattan"])
def test_no_step_makes_the_cost_higher_and_the_last_moves_no_row(distance):
    start = IRIS[[0, 1, 2]]
    steps = list(kmeans.lloyd(IRIS, start, distance))
    costs = [step.inertia for step in steps]
    assert costs == sorted(costs, reverse=True)
    assert steps[-1].moved == 0
    assert all(step.moved > 0 for step in steps[1:-1])


def test_with_manhattans_distance_centres_are_medians():
    x = np.array([[0.0], [1.0], [50.0], [100.0], [101.0]])
    *_before, last = kmeans.lloyd(x, x[[0, 3]], "manhattan")
    # 50 is 49 from the median 1 of {0, 1, 50} and 50 from that of the others, 100.5.
    assert last.centers.ravel().tolist() == [1.0, 100.5]
    assert last.inertia == 1 + 0 + 49 + 0.5 + 0.5


def test_a_centre_without_rows_moves_to_the_farthest_row():
    x = np.array([[0.0], [1.0], [10.0]])
    *_before, last = kmeans.lloyd(x, np.array([[0.0], [1.0], [1000.0]]))
    assert sorted(last.centers.ravel().tolist()) == [0.0, 1.0, 10.0]
    assert last.inertia == 0
