"""Answers are attributed to the words of a text by integrated gradients."""

import numpy as np
import pytest

from maeum.core.errors import ConfigError
from maeum.layers import Dense, Input
from maeum.models import Sequential
from maeum.texts import TextOptions, word_attributions, word_shares
from maeum.texts.encoding import make_encoder
from maeum.texts.network import build_network


def test_attributions_of_a_linear_network_are_its_weights(trained):
    x, model = trained.run.data.x("test")[:6], trained.model.network
    found = word_attributions(model, x, np.ones(6, int))
    layers = {layer.name: layer for layer in model.layers}
    evidence, (kernel, _bias) = layers["evidence"].get_weights()[0], layers["classes"].get_weights()
    np.testing.assert_allclose(found, (evidence @ kernel)[x, 1] * (x > 0), atol=1e-5)


def test_attributions_add_up_to_the_difference_of_the_scores(reviews):
    texts = reviews(8)["review"].tolist()
    options = TextOptions(network="gru", units=8).resolved(8)
    encoder = make_encoder([*texts, "one that is longer than the others are"], options)
    x, y = encoder.encode(texts), np.arange(8) % 2
    network = build_network(encoder, 2, options, x, y)
    layers = {layer.name: layer for layer in network.layers}
    [words] = layers["words"].get_weights()
    layers["words"].set_weights([8 * words])  # far from linear
    of_both = [word_attributions(network, x, np.full(8, k)) for k in (0, 1)]
    for found in of_both:
        assert found.shape == x.shape
        assert (found[x == 0] == 0).all()

    def odds():
        return np.diff(np.log(network.predict(x, verbose=0)))[:, 0]

    with_words = odds()
    layers["words"].set_weights([0 * words])
    difference = (of_both[1] - of_both[0]).sum(axis=1)
    np.testing.assert_allclose(difference, with_words - odds(), rtol=0.05, atol=0.02)


def test_former_name_is_kept():
    assert word_shares is word_attributions


def test_network_without_words_is_refused():
    with pytest.raises(ConfigError, match="no Embedding"):
        word_attributions(Sequential([Input((2,)), Dense(1)]), np.zeros((1, 2)), np.zeros(1))
