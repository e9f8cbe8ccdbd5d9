"""Which pixels mattered: against finite differences, Keras-free hand formulas, and completeness."""

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, DataError, NotBuiltError, ShapeError
from maeum.inspect import (
    gradient_saliency,
    input_gradients,
    integrated_gradients,
    occlusion,
)
from maeum.layers import Dense, Flatten, Input


def logits(model, x):
    """The scores before the softmax or sigmoid, from the outputs alone."""
    p = model.predict(x, verbose=0).astype(np.float64)
    return np.log(p) if p.shape[1] > 1 else np.log(p / (1 - p))


def linear(units, activation=None, shape=(4, 6, 3)):
    return mm.Sequential([Input(shape), Flatten(), Dense(units, activation=activation)], seed=3)


def test_gradient_equals_finite_differences(sequential, pictures):
    places = [(0, 2, 3, 1), (1, 0, 0, 0), (2, 11, 9, 2), (0, 6, 5, 2)]
    target = np.array([0, 2, 1])
    found = input_gradients(sequential, pictures, target)
    assert found.shape == pictures.shape
    # A difference of two logits is a difference of log-probabilities, whatever the softmax's
    # normalization; so the gradient of one logit minus another's is compared.
    other = input_gradients(sequential, pictures, (target + 1) % 3)
    for place in places:
        step = np.zeros_like(pictures)
        step[place] = 5e-3
        row = place[0]
        z = [logits(sequential, pictures + s * step)[row] for s in (1, -1)]
        gap = [v[target[row]] - v[(target[row] + 1) % 3] for v in z]
        expected = (gap[0] - gap[1]) / 1e-2
        assert (found - other)[place] == pytest.approx(expected, rel=2e-2, abs=2e-3)


def test_saliency_is_the_largest_absolute_gradient_of_the_channels(sequential, pictures):
    gradients = input_gradients(sequential, pictures, 1)
    found = gradient_saliency(sequential, pictures, 1)
    np.testing.assert_allclose(found, np.abs(gradients).max(axis=-1))


def test_gradient_of_a_linear_model_is_its_kernel():
    model = linear(2, "softmax")
    kernel = model.get_weights()[0].reshape(4, 6, 3, 2)
    x = np.random.default_rng(1).normal(size=(2, 4, 6, 3))
    found = input_gradients(model, x, [0, 1])
    np.testing.assert_allclose(found[0], kernel[..., 0], rtol=1e-5)
    np.testing.assert_allclose(found[1], kernel[..., 1], rtol=1e-5)


def test_without_a_target_the_answers_of_the_model_are_explained(sequential, pictures):
    answers = sequential.predict(pictures, verbose=0).argmax(axis=1)
    np.testing.assert_array_equal(
        input_gradients(sequential, pictures), input_gradients(sequential, pictures, answers)
    )


def test_one_sigmoid_speaks_for_class_1_and_against_class_0(transfer, pictures):
    yes, no = (input_gradients(transfer, pictures, k) for k in (1, 0))
    np.testing.assert_allclose(yes, -no, rtol=1e-6)
    answers = (transfer.predict(pictures, verbose=0)[:, 0] >= 0.5).astype(int)
    own = input_gradients(transfer, pictures)
    np.testing.assert_allclose(own, np.where(answers[:, None, None, None] == 1, yes, no))


@pytest.mark.parametrize("which", ["sequential", "transfer"])
def test_integrated_gradients_are_complete(request, pictures, which):
    model = request.getfixturevalue(which)
    baseline = np.float32(0.3)
    found = integrated_gradients(model, pictures, 1, baseline, steps=200)
    x, start = logits(model, pictures), logits(model, np.full_like(pictures, baseline))
    if which == "transfer":
        np.testing.assert_allclose(found.sum(axis=(1, 2, 3)), (x - start)[:, 0], atol=2e-3)
    else:  # the softmax's normalization goes away in the difference of two classes
        other = integrated_gradients(model, pictures, 2, baseline, steps=200)
        expected = (x - start)[:, 1] - (x - start)[:, 2]
        np.testing.assert_allclose((found - other).sum(axis=(1, 2, 3)), expected, atol=4e-3)


def test_integrated_gradients_of_a_linear_model_are_exact():
    model = linear(3)
    kernel = model.get_weights()[0].reshape(4, 6, 3, 3)
    x = np.random.default_rng(1).normal(size=(2, 4, 6, 3))
    start = np.random.default_rng(2).normal(size=(4, 6, 3))
    found = integrated_gradients(model, x, 2, start, steps=1)
    np.testing.assert_allclose(found, (x - start) * kernel[..., 2], rtol=1e-4, atol=1e-6)


