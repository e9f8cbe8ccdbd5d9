import numpy as np
import pytest
from scipy import stats

from maeum.core.errors import ConfigError, DataError, ShapeError, UnknownNameError
from maeum.text.vectors import KeyedVectors

WORDS = [f"w{i}" for i in range(40)]


@pytest.fixture
def wv():
    return KeyedVectors(WORDS, np.random.default_rng(0).normal(size=(40, 6)), range(40, 0, -1))


def cosine(a, b):
    a, b = np.float64(a), np.float64(b)
    return a @ b / np.sqrt(a @ a) / np.sqrt(b @ b)


def test_look_up(wv):
    assert len(wv) == 40
    assert wv.vector_size == 6
    assert "w3" in wv
    assert "x" not in wv
    np.testing.assert_array_equal(wv["w3"], wv.vectors[3])
    np.testing.assert_array_equal(wv[["w3", "w1"]], wv.vectors[[3, 1]])
    assert wv.get("x") is None
    assert wv.get("w0") is not None
    assert np.linalg.norm(wv.get_vector("w5", norm=True)) == pytest.approx(1, abs=1e-6)
    with pytest.raises(KeyError, match="Did you mean 'w1'"):
        wv["w1x"]
    with pytest.raises(UnknownNameError):
        wv.get_index(["w1"])


def test_neighbours_are_those_of_all_cosines(wv):
    expected = sorted(WORDS[1:], key=lambda word: -cosine(wv["w0"], wv[word]))[:7]
    found = wv.most_similar("w0", topn=7)
    assert [word for word, _ in found] == expected
    assert found[0][1] == pytest.approx(cosine(wv["w0"], wv[expected[0]]), abs=1e-6)
    assert wv.similar_by_word("w0", topn=7) == found
    assert wv.similar_by_vector(wv["w0"], topn=1)[0][0] == "w0"  # a vector is no word
    assert len(wv.most_similar("w0", topn=1000)) == 39
    assert wv.most_similar("w0", topn=0) == []
    assert wv.most_similar("w0", topn=None).shape == (40,)
    assert {word for word, _ in wv.most_similar("w0", restrict_vocab=5)} <= set(WORDS[1:5])


def test_sums_and_differences(wv):
    unit = wv.get_normed_vectors().astype(np.float64)
    wanted = unit[1] + unit[2] - unit[0]
    expected = sorted(WORDS[3:], key=lambda word: -cosine(wanted, wv[word]))
    assert [w for w, _ in wv.most_similar(["w1", "w2"], ["w0"], topn=37)] == expected
    heavy = sorted(WORDS[2:], key=lambda word: -cosine(unit[0] + 3 * unit[1], wv[word]))
    assert [w for w, _ in wv.most_similar([("w0", 1.0), ("w1", 3.0)], topn=38)] == heavy
    with pytest.raises(DataError, match="at least one word"):
        wv.most_similar()
    with pytest.raises(ShapeError, match=r"\(5,\)"):
        wv.similar_by_vector(np.ones(5))


def test_comparisons(wv):
    assert wv.similarity("w1", "w2") == pytest.approx(cosine(wv["w1"], wv["w2"]), abs=1e-6)
    assert wv.distance("w1", "w2") == pytest.approx(1 - cosine(wv["w1"], wv["w2"]), abs=1e-6)
    expected = cosine(wv.vectors[:2].mean(0), wv.vectors[2:5].mean(0))
    assert wv.n_similarity(["w0", "w1"], ["w2", "w3", "w4"]) == pytest.approx(expected, abs=1e-6)
    with pytest.raises(DataError):
        wv.n_similarity([], ["w1"])
    odd = KeyedVectors(["a", "b", "c", "d"], [[1, 0], [1, 0.1], [1, -0.1], [0, 1]])
    assert odd.doesnt_match(["a", "b", "c", "d", "unknown"]) == "d"
    with pytest.raises(DataError):
        odd.doesnt_match(["unknown"])


def test_zero_vectors_are_near_nothing():
    wv = KeyedVectors(["a", "zero"], [[1.0, 2.0], [0.0, 0.0]])
    assert wv.similarity("a", "zero") == 0
    assert wv.most_similar("zero") == [("a", 0.0)]


def test_matrix_for_an_embedding(wv):
    average = wv.vectors.mean(0)
    matrix = wv.matrix(["", "[UNK]", "w7", "w2"])
    np.testing.assert_allclose(matrix, [np.zeros(6), average, wv["w7"], wv["w2"]], atol=1e-7)
    matrix = wv.matrix({"w7": 2, "x": 4}, unknown="zeros")
    np.testing.assert_array_equal(matrix[2], wv["w7"])
    assert matrix.shape == (5, 6)
    assert not matrix[[0, 1, 3, 4]].any()
    with pytest.raises(KeyError):
        wv.matrix(["x"], unknown="error")
    with pytest.raises(ConfigError):
        wv.matrix(["x"], unknown="random")


def test_vectors_that_make_no_sense():
    with pytest.raises(DataError, match="'a' occurs twice"):
        KeyedVectors(["a", "b", "a"], np.ones((3, 2)))
    with pytest.raises(ShapeError, match="one row a word"):
        KeyedVectors(["a"], np.ones((3, 2)))
    with pytest.raises(DataError, match="'b' has NaN"):
        KeyedVectors(["a", "b"], [[1, 2], [np.nan, 0]])


# ---- Evaluation ------------------------------------------------------------------------------


def test_correlations_are_scipys(wv, tmp_path):
    random = np.random.default_rng(1)
    pairs = [(*random.choice(WORDS, 2), float(random.integers(6))) for _ in range(30)]
    cosines = [wv.similarity(a, b) for a, b, _ in pairs]
    scores = [score for *_, score in pairs]
    found = wv.evaluate_word_pairs([*pairs, ("w1", "unknown", 3.0), ("W1", "w2", 1.0)][:31])
    assert found.spearman == pytest.approx(stats.spearmanr(cosines, scores).statistic)
    assert found.pearson == pytest.approx(stats.pearsonr(cosines, scores).statistic)
    assert found.pairs == 30
    assert found.unknown == pytest.approx(1 / 31)
    path = tmp_path / "pairs.tsv"
    path.write_text("# comment\n" + "".join(f"{a.upper()}\t{b}\t{s}\n" for a, b, s in pairs))
    assert wv.evaluate_word_pairs(path).spearman == found.spearman
    assert wv.evaluate_word_pairs(path, case_insensitive=True).unknown == 0
    with pytest.raises(DataError, match="needs two"):
        wv.evaluate_word_pairs(path, case_insensitive=False)
    path.write_text("a b 3\n")
    with pytest.raises(DataError, match="number 1, is not a pair"):
        wv.evaluate_word_pairs(path)


def test_analogies(tmp_path):
    places = {"man": [1, 0, 0], "woman": [1, 1, 0], "king": [1, 0, 1], "queen": [1, 1, 1.1]}
    wv = KeyedVectors([*places, "far"], [*places.values(), [-1, 0, 0]])
    path = tmp_path / "questions.txt"
    path.write_text(
        ": family\nman woman king QUEEN\nman king woman queen\n: wrong\nman woman king far\n"
        "man woman who queen\n"
    )
    found = wv.evaluate_word_analogies(path)
    assert found.sections == {"family": (2, 2), "wrong": (0, 1)}
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.unknown == pytest.approx(1 / 4)
    with pytest.raises(DataError, match="four words"):
        wv.evaluate_word_analogies([("a", "b", "c")])
    with pytest.raises(DataError, match="None of 1"):
        wv.evaluate_word_analogies([("a", "b", "c", "d")])
