import os
import subprocess
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from maeum import optimizers
from maeum.core import registry
from maeum.core.errors import ConfigError, UnknownNameError
from maeum.core.variable import Variable

NAMES = [name for name in optimizers.__all__ if name not in ("Optax", "Optimizer")]
WRAPPERS = ("LossScaleOptimizer", "MultiOptimizer", "OptimizerMap")
NAMES = [name for name in NAMES if name[0].isupper() and name not in WRAPPERS]


def some_weights(seed=0, dtype="float32"):
    rng = np.random.default_rng(seed)
    return [jnp.asarray(rng.normal(size=shape), dtype) for shape in ((4, 3), (3,), ())]


def walk(optimizer, weights, steps=5):
    state = optimizer.init(weights)
    step = jax.jit(optimizer.advance)
    for i in range(steps):
        gradients = [w * (i + 1) / 3 for w in weights]
        weights, state = step(weights, gradients, state)
    return weights, state


@pytest.mark.parametrize("name", NAMES)
def test_names_in_any_case_configs_and_classes_give_the_optimizer(name):
    cls = getattr(optimizers, name)
    for identifier in (name, name.lower(), cls, registry.serialize(cls())):
        assert type(optimizers.get(identifier)) is cls
    same = cls()
    assert optimizers.get(same) is same
    assert optimizers.get(None) is None


@pytest.mark.parametrize("name", NAMES)
def test_a_config_makes_the_same_optimizer(name):
    optimizer = getattr(optimizers, name)(learning_rate=0.05, clipnorm=0.3, use_ema=True)
    again = registry.deserialize(registry.serialize(optimizer))
    for a, b in zip(*(jax.tree.leaves(walk(o, some_weights())) for o in (optimizer, again))):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_keeps_its_dtype(name, dtype):
    optimizer = getattr(optimizers, name)(
        gradient_accumulation_steps=2, weight_decay=0.01, use_ema=True, clipnorm=1.0
    )
    weights, state = walk(optimizer, some_weights(dtype=dtype))
    assert {w.dtype.name for w in weights} == {dtype}
    before = jax.tree.map(lambda a: a.dtype, optimizer.init(weights))
    assert jax.tree.map(lambda a: a.dtype, state) == before


@pytest.mark.parametrize("name", NAMES)
def test_every_optimizer_goes_down_a_bowl(name):
    weights = [np.float32([2.0, -3.0]), np.ones((3, 2), "float32")]
    state = (optimizer := getattr(optimizers, name)(0.05)).init(weights)
    step, first = jax.jit(optimizer.advance), sum(np.sum(w**2) for w in weights)
    for _ in range(60):
        weights, state = step(weights, weights, state)  # the gradient of |w|**2 / 2
    assert sum(np.sum(np.square(w)) for w in weights) < first


@pytest.mark.parametrize("name", NAMES)
def test_many_copies_at_once_are_the_copies_one_by_one(name):
    optimizer = getattr(optimizers, name)(0.01)
    sets = [some_weights(seed) for seed in range(3)]
    stacked = [jnp.stack(ws) for ws in zip(*sets)]

    def run(weights):
        state = optimizer.init(weights)
        for _ in range(2):
            weights, state = optimizer.advance(weights, [w * 2 for w in weights], state)
        return weights

    together = jax.jit(jax.vmap(run))(stacked)
    for i, alone in enumerate(map(jax.jit(run), sets)):
        for a, b in zip(together, alone):
            np.testing.assert_allclose(a[i], b, rtol=1e-6)


def test_a_zero_gradient_moves_nothing():
    for name in set(NAMES) - {
        "Ftrl",
        "AdamW",
        "Muon",
        "ScheduleFreeAdamW",
    }:  # these decay or derive it
        weights = some_weights()
        optimizer = getattr(optimizers, name)(0.1)
        after, _ = optimizer.advance(weights, [0 * w for w in weights], optimizer.init(weights))
        for a, b in zip(weights, after):
            np.testing.assert_array_equal(a, b, err_msg=name)


def test_strong_l1_makes_ftrl_weights_exactly_zero():
    optimizer = optimizers.Ftrl(0.1, l1_regularization_strength=100.0)
    weights, _ = walk(optimizer, some_weights(), steps=1)
    assert all((np.asarray(w) == 0).all() for w in weights)


