import numpy as np
import pytest

from maeum.core.errors import ConfigError
from maeum.layers import LocalResponseNormalization
from maeum.layers.local_response import local_response_normalization

rng = np.random.default_rng(0)


@pytest.mark.parametrize("size", [1, 3, 5])
def test_local_response_normalization_is_the_paper_s_sum(size):
    x = rng.normal(size=(2, 3, 7))
    expected = np.empty_like(x)
    for i in range(7):
        near = x[..., max(0, i - size // 2) : i + size // 2 + 1]
        expected[..., i] = x[..., i] / (1.5 + 0.3 * (near**2).sum(-1)) ** 0.75
    got = local_response_normalization(x, size, 1.5, 0.3, 0.75)
    np.testing.assert_allclose(got, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 4}, "odd"),
        ({"size": 0}, "size"),
        ({"bias": 0}, "above 0"),
        ({"alpha": -1}, "alpha"),
        ({"beta": "x"}, "beta"),
    ],
)
def test_constants_that_make_no_sense(arguments, message):
    with pytest.raises(ConfigError, match=message):
        LocalResponseNormalization(**arguments)
