"""Sorting texts into classes: what is read, learnt, kept, told and refused."""

import numpy as np
import pandas as pd
import pytest

from maeum.core.errors import ConfigError, DataError, ModelFileError, UnknownNameError
from maeum.layers import Dense, Input
from maeum.models import Sequential
from maeum.texts import TextClassifier, TextOptions, train_text
from maeum.texts.data import TextData
from maeum.texts.encoding import make_encoder
from maeum.texts.files import write_results
from maeum.texts.words import word_shares

GOOD = ["good", "lovely", "great", "nice", "adorable"]
BAD = ["bad", "ugly", "terrible", "dull", "awful"]
FILLERS = ["film", "the", "a", "plot", "was", "really", "and", "quite", "actor", "music"]


def reviews(n=160, seed=0):
    random = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        words = [*random.choice(FILLERS, 5), random.choice(GOOD if i % 2 else BAD)]
        rows.append((" ".join(random.permutation(words)), "pos" if i % 2 else "neg"))
    return pd.DataFrame(rows, columns=["review", "label"])


@pytest.fixture(scope="module")
def table():
    return reviews()


@pytest.fixture(scope="module")
def trained(table):
    return train_text(table, "review", "label", epochs=4, seed=1)


def test_what_is_learnt_is_right_for_new_texts(trained):
    assert trained.run.metrics["accuracy"] > 0.9
    found = trained.model.predict(["a lovely plot", "quite terrible"])
    assert found["prediction"].tolist() == ["pos", "neg"]
    p = found[["probability of neg", "probability of pos"]].to_numpy()
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert trained.model.evaluate(reviews(40, seed=9))["accuracy"] > 0.9


@pytest.mark.parametrize("network", ["cnn", "gru"])
def test_other_networks_learn_it_too(table, network):
    run = train_text(
        table, "review", "label", network=network, epochs=8, units=16, learning_rate=0.01,
        dropout=0.1, batch_size=16, report=False,
    ).run  # fmt: skip
    assert run.metrics["accuracy"] > 0.85


def test_simple_models_stand_beside_it(trained):
    names = [model["name"] for model in trained.run.models]
    assert names == [
        "Maeum network",
        "TF-IDF and logistic regression",
        "Always the commonest class",
    ]
    assert trained.run.models[2]["metrics"]["accuracy"] == pytest.approx(0.5, abs=0.1)


def test_the_vocabulary_is_that_of_the_training_part(table):
    data = TextData.prepare(table, "review", "label", TextOptions(network="cnn"))
    seen = {word for text in data.part("train") for word in text.split()}
    assert set(data.encoder.vocabulary.tokens[2:]) <= seen
    parts = [set(rows.tolist()) for rows in data.rows.values()]
    assert sum(map(len, parts)) == len(set.union(*parts)) == len(table)
    for part in data.rows:
        assert data.y(part).mean() == pytest.approx(0.5, abs=0.05)


def test_the_same_text_is_never_in_two_parts():
    texts = [f"text {i % 30} so {'good' if i % 2 else 'bad'}" for i in range(120)]
    table = pd.DataFrame({"t": texts, "y": [i % 2 for i in range(120)]})
    data = TextData.prepare(table, "t", "y")
    parts = [set(data.part(part)) for part in data.rows]
    assert sum(map(len, parts)) == len(set(texts))
    assert any("more than once" in note for note in data.notes)


def test_the_bag_begins_with_naive_bayes():
    from sklearn.naive_bayes import MultinomialNB

    from maeum.texts.network import build_network

    table = reviews(60)
    x_texts = table["review"].tolist()
    y = (table["label"] == "pos").to_numpy().astype(int)
    options = TextOptions(network="bag").resolved(60)
    encoder = make_encoder(x_texts, "bag", "words", 10_000)
    x = encoder.encode(x_texts)
    network = build_network(encoder, 2, options, x, y)
    counts = np.zeros((60, len(encoder.vocabulary)))
    for row, numbers in enumerate(x):
        counts[row, numbers[numbers > 0]] = 1
    bayes = MultinomialNB().fit(counts, y)
    joint = bayes.predict_joint_log_proba(counts)
    ours = np.log(network.predict(x, verbose=0))
    away = joint[:, 1] - joint[:, 0] - np.diff(bayes.class_log_prior_)
    np.testing.assert_allclose(ours[:, 1] - ours[:, 0], 0.35 * away, rtol=0.02, atol=0.02)


def test_a_file_keeps_everything(trained, tmp_path):
    trained.model.save(tmp_path / "model.maeum")
    again = TextClassifier.load(tmp_path / "model.maeum")
    texts = ["a lovely plot", "so dull", "마음"]
    with pytest.warns(UserWarning, match="1 text has no word"):
        pd.testing.assert_frame_equal(again.predict(texts), trained.model.predict(texts))
    assert again.facts == trained.model.facts
    assert (again.column, again.target, again.classes) == ("review", "label", ["neg", "pos"])


def test_folders_of_text_files_are_read(tmp_path):
    for i, row in enumerate(reviews(40).itertuples()):
        folder = tmp_path / "films" / row.label
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{i}.txt").write_text(row.review, encoding="utf-8")
    (tmp_path / "films" / "pos" / "notes.csv").write_text("x")
    trained = train_text(tmp_path / "films", epochs=3, report=False)
    assert trained.run.classes == ["neg", "pos"]
    assert "Files that are no .txt, left out: 1." in trained.run.notes
    found = trained.model.predict(tmp_path / "films")
    assert len(found) == 40
    assert found["text"][0].startswith("neg")
    assert trained.model.evaluate(tmp_path / "films")["rows"] == 40


