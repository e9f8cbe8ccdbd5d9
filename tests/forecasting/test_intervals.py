import numpy as np

from maeum.forecasting.intervals import Intervals


def test_intervals_hold_the_fraction_that_they_should():
    rng = np.random.default_rng(0)
    residuals = rng.exponential(size=(400, 2, 1)) - 1
    found = Intervals.fit(residuals, 0.8)
    later = rng.exponential(size=(4000, 2, 1)) - 1
    held = ((later > found.low) & (later < found.high)).mean(axis=0)
    np.testing.assert_allclose(held, 0.8, atol=0.05)
    assert Intervals.fit(residuals[:3], 0.8) is None
