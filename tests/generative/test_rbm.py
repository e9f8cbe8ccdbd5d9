"""Restricted Boltzmann machines, against the enumeration of all states of tiny ones."""

import itertools

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, DataError, ShapeError, UnknownNameError
from maeum.generative import RBM

SIZE, UNITS = 3, 2
HIDDEN = np.array(list(itertools.product((0, 1), repeat=UNITS)), float)
VISIBLE = np.array(list(itertools.product((0, 1), repeat=SIZE)), float)
rng = np.random.default_rng(4)
W, A, B = rng.normal(size=(SIZE, UNITS)), rng.normal(size=SIZE), rng.normal(size=UNITS)
X = rng.integers(0, 2, (24, SIZE)).astype("float32")


def machine(visible="binary", weights=(W, A, B), **options):
    model = RBM(UNITS, visible, seed=2, **options)
    model.build((None, SIZE))
    model.kernel.assign(weights[0])
    model.visible_bias.assign(weights[1])
    model.hidden_bias.assign(weights[2])
    return model


def energies(v, weights, visible):
    """Return ``E(v, h)`` for all rows and all hidden states, from its definition."""
    w, a, b = weights
    own = -(v @ a) if visible == "binary" else 0.5 * ((v - a) ** 2).sum(1)
    return own[:, None] - (HIDDEN @ b)[None] - v @ w @ HIDDEN.T


def free_energies(v, weights=(W, A, B), visible="binary"):
    return -np.log(np.exp(-energies(v, weights, visible)).sum(1))


@pytest.fixture(scope="module")
def binary():
    return machine()


@pytest.mark.parametrize("visible", ["binary", "gaussian"])
def test_free_energy_sums_over_all_hidden_states(visible):
    v = X if visible == "binary" else rng.normal(size=(5, SIZE)).astype("float32")
    found = machine(visible).free_energy(v)
    np.testing.assert_allclose(found, free_energies(v, visible=visible), rtol=1e-5)


def test_hidden_probabilities_are_those_of_the_enumeration(binary):
    joint = np.exp(-energies(X, (W, A, B), "binary"))
    expected = joint @ HIDDEN / joint.sum(1, keepdims=True)
    np.testing.assert_allclose(binary.transform(X), expected, rtol=1e-5)


def test_samples_are_distributed_as_the_enumeration_says(binary):
    weights = np.exp(-free_energies(VISIBLE))
    expected = weights / weights.sum()
    drawn = binary.sample(20_000, steps=40, seed=1)
    numbers = (drawn @ 2 ** np.arange(SIZE)[::-1]).astype(int)
    found = np.bincount(numbers, minlength=len(VISIBLE)) / len(drawn)
    # Five standard deviations of a frequency of 20,000 draws at most.
    np.testing.assert_allclose(found, expected, atol=5 * np.sqrt(0.25 / 20_000))


def test_gaussian_samples_have_the_moments_of_the_mixture():
    weights = (0.5 * W, A, B)
    model = machine("gaussian", weights)
    # p(v) is a mixture of Gaussians of variance 1 around a + W h, and p(h) has the weights below.
    centres = A + HIDDEN @ weights[0].T
    logs = HIDDEN @ B + 0.5 * (centres**2).sum(1) - 0.5 * (A**2).sum()
    p = np.exp(logs) / np.exp(logs).sum()
    mean = p @ centres
    covariance = np.eye(SIZE) + (centres - mean).T @ (p[:, None] * (centres - mean))
    drawn = model.sample(20_000, steps=40, seed=1)
    np.testing.assert_allclose(drawn.mean(0), mean, atol=0.06)
    np.testing.assert_allclose(np.cov(drawn, rowvar=False), covariance, atol=0.1)


def slopes(v, weights, visible="binary"):
    """Return the gradient of the mean free energy by finite differences, in float64."""
    found = []
    for place, part in enumerate(weights):
        slope = np.zeros_like(part)
        for index in np.ndindex(part.shape):
            ends = []
            for sign in (1, -1):
                moved = [np.array(one) for one in weights]
                moved[place][index] += sign * 1e-5
                ends.append(free_energies(v, moved, visible).mean())
            slope[index] = (ends[0] - ends[1]) / 2e-5
        found.append(slope)
    return found


@pytest.mark.parametrize("visible", ["binary", "gaussian"])
def test_a_step_goes_along_the_difference_of_free_energies(visible):
    """With SGD at a rate of 1, where the chains end is all that is not known beforehand."""
    model = machine(visible, persistent=True, chains=16, k=3)
    model.compile(mm.optimizers.SGD(1.0))
    before = [np.array(part, np.float32).astype(float) for part in (W, A, B)]
    model.train_on_batch(X)
    ends = model.states.numpy().astype(float)
    assert len(np.unique(ends, axis=0)) > 2
    data, chains = slopes(X.astype(float), before, visible), slopes(ends, before, visible)
    after = [model.kernel.numpy(), model.visible_bias.numpy(), model.hidden_bias.numpy()]
    for old, new, one, two in zip(before, after, data, chains):
        np.testing.assert_allclose(new - old, two - one, atol=2e-5)


