"""Balanced weights of classes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maeum.training.class_weights import balanced_class_weights


@given(st.lists(st.integers(0, 5), min_size=1, max_size=50))
def test_all_classes_weigh_the_same_and_all_rows_together_as_much_as_their_number(labels):
    weights = balanced_class_weights(labels)
    totals = [weight * labels.count(label) for label, weight in weights.items()]
    assert sorted(weights) == sorted(set(labels))
    assert totals == pytest.approx([len(labels) / len(weights)] * len(weights))
    assert balanced_class_weights(np.array(labels)) == weights
