import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maeum.tables.outliers import (
    SURE_DAYS,
    counted,
    ordinary_range,
    ordinary_range_of,
    squashed,
    stand_ins,
)

RANDOM = np.random.default_rng(0)
NORMAL = RANDOM.normal(size=1500)


def with_some(value, values, fraction=0.25):
    return np.where(RANDOM.random(len(values)) < fraction, value, values)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (NORMAL, []),
        (with_some(-999, NORMAL), [-999]),
        (with_some(9999, NORMAL), [9999]),
        (with_some(-5000, NORMAL), [-5000]),  # by its place and frequency alone
        (with_some(-1, RANDOM.integers(1, 400, 900), 0.8), [-1]),
        (with_some(-9, RANDOM.uniform(0, 50, 900), 0.1), [-9]),
        (with_some(9999, RANDOM.uniform(0, 8000, 900).round()), [9999]),
        (with_some(-999, RANDOM.uniform(0, 2000, 900).round()), [-999]),
        (with_some(99, RANDOM.integers(1, 6, 900), 0.05), [99]),
        (with_some(999, with_some(998, RANDOM.integers(1, 60, 900))), [998, 999]),
        (np.append(RANDOM.normal(300, 50, 500), 99999999), [99999999]),
        (np.append(RANDOM.integers(0, 90, 500), 999), [999]),
        (with_some(2147483647, RANDOM.uniform(0, 1, 500)), [2147483647]),
        (RANDOM.integers(-1, 2, 900), []),  # down, level, up
        (RANDOM.integers(0, 2, 900), []),
        (RANDOM.normal(10, 4, 900).round().clip(-1), []),  # degrees, seldom below 0
        (RANDOM.integers(1, 100, 900), []),  # 99 among the others
        (RANDOM.integers(0, 1200, 900), []),  # 999 among the others
        (np.exp(2 * RANDOM.normal(size=5000)), []),
        (RANDOM.pareto(1.5, 5000), []),
        (np.zeros(10), []),
        (np.zeros(0), []),
    ],
)  # fmt: skip
def test_stand_ins_are_found_by_their_place_and_frequency(values, found):
    assert stand_ins(*counted(values)) == found


def test_dates_of_nobody():
    days = RANDOM.integers(18000, 19000, 500).astype(float)
    assert stand_ins(*counted(with_some(-25567, days, 0.1)), SURE_DAYS) == [-25567]  # 1900-01-01
    births = RANDOM.integers(-20000, 12000, 500).astype(float)
    assert stand_ins(*counted(births), SURE_DAYS) == []


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        (NORMAL, (NORMAL.min(), NORMAL.max())),
        (np.append(NORMAL, 1e12), (NORMAL.min(), NORMAL.max())),
        (np.append(NORMAL, [1e12, -1e9, 5e11]), (NORMAL.min(), NORMAL.max())),
        (np.append(NORMAL[:20], -1e12), (NORMAL[:20].min(), NORMAL[:20].max())),
        (np.where(np.arange(900) % 50 == 0, 1000, 1) * np.linspace(1, 10, 900), None),
        (np.append(np.zeros(99), 1), (0, 1)),
        (np.append(np.zeros(90), np.arange(1, 11)), (0, 10)),
        (np.exp(2 * RANDOM.normal(size=5000)), "all"),
        (RANDOM.uniform(size=5000), "all"),
        (np.array([5.0]), (5, 5)),
        (np.array([1.0, 2.0]), (1, 2)),
    ],
)
def test_the_ordinary_range_leaves_out_what_is_far(values, ends):
    low, high = ordinary_range(*counted(values))
    if ends is None:  # a fiftieth in another unit
        assert high <= 10
    else:
        expected = (values.min(), values.max()) if ends == "all" else ends
        assert (low, high) == pytest.approx(expected)
    assert ordinary_range_of(values) == (low, high)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.floats(1, 1e12))
def test_the_ordinary_range_lies_within_the_values(values, factor):
    values = np.array([*values, max(map(abs, values)) * factor])
    low, high = ordinary_range_of(values)
    assert values.min() <= low <= high <= values.max()
    assert ((values >= low) & (values <= high)).mean() >= 0.9 or len(values) < 20


@given(st.lists(st.floats(-1e15, 1e15), max_size=40), st.floats(-10, 10), st.floats(0, 10))
def test_squashing_keeps_the_order_and_the_ordinary(values, low, width):
    values, high = np.sort(values), low + width
    found = squashed(values, low, high)
    near = (values >= low - width / 2) & (values <= high + width / 2)
    assert (found[near] == values[near]).all()
    assert (np.diff(found) >= 0).all()
    if width > 1e-3:
        assert (np.abs(found - (low + high) / 2) <= 1.2501 * width + 1e-9).all()
