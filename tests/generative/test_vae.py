"""Variational autoencoders: against exact likelihoods, and a step against the step by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import multivariate_normal, norm

import maeum as mm
from maeum.core import functional
from maeum.core.errors import ConfigError, DataError, ShapeError, UnknownNameError
from maeum.core.randomness import at_step, fold
from maeum.generative import VAE, BetaWarmUp
from maeum.layers import Dense
from maeum.ops import random

rng = np.random.default_rng(0)
SIZE, CODE, SCALE = 5, 2, 0.7
# Orthogonal columns, so that the exact posterior has independent codes.
W = np.linalg.qr(rng.normal(size=(SIZE, CODE)))[0] * [1.5, 0.8]
B = rng.normal(size=SIZE)
X = rng.normal(size=(40, SIZE)).astype("float32")
UNIT = rng.random((48, SIZE)).astype("float32")


def probabilistic_pca(spread=1.0, shift=0.0):
    """A linear Gaussian VAE whose encoder gives the exact posterior, or one beside it.

    ``p(x|z) = N(W z + b, s^2)`` has the posterior ``N(M^-1 W' (x - b), s^2 M^-1)`` with
    ``M = W'W + s^2`` (Tipping and Bishop, 1999).
    """
    model = VAE(
        mm.Sequential([mm.Input((SIZE,)), Dense(2 * CODE)]),
        mm.Sequential([mm.Input((CODE,)), Dense(SIZE)]),
        likelihood="gaussian",
        scale=SCALE,
        seed=1,
    )
    inverse = 1 / ((W**2).sum(0) + SCALE**2)
    kernel = np.concatenate([W * inverse, 0 * W], axis=1)
    log_variance = np.log(spread * SCALE**2 * inverse)
    bias = np.concatenate([-B @ (W * inverse) + shift, log_variance])
    model.encoder.set_weights([kernel, bias])
    model.decoder.set_weights([W.T, B])
    return model


@pytest.fixture(scope="module")
def exact():
    return multivariate_normal(B, W @ W.T + SCALE**2 * np.eye(SIZE)).logpdf(X)


def test_with_the_exact_posterior_the_bound_is_the_likelihood(exact):
    model = probabilistic_pca()
    np.testing.assert_allclose(model.bound(X, seed=3), exact, atol=1e-4)
    np.testing.assert_allclose(model.log_likelihood(X, 2, seed=3), exact, atol=1e-4)


def test_with_another_posterior_it_lies_below_by_the_divergence(exact):
    spread, shift = 1.5, 0.2
    model = probabilistic_pca(spread, shift)
    variance = SCALE**2 / ((W**2).sum(0) + SCALE**2)
    # KL of two normal distributions, for each of the two numbers of the code.
    gap = 0.5 * (spread - 1 - np.log(spread) + shift**2 / variance).sum()
    assert (exact - model.bound(X, 4000, seed=3)).mean() == pytest.approx(gap, abs=0.02)
    np.testing.assert_allclose(model.log_likelihood(X, 4000, seed=3), exact, atol=0.05)
    model.compile("adam")
    told = model.evaluate(np.repeat(X, 50, axis=0), verbose=0, return_dict=True)
    assert told["bound"] == pytest.approx(exact.mean() - gap, abs=0.1)
    assert told["loss"] == pytest.approx(-told["bound"], rel=1e-5)
    assert told["loss"] == pytest.approx(told["reconstruction"] + told["kl"], rel=1e-5)
    mean, deviation = model.encode(X, spread=True)
    divergence = 0.5 * (mean**2 + deviation**2 - 1 - 2 * np.log(deviation)).sum(1)
    assert told["kl"] == pytest.approx(divergence.mean(), rel=1e-4)


def test_anomaly_scores_are_the_bound_at_the_mean():
    model = probabilistic_pca()
    mean, deviation = model.encode(X, spread=True)
    entries = -norm(mean @ W.T + B, SCALE).logpdf(X)
    np.testing.assert_allclose(model.anomaly_scores(X, per_feature=True), entries, atol=1e-4)
    divergence = 0.5 * (mean**2 + deviation**2 - 1 - 2 * np.log(deviation)).sum(1)
    np.testing.assert_allclose(model.anomaly_scores(X), entries.sum(1) + divergence, atol=1e-4)


def test_samples_are_decoded_standard_normal_codes():
    model = probabilistic_pca()
    made = model.sample(20_000, seed=1)
    np.testing.assert_allclose(made.mean(0), B, atol=0.05)
    np.testing.assert_allclose(np.cov(made.T), W @ W.T, atol=0.06)
    assert (model.sample(3, seed=1) == model.sample(3, seed=1)).all()
    assert model.sample(3, seed=1, like=X).shape == (3, SIZE)


def bernoulli(**options):
    options = {"units": (4, 2), "output_activation": "sigmoid", "seed": 3, **options}
    return VAE.dense(SIZE, **options)


def test_a_step_is_the_step_by_hand():
    model = bernoulli(beta=2.0)
    model.compile(mm.optimizers.SGD(0.1))
    x = jnp.asarray(UNIT)
    key = fold(at_step(model.trainer.key, 0), "")  # that of the model itself, at step 0
    noise = random.normal(key, (len(x), 2))
    before = functional.values(model)

    def layer(values, part, name, x):
        place = f"{part}/{name}/"
        return x @ values[f"{place}kernel"] + values[f"{place}bias"]

    def loss(values):
        moments = layer(values, "encoder", "dense_1", jax.nn.relu(
            layer(values, "encoder", "dense", x)
        ))  # fmt: skip
        mean, log_variance = moments[:, :2], moments[:, 2:]
        code = mean + jnp.exp(log_variance / 2) * noise
        logits = layer(values, "decoder", "dense_1", jax.nn.relu(
            layer(values, "decoder", "dense", code)
        ))  # fmt: skip
        p = jax.nn.sigmoid(logits)
        likelihood = (x * jnp.log(p) + (1 - x) * jnp.log(1 - p)).sum(1)
        divergence = 0.5 * (mean**2 + jnp.exp(log_variance) - 1 - log_variance).sum(1)
        return jnp.mean(2.0 * divergence - likelihood)

    value, gradients = jax.value_and_grad(loss)(before)
    told = model.train_on_batch(UNIT, return_dict=True)
    assert told["loss"] == pytest.approx(float(value), rel=1e-5)
    for path, new in functional.values(model).items():
        np.testing.assert_allclose(new, before[path] - 0.1 * gradients[path], atol=1e-6)


def test_the_likelihood_is_computed_from_logits():
    model = bernoulli(units=(2,))
    model.decoder.set_weights([np.zeros((2, SIZE)), np.full(SIZE, 200.0)])
    scores = model.anomaly_scores(np.zeros((1, SIZE)), per_feature=True)
    np.testing.assert_allclose(scores, 200.0)  # log(1 - sigmoid(200)), which rounds to log 0


def test_a_learnt_scale_becomes_the_deviation_of_the_residuals():
    x = rng.normal(size=(400, SIZE)).astype("float32") * 0.3
    model = VAE.dense(SIZE, (1,), likelihood="gaussian", seed=1)
    model.compile(mm.optimizers.Adam(0.02))
    model.fit(x, batch_size=100, epochs=150, verbose=0)
    assert float(np.exp(model.log_scale.numpy())) == pytest.approx(0.3, rel=0.1)


def test_beta_warms_up_over_steps_and_over_epochs():
    slow = bernoulli(beta=4.0, warmup_steps=4)
    slow.compile(mm.optimizers.SGD(0.0))
    losses = []
    for _ in range(5):
        told = slow.train_on_batch(UNIT, return_dict=True)
        losses.append((told["loss"] - told["reconstruction"]) / told["kl"])
    np.testing.assert_allclose(losses, [1, 2, 3, 4, 4], rtol=1e-4)
    assert len(slow.compiled_functions) == 1
    told = slow.evaluate(UNIT, verbose=0, return_dict=True)
    assert told["loss"] == pytest.approx(told["reconstruction"] + 4 * told["kl"], rel=1e-5)

    seen = []
    note = mm.callbacks.LambdaCallback(on_epoch_end=lambda e, logs: seen.append(float(slow.beta)))
    slow.fit(UNIT, epochs=3, callbacks=[BetaWarmUp(2, beta=3.0), note], verbose=0)
    assert seen == [1.5, 3.0, 3.0]


def test_weights_of_samples_count_in_the_objective():
    model = probabilistic_pca()
    model.compile(mm.optimizers.SGD(0.0))
    weights = np.where(np.arange(40) < 20, 2.0, 0.0).astype("float32")
    all_rows = model.train_on_batch(X, sample_weight=weights, return_dict=True)
    some = -multivariate_normal(B, W @ W.T + SCALE**2 * np.eye(SIZE)).logpdf(X[:20]).mean()
    # With the exact posterior the bound of each row is its likelihood only on average.
    assert all_rows["loss"] == pytest.approx(some, abs=0.5)
    assert all_rows["bound"] == pytest.approx(-all_rows["loss"], rel=1e-4)


def test_an_encoder_may_have_two_outputs():
    x = mm.Input((SIZE,))
    encoder = mm.Model(x, [Dense(2, name="mean")(x), Dense(2, name="log_variance")(x)])
    model = VAE(encoder, mm.Sequential([mm.Input((2,)), Dense(SIZE, "sigmoid")]), seed=1)
    mean, deviation = model.encode(UNIT, spread=True)
    found = encoder.predict(UNIT)
    np.testing.assert_array_equal(mean, found[0])
    np.testing.assert_allclose(deviation, np.exp(found[1] / 2), rtol=1e-6)
    kernel, bias = model.decoder.get_weights()
    np.testing.assert_allclose(model.predict(UNIT), expit(mean @ kernel + bias), rtol=1e-5)


def test_usual_convolutions_give_means_and_variances():
    model = VAE.convolutional((4, 4, 1), (2,), code=3, output_activation="sigmoid", seed=1)
    assert model.sample(2, seed=1).shape == (2, 4, 4, 1)
    assert model.encode(np.zeros((2, 4, 4, 1), "float32")).shape == (2, 3)


def test_bad_input_is_told():
    decoder = mm.Sequential([mm.Input((2,)), Dense(SIZE, "sigmoid")])
    with pytest.raises(ShapeError, match=r"Dense\(2 \* size\).*\(None, 3\)"):
        VAE(mm.Sequential([mm.Input((SIZE,)), Dense(3)]), decoder)
    with pytest.raises(ShapeError, match=r"codes of shape \(3,\)"):
        VAE(mm.Sequential([mm.Input((SIZE,)), Dense(6)]), decoder)
    with pytest.raises(ConfigError, match=r"activation is 'linear'.*likelihood='gaussian'"):
        VAE.dense(SIZE, (2,))
    with pytest.raises(UnknownNameError, match="Did you mean 'gaussian'"):
        bernoulli(likelihood="gausian")
    with pytest.raises(ConfigError, match="Only a Gaussian likelihood has a scale"):
        bernoulli(scale=1.0)
    with pytest.raises(ConfigError, match="beta is a finite number of 0 or more; got -1"):
        bernoulli(beta=-1)
    model = bernoulli()
    with pytest.raises(ConfigError, match="objective of its own"):
        model.compile("adam", "mse")
    model.compile("adam")
    with pytest.raises(DataError, match="takes values from 0 to 1; x holds values from -"):
        model.fit(X, verbose=0)
    with pytest.raises(ConfigError, match="samples is a whole number of 1 or more"):
        model.bound(UNIT, 0)
    assert np.isfinite(model.fit(UNIT[:1], verbose=0).history["loss"]).all()


def test_codes_can_be_walked():
    model = probabilistic_pca()
    a, b = model.draw_codes(2, seed=1)
    np.testing.assert_array_equal(model.draw_codes(2, seed=1), [a, b])
    way = model.interpolate(a, b, steps=5)
    np.testing.assert_allclose(way[[0, -1]], model.decode(np.stack([a, b])), atol=1e-5)
    codes = model.walk_codes(stops=3, steps=4, seed=1)
    np.testing.assert_allclose(codes[4::4], model.draw_codes(3, seed=1)[:2], atol=1e-6)
    np.testing.assert_allclose(model.walk(3, 4, seed=1), model.decode(codes), atol=1e-5)
    with pytest.raises(ConfigError, match="without classes"):
        model.walk(labels=1)
