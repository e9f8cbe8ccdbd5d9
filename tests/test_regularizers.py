import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from maeum import regularizers
from maeum.core import registry
from maeum.core.errors import ConfigError, ShapeError, UnknownNameError

entries = st.floats(-10, 10, width=32)
factors = st.sampled_from([0.0, 0.01, 0.5])


def same_as_keras(name, arguments, x):
    mine = getattr(regularizers, name)(**arguments)
    peer = getattr(keras.regularizers, name)(**arguments)
    np.testing.assert_allclose(mine(x), peer(jnp.asarray(x)), rtol=1e-5, atol=1e-6)
    again = registry.deserialize(registry.serialize(mine))
    assert float(again(x)) == float(mine(x))


@settings(max_examples=30)
@given(
    x=arrays("float32", st.sampled_from([(5,), (3, 2, 2, 3)]), elements=entries),
    a=factors,
    b=factors,
)
def test_l1_and_l2_cost_what_they_cost_in_keras(x, a, b):
    same_as_keras("L1", {"l1": a}, x)
    same_as_keras("L2", {"l2": b}, x)
    same_as_keras("L1L2", {"l1": a, "l2": b}, x)


@settings(max_examples=30)
@given(
    x=arrays("float32", st.sampled_from([(3, 2), (2, 5)]), elements=st.integers(-9, 9)),
    mode=st.sampled_from(["rows", "columns"]),
)
def test_orthogonality_costs_what_it_costs_in_keras(x, mode):
    same_as_keras("OrthogonalRegularizer", {"factor": 0.3, "mode": mode}, x)


def test_an_orthogonal_matrix_costs_nothing_and_equal_rows_cost_the_factor():
    regularizer = regularizers.OrthogonalRegularizer(0.5)
    assert float(regularizer(np.eye(3, dtype="float32"))) == 0
    # Every pair of rows has the cosine 1, and the price is the mean over pairs.
    assert float(regularizer(np.ones((3, 2), "float32"))) == pytest.approx(0.5, rel=1e-6)


def test_a_row_of_zeros_has_a_finite_gradient():
    x = np.zeros((2, 3), "float32")
    assert np.isfinite(jax.grad(regularizers.OrthogonalRegularizer())(x)).all()


def test_strings_and_function_forms_have_keras_defaults():
    x = np.array([1.0, -2.0], "float32")
    for name in ("l1", "l2", "L1", "L2"):
        assert float(regularizers.get(name)(x)) == pytest.approx(
            float(keras.regularizers.get(name)(jnp.asarray(x)))
        )
    assert float(regularizers.l1(0.1)(x)) == pytest.approx(0.3)
    assert float(regularizers.l2(0.1)(x)) == pytest.approx(0.5)
    assert float(regularizers.l1_l2(l1=0.1, l2=0.1)(x)) == pytest.approx(0.8)
    assert type(regularizers.get("l1_l2")) is regularizers.L1L2
    assert type(regularizers.get("orthogonal_regularizer")) is regularizers.OrthogonalRegularizer
    assert regularizers.get(None) is None
    assert regularizers.get(jnp.sum) is jnp.sum


def test_what_makes_no_sense_is_refused():
    for make in (
        lambda: regularizers.L1(-1.0),
        lambda: regularizers.L2(float("inf")),
        lambda: regularizers.OrthogonalRegularizer(mode="diagonal"),
    ):
        with pytest.raises(ConfigError, match="got"):
            make()
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        regularizers.OrthogonalRegularizer()(np.ones(3))
    with pytest.raises(UnknownNameError, match="l1"):
        regularizers.get("l3")
