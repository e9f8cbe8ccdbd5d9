"""Boxes, partners and weights: what is drawn for a batch."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from maeum.core.randomness import make_key
from maeum.ops import mixing

KEY = make_key(3, "test")


@pytest.mark.parametrize("alpha", [0.2, 0.5, 1.0, 3.0, 50.0])
def test_symmetric_beta_has_its_distribution(alpha):
    drawn = np.asarray(mixing.symmetric_beta(KEY, 20_000, alpha), np.float64)
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    # Near 1 numbers lie close together in float32: look at the lower half, and at the symmetry.
    low = drawn[drawn < 0.5]
    assert len(low) == pytest.approx(10_000, abs=300)  # 4 standard deviations are 283
    both = stats.kstest(low, lambda x: 2 * stats.beta(alpha, alpha).cdf(x))
    assert both.pvalue > 1e-3


def test_a_tiny_alpha_gives_nearly_all_or_nothing():
    drawn = mixing.symmetric_beta(KEY, 1000, jnp.float32(1e-6))
    assert set(np.unique(drawn)) <= {0.0, 1.0}
    assert float(drawn.mean()) == pytest.approx(0.5, abs=0.07)


def test_permutations_hold_every_number_once_and_differ():
    one, two = mixing.permutation(KEY, 50), mixing.permutation(make_key(4, "test"), 50)
    assert sorted(one.tolist()) == sorted(two.tolist()) == list(range(50))
    assert one.tolist() != two.tolist()


def test_boxes_lie_inside_and_their_share_is_that_of_their_pixels():
    side = jnp.linspace(0, 1, 64)
    boxes = mixing.draw_boxes(KEY, side, side[::-1], 9, 14)
    inside = np.asarray(boxes.mask(9, 14))
    assert inside.shape == (64, 9, 14, 1)
    np.testing.assert_allclose(boxes.fraction(9, 14), inside.mean((1, 2, 3)), atol=1e-6)
    rows = mixing.draw_boxes(KEY, side, jnp.ones(64), 9, 14).mask(9, 14).any((2, 3)).sum(1)
    assert (np.abs(rows - side * 9) <= 1 + 1e-5).all()
    full = mixing.draw_boxes(KEY, jnp.ones(8), jnp.ones(8), 9, 14)
    assert np.asarray(full.mask(9, 14)).all()


def test_blend_takes_one_weight_for_each_row():
    x, other = jnp.ones((2, 3, 1)), jnp.zeros((2, 3, 1))
    got = mixing.blend(x, other, jnp.array([0.25, 1.0]))
    assert got[:, :, 0].tolist() == [[0.25] * 3, [1.0] * 3]
