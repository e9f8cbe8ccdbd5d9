"""Scopes: where variables are read and written, and which keys are drawn."""

import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError
from maeum.core.scope import Scope, current_scope
from maeum.core.variable import Variable


def test_an_eager_scope_reads_and_writes_the_variables():
    variable = Variable((), 1.0)
    with Scope() as scope:
        variable.assign_add(1.0)
        assert float(variable) == 2
    assert scope.updates == {}
    assert float(variable) == 2


def test_a_pure_scope_collects_what_is_assigned():
    a, b, c = (Variable((), float(i)) for i in range(3))
    with Scope({a: jnp.float32(10), b: jnp.float32(20)}) as scope:
        a.assign_add(1.0)
        assert float(a) == 11
        assert float(b) == 20
        assert float(c) == 2  # not given: its own
    assert scope.updates == {a: 11}
    assert list(scope.reads) == [a, b, c]
    assert [float(v) for v in (a, b, c)] == [0, 1, 2]


def test_an_abstract_scope_makes_no_values():
    def forbidden(shape, dtype):
        raise AssertionError("made a value")

    variable = Variable((10**6, 10**6), forbidden)
    with Scope(abstract=True) as scope:
        shape = jax.eval_shape(lambda: variable.value @ variable.value).shape
    assert shape == (10**6, 10**6)
    assert list(scope.reads) == [variable]


def test_a_child_sees_what_its_parent_did():
    a, b = Variable((), 1.0), Variable((), 2.0)
    with Scope({a: jnp.float32(5)}) as outer:
        a.assign(6.0)
        with outer.child({b: jnp.float32(7)}) as inner:
            assert (float(a), float(b)) == (6, 7)
            b.assign(8.0)
        assert inner.updates == {b: 8}
        assert float(b) == 2
    assert outer.updates == {a: 6}


def test_scopes_end_even_after_an_error_and_belong_to_their_thread():
    with pytest.raises(ZeroDivisionError), Scope():
        float(current_scope() is not None) / 0
    assert current_scope() is None
    seen = []
    with Scope():
        thread = threading.Thread(target=lambda: seen.append(current_scope()))
        thread.start()
        thread.join()
    assert seen == [None]


def test_keys_depend_on_the_layer_and_the_number_of_draws():
    a, b = mm.layers.Dropout(0.5, name="a"), mm.layers.Dropout(0.5, name="b")

    def drawn():
        with Scope(key=jax.random.PRNGKey(0)) as scope:
            keys = [scope.random_key(layer) for layer in (a, b, a, b)]
            with scope.child({}) as inner:
                keys.append(inner.random_key(a))
            return [np.asarray(key).tobytes() for key in keys]

    assert len(set(drawn())) == 5
    assert drawn() == drawn()


def test_random_keys_and_losses_belong_into_call():
    layer = mm.layers.Dense(2)
    with pytest.raises(ConfigError, match=r"belongs in the call\(\)"):
        layer.random_key()
    with pytest.raises(ConfigError, match=r"belongs in the call\(\)"):
        layer.add_loss(1.0)


def test_losses_of_the_latest_call():
    class Penalty(mm.Layer):
        def call(self, x):
            self.add_loss(x.sum())
            return x

    model = mm.Sequential([mm.Input((2,)), Penalty(), mm.layers.Dense(1, kernel_regularizer="l2")])
    model(np.ones((3, 2), "f4"))
    kernel = model.get_weights()[0]
    np.testing.assert_allclose(model.losses, [6, 0.01 * (kernel**2).sum()], rtol=1e-5)
