import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

import maeum as mm
from maeum.core.errors import DataError, ModelFileError, UnknownNameError
from maeum.core.json import to_bytes
from maeum.layers import Dense
from maeum.saving import archive
from maeum.tabular import TabularModel, train_table

ROWS = 300
RANDOM = np.random.default_rng(0)
AGE = RANDOM.integers(18, 80, ROWS)
WEIGHT = 40 + AGE / 4 + RANDOM.normal(size=ROWS)


def frame():
    """A table of every type that pandas has, with gaps."""
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(RANDOM.integers(0, 700, ROWS), "D")
    table = pd.DataFrame(
        {
            "age": AGE,
            "weight": WEIGHT.astype(np.float32),
            "visits": pd.array(RANDOM.integers(0, 9, ROWS), dtype="Int64"),
            "plan": pd.Categorical(RANDOM.choice(["gold", "silver", "tin"], ROWS)),
            "shop": RANDOM.choice([f"shop {i}" for i in range(30)], ROWS),
            "since": pd.Series(days).dt.tz_localize("Asia/Seoul"),
            "active": RANDOM.random(ROWS) > 0.5,
            "text": pd.Series(RANDOM.choice(["x", "y"], ROWS), dtype="string"),
        }
    )
    for column in ("weight", "visits", "plan", "shop", "since", "text"):
        table.loc[table.sample(9, random_state=1).index, column] = pd.NA
    return table


INPUTS = frame()
TARGETS = {
    "binary": np.where(AGE > 50, "yes", "no"),
    "multiclass": np.where(AGE > 60, "old", np.where(AGE > 35, "middle", "young")),
    "regression": 1e6 + 1000.0 * WEIGHT,
}


@pytest.fixture(scope="module", params=list(TARGETS))
def trained(request):
    table = INPUTS.assign(target=TARGETS[request.param])
    return train_table(
        table, "target", epochs=3, learning_rate=0.01, hidden=(16,), report=False, embed_above=20
    )


@pytest.fixture
def model(trained):
    return trained.model


def predict(model, table):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the cells that were filled
        return model.predict(table)


def test_types_of_pandas_are_taken_as_they_are(trained):
    kinds = {c.name: c.kind for c in trained.run.columns if c.name != "target"}
    assert kinds == {
        "age": "number", "weight": "number", "visits": "number", "plan": "category",
        "shop": "category", "since": "date", "active": "yesno", "text": "category",
    }  # fmt: skip
    assert list(trained.model.preparation.embedded) == ["shop"]


def test_prediction_has_a_row_for_each_row_and_keeps_its_index(model):
    some = INPUTS.sample(20, random_state=2)
    found = predict(model, some)
    assert found.index.equals(some.index)
    if model.target.task == "regression":
        assert found.columns.tolist() == ["prediction", "lower (90%)", "upper (90%)"]
        assert 1e6 < found["prediction"].mean() < 1.2e6  # in the target's own units
        return
    classes = model.target.classes
    p = found[[f"probability of {name}" for name in classes]].to_numpy()
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-14)
    assert [classes[i] for i in p.argmax(axis=1)] == found["prediction"].tolist()


def test_cells_as_text_are_predicted_alike(model, tmp_path):
    INPUTS.to_csv(tmp_path / "raw.csv", index=False)
    pd.testing.assert_frame_equal(
        predict(model, tmp_path / "raw.csv"), predict(model, INPUTS), rtol=1e-5, atol=1e-6
    )


def test_order_of_columns_further_ones_and_the_target_do_not_matter(model):
    expected = predict(model, INPUTS)
    for table in (INPUTS[INPUTS.columns[::-1]], INPUTS.assign(target="?", other=1)):
        pd.testing.assert_frame_equal(predict(model, table), expected)


def test_rows_do_not_influence_each_other(model):
    alone = pd.concat([predict(model, INPUTS.iloc[[i]]) for i in range(3)])
    pd.testing.assert_frame_equal(alone, predict(model, INPUTS).head(3), rtol=1e-5, atol=1e-6)


def test_filled_cells_are_told(model):
    odd = INPUTS.head(2).astype(object)
    odd["age"], odd["plan"] = ["?", "old"], ["platinum", "gold"]
    with pytest.warns(UserWarning, match="age|plan") as told:
        model.predict(odd)
    messages = " ".join(str(warning.message) for warning in told)
    assert "age: 1 missing cell filled with" in messages
    assert "age: 1 cell not a number ('old')" in messages
    assert "plan: 1 cell with a value that training did not show" in messages


def test_evaluate_agrees_with_scikit_learn(model):
    table = INPUTS.assign(target=TARGETS[model.target.task])
    found, predicted = model.evaluate(table), predict(model, INPUTS)
    truth, answers = table["target"], predicted["prediction"]
    assert found["rows"] == ROWS
    if model.target.task == "regression":
        expected = {
            "r2": metrics.r2_score(truth, answers),
            "mae": metrics.mean_absolute_error(truth, answers),
            "rmse": metrics.root_mean_squared_error(truth, answers),
            "mape": metrics.mean_absolute_percentage_error(truth, answers),
        }
    else:
        classes = model.target.classes
        p = predicted[[f"probability of {name}" for name in classes]].to_numpy()
        expected = {
            "accuracy": metrics.accuracy_score(truth, answers),
            "balanced_accuracy": metrics.balanced_accuracy_score(truth, answers),
            "log_loss": metrics.log_loss([classes.index(t) for t in truth], p),
        }
        if model.target.task == "binary":
            expected["roc_auc"] = metrics.roc_auc_score(truth == "yes", p[:, 1])
            expected["f1"] = metrics.f1_score(truth, answers, pos_label="yes")
        else:
            expected["macro_f1"] = metrics.f1_score(truth, answers, average="macro")
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-5), name


