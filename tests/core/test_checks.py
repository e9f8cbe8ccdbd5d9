"""Checks return what they were given, or say what is taken."""

import math

import numpy as np
import pytest

from maeum.core.checks import check_fraction, check_number, check_whole
from maeum.core.errors import ConfigError


@pytest.mark.parametrize("value", [0, 1, 0.5, np.float32(0.25)])
def test_number_within_its_bounds_is_returned(value):
    assert check_number(value, "rate", most=1) is value


@pytest.mark.parametrize("value", [-1, 1.5, math.nan, math.inf, True, "0.5", None])
def test_number_outside_of_its_bounds_is_refused(value):
    with pytest.raises(ConfigError, match="rate lies between 0 and 1; got"):
        check_number(value, "rate", most=1)


def test_number_without_an_upper_bound_is_finite():
    assert check_number(1e300, "strength") == 1e300
    with pytest.raises(ConfigError, match="strength is a finite number of 0 or more; got inf"):
        check_number(math.inf, "strength")


def test_fraction_may_exclude_zero():
    assert check_fraction(0, "size") == 0
    with pytest.raises(ConfigError, match="above 0, below 1; got 0"):
        check_fraction(0, "size", zero=False)


@pytest.mark.parametrize("value", [1, 2.0, True, "3"])
def test_whole_number_has_a_least(value):
    with pytest.raises(ConfigError, match="steps is a whole number of 2 or more"):
        check_whole(value, "steps", 2)
