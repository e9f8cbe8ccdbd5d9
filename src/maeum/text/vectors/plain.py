"""Word2Vec and FastText in NumPy: for those who have no compiler, and the formulas to read.

It draws other random numbers than the native code, and moves the vectors once for each batch of
predictions instead of after each of them.
"""

from __future__ import annotations

import numpy as np

from maeum.text.vectors.problem import Outcome, Problem

BATCH = 128


def add_rows(matrix: np.ndarray, rows: np.ndarray, values: np.ndarray) -> None:
    """Do ``np.add.at(matrix, rows, values)`` as a sparse product, many times faster.

    Args:
        matrix: ``(n, size)``; changed.
        rows: numbers of its rows, of any shape; they may come again.
        values: ``(*rows.shape, size)``.
    """
    from scipy import sparse

    unique, place = np.unique(rows, return_inverse=True)
    each = np.arange(rows.size)
    which = sparse.csr_array((np.ones(rows.size), (place.ravel(), each)), (len(unique), rows.size))
    matrix[unique] += which @ values.reshape(rows.size, -1)


def step(
    inputs: np.ndarray,
    rows: np.ndarray,
    weights: np.ndarray,
    outputs: np.ndarray,
    targets: np.ndarray,
    labels: np.ndarray,
    mask: np.ndarray,
    alpha: float,
) -> tuple[float, np.ndarray]:
    """Predict ``targets`` from ``inputs``, and move the outputs' rows; the inputs stay.

    The loss of one prediction is ``-log sigmoid(h . t)`` summed over the targets with label 1, and
    ``-log sigmoid(-h . t)`` over those with label 0, where h is the weighted sum of the input rows
    (Mikolov et al., 2013). This is negative sampling and hierarchical softmax alike: only what the
    targets are differs.

    Args:
        inputs: ``(words, size)``.
        rows: the input rows of each prediction, ``(batch, rows)``.
        weights: their weights, 0 for those that only fill up; ``(batch, rows)``.
        outputs: ``(targets, size)``; changed.
        targets: ``(batch, targets)``.
        labels: ``(batch, targets)``.
        mask: 0 for targets that only fill up; ``(batch, targets)``.
        alpha: the learning rate.

    Returns:
        The sum of the losses, and ``-alpha`` times the gradient with respect to each h.
    """
    h = np.einsum("brd,br->bd", inputs[rows], weights)
    t = outputs[targets]
    scores = np.einsum("bd,btd->bt", h, t)
    loss = np.sum(mask * np.logaddexp(0, np.where(labels > 0, -scores, scores)))
    g = alpha * mask * (labels - 1 / (1 + np.exp(-np.clip(scores, -80, 80))))
    error = np.einsum("bt,btd->bd", g, t)
    add_rows(outputs, targets, g[..., None] * h[:, None, :])
    return float(loss), error


def plain_epoch(
    problem: Problem,
    words: np.ndarray,
    sentences: np.ndarray,
    chunks: np.ndarray,
    alphas: np.ndarray,
    seed: int,
) -> Outcome:
    """Go through the corpus once; see `maeum.text.vectors.training.run_epoch`."""
    random = np.random.default_rng(seed % 2**64)
    loss, predictions, used = 0.0, 0, 0
    for chunk, alpha in enumerate(alphas.tolist()):
        first, last = chunks[chunk], chunks[chunk + 1]
        piece = words[sentences[first] : sentences[last]]
        lengths = np.diff(sentences[first : last + 1])
        kept = random.random(len(piece)) < problem.keep[piece]
        sentence = np.repeat(np.arange(len(lengths)), lengths)[kept]
        piece = piece[kept]
        used += len(piece)
        rows, weights, targets = _examples(problem, piece, sentence, random)
        for i in range(0, len(targets), BATCH):
            batch = slice(i, i + BATCH)
            loss += _train(problem, rows[batch], weights[batch], targets[batch], alpha, random)
        predictions += len(targets)
    return Outcome(loss, predictions, used)


def _examples(
    problem: Problem, words: np.ndarray, sentence: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the input rows, their weights and the word to predict, of each prediction."""
    size, window = len(words), problem.window
    reach = random.integers(1, window + 1, size) if problem.shrink else np.full(size, window)
    offsets = np.array([d for d in range(-window, window + 1) if d])
    place = np.arange(size)[:, None] + offsets
    there = (place >= 0) & (place < size) & (abs(offsets) <= reach[:, None])
    place = np.clip(place, 0, max(size - 1, 0))
    there &= sentence[place] == sentence[:, None] if size else False
    if problem.skip_gram:
        center, column = np.nonzero(there)
        context = words[place[center, column]][:, None]
        rows, weights = _rows_of(problem, context, np.ones(context.shape, bool))
        weights /= np.maximum(weights.sum(1, keepdims=True), 1)
        return rows, weights, words[center]
    some = there.any(1)
    rows, weights = _rows_of(problem, words[place[some]] if size else place, there[some])
    if problem.mean:
        weights /= np.maximum(weights.sum(1, keepdims=True), 1)
    return rows, weights, words[some]


def _rows_of(
    problem: Problem, context: np.ndarray, there: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    if problem.rows is None:
        return np.where(there, context, 0), there.astype(np.float64)
    starts = problem.rows.starts
    most = int(np.diff(starts).max())
    place = starts[context][..., None] + np.arange(most)
    valid = (place < starts[context + 1][..., None]) & there[..., None]
    rows = problem.rows.rows[np.where(valid, place, 0)]
    flat = (len(context), -1) if len(context) else (0, 1)
    return rows.reshape(flat), valid.reshape(flat).astype(np.float64)


def _train(
    problem: Problem,
    rows: np.ndarray,
    weights: np.ndarray,
    words: np.ndarray,
    alpha: float,
    random: np.random.Generator,
) -> float:
    loss, error = 0.0, np.zeros((len(words), problem.input.shape[1]))
    if problem.path_output is not None and problem.paths is not None:
        starts = problem.paths.starts
        place = starts[words][:, None] + np.arange(int(np.diff(starts).max(initial=0)))
        mask = place < starts[words + 1][:, None]
        place = np.where(mask, place, 0)
        if place.size:
            more, pull = step(
                problem.input, rows, weights, problem.path_output, problem.paths.nodes[place],
                problem.paths.labels[place], mask, alpha,
            )  # fmt: skip
            loss, error = loss + more, error + pull
    if problem.negative_output is not None:
        place = random.integers(0, len(problem.keep), (len(words), problem.negative))
        bits = random.integers(0, 2**32, place.shape)
        unwanted = np.where(bits < problem.threshold[place], place, problem.alias[place])
        targets = np.concatenate([words[:, None], unwanted], 1)
        labels = np.zeros(targets.shape)
        labels[:, 0] = 1
        mask = (targets != words[:, None]) | (labels > 0)
        more, pull = step(
            problem.input, rows, weights, problem.negative_output, targets, labels, mask, alpha
        )
        loss, error = loss + more, error + pull
    moved = np.where(weights[..., None] > 0, error[:, None, :], 0)  # the whole error, to each row
    add_rows(problem.input, rows, moved)
    return loss
