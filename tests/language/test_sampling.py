"""How tokens are chosen, at the edges."""

import numpy as np
import pytest

from maeum.language import Sampling


def test_a_fraction_of_1_keeps_the_least_likely_token_too():
    logits = np.array([[0.0, -40.0, 30.0]], np.float32)
    for sampling in (Sampling(top_p=1.0), Sampling(top_k=3), Sampling(top_k=9, top_p=1.0)):
        assert np.isfinite(np.asarray(sampling.limited(logits))).all()


@pytest.mark.parametrize("temperature", [0.0, 1e-45, 1e-38])
def test_hardly_any_temperature_takes_the_likeliest(temperature):
    assert Sampling(temperature).kind == "greedy"
