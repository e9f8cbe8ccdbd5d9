"""Which test texts a report shows."""

import numpy as np

from maeum.texts.examples import surest_mistakes, surest_right, to_attribute

TRUTH = np.array([0, 0, 1, 1, 1])
PROBABILITIES = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.3, 0.7], [0.95, 0.05]])


def test_surest_mistakes_come_first():
    assert surest_mistakes(TRUTH, PROBABILITIES).tolist() == [4, 1]
    assert surest_mistakes(TRUTH[:1], PROBABILITIES[:1]).tolist() == []


def test_surest_right_answer_of_each_class_is_found():
    assert surest_right(TRUTH, PROBABILITIES).tolist() == [0, 3]
    assert surest_right(TRUTH[1:2], PROBABILITIES[1:2]).tolist() == []
    assert surest_right(np.array([2]), np.array([[0.1, 0.1, 0.8]])).tolist() == [0]


def test_what_is_shown_is_attributed():
    truth = np.zeros(1000, int)
    p = np.tile([0.9, 0.1], (1000, 1))
    p[900:] = [0.0, 1.0]
    rows = to_attribute(truth, p)
    assert len(rows) == len(set(rows.tolist()))
    assert set(surest_mistakes(truth, p).tolist()) <= set(rows.tolist())
