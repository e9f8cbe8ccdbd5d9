import numpy as np
import pandas as pd
import pytest

from maeum.core.errors import DataError, UnknownNameError
from maeum.tabular import Dataset, Options

FRAME = pd.DataFrame(
    {
        "id": [f"k{i}" for i in range(100)],
        "age": [str(20 + i % 50) if i % 10 else "" for i in range(100)],
        "plan": ["abc"[i % 3] for i in range(100)],
        "price": [f"{i / 7:.3f}" if i != 4 else "" for i in range(100)],
    }
)


def test_rows_without_a_target_are_left_out_and_told():
    ready = Dataset.prepare(FRAME, "price", Options())
    assert len(ready.frame) == 99
    assert "Rows without a 'price', ignored: 1." in ready.notes
    assert sorted(np.concatenate([ready.parts.rest, ready.parts.test])) == list(range(99))


def test_target_is_standardised_by_the_training_rows_and_told_in_its_own_units():
    ready = Dataset.prepare(FRAME, "price", Options())
    train, test = ready.parts.train, ready.parts.test
    values = ready.frame["price"].astype(float).to_numpy()
    scaled = (values - values[train].mean()) / values[train].std()
    np.testing.assert_allclose(ready.encoded, scaled, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(ready.truth(test), values[test], rtol=1e-5, atol=1e-5)


def test_scale_and_fill_come_from_the_training_rows_alone():
    ready = Dataset.prepare(FRAME, "plan", Options(ignore=("price",)))
    ages = pd.to_numeric(ready.frame["age"])
    train = ages.iloc[ready.parts.train]
    filled = ages.fillna(train.median())
    expected = (filled - train.mean()) / train.std(ddof=0)
    at = ready.preparation.feature_names.index("age")
    np.testing.assert_allclose(ready.arrays["numbers"][:, at], expected, rtol=1e-5, atol=1e-6)


def test_what_is_not_used_is_named_with_its_reason():
    ready = Dataset.prepare(FRAME, "plan", Options(ignore="age"))
    assert {c.name: c.reason for c in ready.left_out} == {
        "id": "looks like a key or a name: 100 different values in 100 cells",
        "age": "it was excluded on request",
    }
    assert set(ready.preparation.columns) == {"price"}


def test_notes_on_cells_name_their_column():
    frame = FRAME.assign(price=["much", *FRAME["price"][1:]])
    ready = Dataset.prepare(frame, "plan", Options())
    assert "price: 1 cell not a number ('much'); taken as missing." in ready.notes
    # What is missing that often is a feature of its own, so that nothing is taken in its place.
    assert "price: 2 missing cells counted as missing." in ready.notes


def test_columns_that_cannot_be_left_out():
    with pytest.raises(UnknownNameError, match="Did you mean 'plan'"):
        Dataset.prepare(FRAME, "price", Options(ignore=("plam",)))
    with pytest.raises(UnknownNameError, match="it is the target"):
        Dataset.prepare(FRAME, "price", Options(ignore=("price",)))
    with pytest.raises(DataError, match="'id': looks like a key"):
        Dataset.prepare(FRAME, "price", Options(ignore=("plan", "age")))
    with pytest.raises(DataError, match="DataFrame or the path"):
        Dataset.prepare([[1, 2]], "price", Options())  # type: ignore[arg-type]


def test_rows_are_told_by_their_place_in_the_file():
    frame = pd.DataFrame({"x": np.arange(90.0), "y": np.arange(90) / 7})
    frame.loc[[0, 3], "y"] = np.nan
    frame.loc[9, "x"] = 1e12
    ready = Dataset.prepare(frame, "y", Options())
    assert any("1000000000000, row 10" in note for note in ready.notes)


def test_marks_and_decimal_sign_can_be_chosen():
    frame = pd.DataFrame({"x": ["1,250", "2,500", "-999"] * 30, "y": ["none", "some", "much"] * 30})
    ready = Dataset.prepare(frame, "y", Options(missing="none", decimal=","))
    assert ready.target.classes == ["much", "some"]
    assert ready.typed["x"].min() == -999
    assert ready.typed["x"].max() == 2.5


def test_the_sign_of_an_ambiguous_target_follows_the_other_columns():
    frame = pd.DataFrame(
        {"a": [f"{i},25" for i in range(60)], "y": [f"{i % 9 + 1},{i + 100}" for i in range(60)]}
    )
    assert Dataset.prepare(frame, "y", Options()).target.format == ","
