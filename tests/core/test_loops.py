import jax
import jax.numpy as jnp
import numpy as np

from maeum import layers as L
from maeum.core import functional
from maeum.core.loops import scan
from maeum.core.scope import Scope
from maeum.core.variable import Variable


def test_variables_that_a_step_assigns_are_carried():
    total = Variable((), 1.0)

    def step(state, x):
        total.assign(total.value * x)
        return state + total.value, total.value

    state, seen = scan(step, jnp.zeros(()), jnp.array([2.0, 3.0, 4.0]))
    assert (float(state), seen.tolist(), float(total.value)) == (32.0, [2.0, 6.0, 24.0], 24.0)
    with Scope({total: jnp.ones(())}) as scope:
        scan(step, jnp.zeros(()), jnp.array([5.0]))
    assert (float(scope.updates[total]), float(total.value)) == (5.0, 24.0)


class Loop(L.Layer):
    """Draws in a loop, and once more after it."""

    def call(self, x):
        def step(state, x):
            self.add_loss(x.sum())
            return state, x + jax.random.uniform(self.random_key())

        _, ys = scan(step, None, x)
        return ys, jax.random.uniform(self.random_key())


def test_draws_are_the_same_in_every_step_and_not_after_it():
    layer, x = Loop(), np.arange(3.0, dtype="float32")
    layer.build(x.shape)
    run = jax.jit(lambda key: functional.apply(layer, {}, x, key=key)[0])
    ys, after = run(jax.random.PRNGKey(1))
    drawn = np.asarray(ys) - x
    np.testing.assert_allclose(drawn, drawn[0], atol=1e-6)
    assert abs(float(after) - drawn[0]) > 1e-3
    assert float(run(jax.random.PRNGKey(2))[1]) != float(after)
    layer(x)
    assert float(layer.losses[0]) == 3.0


def test_gradients_flow_through_a_loop():
    w = Variable((), 2.0)

    def loss():
        state, _ = scan(lambda s, x: (s * w.value + x, None), jnp.ones(()), jnp.array([1.0, 1.0]))
        return state  # (w + 1) w + 1

    (value, (slope,)) = functional.value_and_grad(loss, [w])
    assert (float(value), float(slope)) == (7.0, 5.0)
