"""Figures of quality against SciPy's matrix root, and against distances one by one."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

import maeum as mm
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.generative.quality import (
    feature_autoencoder,
    feature_classifier,
    frechet_distance,
    mode_count,
    precision_and_recall,
    quality,
)

rng = np.random.default_rng(0)


@pytest.mark.parametrize("rows", [40, 4])  # of 4 rows, the covariances are singular
def test_frechet_distance_is_scipys(rows):
    a, b = rng.normal(size=(rows, 6)), rng.normal(size=(rows + 5, 6)) * 2 + 1
    one, two = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = np.real(sqrtm(one @ two))
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(one + two - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-5)
    assert frechet_distance(b, a) == pytest.approx(expected, rel=1e-5)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-6)


def covered(points, others, k):
    """Count the points that lie among others, by all distances."""
    found = 0
    for point in points:
        for i, other in enumerate(others):
            rest = sorted(np.linalg.norm(other - o) for j, o in enumerate(others) if j != i)
            if np.linalg.norm(point - other) <= rest[k - 1]:
                found += 1
                break
    return found / len(points)


@pytest.mark.parametrize("k", [1, 3])
def test_precision_and_recall_are_counted(k):
    real, made = rng.normal(size=(30, 4)), rng.normal(size=(25, 4)) * 0.6 + 0.4
    expected = covered(made, real, k), covered(real, made, k)
    assert precision_and_recall(real, made, k) == expected
    assert 0 < expected[0] < 1 or 0 < expected[1] < 1


def test_blocks_make_no_difference(monkeypatch):
    real, made = rng.normal(size=(30, 4)), rng.normal(size=(25, 4))
    whole = precision_and_recall(real, made)
    monkeypatch.setattr("maeum.generative.quality._BLOCK", 7)
    assert precision_and_recall(real, made) == whole


def test_copies_lie_among_the_originals():
    x = rng.normal(size=(40, 8)) * 100
    assert precision_and_recall(x, x[::2], k=1)[0] == 1


def test_modes_are_classes_that_are_frequent_enough():
    logits = np.eye(4)[[0] * 500 + [1] * 1 + [2] * 300]
    assert mode_count(logits) == 2  # one image of 801 is less than a hundredth of a quarter
    assert mode_count(logits, least=0) == 3


@pytest.fixture(scope="module")
def classes():
    """Images of three classes: bright rows at different places."""
    y = np.arange(240) % 3
    x = rng.random((240, 8, 8, 1)).astype("float32") * 0.3
    x[np.arange(240), 2 * y] += 0.7
    return x, y


def test_made_images_are_judged_beside_real_ones(classes):
    x, y = classes
    classifier = feature_classifier(x[:120], y[:120], epochs=12, seed=1)
    assert (classifier.predict(x[120:]).argmax(1) == y[120:]).mean() > 0.95
    real, held_out = x[120:180], x[180:]
    poor = held_out[(y[180:] == 1).nonzero()[0][np.arange(60) % 20]]  # of one class
    found = quality(classifier, real, poor, held_out)
    assert found.real.modes == found.real.classes == 3
    assert found.made.modes == 1
    assert found.made.frechet_distance > 3 * found.real.frechet_distance
    assert found.made.recall < 0.5 < found.real.recall
    noise = rng.random(real.shape).astype("float32")
    assert quality(classifier, real, noise, held_out).made.precision < found.real.precision
    assert found.made.rows == (60, 60)


def test_without_labels_the_codes_of_an_autoencoder_are_compared(classes):
    x, _y = classes
    judging = feature_autoencoder(x[:120], epochs=2, features=6, seed=1)
    found = quality(judging, x[120:180], x[180:] ** 2, x[180:])
    codes = [judging.encode(images) for images in (x[120:180], x[180:] ** 2)]
    assert found.made.frechet_distance == pytest.approx(frechet_distance(*codes), rel=1e-5)
    assert found.made[1:3] == precision_and_recall(*codes)
    assert (found.made.modes, found.made.classes) == (0, 0)


def test_bad_input_is_an_error(classes):
    x, y = classes
    for images, labels, kind, said in (
        (x, y[:-1], DataError, "one for each image: 240"),
        (x, y + 0.5, DataError, "whole numbers"),
        (x, np.zeros(240, int), DataError, "at least two classes"),
        (x[:, 0, 0], y, ShapeError, "height, width"),
    ):
        with pytest.raises(kind, match=said):
            feature_classifier(images, labels)
    plain = mm.Sequential([mm.Input((8, 8, 1)), mm.layers.Flatten(), mm.layers.Dense(2)])
    with pytest.raises(ConfigError, match="a layer called 'features'"):
        quality(plain, x, x, x)
    with pytest.raises(ShapeError, match="equal numbers of features"):
        frechet_distance(np.ones((3, 2)), np.ones((3, 3)))
    with pytest.raises(DataError, match="the second are not"):
        frechet_distance(np.ones((3, 2)), np.full((3, 2), np.nan))
    with pytest.raises(DataError, match="more than 3 images; there are 3"):
        precision_and_recall(np.ones((3, 2)), np.ones((9, 2)))
