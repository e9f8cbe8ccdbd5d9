"""The networks that Keras has not, and what all of them can do as models."""

import numpy as np
import pytest

import maeum as mm
from maeum import applications
from maeum.applications import AlexNet, GoogLeNet, LeNet5, ResNet18, SmallResNet, SqueezeNet

rng = np.random.default_rng(0)


def sizes(model, *names):
    return [model.get_layer(name).output.shape[1:] for name in names]


def test_alexnet_s_maps_are_those_of_the_paper():
    expected = [(55, 55, 96), (27, 27, 256), (13, 13, 384), (13, 13, 384), (13, 13, 256)]
    assert sizes(AlexNet(), *(f"conv{i}" for i in range(1, 6))) == expected


def test_squeezenet_s_maps_are_those_of_the_paper():
    expected = [(111, 111, 96), (55, 55, 96), (27, 27, 256), (13, 13, 512), (13, 13, 1000)]
    assert sizes(SqueezeNet(), "conv1", "pool1", "pool4", "fire9_concat", "conv10") == expected


def test_googlenet_s_maps_are_those_of_the_paper():
    names = ["conv1", "conv2", "inception_3a_concat", "inception_4e_concat", "inception_5b_concat"]
    expected = [(112, 112, 64), (56, 56, 192), (28, 28, 256), (14, 14, 832), (7, 7, 1024)]
    assert sizes(GoogLeNet(), *names) == expected


def test_resnet18_s_maps_are_those_of_the_paper():
    expected = [(112, 112, 64), (56, 56, 64), (28, 28, 128), (14, 14, 256), (7, 7, 512)]
    names = ["conv1_conv", *(f"conv{i}_block2_out" for i in range(2, 6))]
    assert sizes(ResNet18(), *names) == expected


def test_lenet_s_maps_are_those_of_the_paper():
    expected = [(28, 28, 6), (14, 14, 6), (10, 10, 16), (5, 5, 16)]
    assert sizes(LeNet5(), "c1", "s2", "c3", "s4") == expected
    assert sizes(LeNet5(input_shape=(28, 28, 1)), "c1", "s2", "c3", "s4") == expected


def test_lenet_for_28_rows_equals_lenet_for_padded_pictures():
    small, large = LeNet5(input_shape=(28, 28, 1)), LeNet5()
    large.set_weights(small.get_weights())
    x = rng.normal(size=(2, 28, 28, 1)).astype("float32")
    padded = np.pad(x, ((0, 0), (2, 2), (2, 2), (0, 0)))
    np.testing.assert_allclose(small(x), large(padded), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("blocks", "layers"), [(3, 20), (5, 32), (9, 56)])
def test_the_small_residual_network_has_as_many_layers_as_the_paper_s(blocks, layers):
    model = SmallResNet(blocks=blocks)
    names = [layer.name for layer in model.layers if layer.name.endswith(("_conv", "predictions"))]
    assert len([name for name in names if "_0_conv" not in name]) == layers
    assert sizes(model, *(f"conv{i}_block1_out" for i in (2, 3, 4))) == [
        (28, 28, 16),
        (14, 14, 32),
        (7, 7, 64),
    ]


def test_the_small_residual_network_counts_as_its_formula():
    learnt, before = 9 * 1 * 16 + 2 * 16, 16
    for width in (16, 32, 64):
        learnt += 9 * before * width + 9 * 9 * width**2 + 10 * 2 * width
        if before != width:
            learnt += before * width + 2 * width
        before = width
    learnt += 64 * 10 + 10
    model = SmallResNet()
    assert sum(w.size for w in model.trainable_weights) == learnt == 466_618
    # A moving mean and variance for each of the 33 normalizations: 11, 11 and 11 of each width.
    assert model.count_params() == learnt + 2 * (11 * 16 + 11 * 32 + 11 * 64) == 469_082


@pytest.mark.parametrize(
    "make",
    [
        lambda: SmallResNet(blocks=1, filters=4, input_shape=(8, 8, 1)),
        lambda: LeNet5(),
    ],
)
def test_a_network_is_saved_and_loaded(tmp_path, make):
    model = make()
    x = rng.normal(size=(2, *model.input_shape[1:])).astype("float32")
    model.save(tmp_path / "m.maeum")
    loaded = mm.load_model(tmp_path / "m.maeum")
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), model.predict(x, verbose=0))


def test_a_network_with_local_response_is_rebuilt_from_its_description():
    model = AlexNet(input_shape=(67, 67, 3), classes=3)
    again = mm.models.model_from_json(model.to_json())
    assert again.count_params() == model.count_params()
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]


def digits():
    """Return scikit-learn's digits: 1,797 pictures of 8x8x1, from 0 to 1."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return x.reshape(-1, 8, 8, 1).astype("float32") / 16, y


@pytest.mark.soak
def test_a_small_network_learns_digits():
    x, y = digits()
    mm.utils.set_random_seed(0)
    model = SmallResNet(input_shape=(8, 8, 1), blocks=1, filters=8)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x[:1500], y[:1500], epochs=5, batch_size=50, verbose=0)
    # The nearest neighbour gets 0.96 of these; guessing 0.1.
    assert model.evaluate(x[1500:], y[1500:], verbose=0)[1] > 0.85


def transfer(base, x, y):
    """Put a head on ``base``; train it alone, then all but the normalizations; check both."""
    base.trainable = False
    inputs = mm.Input(x.shape[1:])
    model = mm.Model(inputs, mm.layers.Dense(3, activation="softmax")(base(inputs)))
    model.compile("adam", "sparse_categorical_crossentropy")
    assert len(model.trainable_weights) == 2
    before = base.get_weights()
    model.fit(x, y, batch_size=4, verbose=0)
    for old, new in zip(before, base.get_weights()):  # moving averages, too
        np.testing.assert_array_equal(old, new)

    frozen = [layer for layer in base.layers if isinstance(layer, mm.layers.BatchNormalization)]
    base.trainable = True
    for layer in frozen:
        layer.trainable = False
    model.compile(mm.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=4, verbose=0)
    changed = {w.path for w, old in zip(base.weights, before) if (w.numpy() != old).any()}
    kept = {w.path for layer in frozen for w in layer.weights}
    assert changed == {w.path for w in base.weights} - kept


def test_transfer_learning_trains_the_head_then_all(draw):
    base = SmallResNet(include_top=False, input_shape=(8, 8, 1), blocks=1, filters=4, pooling="avg")
    base.set_weights(draw(base))
    x, y = digits()
    transfer(base, x[:12], y[:12] % 3)


@pytest.mark.soak
def test_transfer_learning_with_mobilenet(draw):
    shape = (32, 32, 3)
    base = applications.MobileNet(include_top=False, alpha=0.25, input_shape=shape, pooling="avg")
    base.set_weights(draw(base))
    x = applications.mobilenet.preprocess_input(rng.random((12, *shape), "float32") * 255)
    transfer(base, x, np.arange(12) % 3)
