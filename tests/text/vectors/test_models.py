"""Word2Vec and FastText as a user sees them."""

import gzip

import numpy as np
import pytest

from maeum import native
from maeum.core.errors import (
    ConfigError,
    DataError,
    ModelFileError,
    NotBuiltError,
    UnknownNameError,
)
from maeum.text.vectors import FastText, Word2Vec, corpus, read_corpus, train, training

SMALL = {"vector_size": 32, "workers": 1, "epochs": 4, "alpha": 0.05}


@pytest.mark.parametrize(
    "settings",
    [
        {"sg": 1},
        {"sg": 1, "negative": 0, "hs": 1},
        {"sg": 0},
        {"sg": 0, "negative": 0, "hs": 1},
        {"sg": 0, "cbow_mean": 0, "alpha": 0.025, "epochs": 10},
        {"sg": 1, "workers": 2},
    ],
)
def test_words_of_a_topic_are_near(topics, purity, settings):
    model = Word2Vec(topics, **SMALL | {"compute_loss": True} | settings)
    assert purity(model.wv) > 0.9
    assert model.losses[-1] < model.losses[0]
    assert len(model.losses) == model.epochs


def test_fasttext_finds_the_topics(topics, purity):
    assert purity(FastText(topics, **SMALL, sg=1, max_n=4).wv) > 0.9


@pytest.mark.parametrize("settings", [{"sg": 1}, {"hs": 1}, {"sg": 1, "subwords": True}])
def test_numpy_does_it_too_and_says_so(topics, purity, settings, monkeypatch):
    monkeypatch.setattr(native, "library", lambda: None)
    training.warn_of_numpy.cache_clear()
    make = FastText if settings.pop("subwords", False) else Word2Vec
    settings = {"vector_size": 16, "alpha": 0.1, "epochs": 6, "compute_loss": True} | settings
    with pytest.warns(UserWarning, match="NumPy"):
        model = make(topics[:600], **settings)
    assert purity(model.wv) > 0.8
    assert model.losses[-1] < model.losses[0]
    again = make(topics[:600], **settings)
    np.testing.assert_array_equal(model.wv.vectors, again.wv.vectors)


@pytest.mark.parametrize("settings", [{"sg": 1}, {"hs": 1}, {"sg": 1, "compute_loss": True}])
def test_one_worker_makes_a_function_of_the_seed(topics, settings):
    a, b, c = (
        Word2Vec(topics[:100], workers=1, vector_size=8, seed=seed, **settings).wv.vectors
        for seed in (7, 7, 8)
    )
    np.testing.assert_array_equal(a, b)
    assert not np.allclose(a, c)


def test_frequent_words_are_left_out_as_often_as_they_should():
    sentences = [["the"] * 90 + ["rare"] * 10] * 200
    model = Word2Vec(vector_size=8, sample=0.01, workers=1)
    model.build_vocab(sentences)
    used, read = model.train()
    expected = (np.array([18000, 2000]) * model._problem.keep).sum() * 5
    assert read == 20000 * 5
    assert used == pytest.approx(expected, rel=0.05)


def test_a_saved_model_goes_on_as_if_it_had_not_been(topics, tmp_path):
    model = Word2Vec(topics, **SMALL, hs=1, compute_loss=True)
    model.save(tmp_path / "model.maeum")
    again = Word2Vec.load(tmp_path / "model.maeum")
    np.testing.assert_array_equal(again.wv.vectors, model.wv.vectors)
    assert again.losses == model.losses
    assert again.hs == 1
    for m in (model, again):
        m.train(topics[:50], epochs=1, start_alpha=0.02, end_alpha=0.01)
    np.testing.assert_array_equal(again.wv.vectors, model.wv.vectors)
    with pytest.raises(ModelFileError, match="'Word2Vec'"):
        FastText.load(tmp_path / "model.maeum")
    (tmp_path / "model.maeum").write_bytes(b"no")
    with pytest.raises(ModelFileError, match="not a file of word vectors"):
        Word2Vec.load(tmp_path / "model.maeum")


def test_texts_in_two_steps(topics):
    model = Word2Vec(min_count=1, vector_size=8, workers=1)
    with pytest.raises(NotBuiltError):
        _ = model.wv
    with pytest.raises(NotBuiltError):
        model.train()
    with pytest.raises(NotBuiltError):
        model.train(topics)
    model.build_vocab(iter(topics))  # an iterator that runs once is enough
    before = model.wv["fish"].copy()
    assert model.train(total_examples=len(topics), epochs=1)[1] == 1200 * 7
    assert not np.allclose(before, model.wv["fish"])
    with pytest.raises(DataError, match="in the vocabulary"):
        model.train(["nothing known"])


