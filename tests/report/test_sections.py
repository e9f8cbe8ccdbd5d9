"""What sections of a report compute."""

import math

import pytest

from maeum.report.sections import wilson


@pytest.mark.parametrize("right", [0, 1, 8, 10])
def test_the_range_of_a_fraction_is_that_of_wilson(right):
    # The p with |right / n - p| = z sqrt(p (1 - p) / n) (Wilson, 1927), z that of 95%.
    n, z = 10, 1.959963984540054
    found = wilson(right, n)
    assert found.share == right / n
    for end in found.low, found.high:
        assert abs(right / n - end) == pytest.approx(z * math.sqrt(end * (1 - end) / n), abs=1e-9)
    assert found.low <= found.share <= found.high


def test_no_rows_have_no_fraction():
    assert all(map(math.isnan, wilson(0, 0)))
