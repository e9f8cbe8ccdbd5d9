import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from maeum.core.errors import ConfigError, DataError
from maeum.tables.columns import recognise
from maeum.tables.reading import read_table
from maeum.tabular.preparation import Preparation
from maeum.tabular.splitting import split


def prepare(frame, target=None, **options):
    return Preparation.fit(frame, recognise(frame, target)[1], **options)


def numbers(prepared, frame):
    return prepared.transform(frame)[0]["numbers"]


def people(rows=200, seed=0):
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "key": [f"{i:05d}-x{i}" for i in range(rows)],
            "age": [str(a) for a in random.integers(18, 80, rows)],
            "income": [f"{v:.2f}" for v in random.gamma(2, 1000, rows)],
            "member": random.choice(["yes", "no"], rows),
            "plan": random.choice(["small", "medium", "large"], rows, p=[0.5, 0.3, 0.2]),
            "town": [f"town {i}" for i in random.integers(0, 40, rows)],
            "joined": pd.date_range("2020-01-01", periods=rows, freq="77h").strftime("%d.%m.%Y"),
        }
    )


@pytest.mark.parametrize(
    ("scale", "scaler"), [("minmax", MinMaxScaler()), ("standard", StandardScaler())]
)
def test_numbers_are_scaled_as_scikit_learn_does(scale, scaler):
    frame, more = people(), people(50, seed=1)
    prepared = prepare(frame[["age", "income"]], scale=scale)
    scaler.fit(frame[["age", "income"]].astype(float).to_numpy())
    for rows in (frame, more):
        expected = scaler.transform(rows[["age", "income"]].astype(float).to_numpy())
        np.testing.assert_allclose(numbers(prepared, rows), expected, rtol=1e-5, atol=1e-6)
    assert numbers(prepared, frame).dtype == np.float32


def test_without_scale_numbers_stay_as_they_are():
    frame = people()[["age"]]
    prepared = prepare(frame, scale=None)
    assert numbers(prepared, frame)[:, 0].tolist() == frame["age"].astype(float).tolist()


def test_categories_are_one_hot_with_the_most_frequent_level_dropped():
    frame = people()[["plan", "member"]]
    prepared = prepare(frame)
    assert prepared.feature_names == ["plan = medium", "plan = large", "member"]
    assert prepared.feature_columns == ["plan", "plan", "member"]
    encoder = OneHotEncoder(categories=[["small", "medium", "large"]], drop="first")
    expected = encoder.fit_transform(frame[["plan"]].to_numpy()).toarray()
    assert (numbers(prepared, frame)[:, :2] == expected).all()
    assert (numbers(prepared, frame)[:, 2] == (frame["member"] == "yes")).all()


def test_wide_categories_are_indices_with_0_for_unknown():
    frame = people()[["town", "age"]]
    frame.loc[0, "town"] = "rare"
    prepared = prepare(frame, embed_above=20)
    arrays, _ = prepared.transform(frame)
    assert arrays["numbers"].shape == (200, 1)
    index = arrays["town"]
    assert index.dtype == np.int32
    assert prepared.embedded == {"town": index.max() + 1}
    assert index[0] == 0  # seen once only
    counts = np.bincount(index)[1:]
    assert (np.diff(counts) <= 0).all()  # frequent levels first
    assert frame["town"][index == 1].nunique() == 1
    unknown, warnings = prepared.transform(pd.DataFrame({"town": ["Atlantis"], "age": ["30"]}))
    assert unknown["town"].tolist() == [0]
    assert "'Atlantis'" in warnings[0]
    assert prepare(frame, embed_above=50).embedded == {}


