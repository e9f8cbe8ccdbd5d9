import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core.errors import ConfigError
from maeum.text.vectors import FastText, KeyedVectors
from maeum.text.vectors.subwords import buckets_of, ngram_hash, ngrams


def test_ngrams_of_the_paper():
    assert ngrams("where", 3, 3) == ["<wh", "whe", "her", "ere", "re>"]
    assert ngrams("a", 1, 3) == ["<a", "<a>", "a", "a>"]
    assert ngrams("마음", 3, 6) == ["<마음", "<마음>", "마음>"]
    assert ngrams("word", 3, 0) == []


def test_hash_is_fnv_1a():  # values of the authors of the hash
    assert ngram_hash("") == 0x811C9DC5
    assert ngram_hash("a") == 0xE40C292C
    assert ngram_hash("foobar") == 0xBF9CF968


@settings(max_examples=50)
@given(st.text(max_size=8))
def test_hash_takes_bytes_as_signed(text):
    value = np.uint32(2166136261)
    with np.errstate(over="ignore"):
        for byte in np.frombuffer(text.encode(), np.int8):
            value = (value ^ np.uint32(int(byte) & 0xFFFFFFFF)) * np.uint32(16777619)
    assert ngram_hash(text) == value
    assert buckets_of("x", 3, 3, 50) == [ngram_hash("<x>") % 50]


@pytest.fixture(scope="module")
def model(topics):
    return FastText(topics, vector_size=24, workers=1, epochs=3, sg=1, max_n=4)


def test_a_word_is_the_mean_of_its_parts(model):
    problem, rows = model._problem, model._rows
    word = model.wv.key_to_index["water"]
    own = rows.rows[rows.starts[word] : rows.starts[word + 1]]
    assert len(own) == 1 + len(ngrams("water", 3, 4))
    np.testing.assert_allclose(model.wv["water"], problem.input[own].mean(0), atol=1e-6)


def test_new_words_have_vectors(model):
    wv = model.wv
    assert "waters" in wv
    assert "waters" not in wv.key_to_index
    assert wv.most_similar("waters", topn=1)[0][0] == "water"
    parts = [b for b in buckets_of("waters", 3, 4, model.bucket) if b in wv.buckets]
    expected = wv.ngram_vectors[np.searchsorted(wv.buckets, parts)].mean(0)
    np.testing.assert_allclose(wv["waters"], expected, atol=1e-6)
    assert "qqq" not in wv
    assert 3 not in wv
    with pytest.raises(KeyError, match="neither it nor any of its n-grams"):
        wv["qqq"]


def test_vectors_of_parts_are_saved(model, tmp_path):
    model.wv.save(tmp_path / "wv.maeum")
    again = KeyedVectors.load(tmp_path / "wv.maeum")
    np.testing.assert_array_equal(again["waters"], model.wv["waters"])
    model.save(tmp_path / "model.maeum")
    whole = FastText.load(tmp_path / "model.maeum")
    np.testing.assert_array_equal(whole.wv["waters"], model.wv["waters"])
    assert whole.max_n == 4


def test_no_parts_is_word2vec(topics):
    wv = FastText(topics, max_n=0, workers=1, epochs=1, vector_size=8).wv
    assert "waters" not in wv
    assert wv["water"].shape == (8,)


@pytest.mark.parametrize("wrong", [{"min_n": 0}, {"bucket": 0}, {"bucket": 2**40}, {"max_n": 1.5}])
def test_settings_that_make_no_sense(wrong):
    with pytest.raises(ConfigError):
        FastText(**wrong)


def test_unknown_settings_are_named():
    with pytest.raises(TypeError, match="vector_size"):
        FastText(size=3)
