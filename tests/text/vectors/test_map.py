import json
import re

import numpy as np
import pytest

from maeum.core.errors import ConfigError, DataError, SaveError
from maeum.core.messages import set_language
from maeum.text.vectors import KeyedVectors

WORDS = ["마음", "</script><b>", "fish", "a&b", '"q"', "water"] + [f"w{i}" for i in range(14)]


@pytest.fixture(scope="module")
def wv():
    return KeyedVectors(WORDS, np.random.default_rng(0).normal(size=(20, 7)), range(20, 0, -1))


def data_of(path):
    text = path.read_text("utf-8")
    return text, json.loads(re.search(r'id="data">(.*?)</script>', text, re.S)[1])


def test_page_holds_the_words_and_their_neighbours(wv, tmp_path):
    text, data = data_of(wv.map(tmp_path / "m.html", title="<Mine>", neighbours=4))
    assert data["words"] == WORDS
    assert data["counts"] == list(range(20, 0, -1))
    assert "&lt;Mine&gt;" in text
    assert "<Mine>" not in text
    assert "{{" not in text
    assert "http" not in text.replace("http-equiv", "")  # nothing is fetched
    assert [m["name"] for m in data["maps"]] == ["PCA", "t-SNE"]
    for i, word in enumerate(WORDS):
        expected = wv.most_similar(word, topn=4)
        assert [WORDS[j] for j in data["near"][i]] == [w for w, _ in expected]
        np.testing.assert_allclose(data["cosines"][i], [c for _, c in expected], atol=1e-3)
    for shown in data["maps"]:
        for n in (2, 3):
            places = np.array(shown["places"][str(n)])
            assert places.shape == (20, n)
            assert np.abs(places).max() == pytest.approx(1)


def test_page_speaks_the_reader_s_language(wv, tmp_path):
    set_language("ko")
    try:
        text, data = data_of(wv.map(tmp_path / "m.html", methods=["pca"]))
    finally:
        set_language(None)
    assert '<html lang="ko">' in text
    assert "단어 지도" in text
    assert data["said"]["words"] == "20단어"
    assert not re.search("[A-Za-z]{4}", " ".join(data["said"].values()).replace("{word}", ""))


def test_some_words_and_few_of_them(wv, tmp_path):
    _, data = data_of(wv.map(tmp_path / "m.html", words=["fish", "water", "fish"]))
    assert data["words"] == ["fish", "water"]
    assert data["near"] == [[1], [0]]
    _, data = data_of(wv.map(tmp_path / "m.html", words=6, methods=["pca"]))
    assert len(data["words"]) == 6
    assert len(data["maps"]) == 1
    same = KeyedVectors(["a", "b", "c"], np.ones((3, 1)))
    _, data = data_of(same.map(tmp_path / "m.html"))
    assert np.array(data["maps"][0]["places"]["3"]).tolist() == [[0, 0, 0]] * 3


def test_maps_that_make_no_sense(wv, tmp_path):
    for wrong in ({"methods": ["umap"]}, {"methods": []}, {"words": 1}, {"neighbours": -1}):
        with pytest.raises(ConfigError):
            wv.map(tmp_path / "m.html", **wrong)
    with pytest.raises(DataError, match="two words"):
        wv.map(tmp_path / "m.html", words=["fish"])
    with pytest.raises(KeyError):
        wv.map(tmp_path / "m.html", words=["fish", "fisch"])
    with pytest.raises(SaveError):
        wv.map(tmp_path, methods=["pca"])
