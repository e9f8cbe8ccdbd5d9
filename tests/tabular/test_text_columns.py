"""Texts beside numbers: which columns are learnt from, and how they become inputs."""

import numpy as np
import pandas as pd
import pytest

from maeum.tables.columns import recognise
from maeum.tabular import TabularModel, train_table
from maeum.tabular.dataset import Dataset
from maeum.tabular.options import TableOptions
from maeum.tabular.preparation import Preparation
from maeum.tabular.text_columns import contains, learn_texts

GOOD, BAD = ["lovely", "great", "nice", "warm"], ["ugly", "terrible", "dull", "cold"]
FILL = ["film", "plot", "really", "quite", "actor", "music", "the", "scene"]


def comments(n=120, seed=0):
    """Sentences of five words, of which one tells the class; and a number that tells, too."""
    random = np.random.default_rng(seed)
    good = np.arange(n) % 2 == 0
    said = [
        " ".join([*random.choice(FILL, 4), random.choice(GOOD if g else BAD)]) + f" {i}"
        for i, g in enumerate(good)
    ]
    stars = random.integers(1, 6, n).astype(str)
    return pd.DataFrame({"said": said, "stars": stars, "liked": np.where(good, "yes", "no")})


def used(frame, ignore=()):
    typed, columns = recognise(frame, "liked")
    learn_texts(typed, columns, ignore, "liked")
    return {c.name: c.kind for c in columns if c.used}


@pytest.fixture(scope="module")
def trained():
    return train_table(comments(240), "liked", epochs=40, hidden=(16,), batch_size=16)


@pytest.mark.parametrize(
    ("texts", "ignore", "kinds"),
    [
        (lambda n: comments(n)["said"], (), {"said": "text", "stars": "number"}),
        (lambda n: comments(n)["said"], ("said",), {"stars": "number"}),
        # no word stands in a second text: these are keys, not sentences
        (lambda n: [f"alpha{i}x beta{i}x gamma{i}x" for i in range(n)], (), {"stars": "number"}),
        # names of two words are no texts as long as something else is left
        (lambda n: [f"{GOOD[i % 4]} {FILL[i % 8]}{i}" for i in range(n)], (), {"stars": "number"}),
    ],
)
def test_texts_are_learnt_from_where_their_words_recur(texts, ignore, kinds):
    assert used(comments().assign(said=texts(120)), ignore) == kinds


def test_texts_without_blanks_are_cut_into_characters():
    frame = comments()
    said = ("今天我们去了一家饭馆吃饭菜很好吃", "今天我们去了一家饭馆吃饭菜真难吃")
    frame["said"] = [f"{said[i % 2]}{chr(0x4E00 + i)}" for i in range(120)]
    assert used(frame) == {"said": "text", "stars": "number"}
    prepared = Dataset.prepare(frame, "liked", TableOptions()).preparation
    assert {"吃", "很 好"} <= set(prepared.texts["said"].tokens)


def test_short_texts_are_learnt_where_nothing_else_is_left():
    frame = comments()[["said", "liked"]]
    frame["said"] = [f"{a.split()[-2]} {a.split()[0]} {i:03d}" for i, a in enumerate(frame["said"])]
    assert used(frame) == {"said": "text"}


def test_text_becomes_the_numbers_of_its_words_and_pairs():
    raw = pd.DataFrame({"t": ["good film", "good plot", "Good film!", None, "zzz"]})
    typed, columns = recognise(raw)
    columns[0].kind, columns[0].used = "text", True
    prepared = Preparation.fit(typed.iloc[:4], columns)
    tokens = prepared.texts["t"].tokens
    assert tokens == ["good", "film", "good film"]  # those of two rows at least
    arrays, told = prepared.transform(raw)
    # 2 stands for the first token; "plot" is not known, and what is missing has no words
    assert arrays["t"].tolist() == [[2, 3, 4], [2, 0, 0], [2, 3, 4], [0, 0, 0], [0, 0, 0]]
    assert told == [
        "t: 1 cell without a text, taken as empty.",
        "t: 1 text without a known word, taken as empty.",
    ]
    again = Preparation.from_json(prepared.to_json())
    assert again == prepared
    assert again.transform(raw)[0]["t"].tolist() == arrays["t"].tolist()
    assert contains(arrays["t"])[:3, :3].tolist() == [[1, 1, 1], [1, 0, 0], [1, 1, 1]]


def test_numbers_and_texts_are_learnt_together(trained, tmp_path):
    assert trained.run.metrics["accuracy"] > 0.9  # stars alone: one half
    assert trained.run.ranking[0] == "said"
    assert trained.run.features == ["stars", "said"]
    assert [m["name"] for m in trained.run.models][1:3] == [
        "Logistic regression", "Gradient boosting"
    ]  # fmt: skip
    trained.model.save(tmp_path / "model.maeum")
    again = TabularModel.load(tmp_path / "model.maeum")
    fresh = comments(40, seed=1).drop(columns="liked")
    pd.testing.assert_frame_equal(again.predict(fresh), trained.model.predict(fresh))
    assert again.evaluate(comments(40, seed=1))["accuracy"] > 0.9


def test_every_text_column_is_used_and_told():
    frame = comments().assign(also=comments(seed=5)["said"])
    notes = Dataset.prepare(frame, "liked", TableOptions()).notes
    for name in ("said", "also"):
        assert any(f"{name}: 120 different texts" in note for note in notes)


def test_texts_of_both_parts_are_told():
    frame = pd.concat([comments(), comments()], ignore_index=True)
    notes = Dataset.prepare(frame, "liked", TableOptions()).notes
    assert any("test rows have a text that rows to learn from have" in note for note in notes)