def test_metrics_of_the_run_are_those_of_its_test_rows(trained):
    found = trained.model.evaluate(trained.run.test_rows)
    expected = {k: v for k, v in trained.run.metrics.items() if v is not None}
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-5)


def test_saving_keeps_everything(model, tmp_path):
    model.save(tmp_path / "model.maeum")
    again = TabularModel.load(tmp_path / "model.maeum")
    assert again.preparation == model.preparation
    assert again.target == model.target
    assert again.facts == model.facts
    pd.testing.assert_frame_equal(predict(again, INPUTS), predict(model, INPUTS), check_exact=True)
    again.save(tmp_path / "again.maeum")
    assert (tmp_path / "again.maeum").read_bytes() == (tmp_path / "model.maeum").read_bytes()


def test_evaluating_what_was_trained_on_is_told(trained):
    table = INPUTS.assign(target=TARGETS[trained.model.target.task])
    note = trained.model.evaluate(table)["notes"][0]
    assert "Of these rows, 70% were in the training" in note
    new = trained.model.evaluate(trained.run.test_rows)["notes"]
    assert not any("in the training" in note for note in new)


def test_files_of_before_know_no_threshold_and_no_rows(model, tmp_path):
    saved = model.to_json()
    del saved["target"]["threshold"]
    entries = {"preprocessing.json": to_bytes({"kind": "table", **saved, "facts": {}})}
    archive.save_model(model.network, tmp_path / "m.maeum", extras=entries)
    again = TabularModel.load(tmp_path / "m.maeum")
    assert again.target == model.target
    pd.testing.assert_frame_equal(predict(again, INPUTS), predict(model, INPUTS), check_exact=True)
    again.evaluate(INPUTS.assign(target=TARGETS[model.target.task]))


def test_fresh_process_predicts_bit_for_bit_the_same(model, tmp_path):
    model.save(tmp_path / "model.maeum")
    INPUTS.to_csv(tmp_path / "raw.csv", index=False)
    script = (
        "import sys, warnings; warnings.simplefilter('ignore')\n"
        "from maeum.tabular import TabularModel\n"
        "found = TabularModel.load('model.maeum').predict('raw.csv')\n"
        "sys.stdout.buffer.write(found.iloc[:, -1].to_numpy().tobytes())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True)
    assert not done.returncode, done.stderr.decode()
    expected = predict(model, tmp_path / "raw.csv").iloc[:, -1].to_numpy()
    np.testing.assert_array_equal(np.frombuffer(done.stdout), expected)


def test_network_is_a_model_like_any_other(model, tmp_path):
    model.save(tmp_path / "model.maeum")
    network = mm.load_model(tmp_path / "model.maeum")
    assert network.count_params() == model.network.count_params()
    arrays, _ = model.preparation.transform(INPUTS)
    inputs = [arrays["numbers"], arrays["shop"]]
    np.testing.assert_array_equal(
        network.predict(inputs, verbose=0), model.network.predict(inputs, verbose=0)
    )


class TestRefusals:
    def test_missing_columns_are_named(self, model):
        with pytest.raises(DataError, match=r"lacks 2 of the 8 columns .*: 'age', 'plan'"):
            model.predict(INPUTS.drop(columns=["age", "plan"]))
        with pytest.raises(DataError, match=r"'age' \(Did you mean 'Age'\?\)"):
            model.predict(INPUTS.rename(columns={"age": "Age"}))

    def test_no_rows_and_no_table(self, model):
        with pytest.raises(DataError, match="no rows"):
            model.predict(INPUTS.head(0))
        with pytest.raises(DataError, match="DataFrame or the path of a file; got list"):
            model.predict([[1, 2]])

    def test_evaluate_needs_a_target(self, model):
        with pytest.raises(DataError, match="Did you mean 'Target'"):
            model.evaluate(INPUTS.assign(Target=1))
        with pytest.raises(DataError, match="No row of the table has a target"):
            model.evaluate(INPUTS.assign(target=None))

    def test_evaluate_refuses_classes_it_does_not_know(self, model):
        if model.target.classes:
            with pytest.raises(DataError, match="none of the classes"):
                model.evaluate(INPUTS.assign(target="maybe"))

    def test_files_that_are_no_model_of_a_table(self, model, tmp_path):
        path = tmp_path / "m.maeum"
        with pytest.raises(ModelFileError):
            TabularModel.load(path)
        path.write_text("a,b\n1,2\n")
        with pytest.raises(ModelFileError, match="is not a model"):
            TabularModel.load(path)
        mm.Sequential([mm.Input((3,)), Dense(1)]).save(path)
        with pytest.raises(ModelFileError, match="does not say how raw data are prepared"):
            TabularModel.load(path)

    @pytest.mark.parametrize("description", [b"{}", b"[]", b"{", b'{"preparation": 1}'])
    def test_damaged_preparation(self, model, tmp_path, description):
        entries = {"preprocessing.json": description}
        archive.save_model(model.network, tmp_path / "m.maeum", extras=entries)
        with pytest.raises(ModelFileError, match="is damaged"):
            TabularModel.load(tmp_path / "m.maeum")


def test_target_that_is_not_there(tmp_path):
    with pytest.raises(UnknownNameError, match="Did you mean 'age'"):
        train_table(INPUTS, "agee")
