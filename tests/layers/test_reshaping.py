import jax.numpy as jnp
import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, ShapeError
from maeum.core.masks import mask_of
from maeum.layers import Flatten, Identity, Input, Masking, Permute, RepeatVector, Reshape


@pytest.mark.parametrize(
    ("ours", "name", "arguments", "shape"),
    [
        (Flatten, "Flatten", (), (3, 4, 2)),
        (Flatten, "Flatten", (), (3,)),
        (Flatten, "Flatten", ("channels_first",), (3, 4, 2, 2)),
        (Reshape, "Reshape", ((4, 2),), (3, 8)),
        (Reshape, "Reshape", ((-1, 2),), (3, 2, 4)),
        (Permute, "Permute", ((2, 1),), (3, 4, 2)),
        (Permute, "Permute", ((3, 1, 2),), (3, 4, 2, 5)),
        (RepeatVector, "RepeatVector", (3,), (2, 4)),
        (Identity, "Identity", (), (2, 4)),
        (Masking, "Masking", (0.0,), (2, 4, 3)),
    ],
)
def test_agrees_with_keras(agree, k, ours, name, arguments, shape):
    agree(ours(*arguments), getattr(k, name)(*arguments), agree.floats(*shape))


def test_unknown_sizes_stay_unknown():
    assert Flatten()(Input((None, 3))).shape == (None, None)
    assert Flatten()(Input((4, 3))).shape == (None, 12)
    assert Reshape((-1, 3))(Input((None, 3))).shape == (None, None, 3)
    assert RepeatVector(2)(Input((3,))).shape == (None, 2, 3)
    assert Permute((2, 1))(Input((None, 3))).shape == (None, 3, None)


def test_masking_masks_steps_of_one_value(k):
    x = np.array([[[1, 2], [7, 7], [7, 3]], [[7, 7], [7, 7], [0, 0]]], "float32")
    got = Masking(7.0)(x)
    np.testing.assert_array_equal(got, k.Masking(7.0)(x))
    expected = [[True, False, True], [False, False, True]]
    assert mask_of(got).tolist() == expected


def test_masking_finds_nan_and_a_file_keeps_it(tmp_path):
    x = np.array([[[1, np.nan], [np.nan, np.nan], [2, 3]]], "float32")
    got = Masking(np.nan)(x)
    assert mask_of(got).tolist() == [[True, False, True]]
    assert np.asarray(got[0, 1]).tolist() == [0, 0]
    model = mm.Sequential([mm.Input((3, 2)), Masking(np.nan)])
    model.save(tmp_path / "m.maeum")
    again = mm.models.load_model(tmp_path / "m.maeum")
    np.testing.assert_array_equal(again.predict(x), model.predict(x))


def test_a_layer_that_knows_no_masks_says_that_it_ends_there():
    x = Masking()(jnp.ones((2, 3, 4)))
    with pytest.warns(UserWarning, match="mask of its input ends here"):
        Flatten()(x)


def test_arguments_and_shapes_that_do_not_fit():
    for make in (
        lambda: Reshape((-1, -1)),
        lambda: Reshape((2.5,)),
        lambda: Permute((0, 1)),
        lambda: Permute((1, 1)),
        lambda: RepeatVector(0),
        lambda: RepeatVector(True),
    ):
        with pytest.raises(ConfigError):
            make()
    with pytest.raises(ShapeError, match=r"6 entries\) to \(4,\)"):
        Reshape((4,))(np.ones((5, 6)))
    with pytest.raises(ShapeError, match="3 axes"):
        Permute((2, 1))(np.ones((5, 6)))
    with pytest.raises(ShapeError, match="2 axes"):
        RepeatVector(2)(np.ones((5, 6, 7)))
