"""A text in which it is known which words are alike."""

import numpy as np
import pytest

TOPICS = [
    ["fish", "water", "swim", "boat", "sea", "wave"],
    ["bird", "sky", "fly", "wing", "cloud", "air"],
    ["tree", "leaf", "wood", "root", "green", "forest"],
    ["마음", "생각", "사랑", "기쁨", "슬픔", "희망"],
]


@pytest.fixture(scope="session")
def topics():
    """Return 1,200 sentences of words of one topic each, with words that belong to none."""
    random = np.random.default_rng(3)
    sentences = []
    for _ in range(1200):
        words = TOPICS[random.integers(len(TOPICS))]
        sentence = [words[i] for i in random.integers(0, len(words), 6)]
        sentence.insert(int(random.integers(7)), ["the", "of"][random.integers(2)])
        sentences.append(sentence)
    return sentences


@pytest.fixture(scope="session")
def purity():
    """Return a function: the share of each word's five nearest words that are of its topic."""

    def measure(wv):
        topic = {word: i for i, words in enumerate(TOPICS) for word in words}
        near = [(word, other) for word in topic for other, _ in wv.most_similar(word, topn=5)]
        return np.mean([topic[word] == topic.get(other) for word, other in near])

    return measure
