"""Autoencoders: against principal components, and steps against the same steps by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum.core import functional
from maeum.core.errors import (
    ConfigError,
    DataError,
    NonFiniteLossError,
    ShapeError,
    UnknownNameError,
)
from maeum.core.randomness import at_step, fold
from maeum.generative import (
    Autoencoder,
    DenoisingAutoencoder,
    KLSparsity,
    MaskingNoise,
    SaltAndPepperNoise,
)
from maeum.layers import Conv2D, Conv2DTranspose, Dense, GaussianNoise
from maeum.ops import random

rng = np.random.default_rng(0)
# Two strong directions, three weak ones.
TURNED = np.linalg.qr(rng.normal(size=(5, 5)))[0]
MEAN = np.array([1, 0, -1, 2, 0])
X = (rng.normal(size=(200, 5)) * [3, 2, 0.3, 0.2, 0.1] @ TURNED + MEAN).astype("float32")


@pytest.fixture(scope="module")
def linear():
    """A linear autoencoder with a code of two numbers, trained to the end."""
    model = Autoencoder.dense(5, (2,), seed=1)
    model.compile(mm.optimizers.Adam(mm.optimizers.schedules.CosineDecay(0.05, 6000)), "mse")
    # Each batch holds all rows: an epoch is ten steps of plain descent.
    model.fit(np.tile(X, (10, 1)), batch_size=200, epochs=600, shuffle=False, verbose=0)
    return model


def test_a_linear_one_finds_the_principal_components(linear):
    centred = X.astype(float) - X.mean(0, dtype=float)
    directions = np.linalg.svd(centred, full_matrices=False)[2][:2]
    best = X.mean(0) + centred @ directions.T @ directions
    np.testing.assert_allclose(linear.reconstruct(X), best, atol=0.002)
    least = ((X - best) ** 2).mean()
    assert linear.evaluate(X, verbose=0) == pytest.approx(least, rel=1e-4)


def test_scores_are_squared_errors_by_row_and_by_entry(linear):
    odd = X[:3].copy()
    odd[1] += [0, 0, 0, 0, 5]
    entries = linear.anomaly_scores(odd, per_feature=True)
    np.testing.assert_allclose(entries, (linear.predict(odd) - odd.astype(float)) ** 2, rtol=1e-5)
    rows = linear.anomaly_scores(odd)
    np.testing.assert_allclose(rows, entries.mean(1))
    assert rows.argmax() == 1


def test_samples_have_the_moments_of_the_codes_they_are_drawn_after(linear):
    made = linear.encode(linear.sample(4000, seed=1, like=X))
    codes = linear.encode(X)
    np.testing.assert_allclose(made.mean(0), codes.mean(0), atol=0.15)
    np.testing.assert_allclose(np.cov(made.T), np.cov(codes.T), rtol=0.15, atol=0.1)
    with pytest.raises(ConfigError, match=r"sample\(count, like=x\)"):
        linear.sample(2)
    with pytest.raises(DataError, match="at least two rows; like has 1"):
        linear.sample(2, like=X[:1])


def test_targets_are_the_data_unless_others_are_given(linear):
    own = linear.evaluate(X, verbose=0)
    assert linear.evaluate(X, X, verbose=0) == own
    assert linear.evaluate(X, 0 * X, verbose=0) == pytest.approx((linear.predict(X) ** 2).mean())


def test_validation_data_are_data_alone_and_metrics_are_measured():
    model = Autoencoder.dense((5,), (3, 2), seed=1)
    model.compile("adam", "mse", metrics=["mae"])
    history = model.fit(X, epochs=2, validation_data=X[:40], verbose=0)
    assert sorted(history.history) == ["loss", "mae", "val_loss", "val_mae"]
    error = np.abs(model.predict(X[:40]) - X[:40]).mean()
    assert history.history["val_mae"][-1] == pytest.approx(error, rel=1e-5)
    history = model.fit(X, epochs=1, validation_split=0.2, verbose=0)
    assert "val_loss" in history.history


def test_a_denoising_step_is_the_step_by_hand():
    model = DenoisingAutoencoder.dense(5, (4, 2), noise="gaussian", amount=0.5, seed=3)
    model.compile(mm.optimizers.SGD(0.1), "mse")
    x = jnp.asarray(X[:32])
    # D6: the key of a layer follows from the seed, the step and the layer's path.
    key = fold(at_step(model.trainer.key, 0), "corruption")
    noisy = x + 0.5 * random.normal(key, x.shape)
    before = functional.values(model)

    def loss(values):
        inner = {k.partition("/")[2]: v for k, v in values.items() if k.startswith("encoder/")}
        code = functional.apply(model.encoder, inner, noisy)[0]
        inner = {k.partition("/")[2]: v for k, v in values.items() if k.startswith("decoder/")}
        return jnp.mean((functional.apply(model.decoder, inner, code)[0] - x) ** 2)

    value, gradients = jax.value_and_grad(loss)(before)
    told = model.train_on_batch(X[:32])
    assert told == pytest.approx(float(value), rel=1e-5)
    for path, new in functional.values(model).items():
        np.testing.assert_allclose(new, before[path] - 0.1 * gradients[path], atol=1e-6)


def test_noise_rests_outside_of_training():
    model = DenoisingAutoencoder.dense(5, (2,), noise="masking", seed=3)
    model.compile("sgd", "mse")
    plain = ((model.decode(model.encode(X)) - X) ** 2).mean()
    assert model.evaluate(X, verbose=0) == pytest.approx(plain, rel=1e-5)
    assert (model.corrupt(X, seed=1) == model.corrupt(X, seed=1)).all()


@pytest.mark.parametrize(
    ("noise", "values"), [("masking", {0.0, 0.25}), ("salt_and_pepper", {0.0, 0.25, 1.0})]
)
def test_noise_changes_the_fraction_that_it_is_told(noise, values):
    model = DenoisingAutoencoder.dense(5, (2,), noise=noise, amount=0.4, seed=3)
    noisy = model.corrupt(np.full((2000, 5), 0.25, "float32"), seed=1)
    assert set(np.unique(noisy).tolist()) == values
    assert np.mean(noisy != 0.25) == pytest.approx(0.4, abs=0.03)
    if noise == "salt_and_pepper":
        assert np.mean(noisy == 1) == pytest.approx(0.2, abs=0.03)


def test_noise_may_be_a_layer():
    layer = SaltAndPepperNoise(0.2, low=-3.0, high=3.0)
    model = DenoisingAutoencoder.dense(5, (2,), noise=layer)
    assert {-3.0, 3.0} < set(np.unique(model.corrupt(np.zeros((50, 5)), seed=1)).tolist())
    with pytest.raises(ConfigError, match="give it without amount"):
        DenoisingAutoencoder.dense(5, (2,), noise=GaussianNoise(0.1), amount=0.2)
    with pytest.raises(UnknownNameError, match="Did you mean 'masking'"):
        DenoisingAutoencoder.dense(5, (2,), noise="maskin")
    with pytest.raises(ConfigError, match="or a layer such as"):
        DenoisingAutoencoder.dense(5, (2,), noise=0.3)
    with pytest.raises(ConfigError, match=r"below 1; got 1\.5"):
        MaskingNoise(1.5)


def test_sparsity_is_the_divergence_of_the_mean_activations():
    activations = rng.random((20, 3, 4)).astype("float32")
    mean, p = activations.reshape(-1, 4).mean(0, dtype=float), 0.1
    expected = 2 * (p * np.log(p / mean) + (1 - p) * np.log((1 - p) / (1 - mean))).sum() * 20
    assert float(KLSparsity(0.1, 2.0)(activations)) == pytest.approx(expected, rel=1e-5)
    with pytest.raises(ShapeError, match=r"\(rows, ..., units\)"):
        KLSparsity()(np.ones(3))
    with pytest.raises(ConfigError, match="target takes numbers above 0"):
        KLSparsity(1.0)


@pytest.mark.parametrize("penalty", ["l1", KLSparsity(0.1, 2.0)])
def test_a_penalty_on_the_code_is_added_for_each_sample(penalty):
    parts = [mm.Input((5,)), Dense(4, "sigmoid")], [mm.Input((4,)), Dense(5)]
    model = Autoencoder(*map(mm.Sequential, parts), code_regularizer=penalty, seed=2)
    model.compile("sgd", "mse")
    code = model.encode(X)
    added = float(model.code_regularizer(code)) / len(X)
    error = ((model.predict(X) - X) ** 2).mean()
    told = model.evaluate(X, batch_size=len(X), verbose=0)
    assert told == pytest.approx(error + added, rel=1e-5)


def test_convolutional_parts_learn_from_bytes():
    images = rng.integers(0, 256, (16, 8, 8), dtype=np.uint8)
    encoder = mm.Sequential([mm.Input((8, 8, 1)), Conv2D(3, 3, 2, "same", activation="relu")])
    decoder = mm.Sequential([mm.Input((4, 4, 3)), Conv2DTranspose(1, 3, 2, "same")])
    model = Autoencoder(encoder, decoder, seed=1)
    model.compile("adam", "mse")
    model.fit(images, epochs=1, verbose=0)
    assert model.predict(images).shape == (16, 8, 8, 1)
    assert model.encode(images).shape == (16, 4, 4, 3)
    error = ((model.predict(images)[..., 0] - images.astype(float)) ** 2).mean()
    assert model.evaluate(images, verbose=0) == pytest.approx(error, rel=1e-4)


def test_usual_convolutions_come_back_to_the_shape_they_began_with():
    model = Autoencoder.convolutional((12, 8, 3), (4, 5), code=6, output_activation="sigmoid")
    # Kernels of 3 x 3; after two halvings of 12 x 8 there are 3 x 2 places of 5 channels.
    expected = (9 * 3 * 4 + 4) + (9 * 4 * 5 + 5) + (3 * 2 * 5 * 6 + 6)
    assert model.encoder.count_params() == expected
    assert model.decoder.output_shape == (None, 12, 8, 3)
    assert model.decoder.layers[-1].activation is mm.activations.sigmoid
    for shape in ((12, 10, 3), (12, 8)):
        with pytest.raises(ConfigError, match=rf"can be divided by 4; got \({shape[0]}, "):
            Autoencoder.convolutional(shape, (4, 5))


def test_parts_that_do_not_fit_are_told_with_their_shapes():
    encoder = mm.Sequential([mm.Input((5,)), Dense(3)])
    with pytest.raises(ShapeError, match=r"codes of shape \(3,\), which the decoder does not take"):
        Autoencoder(encoder, mm.Sequential([mm.Input((2,)), Dense(5)]))
    with pytest.raises(ShapeError, match=r"outputs of shape \(4,\).*inputs of shape \(5,\)"):
        Autoencoder(encoder, mm.Sequential([mm.Input((3,)), Dense(4)]))
    late = Autoencoder(mm.Sequential([Dense(3)]), mm.Sequential([Dense(4)]))
    late.compile("sgd", "mse")
    with pytest.raises(ShapeError, match=r"outputs of shape \(4,\).*inputs of shape \(5,\)"):
        late.fit(X, verbose=0)
    x = mm.Input((5,))
    two = mm.Model(x, [Dense(2)(x), Dense(2)(x)])
    with pytest.raises(ShapeError, match="has one output, the code"):
        Autoencoder(two, encoder)
    a, b = mm.Input((5,)), mm.Input((5,))
    with pytest.raises(ShapeError, match="has one input"):
        Autoencoder(mm.Model([a, b], Dense(3)(a + b)), encoder)
    with pytest.raises(DataError, match="Autoencoder takes one array"):
        Autoencoder.dense(5, (2,)).predict({"a": X})
    with pytest.raises(ConfigError, match="The decoder is a model"):
        Autoencoder(encoder, Dense(5))


def test_nan_and_one_row(linear):
    hurt = X[:4].copy()
    hurt[2, 3] = np.nan
    with pytest.raises(DataError, match="not finite in 1 of 4 rows; the first is row 2"):
        linear.anomaly_scores(hurt)
    model = Autoencoder.dense(5, (2,), seed=1)
    model.compile("sgd", "mse")
    with pytest.raises(NonFiniteLossError, match=r"x\[2, 3\] = nan"):
        model.fit(hurt, verbose=0)
    assert np.isfinite(model.fit(X[:1], verbose=0).history["loss"]).all()
    with pytest.raises(mm.core.errors.NotCompiledError):
        Autoencoder.dense(5, (2,)).fit(X, verbose=0)
