"""The small GPT and BERT: their sizes, their files, and writing step by step."""

import jax
import numpy as np
import pytest

import maeum as mm
from maeum.applications import BERT, GPT, gpt
from maeum.core import functional
from maeum.core.errors import ConfigError, ShapeError

SMALL = {"max_length": 8, "layers": 2, "width": 8, "heads": 2}
TOKENS = np.array([[1, 5, 7, 2, 3], [4, 4, 1, 6, 9]])


def block_size(width, hidden):
    # Four projections and two dense layers with their biases, two normalizations.
    attention = 4 * (width * width + width)
    dense = width * hidden + hidden + hidden * width + width
    return attention + dense + 4 * width


@pytest.mark.parametrize("hidden", [None, 20])
def test_the_parameters_of_a_gpt(hidden):
    v, n, layers, w = 11, 8, 2, 8
    model = GPT(v, **SMALL, feedforward=hidden)
    blocks = layers * block_size(w, hidden or 4 * w)
    assert model.count_params() == v * w + n * w + blocks + 2 * w + w * v + v
    assert model.output_shape == (None, None, v)


def test_the_parameters_of_a_bert():
    v, n, layers, w = 11, 8, 2, 8
    body = (v + n + 2) * w + 2 * w + layers * block_size(w, 4 * w)
    assert BERT(v, **SMALL, segments=2, top=None).count_params() == body
    tokens = BERT(v, **SMALL, segments=2).count_params()
    assert tokens == body + w * w + w + 2 * w + w * v + v
    model = BERT(v, **SMALL, segments=2, top="classes", classes=3)
    assert model.count_params() == body + w * w + w + w * 3 + 3


def test_a_gpt_learns_what_comes_next_and_does_not_look_ahead(tmp_path):
    model = GPT(10, **SMALL, dropout=0.1)
    model.compile(mm.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    x = (np.arange(9) + np.arange(32)[:, None]) % 10
    history = model.fit(x[:, :-1], x[:, 1:], epochs=12, batch_size=8, verbose=0)
    assert history.history["loss"][-1] < 0.5 * history.history["loss"][0]
    later = TOKENS.copy()
    later[:, 3:] = 0
    before, after = model.predict(TOKENS), model.predict(later)
    np.testing.assert_allclose(before[:, :3], after[:, :3], atol=1e-6)
    model.save(tmp_path / "gpt.maeum")
    again = mm.models.load_model(tmp_path / "gpt.maeum")
    np.testing.assert_array_equal(again.predict(TOKENS), before)
    assert gpt.init_cache(again, 2, 8).keys() == gpt.init_cache(model, 2, 8).keys()


def test_steps_give_what_the_whole_text_gives():
    model = GPT(10, **SMALL)
    whole = np.asarray(model(TOKENS))
    values = functional.values(model)
    step = jax.jit(lambda values, *rest: gpt.step(model, values, *rest))
    cache = gpt.init_cache(model, 2, 8)
    logits, cache = step(values, TOKENS[:, :2], cache, 0)
    np.testing.assert_allclose(jax.nn.softmax(logits), whole[:, :2], atol=1e-5)
    for i in range(2, 5):
        logits, cache = step(values, TOKENS[:, i : i + 1], cache, i)
        np.testing.assert_allclose(jax.nn.softmax(logits)[:, 0], whole[:, i], atol=1e-5)


def test_rows_may_be_at_positions_of_their_own():
    model = GPT(10, **SMALL)
    values, whole = functional.values(model), np.asarray(model(TOKENS))
    _, cache = gpt.step(model, values, TOKENS[:, :2], gpt.init_cache(model, 2, 8), 0)
    # The second row has one token only; its next one takes the place of what came after it.
    tokens, at = np.array([[TOKENS[0, 2]], [TOKENS[1, 1]]]), np.array([2, 1])
    logits, _ = gpt.step(model, values, tokens, cache, at)
    np.testing.assert_allclose(jax.nn.softmax(logits)[0, 0], whole[0, 2], atol=1e-5)
    np.testing.assert_allclose(jax.nn.softmax(logits)[1, 0], whole[1, 1], atol=1e-5)


def test_padding_changes_nothing_of_a_bert():
    model = BERT(10, **SMALL, top="classes")
    longer = np.pad(TOKENS, ((0, 0), (0, 3)))
    np.testing.assert_allclose(model(TOKENS), model(longer), atol=1e-5)
    both = BERT(10, **SMALL, segments=2, top=None)
    assert both([TOKENS, TOKENS % 2]).shape == (2, 5, 8)


def test_what_does_not_fit_is_named():
    for make, words in (
        (lambda: GPT(0, **SMALL), "input_dim"),
        (lambda: GPT(10, layers=0), "layers of GPT"),
        (lambda: GPT(10, width=10, heads=4), "leaves a remainder"),
        (lambda: BERT(10, top="words"), "'tokens', 'classes', None"),
        (lambda: gpt.init_cache(BERT(10, **SMALL), 1, 8), "step by step"),
        (lambda: gpt.init_cache(mm.Model(), 1, 8), "not made from a graph"),
    ):
        with pytest.raises(ConfigError, match=words):
            make()
    with pytest.raises(ShapeError, match="sequence_length=8; got 9"):
        GPT(10, **SMALL)(np.ones((1, 9), "int32"))
