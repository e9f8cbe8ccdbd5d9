"""`maeum.random`: distributions (SciPy, Kolmogorov and Smirnov), seeds, and draws in programs."""

import random as python_random

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

import maeum as mm
from maeum import random
from maeum.core.errors import ConfigError
from maeum.layers import Layer

COUNT = 4000

DISTRIBUTIONS = {
    "normal": (lambda s: random.normal((COUNT,), 3, 2, seed=s), scipy.stats.norm(3, 2)),
    "truncated_normal": (
        lambda s: random.truncated_normal((COUNT,), 1, 0.5, seed=s),
        scipy.stats.truncnorm(-2, 2, 1, 0.5),
    ),
    "uniform": (lambda s: random.uniform((COUNT,), -1, 3, seed=s), scipy.stats.uniform(-1, 4)),
    "gamma": (lambda s: random.gamma((COUNT,), 2.5, seed=s), scipy.stats.gamma(2.5)),
    "beta": (lambda s: random.beta((COUNT,), 2.0, 0.5, seed=s), scipy.stats.beta(2, 0.5)),
}
COUNTS = {
    "randint": (lambda s: random.randint((COUNT,), -2, 5, seed=s), scipy.stats.randint(-2, 5)),
    "binomial": (lambda s: random.binomial((COUNT,), 6, 0.3, seed=s), scipy.stats.binom(6, 0.3)),
    "categorical": (
        lambda s: random.categorical(np.log([[0.2, 0.5, 0.3]]), COUNT, seed=s)[0],
        scipy.stats.rv_discrete(values=(range(3), [0.2, 0.5, 0.3])),
    ),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_numbers_have_their_distribution(name):
    draw, distribution = DISTRIBUTIONS[name]
    assert scipy.stats.kstest(np.asarray(draw(1)), distribution.cdf).pvalue > 0.01


@pytest.mark.parametrize("name", COUNTS)
def test_whole_numbers_have_their_distribution(name):
    draw, distribution = COUNTS[name]
    values, seen = np.unique(np.asarray(draw(1)), return_counts=True)
    expected = distribution.pmf(values) * COUNT
    assert expected.sum() == pytest.approx(COUNT)  # no other value is possible, none is missing
    assert scipy.stats.chisquare(seen, expected, sum_check=False).pvalue > 0.01


@pytest.mark.parametrize("name", DISTRIBUTIONS | COUNTS)
def test_a_seed_gives_the_same_numbers_and_another_others(name):
    draw = (DISTRIBUTIONS | COUNTS)[name][0]
    one, two = np.asarray(draw(1)), np.asarray(draw(2))
    assert np.array_equal(draw(1), one)
    assert not np.array_equal(two, one)
    generator = random.SeedGenerator(1)
    first, second = np.asarray(draw(generator)), np.asarray(draw(generator))
    assert np.array_equal(first, one)
    assert not np.array_equal(second, first)
    assert not np.array_equal(draw(None), draw(None))


def test_large_ranges_reach_both_ends():
    drawn = np.asarray(random.randint((COUNT,), -(2**31), 2**31 - 1, seed=3)).astype(float)
    assert scipy.stats.kstest(drawn, scipy.stats.uniform(-(2**31), 2**32).cdf).pvalue > 0.01


def test_shuffle_moves_entries_along_its_axis():
    x = np.arange(24).reshape(2, 12)
    moved = np.asarray(random.shuffle(x, axis=1, seed=1))
    assert not np.array_equal(moved, x)
    np.testing.assert_array_equal(np.sort(moved, 1), x)


def test_dropout_drops_a_fraction_and_scales_the_rest():
    dropped = np.asarray(random.dropout(np.ones((100, 50), "float32"), 0.25, seed=1))
    assert set(np.unique(dropped)) == {0, np.float32(1 / 0.75)}
    assert (dropped == 0).mean() == pytest.approx(0.25, abs=0.03)
    rows = np.asarray(random.dropout(np.ones((100, 50), "float32"), 0.25, (None, 1), seed=1))
    assert np.all(rows == rows[:, :1])


def test_dtypes():
    assert random.normal((2,), dtype="float16", seed=1).dtype == jnp.float16
    assert random.randint((2,), 0, 9, dtype="uint8", seed=1).dtype == jnp.uint8
    for wrong in (
        lambda: random.uniform((2,), dtype="int32"),
        lambda: random.randint((2,), 0, 1, "float32"),
    ):
        with pytest.raises(ConfigError, match="dtype="):
            wrong()


@pytest.mark.parametrize("seed", ["one", 1.5, True, -1])
def test_what_is_no_seed(seed):
    with pytest.raises(ConfigError, match="seed"):
        random.normal((2,), seed=seed)


def test_the_seed_of_all_begins_anew():
    mm.utils.set_random_seed(5)
    one = random.normal((3,)).tolist(), random.SeedGenerator().state.numpy().tolist()
    mm.utils.set_random_seed(5)
    assert one == (random.normal((3,)).tolist(), random.SeedGenerator().state.numpy().tolist())


def test_numbers_are_no_constants_of_a_program():
    def function(x):
        return x + random.normal((3,))

    with pytest.raises(ConfigError, match=r"jax\.jit"):
        jax.jit(function)(jnp.zeros(3))
    keyed = jax.jit(lambda key: random.normal((3,), seed=key))
    assert keyed(random.SeedGenerator(4).next()).tolist() == random.normal((3,), seed=4).tolist()


class Noisy(Layer):
    """Adds noise and keeps in a weight what it drew last."""

    def __init__(self, seeded=True, **kwargs):
        super().__init__(**kwargs)
        self.seeded = seeded
        self.generator = random.SeedGenerator(11) if seeded else None

    def build(self, input_shape):
        self.last = self.add_weight("last", (2,), "zeros", trainable=False)
        self.scale = self.add_weight("scale", (), "ones")

    def call(self, x, training=False):
        if training:
            drawn = random.normal((2,), seed=self.generator)
            self.last.assign(drawn)
            x = x + random.normal((2,), seed=self.generator)
        return x * self.scale


def trained(seeded, epochs=1, **options):
    model = mm.Sequential([mm.Input((2,)), Noisy(seeded)], seed=3)
    model.compile(mm.optimizers.SGD(0.0), "mse")
    x = np.zeros((12, 2), "float32")
    model.fit(x, x, batch_size=4, epochs=epochs, verbose=0, **options)
    return model, model.layers[-1]


@pytest.mark.parametrize("seeded", [True, False])
def test_each_step_of_a_training_draws_anew_and_reproducibly(seeded):
    drawn = [trained(seeded, epochs)[1].last.numpy().tolist() for epochs in (1, 2, 2)]
    assert drawn[0] != drawn[1] == drawn[2]
    assert drawn[0][0] != drawn[0][1]


def test_a_generator_goes_on_from_step_to_step_and_is_saved(tmp_path):
    model, layer = trained(True)
    assert layer.generator.state.numpy().tolist() == [11, 6]  # three steps, two draws in each
    sixth = np.asarray(random.normal((2,), seed=np.array([11, 4], "uint32")))
    np.testing.assert_array_equal(layer.last.numpy(), sixth)
    assert [w.name for w in model.weights] == ["scale", "last"]
    model.save(tmp_path / "model.maeum")
    loaded = mm.load_model(tmp_path / "model.maeum", custom_objects={"Noisy": Noisy})
    assert loaded.layers[-1].generator.state.numpy().tolist() == [11, 6]


def test_dropout_on_symbolic_tensors_draws_at_each_step():
    inputs = mm.Input((50,))
    model = mm.Model(inputs, random.dropout(inputs, 0.5))
    one, two = (np.asarray(model(np.ones((1, 50), "float32"))) for _ in range(2))
    assert not np.array_equal(one, two)


def test_set_random_seed_seeds_python_and_numpy_as_well():
    drawn = []
    for _ in range(2):
        mm.utils.set_random_seed(42)
        drawn.append((python_random.random(), float(np.random.random())))
    assert drawn[0] == drawn[1]
    python_random.seed(42)
    np.random.seed(42)
    assert drawn[0] == (python_random.random(), float(np.random.random()))  # as Keras's
