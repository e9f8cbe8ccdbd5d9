import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from maeum.core.errors import DataError
from maeum.forecasting import Scaler
from maeum.forecasting.scaling import (
    differences,
    logarithm,
    undo_differences,
    window_level,
)

VALUES = np.random.default_rng(0).normal(40, 9, (50, 3))


@pytest.mark.parametrize(
    ("scale", "peer"), [("standard", StandardScaler()), ("minmax", MinMaxScaler())]
)
def test_scaling_is_that_of_scikit_learn_and_exactly_undone(scale, peer):
    scaler = Scaler.fit(VALUES, scale)
    scaled = scaler.apply(VALUES)
    np.testing.assert_allclose(scaled, peer.fit_transform(VALUES), atol=1e-12)
    np.testing.assert_allclose(scaler.undo(scaled), VALUES, rtol=1e-13)


def test_a_constant_column_stays_finite():
    scaler = Scaler.fit(np.full((9, 1), 0.1), "standard")
    assert scaler.apply(np.full((9, 1), 0.1)).tolist() == [[0.0]] * 9 or scaler.spread == 1


@given(st.integers(1, 5), st.integers(1, 9))
@settings(max_examples=25)
def test_differences_are_undone(lag, steps):
    values = np.random.default_rng(lag * 10 + steps).normal(size=(30, 2))
    changes = differences(values, lag)
    origin = 15
    made = undo_differences(
        changes[None, origin - lag : origin - lag + steps], values[None, origin - lag : origin]
    )
    np.testing.assert_allclose(made[0], values[origin : origin + steps], atol=1e-12)


def test_logarithm_takes_zeros_and_refuses_less():
    np.testing.assert_allclose(np.expm1(logarithm(np.array([0.0, 5.0]))), [0, 5])
    with pytest.raises(DataError, match="lowest of sold is -1"):
        logarithm(np.array([3.0, -1.0]), "sold")


def test_levels_of_windows():
    windows = np.array([[[1.0], [2.0], [6.0]], [[4.0], [4.0], [4.0]]])
    center, spread = window_level(windows, "last")
    assert center[:, 0, 0].tolist() == [6, 4]
    assert spread[:, 0, 0].tolist() == [1, 1]
    center, spread = window_level(windows, "window")
    assert center[:, 0, 0].tolist() == [3, 4]
    np.testing.assert_allclose(spread[:, 0, 0], [windows[0].std(), 0.01])
    assert not window_level(windows, "standard")[0].any()
