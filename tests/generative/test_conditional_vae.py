"""Conditional variational autoencoders: one for each class, in one network."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

import maeum as mm
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.generative import ConditionalVAE
from maeum.layers import Concatenate, Dense, Input

SIZE, CODE, CLASSES, SCALE = 5, 2, 3, 0.7
rng = np.random.default_rng(0)
W = np.linalg.qr(rng.normal(size=(SIZE, CODE)))[0] * [1.5, 0.8]
MEANS = 2 * rng.normal(size=(CLASSES, SIZE))
LABELS = rng.integers(0, CLASSES, 40)
X = (MEANS[LABELS] + rng.normal(size=(40, SIZE))).astype("float32")


def linear():
    """One whose data have, for each class, a normal distribution around a mean of its own."""
    x, label, code, of = Input((SIZE,)), Input((CLASSES,)), Input((CODE,)), Input((CLASSES,))
    model = ConditionalVAE(
        mm.Model([x, label], Dense(2 * CODE)(Concatenate()([x, label]))),
        mm.Model([code, of], Dense(SIZE)(Concatenate()([code, of]))),
        classes=CLASSES,
        likelihood="gaussian",
        scale=SCALE,
        seed=1,
    )
    inverse = 1 / ((W**2).sum(0) + SCALE**2)  # the exact posterior (Tipping and Bishop, 1999)
    from_x = np.concatenate([W * inverse, 0 * W], axis=1)
    from_label = np.concatenate([-MEANS @ (W * inverse), np.zeros((CLASSES, CODE))], axis=1)
    bias = np.concatenate([np.zeros(CODE), np.log(SCALE**2 * inverse)])
    model.encoder.set_weights([np.concatenate([from_x, from_label]), bias])
    model.decoder.set_weights([np.concatenate([W.T, MEANS]), np.zeros(SIZE)])
    return model


@pytest.fixture(scope="module")
def model():
    return linear()


def test_with_the_exact_posterior_the_bound_is_the_likelihood_of_the_class(model):
    covariance = W @ W.T + SCALE**2 * np.eye(SIZE)
    wanted = [multivariate_normal(MEANS[k], covariance).logpdf(x) for x, k in zip(X, LABELS)]
    np.testing.assert_allclose(model.bound([X, LABELS], seed=3), wanted, atol=1e-4)
    one_hot = np.eye(CLASSES)[LABELS]
    np.testing.assert_allclose(model.log_likelihood([X, one_hot], 2, seed=3), wanted, atol=1e-4)


def test_samples_are_decoded_for_their_labels(model):
    made = model.sample(6, seed=0)
    codes = (made - MEANS[[0, 1, 2, 0, 1, 2]]) @ np.linalg.pinv(W).T
    np.testing.assert_allclose(codes @ W.T + MEANS[[0, 1, 2] * 2], made, atol=1e-5)
    np.testing.assert_allclose(model.decode(codes, 1), codes @ W.T + MEANS[1], atol=1e-5)
    np.testing.assert_array_equal(model.sample(4, labels=2, seed=5), model.sample(4, 2, seed=5))


def test_scores_and_reconstructions_depend_on_the_label(model):
    again = model.predict([X, LABELS])
    np.testing.assert_allclose(again, model.decode(model.encode([X, LABELS]), LABELS), atol=1e-5)
    wrong = (LABELS + 1) % CLASSES
    worse = model.anomaly_scores([X, wrong]) - model.anomaly_scores([X, LABELS])
    assert worse.mean() > 1
    assert model.anomaly_scores([X, LABELS], per_feature=True).shape == X.shape


@pytest.mark.parametrize("parts", ["dense", "convolutional"])
def test_it_learns_from_labels_and_can_be_kept(parts, tmp_path):
    x = rng.random((24, 8, 8, 1), "float32")
    y = np.arange(24) % CLASSES
    ends = {"classes": CLASSES, "output_activation": "sigmoid", "seed": 1}
    if parts == "dense":
        model = ConditionalVAE.dense((8, 8, 1), (16, 2), **ends)
    else:
        model = ConditionalVAE.convolutional((8, 8, 1), (4,), code=2, **ends)
    model.compile("adam")
    history = model.fit(x, y, epochs=2, validation_data=(x, y), verbose=0).history
    assert {"bound", "kl", "val_bound"} <= set(history)
    model.save(tmp_path / "model.maeum")
    again = mm.load_model(tmp_path / "model.maeum")
    np.testing.assert_array_equal(again.sample(3, 1, seed=2), model.sample(3, 1, seed=2))
    assert set(model.evaluate(x, y, return_dict=True, verbose=0)) >= {"loss", "bound"}


def test_bad_input_is_told(model):
    with pytest.raises(ConfigError, match=r"fit\(x, labels\)"):
        model.predict(X)
    with pytest.raises(DataError, match="40 rows, and there are 3 labels"):
        model.bound([X, LABELS[:3]])
    with pytest.raises(DataError, match="Labels go from 0 to 2"):
        model.bound([X, LABELS + 1])
    with pytest.raises(ConfigError, match="labels="):
        model.decode(np.zeros((2, CODE)))
    plain = mm.Sequential([Input((SIZE,)), Dense(2 * CODE)])
    with pytest.raises(ShapeError, match=r"two inputs, \[x, labels\]"):
        ConditionalVAE(plain, model.decoder, classes=CLASSES)
    with pytest.raises(DataError, match="not finite"):
        model.anomaly_scores([np.where(X > 1, np.nan, X), LABELS])
