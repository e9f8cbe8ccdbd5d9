"""What is kept for an array stays with that very array, and goes when it goes."""

import jax.numpy as jnp
import pytest

from maeum.core import hints, masks
from maeum.core.hints import hint_of, with_hints
from maeum.core.masks import mask_of, with_mask

MASK = jnp.array([True, False, True])


def test_masks_and_hints_go_with_their_array_and_not_with_each_other():
    x, y = jnp.ones(3), jnp.ones(3)
    assert mask_of(x) is hint_of(x, "logits") is None
    assert with_mask(x, MASK) is x
    assert with_hints(x, logits=y, rows=None) is x
    with_hints(x, biased=2)
    assert mask_of(x) is MASK
    assert hint_of(x, "logits") is y
    assert hint_of(x, "biased") == 2
    assert hint_of(x, "rows") is mask_of(y) is None


def test_an_array_that_has_another_mask_is_copied():
    x = with_mask(jnp.ones(3), MASK)
    assert with_mask(x, MASK) is x
    without, other = with_mask(x, None), with_mask(x, ~MASK)
    assert mask_of(without) is None
    assert mask_of(other).tolist() == [False, True, False]
    assert mask_of(x) is MASK


def test_an_array_that_takes_the_place_of_one_that_is_gone_has_nothing():
    for _ in range(1000):
        assert mask_of(jnp.zeros(3) + 1) is None
        with_mask(jnp.zeros(3) + 2, MASK)


@pytest.mark.parametrize(
    ("table", "put"),
    [
        (masks._masks, lambda x: with_mask(x, MASK)),
        (hints._hints, lambda x: with_hints(x, logits=MASK)),
    ],
    ids=["masks", "hints"],
)
def test_what_stands_beside_an_array_is_forgotten_with_it(table, put):
    before = len(table)
    kept = [put(jnp.ones(3) * i) for i in range(50)]
    assert len(table) == before + 50
    del kept
    assert len(table) == before
