import numpy as np
import pandas as pd
import pytest


def daily(n=200, seed=0, start="2023-01-01", name="units"):
    """Return days with a weekly pattern, a slow wave and some noise."""
    rng = np.random.default_rng(seed)
    step = np.arange(n)
    values = 50 + 10 * np.sin(2 * np.pi * step / 7) + step / 20 + rng.normal(0, 1, n)
    return pd.DataFrame({"date": pd.date_range(start, periods=n), name: values.round(2)})


@pytest.fixture
def sales():
    return daily()


@pytest.fixture
def stores():
    parts = [daily(seed=i).assign(store=name) for i, name in enumerate(["서울", "부산"])]
    return pd.concat(parts, ignore_index=True)
