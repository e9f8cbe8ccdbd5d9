"""Surprises of columns, against SciPy."""

import numpy as np
import pytest
from scipy.special import log_softmax, logsumexp, softplus
from scipy.stats import cauchy, norm

from maeum.generative.anomaly.layout import ANYTHING, BROAD, FLOOR, MOST_PASSES, STEEP, Layout

BLOCKS = [(1, 2), (0, 4), (2, 2)]


@pytest.fixture
def layout():
    return Layout(BLOCKS, components=3)


@pytest.fixture
def rows():
    """Three numbers, then outcomes: one there and one missing, a category, a date."""
    return np.array([[0.5, -1.0, 2.0, 0, 1, 0, 0, 1, 0, 0, 1],
                     [0.0, 3.0, 0.1, 1, 0, 1, 0, 0, 0, 0, 1]], float)  # fmt: skip


def test_surprises_are_those_of_mixtures_and_softmaxes(layout, rows):
    outputs = np.random.default_rng(0).normal(size=(2, layout.outputs))
    found = layout.surprises(rows, outputs)
    for row, said, own in zip(rows, outputs, found):
        weights, means, scales = said[:27].reshape(3, 3, 3)
        logits = STEEP * np.tanh(said[27:] / STEEP)
        density = []
        for value, w, m, s in zip(row[:3], weights, means, scales):
            parts = log_softmax(w) + norm.logpdf(value, m, FLOOR + softplus(s))
            anything = np.log(ANYTHING) + cauchy.logpdf(value, scale=BROAD)
            density.append(logsumexp([*parts, anything]))
        chances = [log_softmax(logits[a:b]) for a, b in ((0, 2), (2, 6), (6, 8))]
        places = [row[a:b].argmax() for a, b in ((3, 5), (5, 9), (9, 11))]
        outcomes = [-each[place] for each, place in zip(chances, places)]
        wanted = [
            outcomes[0] - density[0] * places[0],  # of a missing number, only that it is missing
            outcomes[1],
            outcomes[2] - (density[1] + density[2]) / 2,
        ]
        np.testing.assert_allclose(own, wanted, rtol=1e-10)


def test_hidden_columns_are_zero_everywhere(layout, rows):
    seen = layout.hidden(rows, [0, 2])
    assert not seen[:, [0, 1, 2, 3, 4, 9, 10]].any()
    assert (seen[:, 5:9] == rows[:, 5:9]).all()


def test_of_many_columns_several_are_hidden_at_once():
    layout = Layout([(1, 2)] * (MOST_PASSES + 5), 1)
    assert len(layout.groups) == MOST_PASSES
    assert sorted(np.concatenate(layout.groups)) == list(range(MOST_PASSES + 5))
