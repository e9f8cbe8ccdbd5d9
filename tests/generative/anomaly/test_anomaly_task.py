"""What is unusual in a table: found, told, saved, and refused where there is nothing to find."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, DataError, ShapeError, UnknownNameError
from maeum.experiment.files import write_results
from maeum.experiment.task import open_model
from maeum.generative.anomaly import AnomalyModel, train_anomaly
from maeum.generative.anomaly.network import MaskedColumnModel

from ...pages import check

ROWS = 300
PLANTED = {3: "size", 40: "town", 77: "plan"}


def table():
    """Sizes and weights that go together, towns with one area each; three rows are unlike them."""
    rng = np.random.default_rng(0)
    size, town = rng.normal(170, 10, ROWS), rng.integers(0, 4, ROWS)
    frame = pd.DataFrame({
        "size": size.round(1),
        "weight": (size - 100 + rng.normal(0, 2, ROWS)).round(1),
        "town": np.array(["Seoul", "Busan", "Jeju", "Daegu"])[town],
        "area": np.array(["02", "051", "064", "053"])[town],
        "plan": rng.choice(["basic", "full"], ROWS),
        "paid": rng.choice(["yes", "no"], ROWS),
        "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, ROWS), "D"),
        "number": np.arange(ROWS) + 1,
    })  # fmt: skip
    frame.loc[3, "size"] = 290.0  # no size at all
    frame.loc[40, "town"] = "Jeju" if frame["town"][40] != "Jeju" else "Seoul"  # a wrong pair
    frame.loc[77, "plan"] = "fulll"  # no value at all
    frame["odd"] = np.where(np.isin(np.arange(ROWS), list(PLANTED)), "yes", "no")
    return frame.astype({"since": str})


@pytest.fixture(scope="module")
def frame():
    return table()


@pytest.fixture(scope="module")
def trained(frame):
    return train_anomaly(frame, label="odd", epochs=40, hidden=(64, 64), validation_size=0.34)


def test_planted_rows_are_the_most_unusual_in_their_columns(trained, frame):
    run = trained.run
    assert set(np.argsort(-run.scores)[:3]) == set(PLANTED)
    judged = run.judged.loc[list(PLANTED)]
    assert (judged["prediction"] == "unusual").all()
    assert (judged["rank"] <= 3).all()
    # The weight does not go with that size, but with all the rest: it is not to blame.
    assert judged["columns"][3].startswith("size: 290")
    assert "weight" not in judged["columns"][3]
    assert judged["columns"][40].count("expected") == 2  # a pair: neither is wrong by itself
    assert judged["columns"][77].startswith("plan: fulll (expected ")
    assert frame["town"][40] in judged["columns"][40]
    assert (run.judged["columns"] == "").sum() == ROWS - len(run.unusual)
    assert run.metrics["roc_auc"] > 0.99
    assert "odd" not in run.names  # the label only judges
    assert "number" not in run.names


def test_methods_of_others_are_judged_by_the_same_label(trained):
    names = [model["name"] for model in trained.run.models]
    assert names == ["Maeum network", "Isolation forest", "Local outlier factor",
                     "PCA reconstruction"]  # fmt: skip
    assert all(0 <= model["metrics"]["pr_auc"] <= 1 for model in trained.run.models)


def test_files_hold_what_was_found(trained, tmp_path):
    paths = write_results(trained, tmp_path)
    check(paths["report"].read_text())
    written = pd.read_csv(paths["predictions"])
    assert len(written) == ROWS
    assert written.sort_values("rank").index[:3].isin(list(PLANTED)).all()
    facts = json.loads(paths["metrics"].read_text())
    assert facts["unusual"] == len(trained.run.unusual)
    assert facts["columns"]["size"] >= 1


def test_a_saved_model_says_the_same_of_new_rows(trained, frame, tmp_path):
    path = tmp_path / "model.maeum"
    trained.model.save(path)
    model = open_model(path)
    assert isinstance(model, AnomalyModel)
    new = frame.drop(columns=["odd", "number"]).head(60)
    found = model.predict(new)
    pd.testing.assert_frame_equal(found, trained.model.predict(new))
    assert set(found.sort_values("rank").index[:2]) == {3, 40}
    assert found["percentile"].between(0, 100).all()
    beside, _notes = model.predictions(new)
    assert beside.columns.tolist() == [*new.columns, *found.columns]
    told = model.evaluate(frame)
    assert told["rows"] == ROWS
    assert any("were in the training" in note for note in told["notes"])
    assert model.describe()[0].startswith("Finds unusual rows")
    assert mm.load_model(path).members


def test_new_rows_with_other_cells_are_told(trained, frame):
    new = frame.head(5).copy()
    new.loc[0, "size"] = np.nan
    new.loc[1, "town"] = "Atlantis"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = trained.model.predict(new)
    assert "size: missing (expected " in found["columns"][0]
    assert "town: Atlantis (expected " in found["columns"][1]
    with pytest.raises(DataError, match="lacks 1 of the"):
        trained.model.predict(frame.drop(columns="size"))
    with pytest.raises(DataError, match="no rows"):
        trained.model.predict(frame.head(0))


def test_no_column_sees_itself(trained, frame):
    member, features = trained.model.network.members[0], trained.model.features
    x, _told = features.encode(frame.head(4))
    other = x.copy()
    own = features.layout.column == 0
    other[:, own] = x[::-1][:, own]
    one, two = member.predict_hidden(x), member.predict_hidden(other)
    np.testing.assert_array_equal(one.values[:, 0], two.values[:, 0])
    assert (one.values[:, 1] != two.values[:, 1]).any()


def test_rows_are_divided_among_networks_that_have_not_seen_them():
    rows = pd.DataFrame({"x": range(50), "y": range(50, 100)})
    found = train_anomaly(rows, epochs=1, report=False, hidden=(4,), contamination=0.1)
    assert found.run.rows == {"test": 50}
    assert len(found.run.unusual) == 5
    assert len(found.model.network.members) == 5
    held_out = np.concatenate(found.model.network.held_out)
    assert sorted(held_out.tolist()) == list(range(50))
    assert found.run.metrics == {}
    with pytest.raises(ConfigError, match="--label"):
        found.model.evaluate(rows)


def test_tables_without_numbers_and_cells_of_all_kinds():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({
        "numbers": rng.choice(["a", "b"], 40),
        "gaps": np.where(rng.random(40) < 0.4, None, rng.choice(["u", "v"], 40)),
    })  # fmt: skip
    model = train_anomaly(frame, epochs=1, report=False, hidden=(8,), contamination=0.05).model
    with pytest.warns(UserWarning, match="numbers: 1 missing cell"):
        found = model.predict(pd.DataFrame({"numbers": ["new", None], "gaps": ["u", None]}))
    assert np.isfinite(found["score"]).all()


@pytest.mark.parametrize(
    ("frame", "options", "error", "said"),
    [
        (pd.DataFrame({"x": [1.0]}), {}, DataError, "cannot be learnt from 1 row"),
        (pd.DataFrame({"x": [1.0] * 30, "y": ["a"] * 30}), {}, DataError, "No column is left"),
        (pd.DataFrame({"x": [None] * 30}), {}, DataError, "No column is left"),
        (pd.DataFrame({"x": range(30)}), {"label": "y"}, UnknownNameError, "'y'"),
        (pd.DataFrame({"x": range(30), "y": [1, 2, 3] * 10}), {"label": "y"}, ConfigError,
         "two values"),
        (pd.DataFrame({"x": range(30), "y": [1] * 30}), {"label": "y"}, DataError, "every row"),
        (pd.DataFrame({"x": range(30)}), {"ignore": "x"}, DataError, "No column is left"),
        (pd.DataFrame({"x": range(30)}), {"contamination": 0}, ConfigError, "above 0"),
        (pd.DataFrame({"x": range(30)}), {"validation_size": 0.7}, ConfigError, "at most 0.5"),
        (pd.DataFrame({"x": range(30)}), {"labels": "y"}, ConfigError, "label"),
        (pd.DataFrame({"x": range(30)}), {"task": "binary"}, UnknownNameError, "'anomaly'"),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_at_is_refused(frame, options, error, said):
    with pytest.raises(error, match=said):
        train_anomaly(frame, **options)


def test_a_network_has_to_fit_its_columns():
    network = mm.Sequential([mm.Input((3,)), mm.layers.Dense(4)])
    with pytest.raises(ShapeError, match="these columns ask for"):
        MaskedColumnModel(network, [(1, 2)])
