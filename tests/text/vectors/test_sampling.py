import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.text.vectors.sampling import alias_table, huffman_paths, keep_probabilities

counts = st.lists(st.integers(1, 10**6), min_size=1, max_size=60)


@settings(max_examples=40)
@given(counts)
def test_alias_table_draws_in_proportion(values):
    weights = np.array(values) ** 0.75
    threshold, alias = alias_table(weights)
    share = (threshold.astype(np.float64) + 1) / 2**32  # the last threshold stands for all bits
    share[alias == np.arange(len(alias))] = 1
    drawn = share / len(values)
    np.add.at(drawn, alias, (1 - share) / len(values))
    np.testing.assert_allclose(drawn, weights / weights.sum(), atol=1e-8)


@settings(max_examples=40)
@given(counts)
def test_huffman_tree_is_optimal_and_complete(values):
    paths = huffman_paths(np.array(values))
    lengths = np.diff(paths.starts)
    heap, best = sorted(values), 0  # the least total length: the sum of all merged counts
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        best += merged
        heapq.heappush(heap, merged)
    assert (lengths * values).sum() == best
    assert sum(2.0**-lengths) == pytest.approx(1)  # Kraft: no way is left over
    ways = [
        tuple(zip(paths.nodes[a:b].tolist(), paths.labels[a:b].tolist()))
        for a, b in zip(paths.starts, paths.starts[1:])
    ]
    assert len(set(ways)) == len(values)
    if len(values) > 1:
        assert {way[0][0] for way in ways} == {len(values) - 2}  # all begin at the root
        assert set(paths.nodes.tolist()) == set(range(len(values) - 1))


def test_keep_probabilities_are_those_of_the_authors_program():
    values = np.array([700, 200, 90, 9, 1])
    kept = keep_probabilities(values, 1e-2)
    for count, got in zip(values, kept):
        threshold = 1e-2 * 1000
        ran = (np.sqrt(count / threshold) + 1) * threshold / count
        assert got == pytest.approx(min(ran, 1))
    assert (keep_probabilities(values, 0) == 1).all()
