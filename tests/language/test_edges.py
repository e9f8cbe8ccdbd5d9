"""Sampling, models and labelled texts at their edges."""

import json

import numpy as np
import pytest

from maeum.core.errors import ConfigError, DataError, ModelFileError
from maeum.language import (
    LanguageModel,
    Sampling,
    beam_search,
    decoder_of,
    generate,
    train_language_model,
)
from maeum.layers import GRU, Dense, Embedding, Input
from maeum.models import Sequential
from maeum.saving import archive


def test_a_share_of_1_keeps_the_least_likely_token_too():
    logits = np.array([[0.0, -40.0, 30.0]], np.float32)
    for sampling in (Sampling(top_p=1.0), Sampling(top_k=3), Sampling(top_k=9, top_p=1.0)):
        assert np.isfinite(np.asarray(sampling.limited(logits))).all()


@pytest.mark.parametrize("temperature", [0.0, 1e-45, 1e-38])
def test_hardly_any_temperature_takes_the_likeliest(temperature):
    assert Sampling(temperature).kind == "greedy"


def test_one_character_again_and_again_teaches_nothing():
    with pytest.raises(DataError, match=r"single token, 'a'"):
        train_language_model(["a" * 300], epochs=1, units=4, window=8)


@pytest.fixture(scope="module")
def model():
    return train_language_model(["to be or not "] * 20, epochs=1, units=4, window=8).model


def test_an_end_that_is_no_token_is_damage(model, tmp_path):
    path = tmp_path / "model.maeum"
    model.save(path)
    entries = dict(archive.read_entries(path))
    saved = json.loads(entries["preprocessing.json"])
    entries["preprocessing.json"] = json.dumps({**saved, "end": 9999}).encode()
    with pytest.raises(ModelFileError, match="damaged"):
        LanguageModel.from_entries(entries, "model")


def network(length):
    layers = [Input((length,)), Embedding(5, 4), GRU(4, return_sequences=True), Dense(5)]
    return Sequential(layers)


def test_networks_of_one_length_say_how_they_could_write():
    with pytest.raises(ConfigError, match=r"texts of 6 tokens only.*Input\(\(None,\)\)"):
        decoder_of(network(6))


@pytest.mark.parametrize("end", ["a", 1.5, True, 9, -1])
def test_an_end_that_is_no_token_is_refused(end):
    with pytest.raises(ConfigError, match="end is a token"):
        generate(decoder_of(network(None)), [[1]], 3, end=end)


@pytest.mark.parametrize("penalty", ["x", None, float("nan"), -1])
def test_a_length_penalty_is_a_number(penalty):
    with pytest.raises(ConfigError, match="length_penalty"):
        beam_search(decoder_of(network(None)), [[1]], 3, length_penalty=penalty)


@pytest.mark.parametrize("prompt", [None, 5, b"to"])
def test_prompts_that_are_no_texts(model, prompt):
    with pytest.raises(DataError, match="prompt is a text or a list of texts"):
        model.generate(prompt, 3)
    with pytest.raises(DataError, match="text is a text or a list of texts"):
        model.evaluate(prompt)
