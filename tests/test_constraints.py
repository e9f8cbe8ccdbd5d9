import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from maeum import constraints
from maeum.core import registry
from maeum.core.errors import UnknownNameError

weights = arrays(
    "float32", st.sampled_from([(3, 4), (2, 3, 4)]), elements=st.floats(-10, 10, width=16)
)
axes = st.sampled_from([0, 1, -1, [0, 1]])
FAMILY = {
    "MaxNorm": {"max_value": st.sampled_from([0.5, 2, 4.0]), "axis": axes},
    "NonNeg": {},
    "UnitNorm": {"axis": axes},
    "MinMaxNorm": {
        "min_value": st.sampled_from([0.0, 0.5]),
        "max_value": st.sampled_from([1.0, 2.0]),
        "rate": st.sampled_from([0.3, 1.0]),
        "axis": axes,
    },
}


@pytest.mark.parametrize("name", FAMILY)
@settings(max_examples=25)
@given(data=st.data())
def test_weights_become_what_keras_makes_of_them(name, data):
    arguments = data.draw(st.fixed_dictionaries({}, optional=FAMILY[name]))
    w = data.draw(weights)
    mine = getattr(constraints, name)(**arguments)
    peer = getattr(keras.constraints, name)(**arguments)
    np.testing.assert_allclose(mine(w), peer(w), rtol=1e-5, atol=1e-6)
    again = registry.deserialize(registry.serialize(mine))
    np.testing.assert_array_equal(again(w), mine(w))


@pytest.mark.parametrize("name", FAMILY)
def test_names_configs_and_older_names_give_the_constraint(name):
    cls = getattr(constraints, name)
    snake = {"MaxNorm": "max_norm", "NonNeg": "non_neg", "UnitNorm": "unit_norm"}
    snake = snake.get(name, "min_max_norm")
    for identifier in (name, snake, cls, registry.serialize(cls())):
        assert type(constraints.get(identifier)) is cls
    assert getattr(constraints, snake) is cls


def test_older_spellings_work():
    assert constraints.maxnorm is constraints.MaxNorm
    assert type(constraints.get("nonneg")) is constraints.NonNeg
    assert constraints.get(None) is None


def test_unknown_names_name_the_nearest():
    with pytest.raises(UnknownNameError, match="'max_norm'"):
        constraints.get("max_nrm")