@pytest.mark.parametrize("method", ["word2vec", "fasttext", "glove", "lsa"])
def test_one_line_from_a_file(method, tmp_path):
    path = tmp_path / "my.txt"
    path.write_text("The fish swims.\nThe bird flies.\n" * 30, encoding="utf-8")
    wv = train(path, method)
    assert set(wv.index_to_key) == {"the", "fish", "swims", "bird", "flies"}
    assert wv.index_to_key[0] == "the"
    assert wv.counts.tolist() == [60, 30, 30, 30, 30]


def test_a_method_that_there_is_not():
    with pytest.raises(UnknownNameError, match="Did you mean 'glove'"):
        train(["a"], "glov")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"vector_size": 0}, "vector_size is .*got 0"),
        ({"window": 0}, "window"),
        ({"negative": -1}, "negative is .*got -1"),
        ({"negative": 0}, "nothing is left to learn"),
        ({"negative": 2.5}, "whole number"),
        ({"epochs": 0}, "epochs"),
        ({"workers": 0}, "workers"),
        ({"workers": True}, "workers"),
        ({"seed": -1}, "seed"),
        ({"sample": 2}, "sample"),
        ({"alpha": 0.01, "min_alpha": 0.1}, "min_alpha"),
        ({"max_final_vocab": 0}, "max_final_vocab"),
        ({"tokenizer": "words"}, "a function from a text"),
    ],
)
def test_settings_that_make_no_sense(wrong, says):
    with pytest.raises(ConfigError, match=says):
        Word2Vec(["a b"], **wrong)


def test_older_names_are_pointed_out():
    with pytest.raises(TypeError, match="It is now 'vector_size'"):
        Word2Vec(size=100)
    with pytest.raises(TypeError, match="Did you mean 'window'"):
        Word2Vec(windows=3)


@pytest.mark.parametrize(
    ("sentences", "says"),
    [
        ([], "no word"),
        ([[], ""], "no word"),
        (["a b", "c"], "min_count=5"),
        ([["a", 3]], "type int"),
        ([["a", ["b"]]], "not strings"),
        ([["a"], 3.5], "Sentence 1 is of type float"),
        ([b"bytes"], "Sentence 0 is of type bytes"),
        (7, "of type int"),
        ("nowhere.txt", "no file 'nowhere.txt'"),
    ],
)
def test_text_that_cannot_be_used(sentences, says):
    with pytest.raises(DataError, match=says):
        Word2Vec(sentences)


def test_a_vocabulary_of_one_word():
    for settings in ({}, {"hs": 1, "negative": 0}, {"sg": 1}):
        assert np.isfinite(Word2Vec(["a a a"], min_count=1, **settings).wv["a"]).all()


# ---- The corpus ------------------------------------------------------------------------------


def test_files_are_read_in_their_encoding(tmp_path):
    text = "마음 생각\n\n마음\n"
    plain, packed, korean = (tmp_path / name for name in ("a.txt", "a.txt.gz", "k.txt"))
    plain.write_bytes(b"\xef\xbb\xbf" + text.encode())  # with a byte order mark
    packed.write_bytes(gzip.compress(text.encode()))
    korean.write_bytes(text.encode("cp949"))
    for path, encoding in ((plain, "utf-8"), (packed, "utf-8"), (korean, "cp949")):
        found = read_corpus(path, encoding=encoding)
        assert found.vocabulary == ["마음", "생각"]
        assert found.sentences.tolist() == [0, 2, 3]
    with pytest.raises(DataError, match=r"Line 1 .* byte 0xb8 at offset 0"):
        read_corpus(korean)
    with pytest.raises(ConfigError, match="no encoding"):
        read_corpus(plain, encoding="utf-99")
    packed.write_bytes(packed.read_bytes()[:-9])
    with pytest.raises(DataError, match="cannot be read"):
        read_corpus(packed)


def test_order_is_by_count_then_by_appearance():
    found = read_corpus([["c", "b", "a", "b"], ["d", "d"]], max_final_vocab=3)
    assert found.vocabulary == ["b", "d", "c"]
    assert found.counts.tolist() == [2, 2, 1]
    assert found.words.tolist() == [2, 0, 0, 1, 1]
    assert found.sentences.tolist() == [0, 3, 5]
    assert found.read == 6


def test_long_sentences_are_cut(monkeypatch):
    monkeypatch.setattr(corpus, "LONGEST", 4)
    found = read_corpus([["a"] * 10, ["b"], ["a"] * 4])
    assert found.sentences.tolist() == [0, 4, 8, 10, 11, 15]


def test_a_tokenizer_of_ones_own():
    assert read_corpus(["a,b", "b"], tokenizer=lambda text: text.split(",")).vocabulary[0] == "b"
