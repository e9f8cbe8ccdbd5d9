"""Decision boundaries: what is drawn is what the models answer."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import Perceptron
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from maeum.classics.boundaries import Plane, decision_boundaries
from maeum.core.errors import ShapeError
from maeum.report.charts import Regions

IRIS = load_iris()
X, Y = IRIS.data, IRIS.target


def test_each_cell_has_the_class_that_the_model_answers_with_in_its_middle():
    models = {
        "Perceptron": Perceptron(random_state=0).fit(X, Y).predict,
        "k-NN": KNeighborsClassifier(5).fit(X, Y).predict_proba,
        "Tree": DecisionTreeClassifier(random_state=0).fit(X, Y).predict,
    }
    plane = Plane.of_features(X, IRIS.feature_names, 2, 3)
    legend, grid = decision_boundaries(plane, Y, IRIS.target_names, models, cells=9)
    assert [name for name, _colour in legend.items] == list(IRIS.target_names)
    for chart, predict in zip(grid.sections, models.values()):
        regions = next(mark for mark in chart.marks if isinstance(mark, Regions))
        middle = [(edge[1:] + edge[:-1]) / 2 for edge in (regions.x, regions.y)]
        points = np.tile(np.median(X, axis=0), (81, 1))
        points[:, 2], points[:, 3] = np.tile(middle[0], 9), np.repeat(middle[1], 9)
        answers = np.asarray(predict(points))
        answers = answers.argmax(axis=1) if answers.ndim == 2 else answers
        np.testing.assert_array_equal(regions.codes.ravel(), answers)
    assert len({tuple(c.marks[0].codes.ravel()) for c in grid.sections}) > 1


def test_places_on_the_plane_of_components_are_the_nearest_points_of_it():
    plane = Plane.of_components(X)
    centered = X - X.mean(axis=0)
    _u, _s, axes = np.linalg.svd(centered, full_matrices=False)
    nearest = X.mean(axis=0) + centered @ axes[:2].T @ axes[:2]
    np.testing.assert_allclose(plane.points(plane.places), nearest)


def test_a_single_feature_is_a_plane_too():
    plane = Plane.of_components(np.array([[1.0], [2.0], [4.0]]))
    np.testing.assert_allclose(plane.points(plane.places).ravel(), [1, 2, 4])


def test_a_model_that_answers_otherwise_is_named():
    plane = Plane.of_features(X, IRIS.feature_names, 0, 1)
    with pytest.raises(ShapeError, match="Odd takes"):
        decision_boundaries(plane, Y, IRIS.target_names, {"Odd": lambda x: 1.0}, cells=2)
