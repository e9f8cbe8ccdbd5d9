"""Simple models count as one counts by hand."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest

from maeum.language.baselines import (
    BIGRAMS,
    UNIFORM,
    UNIGRAMS,
    bigram_probabilities,
    simple_models,
)
from maeum.language.data import LanguageData
from maeum.language.options import LanguageOptions


def by_name(models):
    return {model["name"]: model["metrics"] for model in models}


@pytest.mark.parametrize("unit", ["characters", "words"])
def test_simple_models_of_a_running_text_are_those_counted_by_hand(unit):
    text = "the cat saw the dog and the dog saw a cat . " * 6 + "a bird saw the cat ! " * 2
    data = LanguageData.prepare([text], LanguageOptions(unit=unit, window=4, validation_size=0.2))
    train, held = data.train.tolist(), data.validation.tolist()
    size = len(data.encoder.vocabulary)
    ones, twos = Counter(train[1:]), Counter(itertools.pairwise(train))
    firsts = Counter(train[:-1])
    alone = -np.mean([math.log((ones[b] + 1) / (len(train) - 1 + size)) for b in held[1:]])
    pairs = -np.mean(
        [math.log((twos[a, b] + 1) / (firsts[a] + size)) for a, b in itertools.pairwise(held)]
    )
    found = by_name(simple_models(data))
    assert found[UNIGRAMS]["loss"] == pytest.approx(alone)
    assert found[BIGRAMS]["loss"] == pytest.approx(pairs)
    assert found[UNIFORM]["perplexity"] == pytest.approx(size)
    bits = pairs * (len(held) - 1) / math.log(2) / len(data.held_out[0])
    assert found[BIGRAMS]["bits_per_character"] == pytest.approx(bits)


def test_simple_models_of_several_texts_predict_their_ends_but_not_their_beginnings(names):
    data = names.run.data
    train, held = (
        [[data.start, *data.encoder.encode(name), data.end] for name in texts]
        for texts in (data.learnt, data.held_out)
    )
    size = len(data.encoder.vocabulary) - 1
    twos = Counter(pair for row in train for pair in itertools.pairwise(row))
    firsts = Counter(token for row in train for token in row[:-1])
    steps = [pair for row in held for pair in itertools.pairwise(row)]
    loss = -np.mean([math.log((twos[a, b] + 1) / (firsts[a] + size)) for a, b in steps])
    found = by_name(names.run.models)
    assert found[BIGRAMS]["loss"] == pytest.approx(loss)
    assert found[UNIFORM]["perplexity"] == pytest.approx(size)


def test_probabilities_after_a_token_sum_to_one():
    random = np.random.default_rng(0)
    before, after = random.integers(0, 5, (2, 40))
    for last in range(6):  # 5 was never seen
        every = np.arange(7)
        p = bigram_probabilities(before, after, np.full(7, last), every, 7)
        assert p.sum() == pytest.approx(1)
