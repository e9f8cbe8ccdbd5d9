"""One step of Word2Vec and FastText: gradients, and the native code against float64."""

import ctypes

import numpy as np
import pytest

from maeum import native
from maeum.text.vectors import training
from maeum.text.vectors.plain import add_rows, step
from maeum.text.vectors.problem import Problem, Rows
from maeum.text.vectors.sampling import alias_table, huffman_paths, keep_probabilities

compiled = pytest.mark.skipif(native.library() is None, reason="no native kernels")


def difference(f, x, epsilon=1e-6):
    """Return the gradient of f at x by central differences."""
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + epsilon
        more = f()
        x[i] = old - epsilon
        gradient[i] = (more - f()) / (2 * epsilon)
        x[i] = old
    return gradient


@pytest.mark.parametrize("labels", [[1, 0, 0, 0], [1, 0, 1, 1]], ids=["negative", "tree"])
@pytest.mark.parametrize("rows", [[2], [0, 2, 3]], ids=["skip-gram", "bag"])
def test_gradients_are_those_of_finite_differences(rows, labels):
    random = np.random.default_rng(0)
    inputs, outputs = random.normal(size=(4, 5)), random.normal(size=(6, 5))
    targets = np.array([[5, 0, 3, 1]])
    weights = np.full((1, len(rows)), 1 / len(rows))

    def loss():  # written out: -log sigmoid(+-h . t)
        h = inputs[rows].mean(0)
        sign = np.where(labels, 1, -1)
        return -np.log(1 / (1 + np.exp(-sign * (outputs[targets[0]] @ h)))).sum()

    by_input, by_output = difference(loss, inputs), difference(loss, outputs)
    before = outputs.copy()
    alpha = 1e-3
    value, error = step(
        inputs, np.array([rows]), weights, outputs, targets, np.array([labels]),
        np.ones((1, 4)), alpha,
    )  # fmt: skip
    outputs, after = before, outputs
    assert value == pytest.approx(loss())
    np.testing.assert_allclose((before - after) / alpha, by_output, atol=1e-7)
    # Each input row moves by the whole error of the mean, so the gradient comes times their number.
    expected = by_input[rows] * len(rows)
    np.testing.assert_allclose(np.tile(-error / alpha, (len(rows), 1)), expected, atol=1e-7)