def test_missing_values_get_the_median_or_the_usual_value_of_training():
    frame = people()
    frame.loc[:99, ["age", "member", "plan"]] = ""
    frame.loc[100, "income"] = ""
    prepared = prepare(frame[["age", "member", "plan", "income"]], scale=None)
    assert [n for n in prepared.feature_names if n.endswith("is missing")] == [
        "age is missing", "member is missing", "plan is missing",
    ]  # fmt: skip
    values = pd.DataFrame(numbers(prepared, frame), columns=prepared.feature_names)
    known = frame.loc[100:]
    assert values["age"][0] == known["age"].astype(float).median()
    assert values["member"][0] == (known["member"].mode()[0] == "yes")
    assert values.filter(like="plan =").iloc[0].sum() == 0  # the most frequent level
    incomes = frame["income"].drop(100).astype(float)
    assert values["income"][100] == pytest.approx(incomes.median())
    assert (values["age is missing"] == [1] * 100 + [0] * 100).all()


def test_dates_become_numbers():
    frame = people()[["joined"]]
    prepared = prepare(frame, scale=None)
    dates = pd.to_datetime(frame["joined"], format="%d.%m.%Y")
    values = pd.DataFrame(numbers(prepared, frame), columns=prepared.feature_names)
    assert (values["joined (year)"] == dates.dt.year).all()
    assert (values["joined (month)"] == dates.dt.month).all()
    assert (values["joined (weekday)"] == dates.dt.day_of_week).all()
    assert (np.diff(values["joined (day count)"]) >= 0).all()
    assert "joined (hour)" not in values


def test_new_rows_with_oddities_are_prepared_and_told():
    frame = people()
    prepared = prepare(frame)
    odd = frame.iloc[:6].copy()
    odd["age"] = ["30", "old", "inf", "", "45", "1,000"]
    odd["plan"] = ["small", "huge", "huge", "", "large", "medium"]
    odd["member"] = ["TRUE", "maybe", "no", "N", "1", None]
    odd["joined"] = ["01.02.2020", "soon", *odd["joined"][2:]]
    odd["surplus"] = 1
    arrays, warnings = prepared.transform(odd)
    assert np.isfinite(arrays["numbers"]).all()
    told = "\n".join(warnings)
    for part in [
        "age: 1 missing cell filled", "age: 2 cells not a number ('old', 'inf'); filled",
        "plan: 2 cells with a value", "'huge'", "taken as 'small', the most frequent",
        "member: 1 missing", "member: 1 cell neither yes nor no ('maybe')",
        "joined: 1 cell not a date ('soon')",
    ]:  # fmt: skip
        assert part in told
    column = prepared.feature_names.index("member")
    assert arrays["numbers"][:, column].tolist()[:1] == [1]
    assert arrays["numbers"][2:5, column].tolist() == [0, 0, 1]


def test_missing_columns_are_named_with_the_nearest():
    prepared = prepare(people())
    with pytest.raises(
        DataError, match=r"lacks 2 of the 6 .*'age' \(Did you mean 'Age'\?\), 'plan'"
    ):
        prepared.transform(people().rename(columns={"age": "Age"}).drop(columns="plan"))


def test_order_and_type_of_the_columns_do_not_matter():
    frame = people()
    prepared = prepare(frame)
    typed, _ = recognise(frame)
    guessed = frame.assign(age=frame["age"].astype(int), income=frame["income"].astype(float))
    for other in (typed, guessed, frame[frame.columns[::-1]]):
        arrays, _ = prepared.transform(other)
        for key, expected in prepared.transform(frame)[0].items():
            np.testing.assert_array_equal(arrays[key], expected)
    assert prepare(typed).to_json()["columns"][1] == prepared.to_json()["columns"][1]


def test_one_row_is_prepared_as_it_was_among_many():
    frame = people()
    prepared = prepare(frame)
    many, _ = prepared.transform(frame)
    one, _ = prepared.transform(frame.iloc[7:8])
    assert all((one[key][0] == many[key][7]).all() for key in many)
    none, _ = prepared.transform(frame.iloc[:0])
    assert none["numbers"].shape == (0, len(prepared.feature_names))


def test_preparation_travels_as_json():
    frame = people()
    frame.loc[:20, ["age", "town", "joined"]] = ""
    prepared = prepare(frame)
    again = Preparation.from_json(json.loads(json.dumps(prepared.to_json(), allow_nan=False)))
    assert again == prepared
    for key, values in prepared.transform(frame)[0].items():
        np.testing.assert_array_equal(again.transform(frame)[0][key], values)


