"""Weighted ensembles: models of any kind whose weighted mean predicts."""

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError
from maeum.layers import Dense

X = np.random.default_rng(0).normal(size=(40, 4)).astype("float32")


def network(units, seed):
    layers = [mm.Input((4,)), Dense(units, "relu"), Dense(2, "softmax")]
    return mm.Sequential(layers, seed=seed)


def blend():
    of_networks = mm.Ensemble(network(8, 1), members=2, seed=2)
    return mm.WeightedEnsemble([of_networks, network(3, 4)], [3, 1])


def test_the_weighted_mean_predicts():
    both = blend()
    one, two = (model.predict(X, verbose=0) for model in both.models)
    expected = 0.75 * one + 0.25 * two
    assert both.model_weights == [0.75, 0.25]
    np.testing.assert_allclose(both.predict(X, verbose=0), expected, rtol=1e-6)
    np.testing.assert_allclose(both(X), expected, rtol=1e-5)
    batches = (X[i : i + 10] for i in range(0, 40, 10))
    np.testing.assert_allclose(both.predict(batches, steps=4, verbose=0), expected, rtol=1e-5)


def test_it_is_saved_with_its_weights(tmp_path):
    both = blend()
    both.save(tmp_path / "both.maeum")
    again = mm.load_model(tmp_path / "both.maeum")
    assert again.model_weights == [0.75, 0.25]
    assert isinstance(again.models[0], mm.Ensemble)
    np.testing.assert_array_equal(again.predict(X, verbose=0), both.predict(X, verbose=0))


def test_the_summary_tells_of_each_model_and_its_weight():
    said = []
    blend().summary(print_fn=said.append)
    assert "75%" in said[2]
    assert "25%" in said[4]


def test_what_is_no_weighted_ensemble_is_refused():
    one = network(2, 0)
    with pytest.raises(ConfigError, match="made of models"):
        mm.WeightedEnsemble([], [])
    with pytest.raises(ConfigError, match="made of models"):
        mm.WeightedEnsemble([Dense(2)], [1])
    for weights in ([1], [0, 0]):
        with pytest.raises(ConfigError, match="as many weights"):
            mm.WeightedEnsemble([one, one], weights)
    with pytest.raises(ConfigError, match="weights is a finite number"):
        mm.WeightedEnsemble([one, one], [1, -1])