def test_tables_in_other_encodings_are_read(tmp_path):
    table = reviews(40)
    table["review"] += " 영화"
    path = tmp_path / "영화.csv"
    table.to_csv(path, index=False, encoding="cp949")
    data = TextData.prepare(path, "review", "label")
    assert "영화" in data.encoder.vocabulary
    assert any("CP949" in note.upper() for note in data.notes)


def test_empty_and_missing_texts_and_labels_are_left_out_and_told(table):
    extra = pd.DataFrame({"review": ["", None, "  ", "fine"], "label": ["pos", "neg", "pos", None]})
    data = TextData.prepare(pd.concat([table, extra]), "review", "label")
    assert len(data.texts) == len(table)
    assert "Empty or missing texts, left out: 3 texts." in data.notes
    assert "Rows without a 'label', left out: 1." in data.notes


def test_an_empty_text_gets_an_answer_and_a_warning(trained):
    with pytest.warns(UserWarning, match="2 texts have no word"):
        found = trained.model.predict(["", None, "good"])
    assert found["prediction"][2] == "pos"
    assert found["probability of pos"][0] == pytest.approx(found["probability of pos"][1])


def test_labels_may_be_numbers():
    table = pd.DataFrame({"t": reviews(40)["review"], "y": [float(i % 2) for i in range(40)]})
    assert TextData.prepare(table, target="y").classes == ["0", "1"]


@pytest.mark.parametrize(
    ("table", "options", "error", "said"),
    [
        (pd.DataFrame({"t": [1.5, 2, 3], "y": list("aba")}), {}, DataError, "'t' holds numbers"),
        (pd.DataFrame({"t": ["", None], "y": list("ab")}), {}, DataError, "empty or missing"),
        (pd.DataFrame({"t": ["so", "la"], "y": list("aa")}), {}, DataError, "of the class 'a'"),
        (reviews(40), {"text": "revue"}, UnknownNameError, "Did you mean 'review'"),
        (reviews(40), {"text": "label"}, ConfigError, "same column"),
        (reviews(40), {"target": "mood"}, UnknownNameError, "mood"),
        (reviews(40), {"target": "review", "text": "label"}, DataError, "different labels"),
        (reviews(40).assign(x=1), {"text": None}, ConfigError, "Say which column"),
        (reviews(40), {"network": "bog"}, ConfigError, "Did you mean 'bag'"),
        (reviews(40), {"netwrk": "bag"}, ConfigError, "Did you mean 'network'"),
        (reviews(40), {"test_size": 0.6, "validation_size": 0.5}, ConfigError, "leave nothing"),
        (reviews(40), {"units": 0}, ConfigError, "units"),
        (pd.DataFrame({"t": ["!", "?"] * 20, "y": list("ab") * 20}),
         {"unit": "syllables", "test_size": 0.0}, DataError, "too few"),
    ],
)  # fmt: skip
def test_what_cannot_be_learnt_is_refused(table, options, error, said):
    columns = {"text": table.columns[0], "target": table.columns[1], **options}
    with pytest.raises(error, match=said):
        train_text(table, epochs=1, **columns)


def test_a_folder_without_texts_and_columns_for_a_folder_are_refused(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(DataError, match="folder for each class"):
        train_text(tmp_path)
    with pytest.raises(ConfigError, match="leave the columns"):
        train_text(tmp_path, "a", "b")


def test_what_cannot_be_predicted_is_refused(trained, tmp_path):
    with pytest.raises(DataError, match="A text was expected; got 3"):
        trained.model.predict(["fine", 3])
    with pytest.raises(DataError, match="no text to predict"):
        trained.model.predict([])
    with pytest.raises(UnknownNameError, match="'review'"):
        trained.model.predict(pd.DataFrame({"words": ["x"]}))
    with pytest.raises(DataError, match="the class 'so-so'"):
        trained.model.evaluate(pd.DataFrame({"review": ["fine"], "label": ["so-so"]}))
    plain = Sequential([Input((2,)), Dense(1)])
    plain.save(tmp_path / "plain.maeum")
    with pytest.raises(ModelFileError, match="not one that sorts texts"):
        TextClassifier.load(tmp_path / "plain.maeum")


@pytest.mark.parametrize("network", ["bag", "gru"])
def test_shares_of_words_add_up_to_the_difference_of_scores(table, network):
    trained = train_text(table, "review", "label", network=network, epochs=1, units=8, report=False)
    x, model = trained.run.data.x("test")[:6], trained.model.network
    target = np.ones(6, int)
    shares = word_shares(model, x, target)
    assert shares.shape == x.shape
    assert (shares[x == 0] == 0).all()
    if network == "bag":  # linear up to the softmax: exact
        layers = {layer.name: layer for layer in model.layers}
        evidence, (kernel, _) = layers["evidence"].get_weights()[0], layers["classes"].get_weights()
        np.testing.assert_allclose(shares, (evidence @ kernel)[x, 1] * (x > 0), atol=1e-5)


def test_the_report_shows_texts_words_and_mistakes(trained, tmp_path):
    paths = write_results(trained, tmp_path)
    page = paths["report"].read_text(encoding="utf-8")
    assert "never seen before" in page
    assert "Words that count" in page
    assert "TF-IDF and logistic regression" in page
    assert 'class="w"' in page
    assert "<script" not in page
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "history.csv", "model.maeum", "report.html", "report.json",
    ]  # fmt: skip


def test_texts_in_the_report_are_escaped(tmp_path):
    table = reviews(60)
    table["review"] = "<b>x</b> " + table["review"]
    trained = train_text(table, "review", "label", epochs=1, report=False)
    page = write_results(trained, tmp_path)["report"].read_text(encoding="utf-8")
    assert "<b>x</b>" not in page
    assert "&lt;b&gt; x" in page or "&lt;b&gt;x" in page