def test_column_called_numbers_does_not_collide():
    frame = people()[["town", "age"]].rename(columns={"town": "numbers"})
    arrays, _ = prepare(frame).transform(frame)
    assert arrays["numbers"].shape == (200, 1)
    assert arrays["numbers_"].shape == (200,)


def test_only_the_given_rows_are_learnt_from():
    frame = people()
    frame.loc[199, ["age", "plan"]] = ["1000", "secret"]
    columns = recognise(frame)[1]
    fitted = [Preparation.fit(frame.iloc[:100], columns) for _ in range(2)]
    frame.loc[150:, "income"] = "9999999"
    assert Preparation.fit(frame.iloc[:100], columns) == fitted[0] == fitted[1]
    assert "plan = secret" not in fitted[0].feature_names


def test_columns_that_training_rows_lack_entirely_are_harmless():
    frame = people()
    frame.loc[:99, ["age", "plan", "member", "joined", "town"]] = ""
    prepared = Preparation.fit(frame.iloc[:100], recognise(frame)[1])
    assert np.isfinite(numbers(prepared, frame)).all()


def test_senseless_requests_are_refused():
    frame = people()
    with pytest.raises(ConfigError, match="Did you mean 'minmax'"):
        prepare(frame, scale="minimax")
    with pytest.raises(DataError, match="No column of the table can be learnt from"):
        prepare(frame[["key"]])
    with pytest.raises(DataError, match="no training rows"):
        Preparation.fit(frame.iloc[:0], recognise(frame)[1])


cell = st.one_of(
    st.none(), st.floats(), st.integers(-5, 5), st.booleans(), st.text(max_size=4),
    st.sampled_from(["yes", "no", "1,5", "2020-01-01", "inf", "NA", "12%"]),
)  # fmt: skip


@settings(max_examples=100)
@given(
    st.lists(cell, min_size=2, max_size=20),
    st.lists(cell, max_size=20),
    st.sampled_from(["minmax", "standard", None]),
)
def test_whatever_the_cells_the_network_gets_finite_numbers(training, later, scale):
    def table(cells):
        column = pd.Series(cells, dtype=object)
        return pd.DataFrame({"x": column, "n": np.arange(len(cells), dtype=float)})

    prepared = prepare(table(training), scale=scale, embed_above=5)
    for cells in (training, later):
        arrays, _ = prepared.transform(table(cells))
        assert arrays["numbers"].shape == (len(cells), len(prepared.feature_names))
        assert np.isfinite(arrays["numbers"]).all()
        for key, size in prepared.embedded.items():
            assert ((arrays[key] >= 0) & (arrays[key] < size)).all()
    json.dumps(prepared.to_json(), allow_nan=False)


def test_churn_table_gives_the_shape_of_the_course(public_data):
    frame = read_table(public_data("tabular/churn_data.csv")).frame
    rows = split((frame["Churn"] == "Yes").to_numpy(int), "binary", 0.3, 0, seed=42).train
    prepared = Preparation.fit(frame.iloc[rows], recognise(frame, "Churn")[1])
    arrays, _ = prepared.transform(frame.iloc[rows])
    assert list(arrays) == ["numbers"]
    assert arrays["numbers"].shape == (4930, 30)
    assert (arrays["numbers"].min(), arrays["numbers"].max()) == (0, 1)
    assert "customerID" not in prepared.columns
    # 11 totals are blank: those in the other part are told when all rows are prepared.
    assert prepared.transform(frame)[1][0].startswith("TotalCharges: 11 missing cells filled")


def with_texts(rows=200):
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "income": [f"{v:.2f}" for v in random.uniform(500, 2000, rows)],
            "rate": [f"{v:.3f}" for v in random.uniform(1, 5, rows)],
            "weight": [f"{v:.1f} kg" for v in random.uniform(50, 90, rows)],
        }
    )


