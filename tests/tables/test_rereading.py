import numpy as np
import pandas as pd
import pytest

from maeum.tables.cells import cells_of
from maeum.tables.quantities import NumberForm
from maeum.tables.rereading import Known, otherwise, written_here

POINT, COMMA = NumberForm("."), NumberForm(",")


def known(*texts, form=POINT, low=np.nan, high=np.nan):
    return Known(cells_of(pd.Series(texts, dtype=object)), form, low, high)


@pytest.mark.parametrize(
    ("column", "form"),
    [
        (known("1.5", "2.25"), POINT),
        (known("1,5", "2,25"), COMMA),
        (known("1.5", "2.25", form=COMMA), POINT),
        (known("1,5", form=COMMA), COMMA),
        (known("1,615", low=0, high=5), COMMA),  # 1615 was never seen
        (known("1,615", low=500, high=2000), POINT),
        (known("1.615", form=COMMA, low=0, high=5), POINT),
        (known("1,615"), POINT),  # nothing tells
        (known("1.368,96", low=500, high=2000), COMMA),
        (known("7", "12", low=0, high=5), POINT),
        (known("a", "b"), POINT),
        (known("72,5 kg", form=NumberForm(".", "kg"), low=50, high=90), NumberForm(",", "kg")),
        (known("72.5 kg", "80 kg", low=50, high=90), NumberForm(".", "kg")),
        (known("EUR 5", form=NumberForm(".", "USD"), low=0, high=9), NumberForm(".", "USD")),
    ],
)
def test_the_reading_that_training_allows_wins(column, form):
    assert written_here({"x": column}) == {"x": form}


def test_other_columns_of_the_file_decide_where_both_readings_are_possible():
    unsure = known("1,250", low=0, high=5000)
    assert written_here({"x": unsure}) == {"x": POINT}
    assert written_here({"x": unsure, "y": known("3,25")})["x"] == COMMA
    assert written_here({"x": unsure, "y": known("3.25")})["x"] == POINT


def test_what_is_read_otherwise_is_told():
    assert otherwise(POINT, POINT) == []
    assert "a decimal comma here" in otherwise(POINT, COMMA)[0]
    assert "in kg here" in otherwise(POINT, NumberForm(".", "kg"))[0]
    pounds = ["108.3 lbs", "98 lbs", "100 kg"]
    assert "'lbs'" in otherwise(NumberForm(".", "kg"), NumberForm(".", "kg"), pounds)[0]
    assert otherwise(NumberForm(".", "kg"), NumberForm(".", "kg"), pounds[::-1][:2]) == []