@pytest.mark.parametrize(
    "transformation",
    [optax.adam(0.03), optax.sgd(0.1, momentum=0.9), optax.chain(optax.clip(0.1), optax.lamb(0.1))],
    ids=["adam", "sgd", "chain"],
)
def test_optax_goes_where_optax_goes(transformation):
    weights = peer = some_weights()
    optimizer = optimizers.get(transformation)
    state, own = optimizer.init(weights), transformation.init(peer)
    step = jax.jit(optimizer.advance)
    for i in range(20):
        weights, state = step(weights, [w * (i + 1) / 9 for w in weights], state)
        updates, own = transformation.update([w * (i + 1) / 9 for w in peer], own, peer)
        peer = optax.apply_updates(peer, updates)
    for a, b in zip(weights, peer):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_optax_adam_is_adam():  # but for where epsilon stands, and for rounding at the start
    ours = walk(optimizers.Adam(0.03), some_weights())[0]
    theirs = walk(optimizers.get(optax.adam(0.03, eps=1e-7)), some_weights())[0]
    for a, b in zip(ours, theirs):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_optax_changes_variables_and_listens_to_its_factor():
    variable = Variable((2,), np.ones(2, "float32"))
    optimizer = optimizers.get(optax.sgd(0.5))
    optimizer.apply_gradients([(jnp.ones(2), variable)])
    optimizer.learning_rate = 0.1  # of optax's own 0.5
    optimizer.apply_gradients([(jnp.ones(2), variable)])
    np.testing.assert_allclose(variable.numpy(), 0.45, rtol=1e-6)
    assert optimizer.iterations == 2


def test_optax_is_not_imported_with_the_optimizers():
    code = "import sys, maeum.optimizers; sys.exit('optax' in sys.modules)"
    path = os.pathsep.join(p for p in sys.path if p)
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path}).returncode == 0


def test_optax_says_that_no_file_holds_it():
    with pytest.raises(ConfigError, match="cannot be written"):
        registry.serialize(optimizers.get(optax.adam(1e-3)))


def test_keras_2_names_work_with_a_note():
    with pytest.warns(UserWarning, match="learning_rate"):
        old = optimizers.SGD(lr=0.3)
    assert float(old.learning_rate) == pytest.approx(0.3)
    with pytest.warns(UserWarning, match="InverseTimeDecay"):
        old = optimizers.Adam(0.1, decay=0.5)
    # Keras 2: rate / (1 + decay * step)
    rates = [float(old._rate_at(step)) for step in range(3)]
    np.testing.assert_allclose(rates, [0.1, 0.1 / 1.5, 0.05], rtol=1e-6)
    again = optimizers.Adam.from_config(old.get_config())
    assert float(again._rate_at(2)) == pytest.approx(0.05)


@pytest.mark.parametrize("name", ["SGD", "Momentum", "AdamW"])
def test_the_note_points_at_the_line_that_is_to_change(name):
    with pytest.warns(UserWarning, match="lr") as notes:
        getattr(optimizers, name)(lr=0.3)
    assert {note.filename for note in notes} == {__file__}


def test_unknown_names_and_arguments_name_the_nearest():
    with pytest.raises(UnknownNameError, match="'adam'"):
        optimizers.get("adan")
    with pytest.raises(TypeError, match="'learning_rate'"):
        optimizers.Adam(learning_rat=0.1)
    with pytest.raises(ConfigError, match="got 3"):
        optimizers.get(3)


@pytest.mark.parametrize(
    "make",
    [
        lambda: optimizers.SGD(momentum=1.5),
        lambda: optimizers.Adam(beta_1=1.0),
        lambda: optimizers.Adam(-0.1),
        lambda: optimizers.Adam(float("nan")),
        lambda: optimizers.Lion(beta_1=0),
        lambda: optimizers.Ftrl(l1_regularization_strength=-1),
        lambda: optimizers.Ftrl(learning_rate_power=0.5),
        lambda: optimizers.AdamW(weight_decay=None),
        lambda: optimizers.SGD(clipnorm=1.0, global_clipnorm=1.0),
        lambda: optimizers.SGD(clipnorm=-1.0),
        lambda: optimizers.SGD(gradient_accumulation_steps=1),
        lambda: optimizers.Optax(0.1),
    ],
)
def test_impossible_arguments_are_refused(make):
    with pytest.raises(ConfigError):
        make()


def test_apply_is_keras_3s_form_of_apply_gradients():
    pairs = [[Variable((2,), np.ones(2, "float32")) for _ in range(2)] for _ in range(2)]
    gradients = [np.full(2, 0.5, "float32"), np.full(2, -1.0, "float32")]
    one, other = optimizers.Adam(0.1), optimizers.Adam(0.1)
    one.apply(gradients, pairs[0])
    other.apply_gradients(zip(gradients, pairs[1]))
    for a, b in zip(*pairs):
        assert a.numpy().tolist() == b.numpy().tolist() != [1.0, 1.0]
