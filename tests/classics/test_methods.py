"""Clusterings beside scikit-learn's and SciPy's."""

import numpy as np
import pandas as pd
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import DBSCAN
from sklearn.datasets import make_moons
from sklearn.metrics import (
    adjusted_rand_score,
    homogeneity_score,
    silhouette_samples,
    silhouette_score,
)
from sklearn.mixture import GaussianMixture

from maeum.classics import cluster_table, density, hierarchical, methods, mixtures
from maeum.classics.choosing import bend, distances, silhouette, silhouettes_of
from maeum.classics.density import NOISE, density_of


@pytest.fixture(scope="module")
def blobs():
    """Three round groups of 60, 40 and 20 rows in two columns; and the group of each row."""
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1, 2], [60, 40, 20])
    x = rng.normal(size=(120, 2)) + np.array([[0, 0], [9, 0], [0, 9]])[truth]
    return pd.DataFrame(x, columns=["a", "b"]), truth


@pytest.fixture(scope="module")
def found(blobs):
    return {
        method: cluster_table(blobs[0], method=method, max_groups=5, beside=method == "kmeans")
        for method in ("kmeans", "hierarchical", "dbscan", "mixture")
    }


@pytest.mark.parametrize("method", ["kmeans", "hierarchical", "dbscan", "mixture"])
def test_three_groups_are_found_and_numbered_by_size(blobs, found, method):
    got = found[method]
    kept = got.groups > 0
    assert kept.mean() > 0.9
    if method == "dbscan":  # which may cut a group into a dense part and another one
        assert homogeneity_score(blobs[1][kept], got.groups[kept]) == 1
        assert 3 <= got.count <= 4
    else:
        assert got.count == 3
        assert adjusted_rand_score(blobs[1][kept], got.groups[kept]) == 1
    assert [profile.rows for profile in got.profiles if profile.number] == sorted(
        np.bincount(got.groups)[1:], reverse=True
    )


def test_silhouettes_are_scikit_learns(found):
    got = found["kmeans"]
    x = got.points.values
    np.testing.assert_allclose(got.silhouettes, silhouette_samples(x, got.groups), atol=1e-9)
    place = got.choice.counts.index(3)
    assert got.choice.silhouettes[place] == pytest.approx(silhouette_score(x, got.groups))
    assert np.isnan(got.choice.silhouettes[0])  # of one group there is none


def test_noise_and_single_groups_have_no_silhouette():
    away = distances(np.array([[0.0], [1.0], [5.0], [9.0]]), "manhattan")
    assert np.isnan(silhouette(away, np.zeros(4, int)))
    assert np.isnan(silhouettes_of(away, np.array([0, 0, 1, -1]))[3])


def test_the_tree_is_scipys(blobs, found):
    got = found["hierarchical"]
    tree, x = got.division.detail, got.points.values
    np.testing.assert_allclose(tree.links, linkage(x, "ward"))
    for groups in (2, 3, 6):
        expected = fcluster(tree.links, groups, "maxclust")
        assert adjusted_rand_score(expected, tree.labels(groups)) == 1
    assert tree.height(2) == tree.links[-1, 2]
    assert tree.links[-3, 2] < tree.cut(3) < tree.links[-2, 2]


def test_every_leaf_of_the_dendrogram_has_the_group_of_its_rows(found):
    got = found["hierarchical"]
    drawing = hierarchical.dendrogram(got.division.detail, got.division.labels, leaves=10)
    assert sum(drawing.leaves) == 120
    counted = np.zeros(3, int)
    np.add.at(counted, drawing.labels, drawing.leaves)
    np.testing.assert_array_equal(counted, np.bincount(got.division.labels))


def test_dbscan_is_scikit_learns_with_the_eps_that_is_told(found):
    got = found["dbscan"]
    detail = got.division.detail
    fitted = DBSCAN(eps=detail.eps, min_samples=detail.min_samples).fit(got.points.values)
    np.testing.assert_array_equal(got.groups == 0, fitted.labels_ == -1)
    assert adjusted_rand_score(got.groups, fitted.labels_) == 1


def test_the_k_distance_is_the_distance_to_the_kth_neighbour():
    x = np.array([[0.0], [1.0], [3.0], [10.0]])
    # with itself as the first, the third neighbour of each row is 3, 2, 3 and 9 away
    found = density_of(x, np.arange(4), "euclidean", None, 3)
    assert found.away.tolist() == [2.0, 3.0, 3.0, 9.0]


