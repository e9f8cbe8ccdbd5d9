"""The worked examples of the courses: losses by hand."""

import math

import numpy as np
import pytest

from maeum import losses, metrics


def test_mean_squared_error_of_the_line():
    """y = 3x + 76 on hours 2, 4, 6, 8 against 81, 93, 91, 97: errors 1, -5, 3, 3."""
    hours, scores = np.array([2.0, 4, 6, 8]), np.array([81.0, 93, 91, 97])
    fitted = 3 * hours + 76
    assert fitted.tolist() == [82, 88, 94, 100]
    assert float(losses.mean_squared_error(scores, fitted)) == 11  # (1 + 25 + 9 + 9) / 4
    assert float(losses.mean_absolute_error(scores, fitted)) == 3  # (1 + 5 + 3 + 3) / 4
    rmse = metrics.RootMeanSquaredError()(scores, fitted)
    assert float(rmse) == pytest.approx(3.3166, abs=5e-5)  # the root of 11


Y = [0.0, 1.0, 0.0]
P = [0.1, 0.7, 0.2]


@pytest.mark.parametrize(
    ("name", "y_true", "y_pred", "expected"),
    [
        ("mean_squared_error", [1.0, 2.0], [2.0, 4.0], (1 + 4) / 2),
        ("mean_absolute_error", [1.0, 2.0], [2.0, 4.0], (1 + 2) / 2),
        ("mean_absolute_percentage_error", [1.0, 2.0], [2.0, 3.0], 100 * (1 / 1 + 1 / 2) / 2),
        ("kl_divergence", [0.4, 0.6], [0.5, 0.5], 0.4 * math.log(0.8) + 0.6 * math.log(1.2)),
        ("cosine_similarity", [3.0, 4.0], [4.0, 3.0], -(12 + 12) / 25),
        ("hinge", [-1.0, 1.0], [0.5, 0.25], (1.5 + 0.75) / 2),
        (
            "binary_crossentropy",
            [1.0, 0.0],
            [0.9, 0.2],
            -(math.log(0.9) + math.log(0.8)) / 2,
        ),
        ("categorical_crossentropy", Y, P, -math.log(0.7)),
        ("sparse_categorical_crossentropy", 1, P, -math.log(0.7)),
    ],
)
def test_losses_by_hand(name, y_true, y_pred, expected):
    value = getattr(losses, name)(y_true, y_pred)
    assert float(value) == pytest.approx(expected, rel=1e-5)


def test_half_squared_error_is_a_function_of_ones_own():
    loss = losses.as_loss(lambda y_true, y_pred: (y_true - y_pred) ** 2 / 2)
    assert float(loss(np.array([1.0, 2.0]), np.array([2.0, 4.0]))) == (0.5 + 2) / 2


def test_crossentropy_is_entropy_plus_divergence():
    """H(P, Q) = H(P) + KL(P, Q)."""
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(5), 20), rng.dirichlet(np.ones(5), 20)
    entropy = -(p * np.log(p)).sum(-1)
    total = losses.categorical_crossentropy(p, q)
    np.testing.assert_allclose(total, entropy + losses.kl_divergence(p, q), atol=1e-5)