class Random:
    """SplitMix64, as the native code draws."""

    def __init__(self, state):
        self.state = state % 2**64

    def __call__(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        return z ^ (z >> 31)


def reference_epoch(p, words, sentences, chunks, alphas, seed):
    """Do what the native code does, word by word in float64; return the loss and two counts."""
    total, predictions, used = 0.0, 0, 0
    keep = np.rint(p.keep * 2.0**32).astype(np.int64)

    def predict(random, rows, mean, target, alpha):
        nonlocal total, predictions
        pulls = []
        if p.paths is not None:
            way = slice(p.paths.starts[target], p.paths.starts[target + 1])
            pulls += [
                (p.path_output[n], y) for n, y in zip(p.paths.nodes[way], p.paths.labels[way])
            ]
        if p.negative:
            pulls.append((p.negative_output[target], 1))
            for _ in range(p.negative):
                r = random()
                at = (r >> 32) * len(keep) >> 32
                word = at if r % 2**32 < p.threshold[at] else p.alias[at]
                if word != target:
                    pulls.append((p.negative_output[word], 0))
        h = p.input[rows].sum(0) / (len(rows) if mean else 1)
        error = np.zeros_like(h)
        for first in range(0, len(pulls), 8):
            some = pulls[first : first + 8]
            scores = [h @ row for row, _ in some]
            for (row, label), score in zip(some, scores):
                g = alpha * (label - 1 / (1 + np.exp(-score)))
                error += g * row
                row += g * h
                total += np.logaddexp(0, -score if label else score)
        for row in rows:
            p.input[row] += error
        predictions += 1

    def rows_of(word):
        if p.rows is None:
            return [word]
        return list(p.rows.rows[p.rows.starts[word] : p.rows.starts[word + 1]])

    for chunk, alpha in enumerate(alphas):
        random = Random(Random(seed + 0x632BE59BD9B4E019 * (chunk + 1))())
        for s in range(chunks[chunk], chunks[chunk + 1]):
            kept = []
            for word in words[sentences[s] : sentences[s + 1]]:
                if keep[word] >> 32 or random() >> 32 < keep[word]:
                    kept.append(int(word))
            used += len(kept)
            for i, target in enumerate(kept):
                reach = 1 + ((random() >> 32) * p.window >> 32) if p.shrink else p.window
                around = [w for j, w in enumerate(kept) if j != i and abs(j - i) <= reach]
                if p.skip_gram:
                    for word in around:
                        predict(random, rows_of(word), True, target, alpha)
                elif around:
                    bag = [row for word in around for row in rows_of(word)]
                    predict(random, bag, p.mean, target, alpha)
    return total, predictions, used


SETTINGS = {
    "skip-gram": {"skip_gram": True},
    "skip-gram, many drawn": {"skip_gram": True, "negative": 11},
    "skip-gram, tree": {"skip_gram": True, "negative": 0, "tree": True},
    "skip-gram, both": {"skip_gram": True, "tree": True},
    "bag": {},
    "bag, sum": {"mean": False},
    "bag, tree": {"negative": 0, "tree": True},
    "subwords": {"skip_gram": True, "subwords": True},
    "subwords, bag": {"subwords": True, "shrink": False},
}


@compiled
@pytest.mark.parametrize("name", SETTINGS)
def test_native_epoch_is_the_reference_step_by_step(name, monkeypatch):
    given = {
        "skip_gram": False,
        "negative": 5,
        "tree": False,
        "mean": True,
        "shrink": True,
        "subwords": False,
    }
    given |= SETTINGS[name]
    monkeypatch.setattr(training, "CHUNK", 100)
    random = np.random.default_rng(5)
    size, vocabulary = 19, 14
    words = random.zipf(1.3, 3000)
    words = (words[words <= vocabulary] - 1).astype(np.int32)[:400]
    sentences = np.array([0, 3, 4, 60, 100, 180, 290, 399, 400])
    counts = np.bincount(words, minlength=vocabulary) + 1
    rows = None
    if given["subwords"]:
        lengths = random.integers(1, 5, vocabulary)
        starts = np.concatenate([[0], np.cumsum(lengths)])
        rows = Rows(starts, random.integers(0, 30, starts[-1]).astype(np.int32))
    threshold, alias = alias_table(counts**0.75)
    fast, slow = (
        Problem(
            input=training.padded(30, size),
            negative_output=training.padded(vocabulary, size) if given["negative"] else None,
            path_output=training.padded(vocabulary - 1, size) if given["tree"] else None,
            keep=keep_probabilities(counts, 0.05),
            threshold=threshold,
            alias=alias,
            paths=huffman_paths(counts) if given["tree"] else None,
            rows=rows,
            window=3,
            negative=given["negative"],
            skip_gram=given["skip_gram"],
            mean=given["mean"],
            shrink=given["shrink"],
        )
        for _ in range(2)
    )
    for matrix in ("input", "negative_output", "path_output"):
        if getattr(fast, matrix) is not None:
            getattr(fast, matrix)[:] = random.normal(size=getattr(fast, matrix).shape) / 3
            setattr(slow, matrix, getattr(fast, matrix).astype(np.float64))
    alpha, seed = (0.1, 0.02), 12345678901234567890
    outcome = training.run_epoch(fast, words, sentences, alpha, seed, 1, want_loss=True)
    chunks = training.chunks_of(sentences)
    alphas = alpha[0] + (alpha[1] - alpha[0]) * sentences[chunks[:-1]] / sentences[-1]
    loss, predictions, used = reference_epoch(slow, words, sentences, chunks, alphas, seed)
    assert (outcome.predictions, outcome.words) == (predictions, used)
    assert outcome.loss == pytest.approx(loss, rel=1e-4)
    for matrix in ("input", "negative_output", "path_output"):
        if getattr(fast, matrix) is not None:
            np.testing.assert_allclose(
                getattr(fast, matrix), getattr(slow, matrix), atol=2e-4, err_msg=matrix
            )


def test_chunks_cover_the_corpus_once(monkeypatch):
    monkeypatch.setattr(training, "CHUNK", 10)
    sentences = np.array([0, 3, 25, 26, 27, 40])
    chunks = training.chunks_of(sentences)
    assert chunks[0] == 0
    assert chunks[-1] == 5
    assert (np.diff(chunks) > 0).all()
    assert training.chunks_of(np.array([0, 1])).tolist() == [0, 1]


def test_rows_are_aligned_and_padded():
    matrix = training.padded(3, 17, 1.0)
    assert matrix.shape == (3, 17)
    assert matrix.strides == (128, 4)
    assert matrix.ctypes.data % 64 == 0
    assert (matrix == 1).all()


def test_rows_that_come_again_are_all_added():
    random = np.random.default_rng(0)
    rows, values = random.integers(0, 5, (7, 3)), random.normal(size=(7, 3, 4))
    matrix = random.normal(size=(6, 4))
    expected = matrix.copy()
    np.add.at(expected, rows, values)
    add_rows(matrix, rows, values)
    np.testing.assert_allclose(matrix, expected)


def test_an_interruption_ends_the_work():
    following = np.zeros(1, np.int64)

    def interrupted(task):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.share_work(interrupted, [ctypes.c_int(0)] * 2, following)
    assert following[0] == 2**62  # no thread takes another piece
