"""Maps beside scikit-learn's."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA, KernelPCA
from sklearn.manifold import LocallyLinearEmbedding, trustworthiness

from maeum.classics import map_table, projecting
from maeum.classics.components import components_of
from maeum.core.errors import UnknownNameError

IRIS = load_iris()


@pytest.fixture(scope="module")
def iris():
    frame = pd.DataFrame(IRIS.data, columns=["sl", "sw", "pl", "pw"])
    frame["kind"] = np.array(["setosa", "versicolor", "virginica"])[IRIS.target]
    return frame


@pytest.fixture(scope="module")
def made(iris):
    return map_table(iris, ignore=["kind"], color="kind")


def layout(made, method):
    return next(each for each in made.layouts if each.method == method)


def upto_sign(places, expected):
    signs = np.sign((places * expected).sum(axis=0))
    np.testing.assert_allclose(places * signs, expected, atol=1e-6)


def test_components_are_scikit_learns_and_their_largest_weight_is_positive(made):
    x = made.points.values
    fitted = PCA().fit(x)
    found = made.components
    np.testing.assert_allclose(found.explained, fitted.explained_variance_ratio_, rtol=1e-6)
    upto_sign(found.weights.T, fitted.components_.T)
    assert (found.weights[np.arange(4), np.abs(found.weights).argmax(axis=1)] > 0).all()
    upto_sign(layout(made, "pca").places, fitted.transform(x)[:, :2])


def test_kernel_pca_and_lle_are_scikit_learns_with_the_settings_that_are_told(made):
    x = made.points.values
    away = ((x[:, None] - x[None]) ** 2).sum(axis=2)
    gamma = 1 / np.median(away[away > 0])
    kernel = layout(made, "kernel-pca")
    assert dict(kernel.settings)["gamma"] == f"{gamma:.3g}"
    upto_sign(kernel.places, KernelPCA(2, kernel="rbf", gamma=gamma).fit_transform(x))
    lle = LocallyLinearEmbedding(
        n_neighbors=12, n_components=2, eigen_solver="dense", random_state=42
    )
    upto_sign(layout(made, "lle").places, lle.fit_transform(x) * len(x) ** 0.5)


def test_the_trustworthiness_is_scikit_learns_and_t_sne_keeps_neighbours(made):
    for each in made.layouts:
        expected = trustworthiness(made.points.values, each.places, n_neighbors=10)
        assert each.trust == pytest.approx(expected)
    assert layout(made, "tsne").trust > 0.95


def test_the_table_has_a_line_for_every_row_and_a_place_of_each_method(made):
    table = made.table()
    assert table["row"].tolist() == list(range(1, 151))
    assert table.columns.tolist()[1:] == [
        f"{name}_{axis}" for name in ("pca", "kernel_pca", "lle", "tsne") for axis in "xy"
    ]


def test_rows_beyond_the_draw_are_placed_by_what_was_learnt(iris, monkeypatch):
    monkeypatch.setattr(projecting, "MOST_ROWS", 60)
    made = map_table(iris)
    assert len(made.rows) == 60
    for each in made.layouts:
        there = np.isfinite(each.places).all(axis=1)
        assert there.sum() == (60 if each.method == "tsne" else 150)
    assert any("60 of 150 rows" in note for note in made.notes)
    upto_sign(layout(made, "pca").places, PCA(2).fit_transform(made.points.values))


def test_a_single_number_and_few_rows_are_a_map_and_what_cannot_be_is_told():
    line = map_table(pd.DataFrame({"a": [1.0, 2.0, 4.0, 8.0, 9.0, 11.0]}))
    assert [each.method for each in line.layouts] == ["pca", "kernel-pca", "tsne"]
    assert "There is no map by LLE: the rows lie on a line already." in line.notes
    assert np.all(line.layouts[0].places[:, 1] == 0)
    few = map_table(pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 1.0]}), method="tsne")
    assert [each.method for each in few.layouts] == ["pca"]
    assert "There is no map by t-SNE: it needs at least five rows." in few.notes


def test_equal_rows_do_not_disturb_a_map():
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0] * 10, "b": [1.0, 5.0, 2.0] * 10})
    for each in map_table(frame).layouts:
        assert np.isfinite(each.places).all()


def test_neighbours_in_separate_pieces_are_told():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3)) + 40 * np.repeat([0, 1], 30)[:, None]
    made = map_table(pd.DataFrame(x, columns=list("abc")), method="lle")
    assert any("separate pieces (2)" in note for note in made.notes)


def test_a_color_that_is_no_column_is_refused(iris):
    with pytest.raises(UnknownNameError, match="Did you mean 'kind'"):
        map_table(iris, color="kinds")


def test_as_many_components_as_hold_a_fraction():
    found = components_of(np.diag([4.0, 2.0, 1.0]) @ np.ones((3, 3)) + np.eye(3), ["a", "b", "c"])
    assert found.needed(found.explained[0]) == 1
    assert found.needed(1.0) <= 3
