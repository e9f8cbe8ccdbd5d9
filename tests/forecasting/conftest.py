import numpy as np
import pandas as pd
import pytest

from maeum.forecasting import train_series


def daily(n=200, seed=0, start="2023-01-01", name="units"):
    """Return days with a weekly pattern, a slow wave and some noise."""
    rng = np.random.default_rng(seed)
    step = np.arange(n)
    values = 50 + 10 * np.sin(2 * np.pi * step / 7) + step / 20 + rng.normal(0, 1, n)
    return pd.DataFrame({"date": pd.date_range(start, periods=n), name: values.round(2)})


def two_stores():
    """Return the days of two stores."""
    parts = [daily(seed=i).assign(store=name) for i, name in enumerate(["서울", "부산"])]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def sales():
    return daily()


@pytest.fixture
def stores():
    return two_stores()


@pytest.fixture(scope="session")
def trained():
    """The table of two stores and a network for it, which all tests share."""
    frame = two_stores().assign(promo=lambda t: np.arange(len(t)) % 3)
    return frame, train_series(
        frame, "units", time="date", group="store", future_covariates="promo", horizon=4,
        network="linear", epochs=30, learning_rate=0.01, folds=2,
    )  # fmt: skip