def test_many_chains_give_the_gradient_of_the_likelihood():
    model = machine(persistent=True, chains=20_000, k=40)
    model.compile(mm.optimizers.SGD(1.0))
    weights = np.exp(-free_energies(VISIBLE))
    p = weights / weights.sum()
    # The exact mean of dF/dW over the model's distribution: -v h, over all visible states.
    joint = np.exp(-energies(VISIBLE, (W, A, B), "binary"))
    hidden = joint @ HIDDEN / joint.sum(1, keepdims=True)
    model_side = VISIBLE.T @ (p[:, None] * hidden)
    data = np.exp(-energies(X, (W, A, B), "binary"))
    data_side = X.T @ (data @ HIDDEN / data.sum(1, keepdims=True)) / len(X)
    model.train_on_batch(X)
    np.testing.assert_allclose(model.kernel.numpy() - W, data_side - model_side, atol=0.02)


def test_persistent_chains_learn_the_frequencies_of_the_data():
    times = np.array([6, 1, 1, 4, 1, 3, 1, 7])
    x = np.repeat(VISIBLE, 100 * times, axis=0).astype("float32")  # so that an epoch is long
    model = RBM(4, persistent=True, chains=300, k=3, seed=1, kernel_initializer="glorot_uniform")
    model.compile(mm.optimizers.SGD(mm.optimizers.schedules.CosineDecay(0.7, 600)))
    model.fit(x, batch_size=120, epochs=30, verbose=0)
    weights = np.exp(-model.free_energy(VISIBLE.astype("float32")).astype(float))
    np.testing.assert_allclose(weights / weights.sum(), times / times.sum(), atol=0.04)


def test_pseudo_likelihood_is_the_mean_over_the_units(binary):
    """One unit of each row is drawn: over many equal rows, the sum of conditionals comes out."""
    row = VISIBLE[[5]]
    total = 0.0
    for unit in range(SIZE):
        other = row.copy()
        other[0, unit] = 1 - other[0, unit]
        total -= np.log1p(np.exp(free_energies(row) - free_energies(other)))[0]
    binary.compile("sgd")
    many = np.repeat(row, 4000, axis=0).astype("float32")
    told = binary.evaluate(many, batch_size=4000, verbose=0, return_dict=True)
    assert told["pseudo_likelihood"] == pytest.approx(total, abs=0.1)
    assert told["free_energy"] == pytest.approx(free_energies(row)[0], abs=1e-4)
    hidden = 1 / (1 + np.exp(-(row @ W + B)))
    again = 1 / (1 + np.exp(-(hidden @ W.T + A)))
    assert told["reconstruction_error"] == pytest.approx(((row - again) ** 2).mean(), abs=1e-5)
    np.testing.assert_allclose(binary.reconstruct(row), again, rtol=1e-5)


def test_filters_are_the_weights_of_each_hidden_unit(binary):
    np.testing.assert_allclose(binary.filters(), W.T.astype("float32"))
    assert binary.filters((1, 3)).shape == (UNITS, 1, 3)
    with pytest.raises(ConfigError, match="3 visible units, which do not fill the shape"):
        binary.filters((2, 2))


def test_chains_begin_where_they_are_told_to(binary):
    assert (binary.sample(4, steps=3, seed=5) == binary.sample(4, steps=3, seed=5)).all()
    means = binary.sample(4, steps=1, seed=5, start=X[:4], means=True)
    assert ((means > 0) & (means < 1)).all()
    with pytest.raises(ShapeError, match=r"shape \(4, 3\), one row for each; start has .*\(2, 3\)"):
        binary.sample(4, start=X[:2])


def test_bad_input_is_told(binary):
    with pytest.raises(ConfigError, match="k is a whole number of 1 or more; got 0"):
        RBM(3, k=0)
    with pytest.raises(ConfigError, match="steps is a whole number of 1 or more"):
        binary.sample(2, steps=0)
    with pytest.raises(UnknownNameError, match="Did you mean 'gaussian'"):
        RBM(3, "gausian")
    with pytest.raises(ConfigError, match=r"objective of its own.*'mse'"):
        RBM(3).compile("sgd", "mse")
    model = RBM(2)
    model.compile("sgd")
    with pytest.raises(DataError, match=r"holds values from 0 to 255.*visible='gaussian'"):
        model.fit(255 * X, verbose=0)
    with pytest.raises(ConfigError, match="learns from x alone"):
        model.fit(X, X[:, 0], verbose=0)
    with pytest.raises(ShapeError, match=r"\(24, 3, 1\)"):
        model.fit(X[..., None], verbose=0)


def test_bits_may_be_of_any_dtype():
    told = []
    for dtype in ("float32", "bool", "uint8", "int64"):
        model = machine()
        model.compile("sgd")
        told.append(model.fit(X.astype(dtype), verbose=0).history)
        np.testing.assert_allclose(model.transform(X.astype(dtype)), model.transform(X), rtol=1e-6)
    assert told[1:] == told[:1] * 3
    with pytest.raises(DataError, match="RBM takes one array"):
        model.transform({"a": X})


def test_one_row_is_enough_and_nan_is_found():
    model = RBM(2, seed=1)
    model.compile("sgd")
    history = model.fit(X[:1], verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    with pytest.raises(mm.core.errors.NonFiniteLossError, match=r"x\[0, 1\] = nan"):
        model.fit(np.array([[0, np.nan, 1]], "float32"), verbose=0)
