"""A trained classifier takes texts as they are, and its file keeps everything."""

import numpy as np
import pandas as pd
import pytest

from maeum.core.errors import DataError, ModelFileError, UnknownNameError
from maeum.layers import Dense, Input
from maeum.models import Sequential
from maeum.texts import TextClassifier


def test_probabilities_of_a_text_sum_to_one(trained):
    found = trained.model.predict(["a lovely plot", "quite terrible"])
    p = found[["probability of neg", "probability of pos"]].to_numpy()
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert found["text"].tolist() == ["text 1", "text 2"]


def test_one_text_needs_no_list(trained):
    assert trained.model.predict("a lovely plot")["prediction"].tolist() == ["pos"]


def test_file_keeps_everything(trained, tmp_path):
    trained.model.save(tmp_path / "model.maeum")
    again = TextClassifier.load(tmp_path / "model.maeum")
    texts = ["a lovely plot", "so dull", "마음"]
    with pytest.warns(UserWarning, match="Texts without a word.*: 1"):
        pd.testing.assert_frame_equal(again.predict(texts), trained.model.predict(texts))
    assert again.facts == trained.model.facts
    assert (again.column, again.target, again.classes) == ("review", "label", ["neg", "pos"])
    assert again.describe() == trained.model.describe()


def test_empty_text_gets_an_answer_and_a_warning(trained):
    with pytest.warns(UserWarning, match="Texts without a word.*: 2"):
        found = trained.model.predict(["", None, "good"])
    assert found["prediction"][2] == "pos"
    assert found["probability of pos"][0] == pytest.approx(found["probability of pos"][1])


def test_folder_of_text_files_is_predicted(trained, folder):
    found = trained.model.predict(folder)
    assert len(found) == 40
    assert found["text"][0].startswith("neg")


@pytest.mark.parametrize(
    ("texts", "error", "said"),
    [
        (["fine", 3], DataError, "A text was expected; got 3"),
        ([], DataError, "no text to predict"),
        ({"a": "text"}, DataError, "a list, a table or a path; got dict"),
        (pd.DataFrame({"words": ["x"]}), UnknownNameError, "'review'"),
    ],
)
def test_what_cannot_be_predicted_is_refused(trained, texts, error, said):
    with pytest.raises(error, match=said):
        trained.model.predict(texts)


def test_unknown_classes_are_refused(trained):
    with pytest.raises(DataError, match="the class 'so-so'"):
        trained.model.evaluate(pd.DataFrame({"review": ["fine"], "label": ["so-so"]}))


def test_model_without_preparation_is_refused(tmp_path):
    Sequential([Input((2,)), Dense(1)]).save(tmp_path / "plain.maeum")
    with pytest.raises(ModelFileError, match="how raw data are prepared"):
        TextClassifier.load(tmp_path / "plain.maeum")


def test_predictions_stand_beside_all_columns_and_rows(trained):
    table = pd.DataFrame(
        {
            "id": ["b", "a", "c"],
            "review": ["so lovely", None, "so dull"],
            "prediction": ["x", "y", "z"],
        },
        index=[7, 7, 8],
    )
    found, notes = trained.model.predictions(table)
    assert found.columns.tolist() == [
        "id", "review", "prediction", "prediction_2", "probability of neg", "probability of pos"
    ]  # fmt: skip
    pd.testing.assert_frame_equal(found[table.columns.tolist()], table, check_column_type=False)
    assert found["prediction_2"].tolist()[::2] == ["pos", "neg"]
    assert any("Empty ones among them: 1." in note for note in notes)
    assert any("'prediction' is now 'prediction_2'" in note for note in notes)


def test_predictions_for_lines_hold_the_lines(trained, tmp_path):
    (tmp_path / "lines.txt").write_text("so lovely\n\nso dull\n")
    found, _notes = trained.model.predictions(tmp_path / "lines.txt")
    assert found["text"].tolist() == ["so lovely", "", "so dull"]


def test_evaluating_what_was_trained_on_is_told(trained, table, reviews):
    told = trained.model.evaluate(table)["notes"][0]
    assert told.startswith("Of these texts, ")
    assert "in the training" in told
    data = trained.run.data
    tested = pd.DataFrame(
        {"review": data.part("test"), "label": np.take(data.classes, data.y("test"))}
    )
    for new in (tested, reviews(60, seed=9)):
        assert not any("in the training" in note for note in trained.model.evaluate(new)["notes"])


def test_predictions_of_the_test_stand_beside_its_texts(trained):
    found, run = trained.run.table(), trained.run
    columns = ["review", "label", "prediction", "probability of neg", "probability of pos"]
    assert found.columns.tolist() == columns
    assert found["review"].tolist() == run.data.part("test")
    right = (found["label"] == found["prediction"]).mean()
    assert right == pytest.approx(run.metrics["accuracy"])
    expected = trained.model.predict(run.data.part("test"))["prediction"]
    assert found["prediction"].tolist() == expected.tolist()
