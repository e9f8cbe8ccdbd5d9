"""Zero padding, cropping and upsampling against Keras's."""

import numpy as np
import pytest

import maeum as mm
import maeum.layers as layers
from maeum.core.errors import ConfigError, ShapeError
from maeum.layers import Cropping2D, UpSampling2D, ZeroPadding2D
from maeum.testing import check_layer

SHAPES = {1: (2, 6, 5), 2: (2, 6, 5, 7), 3: (2, 6, 5, 7, 4)}
PAIRS = {
    1: [1, (0, 2)],
    2: [(1, 2), ((1, 2), (0, 1))],
    3: [1, ((1, 2), (0, 1), (1, 1))],
}


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", ["ZeroPadding", "Cropping"])
def test_padding_and_cropping_agree_with_keras(agree, k, kind, rank):
    ours, theirs = getattr(layers, f"{kind}{rank}D"), getattr(k, f"{kind}{rank}D")
    x = agree.floats(*SHAPES[rank])
    assert ours().compute_output_shape(x.shape) == tuple(theirs().compute_output_shape(x.shape))
    formats = ["channels_first"] if (kind, rank) != ("Cropping", 1) else []
    cases = [(pairs, {}) for pairs in PAIRS[rank]]
    cases += [(PAIRS[rank][-1], {"data_format": f}) for f in formats]
    for pairs, arguments in cases:
        agree(ours(pairs, **arguments), theirs(pairs, **arguments), x)


def test_three_numbers_are_one_for_both_ends_of_each_axis():
    x = np.ones(SHAPES[3], "float32")
    assert layers.ZeroPadding3D((1, 0, 2))(x).shape == (2, 8, 5, 11, 4)
    assert layers.Cropping3D((1, 0, 2))(x).shape == (2, 4, 5, 3, 4)


def test_a_sequence_with_its_features_first_is_cropped():
    x = np.arange(12.0, dtype="float32").reshape(1, 2, 6)
    got = layers.Cropping1D((1, 2), data_format="channels_first")(x)
    np.testing.assert_array_equal(got, x[:, :, 1:4])


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("UpSampling1D", {"size": 3}),
        ("UpSampling2D", {}),
        ("UpSampling2D", {"size": (1, 3), "data_format": "channels_first"}),
        ("UpSampling2D", {"size": (2, 3), "interpolation": "bilinear"}),
        ("UpSampling2D", {"interpolation": "BICUBIC", "data_format": "channels_first"}),
        ("UpSampling2D", {"size": 3, "interpolation": "lanczos3"}),
        ("UpSampling2D", {"interpolation": "lanczos5"}),
        ("UpSampling3D", {"size": (1, 2, 3)}),
        ("UpSampling3D", {"data_format": "channels_first"}),
    ],
)
def test_upsampling_agrees_with_keras(agree, k, name, arguments):
    x = agree.floats(*SHAPES[int(name[-2])])
    agree(getattr(layers, name)(**arguments), getattr(k, name)(**arguments), x, atol=1e-4)


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: ZeroPadding2D((1, 2)), (3, 4, 2)),
        (lambda: Cropping2D(((0, 1), (1, 0))), (3, 4, 2)),
        (UpSampling2D, (3, 4, 2)),
        (lambda: UpSampling2D(interpolation="bilinear"), (3, 4, 2)),
    ],
)
def test_the_contract_of_a_layer(make, shape):
    check_layer(make, shape)


def test_a_picture_of_5_by_5_with_a_border_of_zeros_has_7_by_7():
    y = ZeroPadding2D(1)(np.ones((1, 5, 5, 1), "float32"))
    assert y.shape == (1, 7, 7, 1)
    assert float(y.sum()) == 25
    np.testing.assert_array_equal(Cropping2D(1)(y), np.ones((1, 5, 5, 1)))


def test_sizes_that_are_unknown_stay_unknown():
    inputs = layers.Input((None, 4, 3))
    assert ZeroPadding2D(2)(inputs).shape == (None, None, 8, 3)
    assert Cropping2D(1)(inputs).shape == (None, None, 2, 3)
    assert UpSampling2D(3)(inputs).shape == (None, None, 12, 3)
    assert UpSampling2D(3, interpolation="bilinear")(inputs).shape == (None, None, 12, 3)


def test_whole_numbers_stay_whole():
    x = np.arange(4, dtype="uint8").reshape(1, 2, 2, 1)
    for layer in (ZeroPadding2D(), Cropping2D(0), UpSampling2D()):
        assert layer(x).dtype == "uint8"


def test_a_stack_is_saved_and_loaded(tmp_path):
    model = mm.Sequential(
        [
            ZeroPadding2D(((0, 1), (2, 0)), input_shape=(4, 4, 1)),
            UpSampling2D((1, 2), interpolation="bilinear"),
            Cropping2D((1, 2)),
        ]
    )
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 1)).astype("float32")
    model.save(tmp_path / "model.maeum")
    again = mm.load_model(tmp_path / "model.maeum")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ZeroPadding2D(-1), "padding of ZeroPadding2D"),
        (lambda: ZeroPadding2D(1.5), "padding"),
        (lambda: ZeroPadding2D((1, 2, 3)), "spatial axis"),
        (lambda: ZeroPadding2D(((1, 2, 3), 1)), "padding"),
        (lambda: ZeroPadding2D("same"), "padding"),
        (lambda: layers.ZeroPadding1D((1, 2, 3)), "padding"),
        (lambda: Cropping2D(-1), "cropping of Cropping2D"),
        (lambda: Cropping2D(None), "cropping"),
        (lambda: ZeroPadding2D(data_format="first"), "data_format"),
        (lambda: UpSampling2D(0), "size of UpSampling2D"),
        (lambda: UpSampling2D((1, 2, 3)), "size of UpSampling2D"),
        (lambda: UpSampling2D(interpolation="cubic"), "interpolation of UpSampling2D"),
        (lambda: UpSampling2D(interpolation=None), "interpolation"),
    ],
)
def test_arguments_that_make_no_sense(make, words):
    with pytest.raises(ConfigError, match=words):
        make()


def test_inputs_that_do_not_fit():
    for layer in (ZeroPadding2D(), Cropping2D(), UpSampling2D()):
        with pytest.raises(ShapeError, match="4 axes"):
            layer(np.ones((2, 3, 4), "float32"))
    layer = Cropping2D(((1, 1), (0, 0)))
    with pytest.raises(ShapeError, match="nothing would be left"):
        layer(np.ones((1, 2, 5, 1), "float32"))
    with pytest.raises(ShapeError, match="nothing would be left"):
        Cropping2D(2)(layers.Input((None, 4, 1)))
    layer(np.ones((1, 3, 5, 1), "float32"))
    with pytest.raises(ShapeError, match="nothing would be left"):
        layer(np.ones((1, 1, 5, 1), "float32"))