def test_occlusion_of_a_linear_model_is_what_the_square_covers():
    model = linear(1)
    kernel = model.get_weights()[0].reshape(4, 6, 3)
    x = np.random.default_rng(1).normal(size=(2, 4, 6, 3))
    found = occlusion(model, x, 1, size=2, strides=2, fill=0.5)
    lost = ((x - 0.5) * kernel).sum(axis=-1)
    blocks = lost.reshape(2, 2, 2, 3, 2).sum(axis=(2, 4))  # squares side by side
    np.testing.assert_allclose(
        found, blocks.repeat(2, axis=1).repeat(2, axis=2), rtol=1e-4, atol=1e-5
    )


def test_occlusion_covers_the_edges_too():
    model = linear(1)
    found = occlusion(model, np.ones((1, 4, 6, 3)), 1, size=4, strides=3, fill=0)
    assert np.isfinite(found).all()


def test_more_pictures_than_a_block_and_new_weights_are_no_matter(pictures):
    model = linear(2, "softmax")
    x = np.random.default_rng(1).normal(size=(37, 4, 6, 3))
    one_by_one = np.concatenate([gradient_saliency(model, x[i : i + 1]) for i in range(37)])
    np.testing.assert_allclose(gradient_saliency(model, x), one_by_one, rtol=1e-5)
    model.set_weights([2 * w for w in model.get_weights()])
    np.testing.assert_allclose(gradient_saliency(model, x), 2 * one_by_one, rtol=1e-5)


def test_pictures_of_bytes_and_grey_ones_without_channels_are_taken():
    model = linear(2, "softmax", shape=(4, 6, 1))
    x = np.arange(48).reshape(2, 4, 6).astype("uint8")
    assert gradient_saliency(model, x).shape == (2, 4, 6)


def test_channels_first():
    import jax

    model = mm.Sequential(
        [
            Input((3, 8, 6)),
            mm.layers.Conv2D(4, 3, data_format="channels_first"),
            Flatten(),
            Dense(2),
        ]
    )
    x = np.asarray(jax.random.normal(jax.random.key(0), (2, 3, 8, 6)))
    assert gradient_saliency(model, x).shape == (2, 8, 6)
    assert occlusion(model, x, size=3).shape == (2, 8, 6)


def test_a_model_of_ones_own_class_has_gradients():
    class Own(mm.Model):
        def __init__(self):
            super().__init__()
            self.flat, self.out = Flatten(), Dense(2, activation="softmax")

        def call(self, x):
            return self.out(self.flat(x))

    model = Own()
    model.predict(np.ones((1, 4, 4, 3)), verbose=0)
    kernel = model.get_weights()[0].reshape(4, 4, 3, 2)
    found = input_gradients(model, np.ones((1, 4, 4, 3)), 1)
    np.testing.assert_allclose(found[0], kernel[..., 1], rtol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"x": np.ones((0, 4, 6, 3))}, DataError, "no inputs"),
        ({"x": np.ones((4, 6, 3))}, ShapeError, r"x\[None\]"),
        ({"x": np.ones((1, 4, 5, 3))}, (ShapeError, DataError), "4, 5, 3"),
        ({"x": np.array([["a"]])}, DataError, "array of numbers"),
        ({"target": 2}, DataError, "are 0 to 1; the target is 2"),
        ({"target": -1}, DataError, "the target is -1"),
        ({"target": [0, 1, 0]}, DataError, "one for each of the 2 inputs"),
        ({"target": 0.5}, DataError, "class number"),
        ({"baseline": np.ones((5, 5))}, ShapeError, "baseline"),
        ({"steps": 0}, ConfigError, "steps is a whole number"),
        ({"steps": 2.5}, ConfigError, "steps is a whole number"),
    ],
)
def test_bad_arguments(arguments, error, said):
    given = {"model": linear(2), "x": np.ones((2, 4, 6, 3)), **arguments}
    with pytest.raises(error, match=said):
        integrated_gradients(**given)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({"size": 0}, "size"), ({"size": 2, "strides": 3}, "leave gaps"), ({"size": 1.5}, "size")],
)
def test_bad_squares(arguments, said):
    with pytest.raises(ConfigError, match=said):
        occlusion(linear(2), np.ones((1, 4, 6, 3)), **arguments)


def test_models_that_cannot_be_asked():
    with pytest.raises(NotBuiltError, match="no weights yet"):
        gradient_saliency(mm.Sequential([Dense(2)]), np.ones((1, 3)))
    a, b = Input((3,)), Input((3,))
    model = mm.Model([a, b], Dense(2)(a + b))
    with pytest.raises(DataError, match="2 inputs"):
        gradient_saliency(model, np.ones((1, 3)))
    maps = mm.Sequential([Input((4, 4, 3)), mm.layers.Conv2D(2, 3)])
    with pytest.raises(ShapeError, match="one score for each class"):
        gradient_saliency(maps, np.ones((1, 4, 4, 3)))
