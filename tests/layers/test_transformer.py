"""The blocks of a Transformer against the same blocks made of Keras's layers."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import numpy as np
import pytest

from maeum.core.errors import ConfigError, NotBuiltError, ShapeError
from maeum.core.masks import mask_of
from maeum.layers import Embedding, TransformerDecoder, TransformerEncoder
from maeum.testing import check_layer


def block_of_keras(k, ours, x, source=None, **masks):
    """Compute a block with Keras's layers and the weights of ours."""
    size, first = x.shape[-1], ours.normalize_first

    def like(layer, other, *inputs):
        other(*inputs)
        other.set_weights(layer.get_weights())
        return other

    def around(x, norm, inner):
        norm = like(norm, k.LayerNormalization(epsilon=1e-5), x)
        return x + inner(norm(x)) if first else norm(x + inner(x))

    def attention(layer, x, value, **options):
        other = k.MultiHeadAttention(ours.num_heads, size // ours.num_heads)
        return like(layer, other, x, value)(x, value, **options)

    causal = isinstance(ours, TransformerDecoder)
    x = around(
        x,
        ours._self_attention_layer_norm,
        lambda x: attention(
            ours._self_attention_layer, x, x, use_causal_mask=causal, value_mask=masks.get("own")
        ),
    )
    if source is not None:
        x = around(
            x,
            ours._cross_attention_layer_norm,
            lambda x: attention(
                ours._cross_attention_layer, x, source, value_mask=masks.get("other")
            ),
        )

    def dense(x):
        hidden = like(ours._feedforward_intermediate_dense, k.Dense(7, "relu"), x)(x)
        return like(ours._feedforward_output_dense, k.Dense(size), hidden)(hidden)

    return around(x, ours._feedforward_layer_norm, dense)


RNG = np.random.default_rng(0)
X, SOURCE = (RNG.normal(size=(2, n, 6)).astype("float32") for n in (4, 5))
OWN = np.array([[1, 1, 1, 0], [1, 1, 0, 0]], bool)
OTHER = np.array([[1, 0, 1, 0, 1], [1, 1, 1, 1, 0]], bool)


@pytest.mark.parametrize("first", [False, True])
def test_the_encoder_is_made_of_kerass_layers(k, first):
    block = TransformerEncoder(7, 3, normalize_first=first)
    got = block(X, padding_mask=OWN)
    np.testing.assert_allclose(got, block_of_keras(k, block, X, own=OWN), atol=1e-5)


@pytest.mark.parametrize("first", [False, True])
def test_the_decoder_is_made_of_kerass_layers(k, first):
    block = TransformerDecoder(7, 3, normalize_first=first)
    got = block(X, SOURCE, decoder_padding_mask=OWN, encoder_padding_mask=OTHER)
    expected = block_of_keras(k, block, X, SOURCE, own=OWN, other=OTHER)
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_masks_travel_beside_the_inputs():
    tokens = np.array([[1, 2, 0, 0]])
    x = Embedding(4, 6, mask_zero=True)(tokens)
    for block in (TransformerEncoder(7, 3), TransformerDecoder(7, 3)):
        out = block(x)
        assert mask_of(out).tolist() == (tokens != 0).tolist()
        np.testing.assert_allclose(out[:, :2], block(x[:, :2]), atol=1e-5)
    cross = TransformerDecoder(7, 3)
    np.testing.assert_allclose(cross(X[:1], x), cross(X[:1], x[:, :2]), atol=1e-5)


def test_the_weights_of_the_encoder_can_be_seen():
    out, scores = TransformerEncoder(7, 3)(X, return_attention_scores=True)
    assert out.shape == X.shape
    np.testing.assert_allclose(np.asarray(scores).sum(-1), np.ones((2, 3, 4)), atol=1e-5)
    mask = np.tril(np.ones((1, 4, 4), bool))
    _, scores = TransformerEncoder(7, 3)(X, attention_mask=mask, return_attention_scores=True)
    assert (np.asarray(scores)[:, :, 0, 1:] == 0).all()


def test_no_step_of_the_decoder_sees_a_later_one():
    block, later = TransformerDecoder(7, 3), X.copy()
    later[:, 2:] += 1
    np.testing.assert_allclose(block(X)[:, :2], block(later)[:, :2], atol=1e-6)
    every = block(X, use_causal_mask=False)
    assert not np.allclose(every[:, :2], block(later, use_causal_mask=False)[:, :2])


@pytest.mark.parametrize("first", [False, True])
def test_step_by_step_is_the_same_as_at_once(first):
    block = TransformerDecoder(7, 3, normalize_first=first)
    whole = block(X, SOURCE, encoder_padding_mask=OTHER)
    own, source = block.init_cache(2, 4), block.cross_attention_cache(SOURCE)
    for i in range(4):
        step, own = block(
            X[:, i : i + 1],
            encoder_padding_mask=OTHER,
            self_attention_cache=own,
            self_attention_cache_update_index=i,
            cross_attention_cache=source,
        )
        np.testing.assert_allclose(step[:, 0], whole[:, i], atol=1e-5)


def test_a_masked_place_of_the_cache_is_not_seen():
    block = TransformerDecoder(7, 3)
    with pytest.raises(NotBuiltError, match="call it"):
        block.init_cache(2, 4)
    block.build((None, None, 6))
    padded = np.concatenate([X[:, :1] + 9, X[:, :2]], 1)  # padded in front
    seen = np.array([[0, 1, 1, 1]] * 2, bool)
    got, _ = block(
        padded,
        decoder_padding_mask=seen,
        self_attention_cache=block.init_cache(2, 4),
        self_attention_cache_update_index=0,
    )
    np.testing.assert_allclose(got[:, 1:], block(X[:, :2]), atol=1e-5)


@pytest.mark.parametrize("kind", [TransformerEncoder, TransformerDecoder])
def test_the_blocks_keep_the_contract(kind):
    # Their gradients are those of their parts, each of which is compared with Keras.
    check_layer(lambda: kind(3, 2, dropout=0.2), (3, 4), skip=["gradients"])


def test_bad_arguments_and_inputs_are_named():
    for make, words in (
        (lambda: TransformerEncoder(0, 2), "intermediate_dim"),
        (lambda: TransformerEncoder(4, 0), "num_heads"),
        (lambda: TransformerEncoder(4, 2, dropout=1), "below 1"),
        (lambda: TransformerEncoder(4, 4)(X), "leaves a remainder"),
        (lambda: TransformerDecoder(4, 3)(X, self_attention_cache=()), "position"),
    ):
        with pytest.raises(ConfigError, match=words):
            make()
    with pytest.raises(ShapeError, match="with 3 axes"):
        TransformerEncoder(4, 2)(X[0])
    with pytest.raises(ShapeError, match="value_mask"):
        TransformerEncoder(4, 2)(X, padding_mask=OWN[:, :3])
    with pytest.raises(ShapeError, match="as many rows"):
        TransformerDecoder(4, 2)(X, SOURCE[:1])
    alone, both = TransformerDecoder(4, 2), TransformerDecoder(4, 2)
    alone(X), both(X, SOURCE)
    with pytest.raises(ConfigError, match="built without"):
        alone(X, SOURCE)
    for block in (alone, TransformerDecoder(4, 2)):
        with pytest.raises(NotBuiltError, match="call it on two"):
            block.cross_attention_cache(SOURCE)
    with pytest.raises(ConfigError, match="call it on two"):
        both(X)
