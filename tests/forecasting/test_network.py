import numpy as np

from maeum.forecasting.network import build_network
from maeum.forecasting.options import SeriesOptions


def test_zero_head_begins_with_the_last_value():
    options = SeriesOptions(horizon=3, network="dense", hidden=(4,)).resolved(None, 90)
    network = build_network(8, 2, 0, 1, options)
    x = np.random.default_rng(0).normal(size=(5, 8, 2)).astype("float32")
    assert not network.predict(x, verbose=0).any()