def test_dbscan_follows_crescents_that_k_means_cuts():
    x, truth = make_moons(200, noise=0.04, random_state=0)
    frame = pd.DataFrame(x, columns=["a", "b"])
    dense = cluster_table(frame, method="dbscan", eps=0.3, beside=False)
    cut = cluster_table(frame, groups=2, beside=False)
    assert adjusted_rand_score(truth, dense.groups) == 1
    assert adjusted_rand_score(truth, cut.groups) < 0.7


def test_the_mixture_is_scikit_learns_and_has_the_lowest_bic(found):
    got = found["mixture"]
    detail, x = got.division.detail, got.points.values
    model = GaussianMixture(
        3, covariance_type=detail.covariance, reg_covar=mixtures.ADDED, random_state=42
    ).fit(x)
    np.testing.assert_array_equal(model.predict(x), got.division.labels)
    np.testing.assert_allclose(detail.probabilities, model.predict_proba(x).max(axis=1))
    assert got.choice.costs[2] == pytest.approx(model.bic(x)) == min(got.choice.costs)


def test_the_other_methods_are_compared_by_the_adjusted_rand_index(found):
    beside = found["kmeans"].beside
    assert [each.method for each in beside] == ["kmeans", "hierarchical", "dbscan", "mixture"]
    assert beside[0].agreement == 1
    assert all(each.agreement > 0.8 for each in beside)


def test_the_elbow_is_where_a_curve_is_farthest_below_its_ends():
    assert bend([2, 3, 4, 5], [100, 20, 10, 0]) == 1
    assert bend([2, 3], [100, 20]) is None
    assert bend([1, 2, 3], [3, 2, 1]) is None  # straight
    assert bend([1, 2, 3], [5, 5, 5]) is None


@pytest.mark.parametrize("method", ["kmeans", "hierarchical", "dbscan"])
def test_manhattans_distance_is_used_throughout(blobs, method):
    got = cluster_table(
        blobs[0], method=method, distance="manhattan", max_groups=4, beside=method == "kmeans"
    )
    away = np.abs(got.points.values[:, None] - got.points.values[None]).sum(axis=2)
    rows = got.groups > 0
    expected = silhouette_score(away[np.ix_(rows, rows)], got.groups[rows], metric="precomputed")
    assert got.silhouette == pytest.approx(expected)
    if method == "hierarchical":
        np.testing.assert_allclose(
            got.division.detail.links, linkage(got.points.values, "average", "cityblock")
        )
    if method == "kmeans":
        np.testing.assert_allclose(
            got.centers.loc[1], np.median(got.points.values[got.groups == 1], axis=0)
        )
        assert "mixture" not in [each.method for each in got.beside]


@pytest.mark.parametrize("method", ["hierarchical", "dbscan"])
def test_rows_beyond_the_draw_get_the_group_of_near_ones_and_that_is_told(
    blobs, monkeypatch, method
):
    monkeypatch.setattr(hierarchical, "MOST_ROWS", 60)
    monkeypatch.setattr(density, "MOST_ROWS", 60)
    got = cluster_table(blobs[0], method=method, max_groups=4, beside=False)
    rows = got.groups > 0
    assert rows.mean() > 0.8
    assert homogeneity_score(blobs[1][rows], got.groups[rows]) == 1
    assert any("60 of 120 rows, drawn at random" in note for note in got.notes)
    if method == "dbscan":
        detail = got.division.detail
        near = np.abs(got.points.values[:, None] - got.points.values[detail.rows][None])
        alone = np.sqrt((near**2).sum(axis=2)).min(axis=1) > detail.eps
        assert (got.division.labels[alone] == NOISE).all()


def test_the_number_is_tried_on_drawn_rows_of_many(blobs, monkeypatch):
    monkeypatch.setattr(methods, "TRIED_ROWS", 80)
    monkeypatch.setattr(methods, "JUDGED_ROWS", 50)
    got = cluster_table(blobs[0], max_groups=4, beside=False)
    assert (got.choice.rows, got.choice.chosen) == (80, 3)
    assert "The number of groups was tried: 80 of 120 rows, drawn at random." in got.notes


def test_the_same_seed_gives_the_same_groups(blobs, found):
    again = cluster_table(blobs[0], max_groups=5, beside=False)
    np.testing.assert_array_equal(again.groups, found["kmeans"].groups)
