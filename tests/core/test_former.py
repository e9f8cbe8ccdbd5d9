from dataclasses import dataclass

import pytest

from maeum.core.former import formerly


@formerly(ahead="horizon")
def forecast(values, horizon=1):
    """Forecast."""
    return values, horizon


@formerly(ahead="horizon")
@dataclass(frozen=True)
class Options:
    horizon: int = 1


def test_arguments_are_taken_by_both_names():
    assert forecast(0, 2) == forecast(0, horizon=2) == forecast(0, ahead=2)
    assert (forecast.__name__, forecast.__doc__) == ("forecast", "Forecast.")


def test_a_class_shows_its_attributes_by_both_names():
    assert Options(ahead=3) == Options(horizon=3) == Options(3)
    assert Options(3).ahead == 3
    assert Options.former_names == {"ahead": "horizon"}


def test_both_names_at_once_are_refused():
    with pytest.raises(TypeError, match="'ahead' is the former name of 'horizon'"):
        Options(ahead=3, horizon=3)
