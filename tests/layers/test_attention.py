"""Attention layers against Keras's, with masks of every kind."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import maeum as mm
from maeum.core import functional
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.masks import mask_of
from maeum.layers import (
    AdditiveAttention,
    Attention,
    Embedding,
    GroupedQueryAttention,
    GroupQueryAttention,
    Layer,
    MultiHeadAttention,
)
from maeum.testing import check_layer


class Ours(Layer):
    """Calls a layer on several inputs, or on their list, with fixed options."""

    def __init__(self, layer, several, options, name=None):
        super().__init__(name=name)
        self.layer, self.several, self.options = layer, several, options

    def build(self, shapes):
        self.layer.build(*shapes) if self.several else self.layer.build(shapes)

    def call(self, inputs):
        given = inputs if self.several else [inputs]
        return self.layer(*given, **self.options)

    def compute_output_shape(self, shapes):
        given = shapes if self.several else [shapes]
        return self.layer.compute_output_shape(*given)


@pytest.fixture(scope="module")
def same(agree, k):
    """Compare two layers that are called on several inputs."""

    class Theirs(k.Layer):
        def __init__(self, layer, several, options):
            super().__init__()
            self.layer, self.several, self.options = layer, several, options

        build, call = Ours.__dict__["build"].__wrapped__, Ours.call
        compute_output_shape = Ours.compute_output_shape

    def compare(ours, theirs, inputs, several=True, **options):
        options = {"return_attention_scores": False, **options}
        agree(Ours(ours, several, options), Theirs(theirs, several, options), inputs, atol=5e-4)

    return compare


def masks(rng, *shape):
    """Draw a mask that leaves every row something: its first entry."""
    mask = rng.random(shape) < 0.6
    mask[..., 0] = True
    return mask


@settings(max_examples=3)
@given(
    several=st.booleans(),
    gate=st.booleans(),
    bias=st.booleans(),
    causal=st.booleans(),
    masked=st.booleans(),
    window=st.sampled_from([None, 2]),
    sizes=st.sampled_from([{}, {"value_dim": 5}, {"output_shape": 3}, {"output_shape": (2, 3)}]),
)
def test_multi_head_attention(same, agree, k, several, gate, bias, causal, masked, window, sizes):
    arguments = {"num_heads": 2, "key_dim": 3, "use_gate": gate, "use_bias": bias, **sizes}
    arguments["sliding_window"] = window
    if "value_dim" in sizes:  # with dropout, though none is dropped here, Keras takes any size
        arguments["dropout"] = 0.1
    x = agree.floats(2, 4, 5)
    inputs = [x, agree.floats(2, 4, 6), agree.floats(2, 4, 7)] if several else [x, x]
    options = {"use_causal_mask": causal}
    if masked and window is None:  # together they could leave a query nothing: zeros here only
        options |= {
            "value_mask": masks(agree.rng, 2, 4),
            "attention_mask": masks(agree.rng, 2, 4, 4),
        }
    same(MultiHeadAttention(**arguments), k.MultiHeadAttention(**arguments), inputs, **options)


@settings(max_examples=3)
@given(
    gate=st.booleans(), causal=st.booleans(), masked=st.booleans(), groups=st.sampled_from([1, 2])
)
def test_group_query_attention(same, agree, k, gate, causal, masked, groups):
    arguments = {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": groups}
    arguments["use_gate"] = gate
    options = {"use_causal_mask": causal}
    if masked:
        options["value_mask"] = masks(agree.rng, 2, 6)
    inputs = [agree.floats(2, 4, 5), agree.floats(2, 6, 5)]
    ours, theirs = GroupQueryAttention(**arguments), k.GroupQueryAttention(**arguments)
    same(ours, theirs, inputs, **options)
    assert GroupedQueryAttention is GroupQueryAttention
    assert ours.name.startswith("grouped_query_attention")
    assert theirs.name.startswith("grouped_query_attention")


@pytest.mark.parametrize("axes", [None, 2, (1, 2), -2])
def test_attention_over_chosen_axes(same, agree, k, axes):
    x = agree.floats(2, 3, 4, 5)
    arguments = {"num_heads": 2, "key_dim": 3, "attention_axes": axes}
    same(MultiHeadAttention(**arguments), k.MultiHeadAttention(**arguments), [x, x])


@settings(max_examples=4)
@given(
    kind=st.sampled_from(["dot", "concat", "additive"]),
    scale=st.booleans(),
    causal=st.booleans(),
    key=st.booleans(),
    query_mask=st.booleans(),
    value_mask=st.booleans(),
)
def test_attention(same, agree, k, kind, scale, causal, key, query_mask, value_mask):
    if kind == "additive":
        ours, theirs = AdditiveAttention(scale), k.AdditiveAttention(scale)
    else:
        ours, theirs = Attention(scale, kind), k.Attention(scale, kind)
    inputs = [agree.floats(2, 4, 5), agree.floats(2, 6, 5), agree.floats(2, 6, 5)]
    options = {"use_causal_mask": causal, "mask": [None, None]}
    if query_mask:
        options["mask"][0] = agree.rng.random((2, 4)) < 0.6
    if value_mask:
        options["mask"][1] = masks(agree.rng, 2, 6)
    same(ours, theirs, inputs if key else inputs[:2], False, **options)


def test_the_weights_are_returned_as_in_keras(k):
    x = np.random.default_rng(0).normal(size=(2, 4, 6)).astype("float32")
    mask = np.tril(np.ones((4, 4), bool))[None]
    for ours, theirs, call in (
        (
            MultiHeadAttention(2, 3),
            k.MultiHeadAttention(2, 3),
            lambda f: f(x, x, attention_mask=mask),
        ),
        (Attention(True), k.Attention(True), lambda f: f([x, x], use_causal_mask=True)),
    ):
        call(ours), call(theirs)
        theirs.set_weights(ours.get_weights())
        got, expected = (
            call(lambda *a, f=f, **o: f(*a, return_attention_scores=True, **o))
            for f in (ours, theirs)
        )
        for one, two in zip(got, expected):
            np.testing.assert_allclose(one, two, atol=1e-5)


def test_masks_travel_beside_the_inputs():
    tokens = np.array([[1, 2, 3, 0], [4, 0, 0, 0]])
    x = Embedding(6, 8, mask_zero=True)(tokens)
    layer = MultiHeadAttention(2, 4)
    out, scores = layer(x, x, return_attention_scores=True)
    assert mask_of(out).tolist() == (tokens != 0).tolist()
    assert (np.asarray(scores)[1, :, 0] == [1, 0, 0, 0]).all()
    assert (np.asarray(scores)[1, :, 2] == 0).all()  # a query that is padding sees nothing
    np.testing.assert_allclose(np.asarray(scores)[0, :, :3].sum(-1), 1, atol=1e-6)

    both = Attention()
    out, scores = both([x, x], return_attention_scores=True)
    assert mask_of(out).tolist() == (tokens != 0).tolist()
    assert (np.asarray(out)[1, 1:] == 0).all()
    assert (np.asarray(scores)[1, 0] == [1, 0, 0, 0]).all()


def test_the_mask_reaches_the_loss_of_a_model():
    tokens = mm.Input((None,), dtype="int32")
    x = Embedding(6, 8, mask_zero=True)(tokens)
    x = MultiHeadAttention(2, 4)(x, x, use_causal_mask=True)
    model = mm.Model(tokens, mm.layers.Dense(1)(x))
    model.compile("sgd", "mse")
    x, y = np.array([[1, 2, 0]]), np.array([[[1.0], [2.0], [9e9]]])
    assert model.evaluate(x, y, verbose=0) < 1e6


def test_dropout_is_drawn_while_training_only():
    x = np.random.default_rng(0).normal(size=(2, 6, 8)).astype("float32")
    for layer, args in ((MultiHeadAttention(2, 4, dropout=0.5), (x, x)),
                        (Attention(dropout=0.5), ([x, x],)),
                        (AdditiveAttention(dropout=0.5), ([x, x],))):  # fmt: skip
        calm = np.asarray(layer(*args))
        np.testing.assert_array_equal(calm, layer(*args))
        assert not np.array_equal(calm, layer(*args, training=True))


def test_no_step_sees_a_later_one():
    x = np.random.default_rng(0).normal(size=(1, 6, 8)).astype("float32")
    later = x.copy()
    later[:, 3:] += 5
    for layer, call in (
        (MultiHeadAttention(2, 4), lambda f, x: f(x, x, use_causal_mask=True)),
        (GroupQueryAttention(4, 2, 1), lambda f, x: f(x, x, use_causal_mask=True)),
        (Attention(), lambda f, x: f([x, x], use_causal_mask=True)),
        (AdditiveAttention(), lambda f, x: f([x, x], use_causal_mask=True)),
    ):
        before, after = call(layer, x), call(layer, later)
        np.testing.assert_allclose(before[:, :3], after[:, :3], atol=1e-6)
        assert not np.allclose(before[:, 3:], after[:, 3:])


@pytest.mark.parametrize(
    "make", [lambda: MultiHeadAttention(2, 4, 3), lambda: GroupQueryAttention(4, 4, 2)]
)
def test_a_step_from_the_cache_is_that_of_the_whole(make):
    layer = make()
    x = np.random.default_rng(0).normal(size=(2, 5, 8)).astype("float32")
    whole = layer(x, x, use_causal_mask=True)
    values = functional.values(layer)

    @jax.jit
    def step(x, cache, at):
        def run():
            return layer(x, x, cache=cache, cache_update_index=at, use_causal_mask=True)

        return functional.run(layer, run, values)[0]

    cache = layer.init_cache(2, 7)
    out, cache = step(x[:, :2], cache, 0)
    np.testing.assert_allclose(out, whole[:, :2], atol=1e-5)
    for i in range(2, 5):
        out, cache = step(x[:, i : i + 1], cache, i)
        np.testing.assert_allclose(out[:, 0], whole[:, i], atol=1e-5)

    # Rows at places of their own: the second is one step behind.
    cache = layer.init_cache(2, 7)
    _, cache = step(x[:, :1], cache, np.array([0, 0]))
    rows = np.stack([x[0, 1:2], x[1, :1]])
    out, cache = step(rows, cache, np.array([1, 0]))
    np.testing.assert_allclose(out[0, 0], whole[0, 1], atol=1e-5)
    np.testing.assert_allclose(out[1, 0], whole[1, 0], atol=1e-5)


def test_a_complete_cache_stands_for_the_value():
    layer = MultiHeadAttention(2, 4)
    rng = np.random.default_rng(0)
    x, source = (rng.normal(size=(2, n, 8)).astype("float32") for n in (1, 5))
    mask = np.array([[1, 1, 0, 1, 0], [1, 0, 0, 0, 1]], bool)
    expected = layer(x, source, value_mask=mask)
    got, _ = layer(x, x, value_mask=mask, cache=layer.project_cache(source))
    np.testing.assert_allclose(got, expected, atol=1e-6)


CHECKED = {
    "MultiHeadAttention": lambda: Ours2(MultiHeadAttention(2, 3, dropout=0.3, use_gate=True)),
    "GroupQueryAttention": lambda: Ours2(GroupQueryAttention(3, 4, 2)),
}


@mm.register(package="test_attention")
class Ours2(Layer):
    """Self-attention as a layer with one input."""

    def __init__(self, layer, **kwargs):
        super().__init__(**kwargs)
        self.layer = layer

    def call(self, x):
        return self.layer(x, x, use_causal_mask=True)


@pytest.mark.parametrize("name", CHECKED)
def test_they_keep_the_contract(name):
    # The gradients are compared with those of Keras above.
    check_layer(CHECKED[name], (4, 5), skip=["gradients"])


@pytest.mark.parametrize("make", [lambda: Attention(True, dropout=0.2), AdditiveAttention])
def test_attention_keeps_the_contract(make):
    check_layer(make, [(3, 4), (5, 4)], skip=["masks"])


def test_bad_arguments_are_named():
    for make, words in (
        (lambda: MultiHeadAttention(0, 4), "num_heads"),
        (lambda: MultiHeadAttention(2, 4.5), "key_dim"),
        (lambda: MultiHeadAttention(2, 4, dropout=1.0), "below 1"),
        (lambda: MultiHeadAttention(2, 4, dropout=-0.1), "dropout"),
        (lambda: MultiHeadAttention(2, 4, sliding_window=0), "sliding_window"),
        (lambda: MultiHeadAttention(2, 4, output_shape=(3, 0)), "output_shape"),
        (lambda: GroupQueryAttention(4, 5, 2), "a multiple of"),
        (lambda: Attention(score_mode="cosine"), "'dot', 'concat'"),
    ):
        with pytest.raises(ConfigError, match=words):
            make()


def test_inputs_that_do_not_fit_are_named():
    x = np.ones((2, 4, 6), "float32")
    for args, options, words in (
        ((x,), {}, "self-attention"),
        (([x, x],), {}, "self-attention"),
        ((x[0], x), {}, "axes"),
        ((x, x[:1]), {}, "as many rows"),
        ((x, x, x[:, :3]), {}, "value for every key"),
        ((x, x), {"attention_mask": np.ones((2, 4, 5), bool)}, "attention_mask"),
        ((x, x), {"query_mask": np.ones((2, 5), bool)}, "query_mask"),
        ((x, x), {"value_mask": np.ones((3, 4), bool)}, "value_mask"),
    ):
        with pytest.raises(ShapeError, match=words):
            MultiHeadAttention(2, 3)(*args, **options)
    layer = MultiHeadAttention(2, 3)
    layer(x, x)
    with pytest.raises(ShapeError, match="built for inputs"):
        layer(x[..., :5], x)
    with pytest.raises(ShapeError, match="value for every key"):
        layer(x, x, x[:, :3])
    with pytest.raises(ShapeError, match="attention_axes"):
        MultiHeadAttention(2, 3, attention_axes=(0,))(x, x)
    for inputs, options, words in (
        (x, {}, "list of inputs"),
        ([x], {}, "list of inputs"),
        ([x, x[0]], {}, "with 3 axes"),
        ([x, x[..., :5]], {}, "features as the queries"),
        ([x, x, x[:, :3]], {}, "value for every key"),
        ([x, x], {"mask": np.ones((2, 4), bool)}, "list of masks"),
        ([x, x], {"mask": [np.ones((2, 3), bool), None]}, "one bool for each"),
    ):
        with pytest.raises(ShapeError, match=words):
            Attention()(inputs, **options)


@pytest.mark.parametrize("make", [Attention, AdditiveAttention])
def test_scores_are_returned_as_they_were_after_dropout(make):
    rng = np.random.default_rng(0)
    query, value = (rng.normal(size=(2, n, 4)).astype("float32") for n in (3, 5))
    layer = make(dropout=0.5)
    output, weights = layer([query, value], return_attention_scores=True, training=True)
    assert 0 < (np.asarray(weights) == 0).mean() < 1
    np.testing.assert_allclose(output, np.asarray(weights) @ value, rtol=1e-5, atol=1e-6)
    _, whole = layer([query, value], return_attention_scores=True)
    kept = np.asarray(weights) != 0
    np.testing.assert_allclose(weights[kept], 2 * np.asarray(whole)[kept], rtol=1e-5)
