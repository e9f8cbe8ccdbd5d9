"""MixUp and CutMix: labels and pixels agree on who is shown."""

import jax
import numpy as np
import pytest

import maeum as mm
from maeum import layers
from maeum.core import functional
from maeum.core.errors import ConfigError, DataError, ShapeError
from maeum.testing import check_layer

KEY = jax.random.PRNGKey(3)
# Picture i holds the number i everywhere, so that its pixels tell whose they are.
ROWS = 48
PICTURES = np.broadcast_to(np.arange(ROWS, dtype="float32")[:, None, None, None], (ROWS, 6, 8, 2))
BATCH = {"images": PICTURES, "labels": np.eye(ROWS, dtype="float32")}
both = pytest.mark.parametrize("layer_class", [layers.MixUp, layers.CutMix])


def train(layer, batch=BATCH, key=KEY):
    jax.eval_shape(layer, batch)  # builds
    run = jax.jit(lambda batch, key: functional.apply(layer, {}, batch, training=True, key=key)[0])
    return {name: np.asarray(part) for name, part in run(batch, key).items()}


@both
def test_labels_hold_the_shares_of_the_pixels(layer_class):
    out = train(layer_class(1.0))
    np.testing.assert_allclose(out["labels"].sum(1), 1, atol=1e-6)
    shown = out["labels"] @ np.arange(ROWS)
    np.testing.assert_allclose(out["images"].mean((1, 2, 3)), shown, rtol=1e-4, atol=1e-4)
    assert ((out["labels"] > 0).sum(1) <= 2).all()
    own = np.diag(out["labels"])
    assert own.min() < 0.5 < own.max()


def test_mixup_lays_pictures_over_each_other_and_cutmix_pastes_boxes():
    spread = np.ptp(train(layers.MixUp(1.0))["images"], axis=(1, 2, 3))
    assert spread.max() < 1e-4
    out = train(layers.CutMix())
    values = [np.unique(picture) for picture in out["images"]]
    assert max(map(len, values)) == 2
    for i, (picture, found) in enumerate(zip(out["images"], values)):
        assert i in found or (picture == picture[0, 0, 0]).all()
        pasted = (picture != i).all(-1)
        assert pasted.sum() == pasted.any(0).sum() * pasted.any(1).sum()  # a box


@both
def test_the_draws_are_a_function_of_the_key(layer_class):
    first, again = train(layer_class(0.9)), train(layer_class(0.9))
    np.testing.assert_array_equal(first["images"], again["images"])
    another_key = jax.random.PRNGKey(4)
    for other in (train(layer_class(0.9), key=another_key), train(layer_class(0.9, seed=1))):
        assert (first["images"] != other["images"]).any()
        assert (first["labels"] != other["labels"]).any()


@both
def test_nothing_happens_outside_of_training(layer_class):
    out = layer_class()(BATCH, training=False)
    np.testing.assert_array_equal(out["images"], PICTURES)
    np.testing.assert_array_equal(out["labels"], BATCH["labels"])


@both
def test_whole_number_pictures_and_channels_first(layer_class):
    first = {"images": np.moveaxis(PICTURES, -1, 1).astype("uint8"),
             "labels": np.eye(ROWS, dtype="int32")}  # fmt: skip
    out = train(layer_class(1.0, data_format="channels_first"), first)
    expected = train(layer_class(1.0))
    assert out["images"].dtype == out["labels"].dtype == "float32"
    np.testing.assert_allclose(np.moveaxis(out["images"], 1, -1), expected["images"], rtol=1e-5)
    np.testing.assert_allclose(out["labels"], expected["labels"], rtol=1e-5)


@both
def test_the_contract_of_layers_is_kept(layer_class):
    rng = np.random.default_rng(0)
    check_layer(layer_class, inputs={"images": rng.normal(size=(4, 6, 5, 3)), "labels": np.eye(4)})


def test_a_greater_alpha_mixes_more():
    def mixing(alpha):
        own = np.diag(train(layers.MixUp(alpha))["labels"])
        return np.minimum(own, 1 - own).mean()

    assert mixing(0.1) < mixing(1.0) < mixing(20.0)


@both
def test_soft_labels_of_other_shapes_are_mixed(layer_class):
    for labels in (np.linspace(0, 1, ROWS), np.ones((ROWS, 4, 3))):
        out = train(layer_class(), {"images": PICTURES, "labels": labels.astype("float32")})
        assert out["labels"].shape == labels.shape


@both
def test_images_without_labels_are_mixed(layer_class):
    layer = layer_class(seed=3)
    named = train(layer, {"images": PICTURES})["images"]
    with_labels = train(layer, BATCH)["images"]
    run = jax.jit(lambda x: functional.apply(layer, {}, x, training=True, key=KEY)[0])
    alone = np.asarray(run(PICTURES))
    np.testing.assert_array_equal(alone, named)
    np.testing.assert_array_equal(alone, with_labels)


@pytest.mark.parametrize(
    ("batch", "error", "words"),
    [
        ({"labels": PICTURES}, DataError, "images"),
        ({**BATCH, "masks": PICTURES}, DataError, "masks"),
        ({**BATCH, "labels": np.arange(ROWS)}, DataError, "to_categorical"),
        ({**BATCH, "labels": np.arange(ROWS)[:, None]}, DataError, "to_categorical"),
        ({**BATCH, "labels": np.eye(3, dtype="float32")}, ShapeError, "needs its label"),
        ({"images": PICTURES[0], "labels": np.ones(6)}, ShapeError, "of a batch"),
    ],
)
@both
def test_bad_batches_are_explained(layer_class, batch, error, words):
    with pytest.raises(error, match=words):
        layer_class()(batch, training=True)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: layers.MixUp(0), "above 0"),
        (lambda: layers.MixUp(-1), "above 0"),
        (lambda: layers.MixUp(float("inf")), "above 0"),
        (lambda: layers.MixUp("a"), "alpha of MixUp"),
        (lambda: layers.CutMix(2), "factor of CutMix"),
        (lambda: layers.CutMix(data_format="first"), "channels_first"),
    ],
)
def test_bad_arguments_are_explained(make, words):
    with pytest.raises(ConfigError, match=words):
        make()


def test_in_a_functional_model_shapes_are_known():
    inputs = {"images": mm.Input((6, 8, 3)), "labels": mm.Input((4,))}
    out = layers.CutMix()(inputs)
    assert out["images"].shape == (None, 6, 8, 3)
    assert out["labels"].shape == (None, 4)