@pytest.mark.parametrize(
    ("cells", "values", "said"),
    [
        (["1368.96", "1.615", "72.5 kg"], [1368.96, 1.615, 72.5], []),
        (["1368,96", "1,615", "72,5 kg"], [1368.96, 1.615, 72.5], ["income", "rate", "weight"]),
        (["1.368,96", "1,615", "72500 g"], [1368.96, 1.615, 72.5], ["income", "rate", "weight"]),
        (["700", "1,250", "72.5"], [700, 1.25, 72.5], ["rate"]),
    ],
)
def test_numbers_that_are_written_otherwise_than_in_training_are_recognised(cells, values, said):
    frame = with_texts()
    prepared = Preparation.from_json(json.loads(json.dumps(prepare(frame, scale=None).to_json())))
    new = pd.DataFrame([cells], columns=frame.columns)
    arrays, told = prepared.transform(new)
    np.testing.assert_allclose(arrays["numbers"][0], values, rtol=1e-6)
    assert [each.split(":")[0] for each in told] == said
    assert all("decimal comma here" in each or "Cells in 'g'" in each for each in told)


@pytest.mark.parametrize("scale", ["minmax", "standard"])
def test_one_impossible_cell_changes_nothing_for_the_others(scale):
    frame = people()[["income"]].astype(float)
    spoilt = frame.copy()
    spoilt.loc[7] = 1e12
    clean, robust = prepare(frame, scale=scale), prepare(spoilt, scale=scale)
    others = frame.drop(7)
    np.testing.assert_allclose(numbers(robust, others), numbers(clean, others), atol=0.1)
    assert np.abs(numbers(robust, spoilt)).max() < 12


def test_values_far_outside_the_training_are_told_and_limited():
    frame = people()[["age"]]
    prepared = prepare(frame)
    arrays, told = prepared.transform(pd.DataFrame({"age": ["30", "5000"]}))
    assert told == [
        "age: 1 cell far outside of what was usual in training (18 to 79): 5000, row 2."
    ]
    assert arrays["numbers"].max() < 2


def test_stand_ins_are_missing_in_new_rows_too():
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"x": np.where(random.random(200) < 0.005, -999, random.normal(size=200))})
    frame.loc[:1, "x"] = -999
    prepared = prepare(frame, scale=None)
    assert prepared.feature_names == ["x", "x is missing"]  # few, but they may tell much
    new = pd.DataFrame({"x": ["-999", "-999.0", "0.5"]})
    assert numbers(prepared, new)[:, 1].tolist() == [1, 1, 0]


def test_preparations_of_earlier_versions_load():
    saved = {
        "scale": "standard",
        "columns": [
            {"column": "x", "kind": "number", "format": ".", "levels": [], "embedded": False,
             "parts": ["x"], "fill": [2.0], "shift": [1.0], "spread": [2.0], "flag": False},
            {"column": "c", "kind": "category", "format": "", "levels": ["unknown", "b"],
             "embedded": False, "parts": ["b"], "fill": [], "shift": [], "spread": [],
             "flag": False},
        ],
    }  # fmt: skip
    prepared = Preparation.from_json(saved)
    new = pd.DataFrame({"x": ["5", "1e6", "1,5"], "c": ["b", "unknown", "NA"]})
    arrays, told = prepared.transform(new)
    assert arrays["numbers"][:2].tolist() == [[2, 1], [499999.5, 0]]
    assert told[-1] == "c: 1 missing cell taken as 'unknown', the most frequent."


def test_long_tails_do_not_squeeze_the_rest():
    values = np.tan(np.linspace(-1.57, 1.57, 999))  # up to 1,256; nine of ten within 6.3
    found = numbers(
        prepare(pd.DataFrame({"x": values}), scale="standard"), pd.DataFrame({"x": values})
    )
    assert np.diff(np.percentile(found, [25, 75]))[0] > 0.1
    assert (np.diff(found[:, 0]) >= 0).all()
