"""Windows by hand: which place of the input each tap of each window sees."""

import itertools

import numpy as np
import pytest


@pytest.fixture(scope="session")
def sources():
    """Return a function of sizes and a window: (windows, taps) places, -1 in the padding."""

    def find(sizes, window):
        rows = []
        for at in itertools.product(*map(range, window.output_sizes(sizes))):
            row = []
            for tap in itertools.product(*map(range, window.size)):
                place = [
                    i * s + t * d - low
                    for i, t, s, d, (low, _) in zip(
                        at, tap, window.strides, window.dilation, window.pads
                    )
                ]
                inside = all(0 <= p < n for p, n in zip(place, sizes))
                row.append(np.ravel_multi_index(place, sizes) if inside else -1)
            rows.append(row)
        return np.array(rows)

    return find
