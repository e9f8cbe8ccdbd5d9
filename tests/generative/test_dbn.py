"""Deep belief networks: layer by layer, unrolled, and of use where labels are few."""

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, DataError, NotCompiledError
from maeum.datasets import digits
from maeum.generative import RBM, DeepBeliefNetwork
from maeum.layers import Dense

UNITS = [6, 5, 4]
X = np.random.default_rng(0).random((40, 6)).astype("float32")


@pytest.fixture(scope="module")
def trained():
    model = DeepBeliefNetwork(UNITS, seed=1)
    model.compile(mm.optimizers.SGD(0.1, momentum=0.5))
    model.histories = model.fit(X, batch_size=20, epochs=[2, 3], validation_data=X[:10], verbose=0)
    return model


def test_each_layer_learns_from_the_one_below(trained):
    assert [len(h.history["loss"]) for h in trained.histories] == [2, 3]
    assert "val_free_energy" in trained.histories[1].history
    first = RBM(5, seed=trained.rbms[0].seed)
    first.compile(mm.optimizers.SGD(0.1, momentum=0.5))
    first.build((None, 6))
    fresh = DeepBeliefNetwork(UNITS, seed=1)
    first.set_weights(fresh.rbms[0].get_weights())
    history = first.fit(X, batch_size=20, epochs=2, validation_data=X[:10], verbose=0)
    assert history.history == trained.histories[0].history
    for one, two in zip(first.get_weights(), trained.rbms[0].get_weights()):
        np.testing.assert_array_equal(one, two)
    second = RBM(4, seed=trained.rbms[1].seed)
    second.compile(mm.optimizers.SGD(0.1, momentum=0.5))
    second.build((None, 5))
    second.set_weights(fresh.rbms[1].get_weights())
    second.fit(first.transform(X), batch_size=20, epochs=3, verbose=0)
    np.testing.assert_array_equal(second.kernel.numpy(), trained.rbms[1].kernel.numpy())


def test_a_classifier_begins_with_its_features(trained):
    classifier = trained.to_classifier(3, seed=7)
    features = mm.Sequential(classifier.layers[:-1])
    np.testing.assert_allclose(features.predict(X), trained.predict(X), rtol=1e-5)
    np.testing.assert_allclose(classifier.predict(X).sum(1), 1, rtol=1e-5)
    assert classifier.seed == 7
    with pytest.raises(ConfigError, match="classes is a whole number of 2 or more"):
        trained.to_classifier(1)


def test_an_autoencoder_is_the_way_up_and_down(trained):
    model = trained.to_autoencoder()
    one, two = trained.rbms
    down = 1 / (1 + np.exp(-(trained.predict(X) @ two.kernel.numpy().T + two.visible_bias.numpy())))
    down = 1 / (1 + np.exp(-(down @ one.kernel.numpy().T + one.visible_bias.numpy())))
    np.testing.assert_allclose(model.predict(X), down, rtol=1e-4)
    code = model.encode(X)
    np.testing.assert_allclose(1 / (1 + np.exp(-code)), trained.predict(X), rtol=1e-5)
    model.compile("adam", "binary_crossentropy")
    before = model.evaluate(X, verbose=0)
    model.fit(X, epochs=5, verbose=0)
    assert model.evaluate(X, verbose=0) < before


def test_samples_come_from_the_top_down(trained):
    made = trained.sample(5, steps=4, seed=3)
    assert made.shape == (5, 6)
    assert ((made > 0) & (made < 1)).all()
    np.testing.assert_array_equal(made, trained.sample(5, steps=4, seed=3))
    assert trained.sample(4, steps=1, seed=3, start=X[:4]).shape == (4, 6)


def test_with_sharp_weights_a_sample_is_what_the_top_says():
    """The top machine is sure of its visible units, which decide those at the bottom."""
    model = DeepBeliefNetwork([2, 2, 1], seed=1)
    low, top = model.rbms
    top.visible_bias.assign([50.0, -50.0])
    low.kernel.assign([[100.0, 0.0], [0.0, 100.0]])
    low.visible_bias.assign([-50.0, -50.0])
    np.testing.assert_allclose(model.sample(3, steps=2, seed=1), [[1, 0]] * 3, atol=1e-6)


def test_gaussian_data_are_taken_at_the_bottom_only():
    model = DeepBeliefNetwork([6, 4, 3], "gaussian", seed=1)
    assert [rbm.visible for rbm in model.rbms] == ["gaussian", "binary"]
    assert model.to_autoencoder().decoder.layers[-1].activation.__name__ == "linear"


def test_pretraining_helps_where_labels_are_few():
    (x, y), (x_test, y_test) = digits.load_data()
    x, x_test = (part.reshape(len(part), -1) / np.float32(255) for part in (x, x_test))
    some = np.tile(np.random.default_rng(0).permutation(len(x))[:60], 30)  # so an epoch is long
    model = DeepBeliefNetwork([64] * 4, seed=0)  # all alike: one program
    model.compile(mm.optimizers.SGD(0.1, momentum=0.5))
    model.pretrain(x, batch_size=20, epochs=6, verbose=0)
    plain = mm.Sequential(
        [mm.Input((64,)), *(Dense(64, "sigmoid") for _ in range(3)), Dense(10, "softmax")], seed=0
    )
    right = []
    for network in (model.to_classifier(10), plain):
        network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        network.fit(x[some], y[some], batch_size=60, epochs=5, verbose=0)
        right.append(network.evaluate(x_test, y_test, verbose=0)[1])
    assert right[0] > right[1] + 0.03


def test_bad_input_is_told(trained):
    with pytest.raises(ConfigError, match=r"such as \[784, 500\]; got 784"):
        DeepBeliefNetwork(784)
    with pytest.raises(ConfigError, match="units is a whole number of 1 or more; got 0"):
        DeepBeliefNetwork([6, 0])
    with pytest.raises(NotCompiledError):
        DeepBeliefNetwork([6, 2]).fit(X)
    with pytest.raises(ConfigError, match=r"each of the 2 hidden layers; got \[1, 2, 3\]"):
        trained.fit(X, epochs=[1, 2, 3])
    with pytest.raises(DataError, match=r"holds values from .* to 255"):
        trained.fit(X.round() * 255)
    with pytest.raises(ConfigError, match="no loss; got 'mse'"):
        trained.compile("sgd", "mse")
