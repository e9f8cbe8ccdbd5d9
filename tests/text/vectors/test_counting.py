"""Co-occurrences, GloVe and LSA."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from maeum import native
from maeum.core.errors import ConfigError, DataError
from maeum.text.vectors import LSA, GloVe, cooccurrence, read_corpus, training
from maeum.text.vectors.cooccurrence import cooccurrences, positive_pmi


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("weigh", [True, False])
def test_cooccurrences_are_counted_as_by_hand(symmetric, weigh, monkeypatch):
    monkeypatch.setattr(cooccurrence, "_BLOCK", 7)
    random = np.random.default_rng(0)
    sentences = [[f"w{i}" for i in random.integers(0, 6, n)] for n in (9, 1, 4, 12)]
    corpus = read_corpus(sentences)
    number = {word: i for i, word in enumerate(corpus.vocabulary)}
    expected = np.zeros((6, 6))
    for sentence in sentences:
        for i, a in enumerate(sentence):
            for j in range(i + 1, min(i + 4, len(sentence))):
                value = 1 / (j - i) if weigh else 1
                expected[number[a], number[sentence[j]]] += value
                if symmetric:
                    expected[number[sentence[j]], number[a]] += value
    got = cooccurrences(corpus, 3, weigh=weigh, symmetric=symmetric)
    np.testing.assert_allclose(got.toarray(), expected)


def test_positive_pmi_is_its_formula():
    counts = np.array([[4.0, 1, 0], [1, 0, 2], [0, 2, 8]])
    context = counts.sum(0) ** 0.75
    ratio = (counts / counts.sum()) / np.outer(
        counts.sum(1) / counts.sum(), context / context.sum()
    )
    expected = np.log(np.maximum(ratio, 1))
    np.testing.assert_allclose(positive_pmi(counts).toarray(), expected)


def glove_reference(model, words, contexts, counts, order):
    """One epoch of AdaGrad on the written loss, in float64, its gradient by finite differences."""
    state = [
        np.float64(a)
        for a in (
            model.word_vectors,
            model.context_vectors,
            model.word_biases,
            model.context_biases,
        )
    ]
    sums = [np.ones_like(a) for a in state]
    for p in order:
        where = words[p], contexts[p], words[p], contexts[p]
        weight = min(1, (counts[p] / model.x_max) ** model.alpha)

        def loss(w, c, b, d, weight=weight, p=p):
            return weight * (w @ c + b + d - np.log(counts[p])) ** 2 / 2

        parts = [a[i].copy() for a, i in zip(state, where)]
        for k, (a, i) in enumerate(zip(state, where)):
            gradient = np.zeros_like(parts[k])
            for at in np.ndindex(gradient.shape):
                more, less = ([x.copy() for x in parts] for _ in range(2))
                more[k] = more[k] + 0
                step = np.zeros_like(parts[k])
                step[at] = 1e-5
                more[k], less[k] = parts[k] + step, parts[k] - step
                gradient[at] = (loss(*more) - loss(*less)) / 2e-5
            a[i] -= model.learning_rate * gradient / np.sqrt(sums[k][i])
            sums[k][i] += gradient**2
    return state


@pytest.mark.parametrize("compiled", [True, False])
def test_glove_follows_the_gradient_of_its_loss(compiled, monkeypatch):
    if compiled and native.library() is None:
        pytest.skip("no native kernels")
    model = GloVe(["a b c d e f g"] * 2, min_count=1, vector_size=3, epochs=1, x_max=2, workers=1)
    random = np.random.default_rng(2)
    model.word_vectors[:], model.context_vectors[:] = random.normal(size=(2, 7, 3))
    model._word_sums[:] = model._context_sums[:] = 1
    model._bias_sums[:] = 1
    # Without a word twice, NumPy's batches do the same as one pair after the other.
    size = 40 if compiled else 7
    words = random.integers(0, 7, size).astype(np.int32) if compiled else np.arange(7, dtype="i")
    contexts = random.permutation(np.resize(np.arange(7, dtype=np.int32), size))
    counts = random.uniform(0.3, 5, size).astype(np.float32)
    order = random.permutation(size)
    expected = glove_reference(model, words, contexts, counts, order)
    if not compiled:
        monkeypatch.setattr(native, "library", lambda: None)
        training.warn_of_numpy.cache_clear()
        with pytest.warns(UserWarning, match="NumPy"):
            model._epoch(words, contexts, counts, order)
    else:
        model._epoch(words, contexts, counts, order)
    got = model.word_vectors, model.context_vectors, model.word_biases, model.context_biases
    for a, b in zip(got, expected):
        np.testing.assert_allclose(a, b, atol=1e-4)


def test_glove_dot_products_are_log_counts(topics, purity):
    model = GloVe(topics, vector_size=24, workers=1, epochs=40, window=5)
    assert model.losses[-1] < 0.2 * model.losses[0]
    counts = cooccurrences(read_corpus(topics, min_count=5), 5).tocoo()
    rows, columns = counts.coords
    dots = np.sum(model.word_vectors[rows] * model.context_vectors[columns], 1)
    fitted = dots + model.word_biases[rows] + model.context_biases[columns]
    assert np.corrcoef(fitted, np.log(counts.data))[0, 1] > 0.95
    assert purity(model.wv) > 0.9
    again = GloVe(topics, vector_size=24, workers=1, epochs=40, window=5)
    np.testing.assert_array_equal(model.wv.vectors, again.wv.vectors)


def test_lsa_is_the_svd_of_tfidf(topics, purity):
    texts = [" ".join(sentence) for sentence in topics[:200]]
    wv = LSA(texts, vector_size=20, min_count=1).wv
    vectorizer = TfidfVectorizer(token_pattern=r"\S+")
    table = vectorizer.fit_transform(texts).toarray()
    _, s, v = np.linalg.svd(table, full_matrices=False)
    expected = (v[:20].T * s[:20])[[vectorizer.vocabulary_[word] for word in wv.index_to_key]]
    np.testing.assert_allclose(wv.vectors @ wv.vectors.T, expected @ expected.T, atol=1e-3)
    assert purity(LSA(topics, vector_size=6).wv) > 0.95


def test_lsa_of_neighbours(topics, purity):
    model = LSA(topics, vector_size=6, weighting="ppmi", power=0.5)
    assert purity(model.wv) > 0.95
    assert (np.diff(model.singular_values) <= 0).all()


def test_counting_that_makes_no_sense():
    with pytest.raises(ConfigError, match="weighting"):
        LSA(["a b"], weighting="counts")
    with pytest.raises(DataError, match="too small"):
        LSA(["a"], min_count=1)
    with pytest.raises(DataError, match="No two words"):
        GloVe(["a", "b"], min_count=1)
    for wrong in ({"x_max": 0}, {"learning_rate": -1}, {"epochs": 0}, {"window": 0}):
        with pytest.raises(ConfigError):
            GloVe(["a b"], min_count=1, **wrong)
