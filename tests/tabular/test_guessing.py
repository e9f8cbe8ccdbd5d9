import numpy as np
import pandas as pd
import pytest

from maeum.core.errors import ConfigError
from maeum.tabular.target import recognise_target

RANDOM = np.random.default_rng(0)


def draw(values, weights=None, rows=400):
    p = None if weights is None else np.array(weights) / np.sum(weights)
    return pd.Series(RANDOM.choice(values, rows, p=p))


@pytest.mark.parametrize(
    ("values", "task", "told"),
    [
        (pd.Series(RANDOM.poisson(2.5, 400)), "regression", "as counts do: taken as a number"),
        (pd.Series(RANDOM.poisson(6, 400)), "regression", "as counts do: taken as a number"),
        (pd.Series(RANDOM.geometric(0.4, 400)), "regression", "as counts do"),
        (draw(range(1995, 2005)), "regression", "holds years from 1995 to 2004"),
        (draw(range(18, 70)), "regression", "different whole numbers: taken as a number"),
        (draw(range(1, 6), [1, 1, 2, 5, 9]), "multiclass", "1 to 5: taken as classes"),
        (draw(range(10)), "multiclass", "0 to 9: taken as classes"),
        (draw(range(1, 13)), "multiclass", "1 to 12: taken as classes"),
        (draw([3, 4, 5, 6, 7, 8], [1, 5, 43, 40, 15, 1]), "multiclass", "taken as classes"),
        (draw([11, 25, 40, 77, 90]), "multiclass", "5 different whole numbers from 11 to 90"),
        (draw(["low", "mid", "high"]), "multiclass", "order (low, mid and high)"),
        (draw(["Good", "Fair", "Very good"]), "multiclass", "order (Fair, Good and Very good)"),
        (draw(["하", "중", "상"]), "multiclass", "order (하, 중 and 상)"),
    ],
)
def test_guess_is_told_with_the_way_to_say_otherwise(values, task, told):
    target = recognise_target(values, "y")
    assert target.task == task
    assert told in target.notes[0]
    other = "--task classification" if task == "regression" else "--task regression"
    if told.startswith("order"):
        other = "Written as 1, 2, 3"
    assert other in target.notes[0]


@pytest.mark.parametrize("values", [draw([0, 1]), draw(["a", "b", "c"]), draw([0.5, 1.5, 2.0])])
def test_what_is_plain_is_not_told(values):
    assert not any("taken as" in note for note in recognise_target(values, "y").notes)


def test_nothing_is_told_of_what_was_chosen():
    values = draw(range(1, 6))
    for task in ("regression", "classification", "multiclass"):
        assert recognise_target(values, "y", task=task).notes == []


def test_numbers_that_are_all_different_are_no_classes():
    with pytest.raises(ConfigError, match="too many to be classes; --task regression"):
        recognise_target(pd.Series(RANDOM.normal(size=100)), "y", task="classification")


def test_letters_have_an_order_where_the_column_is_called_so():
    letters = draw([*"EDCBA"])
    notes = recognise_target(letters, "final_grade").notes
    assert any("have an order (E, D, C, B and A)" in note for note in notes)
    assert recognise_target(letters, "arm").notes == []
